"""Tables as one would not make them: what is taken out comes back, and nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import (
    AddCheck,
    AddColumn,
    AddForeignKey,
    AddUnique,
    ChangeType,
    DropCheck,
    DropForeignKey,
    SetNotNull,
    WidenToBigint,
    execute,
)
from pgarbiter.online.model import OnlineError, Operation, Table

from .rows import books

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

T = Table("t")


def _rows(connection: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT to_jsonb(r.*)::text FROM {table} r ORDER BY 1").fetchall()


def _there_and_back(session: Session, another: psycopg.Connection[Any], operation: Operation, *tables: str) -> None:
    """Each way twice: all rows are in the tables or in quarantine, then all are in their tables as they were."""
    before = [(books(another, table), _rows(another, table)) for table in tables]
    back = operation.reverse()
    assert back
    for _ in range(2):
        execute(operation, session)
        assert [books(another, table) for table in tables] == [each for each, _ in before]
    for _ in range(2):
        execute(back, session)
        assert [_rows(another, table) for table in tables] == [each for _, each in before]


def test_a_domain_that_is_never_null_stands_in_no_ones_way(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE DOMAIN d AS int NOT NULL; CREATE TABLE t (id int PRIMARY KEY, a int, n d);"
        "CREATE TABLE c (id int PRIMARY KEY, parent int REFERENCES t ON DELETE CASCADE, m d);"
        "INSERT INTO t VALUES (1, 1, 5), (2, 1, 6); INSERT INTO c VALUES (1, 2, 3), (2, 1, 3)"
    )
    add = AddUnique(T, ("a",), "u", duplicates="quarantine", keep="id", merge={"n": "sum"})
    _there_and_back(session, another, add, "t", "c")


@pytest.mark.parametrize("name", ["pgarbiter_t", "pgarbiter_c", "pgarbiter_m", "r", "tid"])
def test_a_column_may_have_a_name_of_ours(session: Session, another: psycopg.Connection[Any], name: str) -> None:
    another.execute(
        f"CREATE TABLE t (id int PRIMARY KEY, a int, {name} jsonb, n int);"
        f"CREATE TABLE c (id int PRIMARY KEY, parent int REFERENCES t ON DELETE CASCADE, {name} jsonb);"
        """INSERT INTO t VALUES (1, 1, '{"x": 1}', 1), (2, 1, '{"x": 2}', 2); INSERT INTO c VALUES (1, 2, '{}')"""
    )
    add = AddUnique(T, ("a",), "u", duplicates="quarantine", keep="id", merge={"n": "sum", name: "last"})
    _there_and_back(session, another, add, "t", "c")


def test_a_constraint_of_another_kind_is_not_dropped(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY)")
    for drop in (DropCheck(T, "t_pkey"), DropForeignKey(T, "t_pkey")):
        with pytest.raises(OnlineError, match=r"is PRIMARY KEY \(id\), which this directive does not drop"):
            execute(drop, session)


@pytest.mark.parametrize(
    "operation",
    [AddCheck(T, "k", "a > 0", "quarantine"), SetNotNull(T, "a", "quarantine")],
    ids=["check", "not null"],
)
def test_what_holds_for_tables_that_inherit_is_cleared_there_too(
    session: Session, another: psycopg.Connection[Any], operation: Operation
) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE heir (b text) INHERITS (t);"
        "INSERT INTO t VALUES (1, 1); INSERT INTO heir VALUES (2, -2, 'x'), (3, NULL, 'y')"
    )
    _there_and_back(session, another, operation, "t", "heir")


def test_a_check_that_an_heir_breaks_is_refused_and_says_so(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a int); CREATE TABLE heir () INHERITS (t); INSERT INTO heir VALUES (2, -2)"
    )
    with pytest.raises(OnlineError, match=r"1 row of public.t for which .* is false, such as .*; nothing was changed"):
        execute(AddCheck(T, "k", "a > 0"), session)


def test_a_foreign_key_looks_at_no_row_of_heirs(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE p_heir () INHERITS (p);"
        "CREATE TABLE t (id int PRIMARY KEY, parent int); CREATE TABLE heir () INHERITS (t);"
        "INSERT INTO p VALUES (1); INSERT INTO p_heir VALUES (2);"
        "INSERT INTO t VALUES (1, 1), (2, 2), (3, 3); INSERT INTO heir VALUES (4, 9)"
    )
    add = AddForeignKey(T, ("parent",), "p", ("id",), orphans="quarantine")
    _there_and_back(session, another, add, "t", "heir")


def test_orphans_that_others_hang_on_go_with_all_of_them(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, parent int);"
        "INSERT INTO t SELECT i, i - 1 FROM generate_series(1, 12) i; INSERT INTO t VALUES (20, NULL), (21, 20)"
    )
    _there_and_back(session, another, AddForeignKey(T, ("parent",), "t", ("id",), orphans="quarantine"), "t")


@pytest.mark.parametrize("default", ["5", "gen_random_uuid()::text::varchar"])
def test_a_column_that_is_there_without_what_is_wanted_is_not_called_done(
    session: Session, another: psycopg.Connection[Any], default: str
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a varchar); INSERT INTO t VALUES (1, NULL)")
    with pytest.raises(OnlineError, match="is there already, with no default; nothing was changed"):
        execute(AddColumn(T, "a", "varchar", default), session)
    another.execute(f"ALTER TABLE t ALTER a SET DEFAULT {default}")
    execute(AddColumn(T, "a", "varchar", default), session)


def test_a_column_that_is_there_but_nullable_is_not_called_done(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int DEFAULT 5)")
    with pytest.raises(OnlineError, match="is there already, with default 5; nothing was changed"):
        execute(AddColumn(T, "a", "int", "5", not_null=True), session)


def test_the_leftover_of_another_table_is_left_alone(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int); CREATE TABLE o (a int); INSERT INTO o VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        another.execute("CREATE UNIQUE INDEX CONCURRENTLY u ON o (a)")
    with pytest.raises(OnlineError, match='is there, INVALID, on table "o"; it was left alone'):
        execute(AddUnique(T, ("a",), "u"), session)
    assert another.execute("SELECT count(*) FROM pg_index WHERE indrelid = 'o'::regclass").fetchone() == (1,)


@pytest.mark.pg(">= 18")
def test_a_composite_value_whose_fields_are_null_is_a_value(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TYPE pair AS (a int, b int); CREATE DOMAIN two AS pair; CREATE TABLE t (id int PRIMARY KEY, p two);"
        "INSERT INTO t VALUES (1, ROW(1, NULL)), (2, ROW(NULL, NULL)), (3, NULL)"
    )
    _there_and_back(session, another, SetNotNull(T, "p", "quarantine"), "t")
    assert another.execute("SELECT primary_key FROM pgarbiter_data.quarantine").fetchall() == [({"id": 3},)]


@pytest.mark.pg("< 18")
def test_a_composite_column_is_refused_where_nothing_proves_it(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TYPE pair AS (a int, b int); CREATE TABLE t (id int PRIMARY KEY, p pair)")
    with pytest.raises(OnlineError, match=r'"p" of "public.t" is of a composite type.*; nothing was changed'):
        execute(SetNotNull(T, "p"), session)


def test_a_value_that_a_function_refuses_is_unparsable(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, '1'), (2, 'x');"
        "CREATE FUNCTION parsed(text) RETURNS int LANGUAGE plpgsql AS"
        " $$BEGIN IF $1 = 'x' THEN RAISE 'no x'; END IF; RETURN $1::int; END$$"
    )
    before = books(another, "t")
    with pytest.raises(OnlineError, match=r"1 row of public\.t with no integer"):
        execute(ChangeType(T, "a", "int", "public.parsed(a)"), session)
    assert books(another, "t") == before
    execute(ChangeType(T, "a", "int", "public.parsed(a)", "quarantine"), session)
    assert another.execute("SELECT * FROM t").fetchall() == [(1, 1)]
    assert another.execute("SELECT row_data FROM pgarbiter_data.quarantine").fetchall() == [({"id": 2, "a": "x"},)]


def test_a_trigger_that_keeps_the_merge_out_is_told(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a int, n int); INSERT INTO t VALUES (1, 1, 5), (2, 1, 6);"
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        "CREATE TRIGGER no BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION no()"
    )
    before = _rows(another, "t")
    with pytest.raises(OnlineError, match=r"a trigger keeps merged values out of rows of public\.t"):
        execute(AddUnique(T, ("a",), "u", duplicates="quarantine", keep="id", merge={"n": "sum"}), session)
    assert _rows(another, "t") == before


def test_a_change_of_type_keeps_what_hangs_on_indexes_and_constraints(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a int CHECK (a > 0)); ALTER TABLE t ALTER a SET (n_distinct = 5);"
        "CREATE UNIQUE INDEX u ON t (a) WITH (fillfactor = 50); CREATE INDEX i ON t (a, id) WITH (fillfactor = 60);"
        "COMMENT ON INDEX u IS 'a \"key\"'; COMMENT ON CONSTRAINT t_a_check ON t IS 'positive'; CLUSTER t USING i"
    )
    told = (
        "SELECT pg_get_indexdef(indexrelid), indisclustered, obj_description(indexrelid) FROM pg_index"
        " WHERE indrelid = 't'::regclass UNION ALL SELECT pg_get_constraintdef(oid), NULL, obj_description(oid)"
        " FROM pg_constraint WHERE conrelid = 't'::regclass UNION ALL SELECT attoptions::text, NULL, NULL"
        " FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a' ORDER BY 1"
    )
    before = another.execute(told).fetchall()
    execute(WidenToBigint(T, "a"), session)
    assert another.execute(told).fetchall() == before
