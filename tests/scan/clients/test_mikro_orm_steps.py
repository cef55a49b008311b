"""MikroORM: what is looked up, updated or deleted by a key before an INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_ENTITIES = """import { Entity, PrimaryKey, Property } from '@mikro-orm/core'
@Entity({ tableName: 'app_users' })
export class User {
  @PrimaryKey() id!: number; @Property({ fieldName: 'e_mail' }) email!: string; @Property() org!: number
}
@Entity() export class Org { @PrimaryKey() id!: number; @Property() email!: string }
"""
_MADE = "em.create(User, { email: input.email, org: 1 })\n  await em.flush()"
LOOKUP, UPDATE, DELETE = Mechanism.SELECT_THEN_INSERT, Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


def _after(sites: Sites, before: str, insert: str = _MADE) -> tuple[WriteSite, ...]:
    head = "import { Org, User } from './entities'\nexport async function save(em, input) {\n"
    body = f"{head}{before}\n  if (!old) {insert}\n}}\n"
    return sites({"src/a.ts": body, "src/entities.ts": _ENTITIES})


@pytest.mark.parametrize(
    ("before", "mechanism"),
    [
        ("const old = await em.findOne(User, { email: input.email })", LOOKUP),
        ("const old = await em.findOne(User, { email: input.email }, { populate: ['org'] })", LOOKUP),
        ("const n = await em.nativeUpdate(User, { email: input.email }, { org: 1 })\nif (n === 0)", UPDATE),
        ("await em.nativeDelete(User, { email: input.email })", DELETE),
    ],
)
def test_an_insert_follows_a_step_by_its_key(sites: Sites, before: str, mechanism: Mechanism) -> None:
    (site,) = _after(sites, before)
    assert (site.mechanism, site.key_columns, str(site.write.table)) == (mechanism, ("e_mail",), "app_users")
    assert (site.write.columns, site.write.complete) == (("e_mail", "org"), False)


def test_an_insert_of_the_manager_writes_what_it_is_given(sites: Sites) -> None:
    insert = "await em.insert(User, { email: input.email })"
    (site,) = _after(sites, "const old = await em.findOne(User, { email: input.email })", insert)
    assert (site.mechanism, site.status, site.write.columns) == (LOOKUP, Status.RESOLVED, ("e_mail",))


def test_a_repository_is_known(sites: Sites) -> None:
    insert = "await users.insert({ email: input.email })"
    before = "const users = em.getRepository(User)\nconst old = await users.findOne({ email: input.email })"
    head = "import '@mikro-orm/core'\n"
    (site,) = _after(sites, head + before, insert)
    assert site.mechanism is LOOKUP


@pytest.mark.parametrize(
    ("before", "insert"),
    [
        ("const old = await em.findOne(User, { email: input.email }, { orderBy: { id: 'desc' } })", _MADE),
        ("const old = await em.findOne(User, { email: { $like: input.email } })", _MADE),
        ("const old = await em.findOne(User, { email: input.other })", _MADE),
        ("const old = await em.findOne(Org, { email: input.email })", _MADE),
        ("const old = await em.findOneOrFail(User, { email: input.email })", _MADE),
        ("await em.nativeUpdate(User, { email: input.email }, { org: 1 })", _MADE),
        ("const old = await em.findOne(User, { email: input.email })", "em.create(User, { email: input.email })"),
    ],
    ids=[
        "the last of a list", "a pattern", "another value", "another table", "a row that has to be there",
        "an update that nobody asks about", "what is made, but not sent",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_no_site(sites: Sites, before: str, insert: str) -> None:
    assert not _after(sites, before, insert)
