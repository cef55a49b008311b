from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_HEAD = "import { Kysely, sql } from 'kysely'\n"


def _only(sites: Sites, body: str, **files: str) -> WriteSite:
    (site,) = sites({"src/a.ts": _HEAD + body, **files})
    return site


def _clause(site: WriteSite) -> InferenceClause:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target


def _with(sites: Sites, clause: str) -> InferenceClause:
    body = f"await db.insertInto('t').values({{ a: 1 }}).onConflict((oc) => {clause}.doNothing()).execute()"
    return _clause(_only(sites, body))


@pytest.mark.parametrize(
    ("where", "predicate", "asked"),
    [
        (".where('gone', 'is', null)", "gone IS NULL", "gone IS NULL"),
        (".where('gone', 'is not', null)", "gone IS NOT NULL", "gone IS NOT NULL"),
        (".where('live', 'is', true)", "live IS TRUE", "live IS TRUE"),
        (".where('live', '=', true)", "live = true", "live = $1"),
        (".where('kind', '=', \"it's\")", "kind = 'it''s'", "kind = $1"),
        (".where('kind', 'in', ['x', 'y'])", "kind IN ('x', 'y')", "kind IN ($1, $2)"),
        (".where('n', '>', limit)", "n > $1", "n > $1"),
        (".where('a', 'is', null).where('b', '=', 2)", "a IS NULL AND b = 2", "a IS NULL AND b = $1"),
        (".whereRef('a', '<', 'b')", "a < b", "a < b"),
        (".where(sql`lower(a) <> ''`)", "lower(a) <> ''", "lower(a) <> ''"),
        (".where((eb) => eb('a', '=', 1))", "a = 1", "a = $1"),
        (".where(({ eb, and }) => and([eb('a', '=', 1), eb('b', 'is', null)]))", "a = 1 AND b IS NULL", None),
        (".where((eb) => eb.or([eb('a', 'is', null), eb('b', 'is', null)]))", "a IS NULL OR b IS NULL", None),
        (".where((eb) => eb.and({ kind: 'x', gone: null }))", "kind = 'x' AND gone IS NULL", None),
        (".where((eb) => eb('a', '=', 1).and('b', '=', 2))", "a = 1 AND b = 2", "a = $1 AND b = $2"),
    ],
)
def test_the_where_before_the_action_is_the_predicate(
    sites: Sites, where: str, predicate: str, asked: str | None
) -> None:
    target = _with(sites, f"oc.column('a'){where}")
    assert target.predicate == predicate
    if asked is not None:
        assert target.asked_predicate == asked
        assert target.predicate_parameters is ("$" in asked)


def test_a_predicate_that_is_computed_leaves_the_target_open(sites: Sites) -> None:
    body = "await db.insertInto('t').values({ a: 1 }).onConflict((oc) => oc.column('a').where(filter(x)).doNothing())"
    assert isinstance(_only(sites, body).write.target, Unresolved)


def test_a_column_list_of_another_file_is_followed(sites: Sites) -> None:
    body = (
        "import { KEY } from './key'\nq = db.insertInto('t').values(r).onConflict((oc) => oc.columns(KEY).doNothing())"
    )
    site = _only(sites, body, **{"src/key.ts": "export const KEY = ['a', 'b'] as const"})
    assert _clause(site).columns == ("a", "b")
    assert site.status is Status.PARTIAL


def test_the_plugin_of_an_instance_in_another_file_renames(sites: Sites) -> None:
    made = (
        "export const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }), plugins: [new CamelCasePlugin()] })"
    )
    body = """
    import { db } from './db'
    await db.withSchema('appData').insertInto('userPrefs').values({ userId: 1, darkMode: true })
      .onConflict((oc) => oc.constraint('userPrefsKey').doUpdateSet({ darkMode: true })).execute()
    """
    site = _only(sites, body, **{"src/db.ts": _HEAD + made})
    assert str(site.write.table) == "app_data.user_prefs"
    assert site.write.columns == ("user_id", "dark_mode")
    assert site.write.target == NamedConstraint("user_prefs_key")


