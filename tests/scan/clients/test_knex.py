"""Knex and Objection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_PG = "const knex = require('knex')({ client: 'pg' })\n"


def _only(sites: Sites, body: str, **files: str) -> WriteSite:
    (site,) = sites({"a.js": _PG + body, **{name.replace("_D_", "."): text for name, text in files.items()}})
    return site


def _target(site: WriteSite) -> tuple[tuple[str, ...], str | None]:
    assert isinstance(site.write.target, InferenceClause)
    return tuple(element.text for element in site.write.target.elements), site.write.target.predicate


@pytest.mark.parametrize(
    ("chain", "table"),
    [
        ("knex('ops.jobs').insert(row)", "ops.jobs"),
        ("knex('jobs as j').insert(row)", "jobs"),
        ("knex.withSchema('ops').table('jobs').insert(row)", "ops.jobs"),
        ("knex('jobs').withSchema('ops').insert(row)", "ops.jobs"),
        ("knex.insert(row).into('jobs')", "jobs"),
        ("knex({ j: 'jobs' }).insert(row)", "jobs"),
        ("knex.transaction(async (trx) => trx('jobs').insert(row))", None),
        ("knex(pick()).insert(row)", None),
    ],
)
def test_the_table_is_what_the_builder_was_given(sites: Sites, chain: str, table: str | None) -> None:
    if "transaction" in chain:
        chain, table = "trx('jobs').transacting(trx).insert(row)", "jobs"
    site = _only(sites, f"const row = {{ a: 1 }}\n{chain}.onConflict('a').merge()")
    assert (str(site.write.table) if site.write.table else None) == table


def test_merge_without_an_argument_sets_all_that_is_inserted(sites: Sites) -> None:
    site = _only(sites, "knex('t').insert({ a: 1, b: undefined }).onConflict(['a']).merge()")
    assert (site.write.columns, site.write.set_columns) == (("a", "b"), ("a", "b"))


@pytest.mark.parametrize(
    ("given", "columns"), [("['b', 't.c']", ("b", "c")), ("{ d: 1, e: undefined }", ("d",)), ("'b'", ("a",))]
)
def test_merge_with_an_argument_sets_that(sites: Sites, given: str, columns: tuple[str, ...]) -> None:
    site = _only(sites, f"knex('t').insert({{ a: 1 }}).onConflict('a').merge({given})")
    assert site.write.set_columns == columns


def test_ignore_without_a_target_takes_any(sites: Sites) -> None:
    site = _only(sites, "knex('t').insert({ a: 1 }).onConflict().ignore()")
    assert (site.write.target, site.write.action) == (AnyArbiter(), Action.NOTHING)


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("knex.raw('(a) where b is null')", (("a",), "b IS NULL")),
        ("knex.raw('(lower(email))')", (("lower(email)",), None)),
        ("knex.raw('(??) where ?? is not null', ['a', 'b'])", (("a",), "b IS NOT NULL")),
        ("[knex.raw('lower(email)'), 'site']", (("lower(email)", "site"), None)),
    ],
)
def test_a_raw_target_is_read_as_sql(sites: Sites, given: str, target: tuple[tuple[str, ...], str | None]) -> None:
    assert _target(_only(sites, f"knex('t').insert({{ a: 1 }}).onConflict({given}).ignore()")) == target


def test_a_raw_target_may_hold_a_parameter(sites: Sites) -> None:
    site = _only(sites, "knex('t').insert({ a: 1 }).onConflict(knex.raw('(a) where kind = ?', ['x'])).merge()")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate_parameters


def test_a_raw_target_may_name_a_constraint(sites: Sites) -> None:
    site = _only(sites, "knex('t').insert({ a: 1 }).onConflict(knex.raw('on constraint t_key')).merge()")
    assert site.write.target == NamedConstraint("t_key")


@pytest.mark.parametrize("given", ["[]", "'t.a'", "knex.raw('lower(a)')"])
def test_a_target_that_is_no_sql_is_said_to_be_none(sites: Sites, given: str) -> None:
    site = _only(sites, f"knex('t').insert({{ a: 1 }}).onConflict({given}).merge()")
    assert isinstance(site.write.target, Unresolved)
    assert "no SQL" in (site.reason or "")


def test_a_query_that_is_finished_later_is_followed(sites: Sites) -> None:
    site = _only(
        sites,
        "async function save(rows) {\n  const query = knex('t').insert(rows.map(r => ({ a: r.a, b: r.b })))\n"
        "  return query.onConflict('a').merge(['b'])\n}",
    )
    assert (str(site.write.table), site.write.columns, site.write.set_columns) == ("t", ("a", "b"), ("b",))


def test_an_action_that_is_chosen_later_is_not_known(sites: Sites) -> None:
    found = sites({"a.js": _PG + "module.exports = (row) => knex('t').insert(row).onConflict('a')\n"})
    assert [(site.write.action, site.status) for site in found] == [(None, Status.PARTIAL)]


def test_the_client_of_a_knexfile_is_evidence(sites: Sites) -> None:
    (site,) = sites(
        {
            "knexfile.js": "module.exports = { development: { client: 'sqlite3' }, production: { client: 'mysql2' } }",
            "src/save.js": "module.exports = (db) => db('t').insert({ a: 1 }).onConflict('a').merge()",
        }
    )
    assert (site.status, site.reason) == (Status.NOT_POSTGRES, 'the client of knex is "mysql2"')


def test_a_project_that_has_both_databases_is_one_for_postgres(sites: Sites) -> None:
    (site,) = sites(
        {
            "knexfile.js": "module.exports = { development: { client: 'sqlite3' }, production: { client: 'pg' } }",
            "src/save.js": "module.exports = (db) => db('t').insert({ a: 1 }).onConflict('a').merge()",
        }
    )
    assert site.status is Status.RESOLVED


_SNAKE = "import { knexSnakeCaseMappers } from 'objection'\nimport makeKnex from 'knex'\n"


def test_an_instance_that_maps_names_maps_all_of_them(sites: Sites) -> None:
    (site,) = sites(
        {
            "db.ts": f"{_SNAKE}export const db = makeKnex({{ client: 'pg', ...knexSnakeCaseMappers() }})",
            "a.ts": "import { db } from './db'\ndb('userRoles').insert({ userId: 1 }).onConflict('userId').merge()",
        }
    )
    assert (str(site.write.table), _target(site)[0], site.write.columns) == ("user_roles", ("user_id",), ("user_id",))


def test_names_that_an_instance_out_of_sight_may_map_are_not_known(sites: Sites) -> None:
    files = {"db.ts": f"{_SNAKE}export const make = () => makeKnex({{ client: 'pg', ...knexSnakeCaseMappers() }})"}
    code = "export const f = (db) => db('roles').insert({ COLUMN: 1 }).onConflict('COLUMN').merge()"
    (doubtful,) = sites({**files, "a.ts": code.replace("COLUMN", "userId")})
    assert (doubtful.status, doubtful.reason) == (Status.UNRESOLVED, "names may be changed by the instance of knex")
    (plain,) = sites({**files, "a.ts": code.replace("COLUMN", "user_id")})
    assert plain.status is Status.RESOLVED


_MODEL = """class Person extends Model {
  static get tableName() { return 'persons' }
  static get columnNameMappers() { return snakeCaseMappers() }
}
"""


def test_objection_maps_the_row_but_not_the_target_and_no_list_of_merge(sites: Sites) -> None:
    (site,) = sites({"a.js": f"{_MODEL}Person.query().insert({{ taxId: 1 }}).onConflict('taxId').merge(['taxId'])"})
    assert (_target(site)[0], site.write.columns, site.write.set_columns) == (('"taxId"',), ("tax_id",), ("taxId",))


def test_objection_maps_an_object_of_merge(sites: Sites) -> None:
    (site,) = sites({"a.js": f"{_MODEL}Person.query(trx).insert({{ id: 1 }}).onConflict('id').merge({{ taxId: 2 }})"})
    assert site.write.set_columns == ("tax_id",)


def test_a_model_inherits_and_its_hooks_and_defaults_may_add_columns(sites: Sites) -> None:
    (site,) = sites(
        {
            "base.js": "const { Model } = require('objection')\nclass Base extends Model {\n"
            "  static get columnNameMappers() { return snakeCaseMappers() }\n"
            "  $beforeInsert() { this.createdAt = now() }\n}\nmodule.exports = { Base }",
            "person.js": "const { Base } = require('./base')\nclass Person extends Base {\n"
            "  static tableName = 'persons'\n"
            "  static jsonSchema = { properties: { id: {}, isActive: { type: 'boolean', default: true } } }\n}\n"
            "module.exports = Person",
            "a.js": "const Person = require('./person')\nPerson.query().insert({ id: 1 }).onConflict('id').ignore()",
        }
    )
    assert (str(site.write.table), site.write.columns, site.status) == (
        "persons",
        ("id", "is_active"),
        Status.PARTIAL,
    )
    assert site.reason == 'class "Person" may set more columns before it inserts'


def test_a_relation_says_that_its_table_is_not_known(sites: Sites) -> None:
    (site,) = sites({"a.js": f"{_MODEL}Person.relatedQuery('pets').insert({{ id: 1 }}).onConflict('id').ignore()"})
    assert (site.write.table, site.status) == (None, Status.UNRESOLVED)


def test_rows_may_be_mapped_by_a_function_that_has_a_name(sites: Sites) -> None:
    site = _only(
        sites,
        "const toRow = (tag) => ({ type: tag.type, value: tag.value })\n"
        "const save = (tags) => knex('tags').insert(tags.map(toRow)).onConflict(['type', 'value']).ignore()",
    )
    assert (site.write.columns, site.write.complete) == (("type", "value"), True)
