"""Drizzle: what is looked up, updated or deleted by a key before an INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_TABLES = """
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
export const users = pgTable('app_users', {
  id: text('id').primaryKey(), email: text('email_address'), org: integer('org'), name: text('name'),
})
export const orgs = pgTable('orgs', { id: integer('id'), email: text('email') })
"""
_HEAD = "import { and, eq, gt } from 'drizzle-orm'\nimport { orgs, users } from './tables'\n"
_ROW = "{ email: input.email, org: input.org }"
LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


def _after(sites: Sites, before: str, row: str = _ROW) -> WriteSite:
    body = f"export async function save(input, db) {{\n{before}\n  if (!u) await db.insert(users).values({row})\n}}\n"
    (site,) = sites({"src/a.ts": _HEAD + body, "src/tables.ts": _TABLES})
    return site


@pytest.mark.parametrize(
    ("before", "mechanism", "keys"),
    [
        ("const u = await db.query.users.findFirst({ where: eq(users.email, input.email) })", LOOKUP, 1),
        ("const u = await db.query.users.findFirst({ where: (u, { eq }) => eq(u.email, input.email) })", LOOKUP, 1),
        ("const u = await db.query.users.findFirst({ where: { email: input.email } })", LOOKUP, 1),
        ("const email = input.email.trim()\nconst [u] = await db.select().from(users).where(eq(users.email, email))",
         LOOKUP, 1),
        (("const u = await db.select().from(users).where(and(eq(users.email, input.email), eq(users.org, input.org)))"
         ".limit(1)"), LOOKUP, 2),
        ("const u = await db.select().from(users).where(eq(users.email, input.email))\nif (u.length > 0) return",
         LOOKUP, 1),
        ("const u = (await db.select().from(users).where(eq(users.email, input.email)))[0]", LOOKUP, 1),
        (("const u = await db.update(users).set({ name: 'x' }).where(eq(users.email, input.email)).returning()\n"
         "if (u.length === 0)"), UPDATE, 1),
        ("await db.delete(users).where(eq(users.email, input.email))", DELETE, 1),
    ],
)  # fmt: skip
def test_an_insert_follows_a_step_by_its_key(sites: Sites, before: str, mechanism: Mechanism, keys: int) -> None:
    site = _after(sites, before)
    assert (site.mechanism, site.statement_line) == (mechanism, 5 if "const email" in before else 4)
    assert site.key_columns == ("email_address", "org")[:keys]


@pytest.mark.parametrize(
    "before",
    [
        "const u = await db.select().from(users).where(eq(users.org, input.org))\nif (u.length >= MOST) return",
        "const u = await db.query.users.findFirst({ where: eq(users.org, input.org), orderBy: users.name })",
        "const u = await db.query.orgs.findFirst({ where: eq(orgs.email, input.email) })",
        "const u = await db.query.users.findFirst({ where: eq(users.id, input.parent) })",
        "const u = await db.query.users.findFirst({ where: eq(users.email, input.friend) })",
        "const u = await db.query.users.findFirst({ where: gt(users.org, input.org) })",
        ("const [u] = await db.select().from(users).innerJoin(orgs, eq(orgs.id, users.org))"
        ".where(eq(users.email, input.email))"),
        "await db.update(users).set({ name: 'x' }).where(eq(users.email, input.email))",
        "await db.delete(users).where(eq(users.email, input.email))\nfor (const one of input.all)",
        "const find = () => db.query.users.findFirst({ where: eq(users.email, other.email) })",
    ],
    ids=[
        "a count", "the last of a list", "another table", "another column", "another value", "a range", "a join",
        "an update that nobody asks about", "a list that is replaced", "of another function",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_a_plain_insert(sites: Sites, before: str) -> None:
    assert _after(sites, before).mechanism is Mechanism.PLAIN_INSERT


@pytest.mark.parametrize("row", ["input", "{ ...input, name: 'x' }", "[{ email: input.email }]"])
def test_rows_that_hold_what_was_looked_up_count(sites: Sites, row: str) -> None:
    before = "const [u] = await db.select().from(users).where(eq(users.email, input.email))"
    assert _after(sites, before, row).mechanism is LOOKUP


def test_a_lookup_whose_result_decides_nothing_is_no_step(sites: Sites) -> None:
    body = """export async function save(input, db) {
  const old = await db.select().from(users).where(eq(users.org, input.org)).limit(1)
  const first = old.length === 0
  await db.insert(users).values({ org: input.org, name: first })
}
"""
    (site,) = sites({"src/a.ts": _HEAD + body, "src/tables.ts": _TABLES})
    assert site.mechanism is Mechanism.PLAIN_INSERT


@pytest.mark.parametrize(
    "ends", ["throw new Error('none')", "{ log('none')\n return null }", "return next({ status: 404 })"]
)
def test_a_row_that_has_to_be_there_is_no_reason_to_insert_one(sites: Sites, ends: str) -> None:
    before = "const [u] = await db.select().from(users).where(eq(users.email, input.email))\nif (!u) "
    assert _after(sites, f"{before}{ends}\n  const n = 1").mechanism is Mechanism.PLAIN_INSERT


@pytest.mark.parametrize("rest", ["\n return }", " }\n else {} "])
def test_a_delete_of_another_branch_is_no_step(sites: Sites, rest: str) -> None:
    before = f"if (input.gone) {{ await db.delete(users).where(eq(users.email, input.email)){rest}\n  const u = 0"
    assert _after(sites, before).mechanism is Mechanism.PLAIN_INSERT