def test_an_instance_for_sqlite_is_not_postgres(sites: Sites) -> None:
    body = """
    const db = new Kysely({ dialect: new SqliteDialect({ database }) })
    await db.insertInto('t').values({ a: 1 }).onConflict((oc) => oc.column('a').doNothing()).execute()
    """
    site = _only(sites, body)
    assert (site.status, site.reason) == (Status.NOT_POSTGRES, 'Kysely is given "SqliteDialect"')


def test_an_update_without_a_target_has_none(sites: Sites) -> None:
    body = "await db.insertInto('t').values({ a: 1 }).onConflict((oc) => oc.doUpdateSet({ a: 2 })).execute()"
    site = _only(sites, body)
    assert (site.write.target, site.write.action) == (AnyArbiter(), Action.UPDATE)


def test_a_clause_in_a_block_of_a_callback_is_read(sites: Sites) -> None:
    body = "q = db.insertInto('t').values({ a: 1 }).onConflict((oc) => { return oc.column('a').doNothing() })"
    assert _clause(_only(sites, body)).columns == ("a",)


def test_a_query_that_is_put_together_in_steps_is_followed(sites: Sites) -> None:
    body = """
    let query = db.insertInto('t').values({ a: 1, b: 2 })
    query = query.onConflict((oc) => oc.column('a').doUpdateSet({ b: (eb) => eb.ref('excluded.b') }))
    """
    site = _only(sites, body)
    assert (str(site.write.table), site.write.columns, site.write.set_columns) == ("t", ("a", "b"), ("b",))


def test_a_clause_that_is_added_on_a_condition_is_followed(sites: Sites) -> None:
    body = """
    await db.insertInto('t').values({ a: 1 })
      .$if(merge, (qb) => qb.onConflict((oc) => oc.column('a').doNothing())).execute()
    """
    assert str(_only(sites, body).write.table) == "t"


def test_a_generic_repository_is_not_resolved(sites: Sites) -> None:
    body = """
    export const put = (db, table, key, row) =>
      db.insertInto(table).values(row).onConflict((oc) => oc.column(key).doUpdateSet(row)).execute()
    """
    site = _only(sites, body)
    assert site.status is Status.UNRESOLVED
    assert site.reason is not None
    assert 'the parameter "table" of "put"' in site.reason


def test_a_call_of_a_generic_repository_is_a_site(sites: Sites) -> None:
    put = _HEAD + (
        "export async function put(db, table, key, row) {\n"
        "  await db.insertInto(table).values(row).onConflict((oc) => oc.column(key).doUpdateSet(row)).execute()\n}\n"
    )
    found = sites({"src/put.ts": put, "src/a.ts": "import { put } from './put'\nput(db, 't', 'a', { a: 1, b: 2 })"})
    known = [site for site in found if site.status is Status.RESOLVED]
    assert [(site.span.path, str(site.write.table), _clause(site).columns) for site in known] == [
        ("src/a.ts", "t", ("a",))
    ]


def test_the_columns_of_a_query_are_those_that_are_listed(sites: Sites) -> None:
    body = """
    await db.insertInto('t').columns(['a', 'b']).expression((eb) => eb.selectFrom('s').select(['x', 'y']))
      .onConflict((oc) => oc.column('a').doNothing()).execute()
    """
    site = _only(sites, body)
    assert (site.write.columns, site.status) == (("a", "b"), Status.RESOLVED)


def test_knex_is_left_alone(sites: Sites) -> None:
    body = "await knex('t').insert({ a: 1 }).onConflict('a').ignore()"
    assert [site for site in sites({"src/a.ts": body}) if site.client == "kysely"] == []


def test_an_insert_without_a_clause_is_a_plain_one(sites: Sites) -> None:
    site = _only(sites, "await db.insertInto('t').values({ a: 1 }).returning('id').execute()")
    assert (site.mechanism, site.write.columns) == (Mechanism.PLAIN_INSERT, ("a",))
