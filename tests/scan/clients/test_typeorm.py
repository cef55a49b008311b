"""TypeORM: entities, repositories and the query builder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_USER = """import { Entity, Column, PrimaryGeneratedColumn, ManyToOne, JoinColumn, UpdateDateColumn } from 'typeorm'
import { Team } from './team'
@Entity('app_users', { schema: 'core' })
export class User {
  @PrimaryGeneratedColumn('uuid') id: string
  @Column({ name: 'e_mail', unique: true }) email: string
  @Column() nickName: string
  @ManyToOne(() => Team) team: Team
  @UpdateDateColumn() updatedAt: Date
}
"""
_TEAM = """import { Entity, PrimaryGeneratedColumn } from 'typeorm'
@Entity() export class Team { @PrimaryGeneratedColumn() teamId: number }
"""
_FILES = {"user.ts": _USER, "team.ts": _TEAM}
_USE = "import { User } from './user'\n"


def _only(sites: Sites, body: str, **files: str) -> WriteSite:
    (site,) = sites({**_FILES, "a.ts": _USE + body, **{name.replace("_D_", "."): text for name, text in files.items()}})
    return site


def _target(site: WriteSite) -> tuple[tuple[str | None, ...], str | None]:
    assert isinstance(site.write.target, InferenceClause), site
    return site.write.target.columns, site.write.target.predicate


def test_an_upsert_sets_its_conflict_columns_and_lists_every_column(sites: Sites) -> None:
    site = _only(sites, "await ds.getRepository(User).upsert({ email, nickName }, ['email'])")
    assert (str(site.write.table), _target(site)) == ("core.app_users", (("e_mail",), None))
    assert site.write.columns == ("id", "e_mail", "nickName", "teamTeamId", "updatedAt")
    assert site.write.defaulted == ("id", "teamTeamId", "updatedAt")
    assert (site.write.set_columns, site.write.set_defaults) == (("e_mail", "nickName", "updatedAt"), ("updatedAt",))
    assert (site.status, site.mechanism) == (Status.RESOLVED, Mechanism.ON_CONFLICT)


@pytest.mark.parametrize(
    "repository",
    [
        "class S { constructor(@InjectRepository(User) private users) {}\n save(email) { return this.users.CALL } }",
        "class S { constructor(private users: Repository<User>) {}\n save(email) { return this.users.CALL } }",
        "class S { private users: Repository<User>\n save(email) { return this.users.CALL } }",
        "class Users extends Repository<User> { save(email) { return this.CALL } }",
        "const users = dataSource.getRepository(User)\nawait users.CALL",
    ],
)
def test_a_repository_is_known_by_its_type_or_by_how_it_was_made(sites: Sites, repository: str) -> None:
    site = _only(sites, repository.replace("CALL", "upsert({ email }, { conflictPaths: ['email'] })"))
    assert (str(site.write.table), _target(site)[0]) == ("core.app_users", ("e_mail",))


def test_an_entity_manager_is_given_the_entity(sites: Sites) -> None:
    site = _only(sites, "await manager.upsert(User, [{ email }], ['email'])")
    assert (str(site.write.table), site.write.set_columns) == ("core.app_users", ("e_mail", "updatedAt"))


def test_a_predicate_is_that_of_the_index(sites: Sites) -> None:
    site = _only(
        sites,
        "await ds.getRepository(User).upsert(rows, { conflictPaths: ['email'], indexPredicate: 'e_mail is not null' })",
    )
    assert _target(site) == (("e_mail",), "e_mail IS NOT NULL")
    assert (site.status, site.write.set_complete) == (Status.PARTIAL, False)


def test_a_relation_is_a_conflict_path_by_its_join_column(sites: Sites) -> None:
    site = _only(sites, "await ds.getRepository(User).upsert({ email, team: { teamId: 1 } }, ['email', 'team'])")
    assert _target(site)[0] == ("e_mail", "teamTeamId")


def test_a_path_that_no_property_has_is_not_taken_for_a_column(sites: Sites) -> None:
    site = _only(sites, "await ds.getRepository(User).upsert({ email }, ['e_mail'])")
    assert site.write.target == Unresolved('entity has no property "e_mail", which TypeORM refuses')


def test_a_key_that_the_server_counts_is_never_inserted(sites: Sites) -> None:
    (site,) = sites(
        {
            "team.ts": _TEAM,
            "a.ts": "import { Team } from './team'\nds.getRepository(Team).upsert({ teamId: 1 }, ['teamId'])",
        }
    )
    assert (site.write.columns, _target(site)[0], site.write.set_columns) == ((), ("teamId",), ("teamId",))


def test_the_builder_takes_names_of_columns(sites: Sites) -> None:
    site = _only(
        sites,
        "await repo.createQueryBuilder().insert().into(User).values({ email: 'a' })\n"
        ".orUpdate(['nickName'], ['e_mail'], { indexPredicate: 'nickName is null' }).execute()",
    )
    assert (_target(site), site.write.set_columns) == ((("e_mail",), "nickname IS NULL"), ("nickName", "updatedAt"))
    assert (site.span.line, site.statement_line) == (3, 2)


def test_the_builder_takes_a_text_for_the_name_of_a_constraint(sites: Sites) -> None:
    site = _only(sites, "ds.createQueryBuilder().insert().into(User).values(rows).orUpdate(['nickName'], 'uq')")
    assert site.write.target == NamedConstraint("uq")


def test_the_builder_ignores_any_conflict(sites: Sites) -> None:
    site = _only(sites, "ds.getRepository(User).createQueryBuilder().insert().values({ email }).orIgnore()")
    assert (site.write.target, site.write.action, str(site.write.table)) == (
        AnyArbiter(),
        Action.NOTHING,
        "core.app_users",
    )


@pytest.mark.parametrize(
    ("call", "target", "columns"),
    [
        ('onConflict(\'("e_mail") DO UPDATE SET "nickName" = excluded."nickName"\')', ("e_mail",), ("nickName",)),
        ("orUpdate({ conflict_target: ['e_mail'], overwrite: ['nickName'] })", ("e_mail",), ("nickName", "updatedAt")),
    ],
)
def test_the_builder_of_older_versions_is_read(
    sites: Sites, call: str, target: tuple[str, ...], columns: tuple[str, ...]
) -> None:
    site = _only(sites, f"ds.createQueryBuilder().insert().into(User).values({{ email }}).{call}.execute()")
    assert (site.client, _target(site)[0], site.write.set_columns) == ("typeorm", target, columns)


def test_a_snake_naming_strategy_names_columns(sites: Sites) -> None:
    site = _only(
        sites,
        "await ds.getRepository(User).upsert({ email, nickName }, ['nickName'])",
        source_D_ts="import { DataSource } from 'typeorm'\n"
        "export const ds = new DataSource({ type: 'postgres', namingStrategy: new SnakeNamingStrategy() })",
    )
    assert _target(site)[0] == ("nick_name",)
    assert site.write.columns == ("id", "e_mail", "nick_name", "team_team_id", "updated_at")


def test_a_naming_strategy_of_the_project_leaves_names_unknown(sites: Sites) -> None:
    site = _only(
        sites,
        "await ds.getRepository(User).upsert({ email }, ['nickName'])",
        source_D_ts="import { DataSource } from 'typeorm'\nnew DataSource({ namingStrategy: new OurStrategy() })",
    )
    assert site.write.target == Unresolved("names are made by a naming strategy of the project")


def test_embedded_classes_have_a_prefix(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.ts": "import { Entity, Column, PrimaryColumn } from 'typeorm'\n"
            "class Address { @Column() street: string; @Column({ name: 'zip_code' }) zip: string }\n"
            "@Entity() class BigShop { @PrimaryColumn() id: number\n @Column(() => Address) home: Address\n"
            " @Column(() => Address, { prefix: false }) work: Address }\n"
            "ds.getRepository(BigShop).upsert({ id: 1, home: { street: 's' } }, ['id'])"
        }
    )
    assert str(site.write.table) == "big_shop"
    assert site.write.columns == ("id", "homeStreet", "homeZip_code", "street", "zip_code")
    assert site.write.set_columns == ("id", "homeStreet")


def test_a_schema_object_is_an_entity(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.js": "const { EntitySchema } = require('typeorm')\n"
            "const Pet = new EntitySchema({ name: 'Pet', tableName: 'pets',\n"
            "  columns: { id: { primary: true, generated: true }, tagNo: { type: String, name: 'tag_no' } } })\n"
            "ds.getRepository(Pet).upsert({ tagNo: 'x' }, ['tagNo'])"
        }
    )
    assert (str(site.write.table), _target(site)[0], site.write.columns) == ("pets", ("tag_no",), ("tag_no",))


def test_columns_of_bases_are_columns(sites: Sites) -> None:
    (site,) = sites(
        {
            "a.ts": "import { Entity, Column, PrimaryColumn, BaseEntity } from 'typeorm'\n"
            "abstract class Row extends BaseEntity { @PrimaryColumn() id: number }\n"
            "@Entity({ name: 'logs' }) class Log extends Row { @Column() text: string }\n"
            "Log.upsert([{ id: 1, text: 'x' }], ['id'])"
        }
    )
    assert (str(site.write.table), site.write.columns) == ("logs", ("id", "text"))


@pytest.mark.parametrize(
    "code", ["index.upsert([{ id }], ['ns'])", "import 'typeorm'\ncollection.upsert({ id }, options)"]
)
def test_an_upsert_of_another_library_is_no_site(sites: Sites, code: str) -> None:
    assert sites({"a.ts": code}) == ()


_POST = """import { Entity, PrimaryColumn, Column, ManyToOne, JoinColumn, TableInheritance, ChildEntity } from 'typeorm'
@Entity() class Owner { @PrimaryColumn() id: string }
@Entity() @TableInheritance({ column: { type: 'text', name: 'kind' } })
export class Post {
  @PrimaryColumn() id: string
  @PrimaryColumn() ownerId: string
  @ManyToOne('Owner', { lazy: true }) owner: Promise<Owner>
}
@ChildEntity('link') export class Link extends Post { @Column() url: string }
"""


def test_a_column_that_is_a_relation_too_is_known_by_both_names(sites: Sites) -> None:
    (site,) = sites(
        {
            "post.ts": _POST,
            "a.ts": "import { Link } from './post'\nds.getRepository(Link).upsert({ id, ownerId }, ['id', 'ownerId'])",
        }
    )
    assert _target(site)[0] == ("id", "ownerId")
    assert (str(site.write.table), site.write.columns) == ("post", ("id", "ownerId", "url", "kind"))
    assert (site.write.defaulted, site.status) == (("url",), Status.RESOLVED)


def test_an_entity_may_be_named_by_a_text(sites: Sites) -> None:
    (site,) = sites({"post.ts": _POST, "a.ts": "import 'typeorm'\nds.getRepository('Owner').upsert({ id }, ['id'])"})
    assert (str(site.write.table), _target(site)[0]) == ("owner", ("id",))


def test_a_text_that_names_no_entity_is_not_taken_for_a_table(sites: Sites) -> None:
    (site,) = sites({"a.ts": "import 'typeorm'\nds.getRepository('Owner').upsert({ id }, ['id'])"})
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)


def test_rows_may_be_given_after_what_is_done_on_conflict(sites: Sites) -> None:
    site = _only(sites, "ds.getRepository(User).createQueryBuilder().insert().orIgnore().values({ email }).execute()")
    assert (site.write.columns, site.write.defaulted) == (
        ("id", "e_mail", "nickName", "teamTeamId", "updatedAt"),
        ("id", "nickName", "teamTeamId", "updatedAt"),
    )


def test_a_class_of_another_library_is_no_entity(sites: Sites) -> None:
    code = "import { Entity, PrimaryKey } from '@mikro-orm/core'\n@Entity() class Tag { @PrimaryKey() id: number }\n"
    (site,) = sites({"a.ts": code + "em.upsert(Tag, { id: 1 })"})
    assert site.client == "mikro-orm"
