from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import AnyArbiter, InferenceClause, Mechanism, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_TABLES = """
import { boolean, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
export const seats = pgTable('seats', {
  roomId: integer('room_id'),
  no: integer(),
  freedAt: timestamp('freed_at'),
  live: boolean('live'),
})
"""
_HEAD = "import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'\nimport { seats } from './tables'\n"


def _only(sites: Sites, body: str, tables: str = _TABLES) -> WriteSite:
    (site,) = sites({"src/a.ts": _HEAD + body, "src/tables.ts": tables})
    return site


def _clause(site: WriteSite) -> InferenceClause:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target


def test_the_table_of_another_file_is_read(sites: Sites) -> None:
    site = _only(
        sites, "await db.insert(seats).values({ roomId: 1, no: 2 }).onConflictDoNothing({ target: seats.roomId })"
    )
    assert str(site.write.table) == "seats"
    assert site.write.columns == ("room_id", "no", "freed_at", "live")
    assert site.write.defaulted == ("freed_at", "live")
    assert _clause(site).columns == ("room_id",)
    assert site.status is Status.RESOLVED


def test_rows_that_are_not_known_write_every_column_all_the_same(sites: Sites) -> None:
    site = _only(sites, "export const put = (rows) => db.insert(seats).values(rows).onConflictDoNothing()")
    assert (site.write.columns, site.write.defaulted) == (("room_id", "no", "freed_at", "live"), ())
    assert site.status is Status.RESOLVED


def test_a_namespace_of_tables_is_followed(sites: Sites) -> None:
    body = """
    import * as t from './tables'
    await db.insert(t.seats).values(r).onConflictDoNothing({ target: [t.seats.no] })
    """
    assert _clause(_only(sites, body)).columns == ("no",)


@pytest.mark.parametrize(
    ("where", "predicate", "asked"),
    [
        ("isNull(seats.freedAt)", "freed_at IS NULL", "freed_at IS NULL"),
        ("sql`${seats.freedAt} IS NULL`", "freed_at IS NULL", "freed_at IS NULL"),
        ("sql`freed_at is null`", "freed_at IS NULL", "freed_at IS NULL"),
        ("eq(seats.live, true)", "live = true", "live = $1"),
        ("sql`${seats.live} = ${true}`", "live = true", "live = $1"),
        ("sql`${seats.live} = ${flag}`", "live = $1", "live = $1"),
        ("sql`${seats.no} = ${sql.raw('7')}`", '"no" = 7', '"no" = 7'),
        (
            "and(isNull(seats.freedAt), eq(seats.no, 3))",
            'freed_at IS NULL AND "no" = 3',
            'freed_at IS NULL AND "no" = $1',
        ),
        ("or(isNull(seats.freedAt), undefined)", "freed_at IS NULL", "freed_at IS NULL"),
        ("inArray(seats.no, [1, 2])", '"no" IN (1, 2)', '"no" IN ($1, $2)'),
    ],
)
def test_the_where_of_do_nothing_is_the_predicate(sites: Sites, where: str, predicate: str, asked: str) -> None:
    body = f"await db.insert(seats).values(r).onConflictDoNothing({{ target: seats.roomId, where: {where} }})"
    target = _clause(_only(sites, body))
    assert (target.predicate, target.asked_predicate) == (predicate.replace('"no"', "no"), asked.replace('"no"', "no"))
    assert target.predicate_parameters is ("$" in asked)


def test_the_where_of_do_update_is_no_predicate(sites: Sites) -> None:
    body = """
    await db.insert(seats).values(r)
      .onConflictDoUpdate({ target: seats.roomId, set: { no: 1 }, where: isNull(seats.freedAt) })
    """
    assert _clause(_only(sites, body)).predicate is None


def test_a_predicate_over_another_table_is_not_resolved(sites: Sites) -> None:
    tables = _TABLES + "export const rooms = pgTable('rooms', { id: integer('id') })"
    body = """
    import { rooms } from './tables'
    await db.insert(seats).values(r).onConflictDoNothing({ target: seats.no, where: eq(rooms.id, 1) })
    """
    assert isinstance(_only(sites, body, tables).write.target, Unresolved)


