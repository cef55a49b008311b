"""Kysely: what is looked up, updated or deleted by a key before an INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_DB = "import { Kysely } from 'kysely'\nexport const db = new Kysely<DB>({ dialect })\n"
_RENAMING = _DB.replace("{ dialect }", "{ dialect, plugins: [new CamelCasePlugin()] }")
LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


def _after(sites: Sites, before: str, db: str = _DB) -> WriteSite:
    insert = "await db.insertInto('users').values({ orgId: input.org, email: input.email }).execute()"
    body = f"import {{ db }} from './db'\nexport async function save(input) {{\n{before}\n  if (!done) {insert}\n}}\n"
    (site,) = sites({"src/a.ts": body, "src/db.ts": db})
    return site


@pytest.mark.parametrize(
    ("before", "mechanism", "keys"),
    [
        ("selectFrom('users').selectAll().where('email', '=', input.email).executeTakeFirst()", LOOKUP, ("email",)),
        (("selectFrom('users').select('users.id').where('users.email', '=', input.email)"
         ".where('orgId', '=', input.org).executeTakeFirst()"), LOOKUP, ("email", "orgId")),
        ("selectFrom('users').select('id').where((eb) => eb.and({ email: input.email })).executeTakeFirst()",
         LOOKUP, ("email",)),
        ("selectFrom('users').select('id').where('email', '=', input.email).execute()\nif (done.length === 0)",
         LOOKUP, ("email",)),
        (("updateTable('users').set({ n: 1 }).where('email', '=', input.email).executeTakeFirst()\n"
         "if (done.numUpdatedRows === 0n)"), UPDATE, ("email",)),
        ("deleteFrom('users').where('email', '=', input.email).execute()", DELETE, ("email",)),
    ],
)  # fmt: skip
def test_an_insert_follows_a_step_by_its_key(
    sites: Sites, before: str, mechanism: Mechanism, keys: tuple[str, ...]
) -> None:
    site = _after(sites, f"const done = await db.{before}")
    assert (site.mechanism, site.key_columns, site.statement_line) == (mechanism, keys, 3)


@pytest.mark.parametrize(
    "before",
    [
        "selectFrom('users').select('id').where('orgId', '=', input.org).execute()",
        "selectFrom('users').select('id').where('email', '=', input.email).executeTakeFirstOrThrow()",
        "selectFrom('users').select('id').where('orgId', '=', input.org).orderBy('id').limit(1).executeTakeFirst()",
        "selectFrom('orgs').select('id').where('email', '=', input.email).executeTakeFirst()",
        "selectFrom('users').select('id').where('email', 'like', input.email).executeTakeFirst()",
        "selectFrom('users').select('id').where('email', '=', input.other).executeTakeFirst()",
        "selectFrom('users').select('id').where('id', '=', input.id).executeTakeFirst()",
    ],
    ids=[
        "a list", "a row that has to be there", "the last of a list", "another table", "a pattern", "another value",
        "another column",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_a_plain_insert(sites: Sites, before: str) -> None:
    assert _after(sites, f"const done = await db.{before}").mechanism is Mechanism.PLAIN_INSERT


def test_names_are_those_that_are_sent(sites: Sites) -> None:
    before = "const done = await db.selectFrom('users').select('id').where('orgId', '=', input.org).executeTakeFirst()"
    site = _after(sites, before, _RENAMING)
    assert (site.mechanism, site.key_columns) == (LOOKUP, ("org_id",))


def test_a_transaction_is_of_the_same_instance(sites: Sites) -> None:
    body = """import { db } from './db'
export const save = (input) => db.transaction().execute(async (trx) => {
  const old = await trx.selectFrom('users').select('id').where('orgId', '=', input.org).executeTakeFirst()
  if (!old) await trx.insertInto('users').values({ orgId: input.org }).execute()
})
"""
    (site,) = sites({"src/a.ts": body, "src/db.ts": _RENAMING})
    assert (site.mechanism, site.key_columns) == (LOOKUP, ("org_id",))
