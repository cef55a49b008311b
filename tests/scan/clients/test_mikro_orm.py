"""MikroORM: entities, and the targets that it chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_AUTHOR = """import { Entity, PrimaryKey, Property, Unique, ManyToOne } from '@mikro-orm/core'
@Entity() export class Publisher { @PrimaryKey() id!: number }
@Entity({ schema: 'lib' }) @Unique({ properties: ['fullName', 'bornIn'] })
export class BookAuthor {
  @PrimaryKey() id!: number
  @Property({ unique: true }) email!: string
  @Property({ fieldName: 'name' }) fullName!: string
  @Property() bornIn!: number
  @ManyToOne(() => Publisher) house!: Publisher
  @Property({ persist: false }) shown?: string
}
"""


def _only(sites: Sites, body: str, **files: str) -> WriteSite:
    own = {name.replace("_D_", "."): text for name, text in files.items()}
    (site,) = sites({"author.ts": _AUTHOR, "a.ts": f"import {{ BookAuthor }} from './author'\n{body}", **own})
    return site


def _target(site: WriteSite) -> tuple[str | None, ...]:
    assert isinstance(site.write.target, InferenceClause), site
    return site.write.target.columns


@pytest.mark.parametrize(
    ("data", "target", "assigned"),
    [
        ("{ email, fullName }", ("email",), ("name",)),
        ("{ id, email }", ("id",), ("email",)),
        ("{ fullName, bornIn, house: 1 }", ("name", "born_in"), ("house_id",)),
        ("{ fullName }", ("id",), ("name",)),
    ],
)
def test_the_default_target_is_the_key_that_the_data_has(
    sites: Sites, data: str, target: tuple[str, ...], assigned: tuple[str, ...]
) -> None:
    site = _only(sites, f"await em.upsert(BookAuthor, {data})")
    assert (str(site.write.table), _target(site), site.write.set_columns) == ("lib.book_author", target, assigned)


@pytest.mark.parametrize(
    "call",
    [
        "this.em.upsert(BookAuthor, { email }, { onConflictFields: ['email'], onConflictAction: 'ignore' })",
        "em.fork().upsertMany(BookAuthor, [{ email }], { onConflictFields: ['email'], onConflictAction: 'ignore' })",
        "em.getRepository(BookAuthor).upsert({ email }, { onConflictFields: ['email'], onConflictAction: 'ignore' })",
        "em.createQueryBuilder(BookAuthor).insert({ email }).onConflict('email').ignore()",
    ],
)
def test_the_entity_is_that_of_the_manager_the_repository_or_the_builder(sites: Sites, call: str) -> None:
    site = _only(sites, call)
    assert (site.client, str(site.write.table), _target(site)) == ("mikro-orm", "lib.book_author", ("email",))
    assert site.write.action is Action.NOTHING


def test_data_that_is_not_known_leaves_the_default_target_unknown(sites: Sites) -> None:
    site = _only(sites, "const save = (data) => em.upsert(BookAuthor, data)")
    assert isinstance(site.write.target, Unresolved)
    assert (str(site.write.table), site.status) == ("lib.book_author", Status.UNRESOLVED)


def test_an_entity_instance_is_said_to_be_not_known(sites: Sites) -> None:
    site = _only(sites, "const save = (author) => em.upsert(author)")
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)


def test_another_naming_strategy_leaves_names_unknown(sites: Sites) -> None:
    config = "import { Own } from '@mikro-orm/core'\nexport default { namingStrategy: Own }"
    site = _only(sites, "await em.upsert(BookAuthor, { email })", config_D_ts=config)
    assert (site.reason or "").startswith("names are made by a naming strategy of the project")


@pytest.mark.parametrize("code", ["index.upsert(Thing, { a })", "store.upsert({ a })"])
def test_an_upsert_of_another_library_is_no_site(sites: Sites, code: str) -> None:
    assert sites({"a.ts": code}) == ()