def test_columns_that_are_set_on_every_update_are_among_those_of_set(sites: Sites) -> None:
    tables = """
    const stamps = {
      updatedAt: timestamp('updated_at').$onUpdate(() => new Date()),
      madeAt: timestamp('made_at').defaultNow(),
    }
    const id = () => text('id').primaryKey().$defaultFn(() => makeId())
    export const seats = pgTable('seats', { id: id(), no: integer('no'), ...stamps })
    """
    body = "await db.insert(seats).values({ no: 1 }).onConflictDoUpdate({ target: seats.id, set: { no: 2, nope: 3 } })"
    site = _only(sites, body, tables)
    assert site.write.columns == ("id", "no", "updated_at", "made_at")
    assert site.write.defaulted == ("made_at",)
    assert site.write.set_columns == ("no", "updated_at")


def test_generated_columns_are_not_written(sites: Sites) -> None:
    tables = "export const seats = pgTable('seats', { a: text('a'), b: text('b').generatedAlwaysAs(sql`upper(a)`) })"
    body = "await db.insert(seats).values({ a: 'x' }).onConflictDoNothing({ target: seats.b })"
    site = _only(sites, body, tables)
    assert site.write.columns == ("a",)
    assert _clause(site).columns == ("b",)


@pytest.mark.parametrize(
    ("tables", "table"),
    [
        ("const s = pgSchema('ops')\nexport const seats = s.table('seats', { id: text('id') })", "ops.seats"),
        ("const t = pgTableCreator((n) => `app_${n}`)\nexport const seats = t('seats', { id: text() })", "app_seats"),
        ("export const seats = pgTable('seats', (t) => ({ id: t.text() })).enableRLS()", "seats"),
        ("const N = 'seats' as const\nexport const seats = pgTable(N, { id: text({ length: 9 }) })", "seats"),
    ],
)
def test_tables_are_declared_in_several_ways(sites: Sites, tables: str, table: str) -> None:
    site = _only(sites, "await db.insert(seats).values(r).onConflictDoNothing({ target: seats.id })", tables)
    assert (str(site.write.table), site.write.columns, site.status) == (table, ("id",), Status.RESOLVED)


def test_the_casing_of_the_instance_makes_names(sites: Sites) -> None:
    tables = "export const seats = pgTable('seats', { roomId: text(), html2Text: text(), own: text('OWN') })"
    body = """
    const db = drizzle(pool, { schema, casing: 'snake_case' })
    await db.transaction(async (tx) => {
      await tx.insert(seats).values(r).onConflictDoNothing({ target: seats.roomId })
    })
    """
    assert _only(sites, body, tables).write.columns == ("room_id", "html2_text", "OWN")


def test_names_stay_open_when_two_instances_make_them_in_two_ways(sites: Sites) -> None:
    tables = "export const seats = pgTable('seats', { roomId: text(), no: text() })"
    makes = "export const a = drizzle(pool, { casing: 'snake_case' })\nexport const b = drizzle(pool)\n"
    body = "export const put = (db) => db.insert(seats).values(r).onConflictDoNothing({ target: seats.roomId })"
    site = _only(sites, makes + body, tables)
    assert isinstance(site.write.target, Unresolved)
    assert site.write.columns == ("no",)
    assert not site.write.complete


@pytest.mark.parametrize("maker", ["sqliteTable", "mysqlTable"])
def test_tables_of_other_databases_are_not_postgres(sites: Sites, maker: str) -> None:
    tables = f"export const seats = {maker}('seats', {{ id: text('id') }})"
    site = _only(sites, "await db.insert(seats).values(r).onConflictDoNothing({ target: seats.id })", tables)
    assert (site.status, site.reason) == (Status.NOT_POSTGRES, f'table is declared with "{maker}"')


def test_a_driver_of_sqlite_in_the_file_says_nothing_of_a_table_of_postgres(sites: Sites) -> None:
    body = "import Database from 'better-sqlite3'\nawait db.insert(seats).values(r).onConflictDoNothing()"
    assert _only(sites, body).status is Status.RESOLVED


def test_options_in_a_variable_are_read(sites: Sites) -> None:
    body = "const options = { target: seats.no }\nawait db.insert(seats).values(r).onConflictDoNothing(options)"
    assert _clause(_only(sites, body)).columns == ("no",)


def test_a_target_that_is_undefined_is_none(sites: Sites) -> None:
    body = "await db.insert(seats).values(r).onConflictDoNothing({ target: undefined })"
    assert _only(sites, body).write.target == AnyArbiter()


def test_calls_of_a_generic_helper_are_sites(sites: Sites) -> None:
    body = """
    async function upsert(table, target, row) {
      await db.insert(table).values(row).onConflictDoUpdate({ target, set: row })
    }
    await upsert(seats, [seats.roomId, seats.no], { roomId: 1, no: 2 })
    """
    found = sites({"src/a.ts": _HEAD + body, "src/tables.ts": _TABLES})
    known = [site for site in found if site.status is Status.RESOLVED]
    assert [(site.span.line, str(site.write.table), _clause(site).columns) for site in known] == [
        (7, "seats", ("room_id", "no"))
    ]


def test_an_array_of_columns_named_elsewhere_is_followed(sites: Sites) -> None:
    body = "const key = [seats.roomId, seats.no]\nawait db.insert(seats).values(r).onConflictDoNothing({ target: key })"
    assert _clause(_only(sites, body)).columns == ("room_id", "no")


def test_an_insert_without_a_clause_is_a_plain_one(sites: Sites) -> None:
    site = _only(sites, "await db.insert(seats).values({ no: 1 }).returning()")
    assert (site.mechanism, str(site.write.table), site.span.line) == (Mechanism.PLAIN_INSERT, "seats", 3)
    assert site.write.defaulted == ("room_id", "freed_at", "live")


def test_a_clause_that_is_added_to_a_query_in_a_variable_makes_one_site(sites: Sites) -> None:
    body = "const query = db.insert(seats).values({ no: 1 })\nawait query.onConflictDoNothing({ target: seats.no })"
    assert _only(sites, body).mechanism is Mechanism.ON_CONFLICT


def test_a_table_maker_of_another_library_is_not_read(sites: Sites) -> None:
    tables = "import { pgTable } from './lost'\nexport const seats = pgTable('seats', { no: integer('no') })"
    site = _only(sites, "await db.insert(seats).values(r).onConflictDoNothing({ target: seats.no })", tables)
    assert site.status is Status.UNRESOLVED


@pytest.mark.parametrize(
    ("tables", "table"),
    [
        ("export const seats = pgTable('seats', { no: integer('no') })", "seats"),
        ("const s = pgSchema('ops')\nexport const seats = s.table('seats', { no: integer('no') })", "ops.seats"),
        ("const t = pgTableCreator((n) => `app_${n}`)\nexport const seats = t('seats', { no: text() })", "app_seats"),
    ],
)
def test_tables_in_templates_are_named(sites: Sites, tables: str, table: str) -> None:
    site = _only(
        sites, "await db.execute(sql`insert into ${seats} (no) values (${1}) on conflict (no) do nothing`)", tables
    )
    assert (site.client, str(site.write.table), site.status) == ("raw-sql", table, Status.RESOLVED)


@pytest.mark.parametrize(
    "call",
    [
        "from(table).insert([{ value: 1 }]).select('id')",
        "from(table).insert(rows).select(wanted)",
        "insert({ value: 1 }).select(q)",
    ],
)
def test_rows_that_another_client_inserts_and_reads_back_are_no_table(sites: Sites, call: str) -> None:
    found = sites({"a.ts": f"export const put = (db, table, rows, wanted) => db.{call}"})
    assert [site.client for site in found if site.client == "drizzle"] == []


_USERS = """
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
const users = pgTable('users', { id: integer('id').primaryKey(), mail: text('mail_address') })
"""


def test_a_function_that_is_given_a_table_and_one_column_is_judged_at_its_calls(sites: Sites) -> None:
    text = """
        async function put(table, target, rows) {
          await db.insert(table).values(rows).onConflictDoNothing({ target })
        }
        put(users, users.mail, [{ mail: 'x' }])
        put(users, [users.id, users.mail], [{ id: 1, mail: 'x' }])
    """
    found = sites({"save.ts": _USERS + text})
    assert [site.write.target.columns for site in found[1:]] == [("mail_address",), ("id", "mail_address")]


def test_sql_for_a_target_is_refused(sites: Sites) -> None:
    text = "await db.insert(users).values({ mail }).onConflictDoNothing({ target: sql`lower(${users.mail})` })\n"
    (site,) = sites({"save.ts": _USERS + text})
    assert site.reason == "the conflict target is SQL, where Drizzle takes columns alone"
