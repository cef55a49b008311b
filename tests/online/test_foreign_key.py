"""op.add_foreign_key_online and op.drop_foreign_key_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.foreign_key import AddForeignKey, DropForeignKey
from pgarbiter.online.model import OnlineError, Table

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]
OPERATION = AddForeignKey(Table("t"), ("p_id",), "p", ("id",))
TABLES = "CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1), (2);"


def _keys(connection: Connection, table: str = "t") -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = %s::regclass ORDER BY 1",
        [table],
    ).fetchall()


def test_a_foreign_key_is_added_and_validated(session: Session, another: Connection) -> None:
    another.execute(TABLES + "CREATE TABLE t (p_id int); INSERT INTO t VALUES (1), (NULL)")
    execute(OPERATION, session)
    assert _keys(another) == [("t_p_id_fkey", True, "FOREIGN KEY (p_id) REFERENCES p(id)")]
    steps = another.execute("SELECT step FROM pgarbiter_data.journal ORDER BY id").fetchall()
    execute(OPERATION, session)
    assert another.execute("SELECT step FROM pgarbiter_data.journal ORDER BY id").fetchall() == steps
    assert steps == [("add",), ("validate",)]


def test_columns_of_one_name_on_both_sides_and_several_of_them(session: Session, another: Connection) -> None:
    another.execute(
        'CREATE SCHEMA "S"; CREATE TABLE "S"."P" (id int, "B b" text, UNIQUE ("B b", id));'
        'INSERT INTO "S"."P" VALUES (1, \'x\');'
        "CREATE TABLE t (id int, \"B b\" text); INSERT INTO t VALUES (1, 'x'), (1, NULL), (NULL, 'y')"
    )
    operation = AddForeignKey(
        Table("t"), ("id", "B b"), "P", ("id", "B b"), "k", "S", on_delete="cascade", on_update="SET NULL"
    )
    execute(operation, session)
    ((name, valid, text),) = _keys(another)
    assert (name, valid) == ("k", True)
    assert text.endswith('REFERENCES "S"."P"(id, "B b") ON UPDATE SET NULL ON DELETE CASCADE')
    execute(operation, session)
    execute(operation.reverse(), session)
    assert _keys(another) == []


def test_orphans_are_refused_before_anything_is_changed(session: Session, another: Connection) -> None:
    another.execute(TABLES + "CREATE TABLE t (p_id int); INSERT INTO t VALUES (1), (7), (7), (NULL)")
    with pytest.raises(OnlineError, match=r"^2 rows of .*\(p_id\) is not in .*7.*; nothing was changed") as told:
        execute(OPERATION, session)
    assert 'orphans="quarantine"' in (told.value.hint or "")
    assert _keys(another) == []


def test_orphans_are_taken_out_and_come_back_with_the_downgrade(session: Session, another: Connection) -> None:
    another.execute(TABLES + "CREATE TABLE t (p_id int); INSERT INTO t VALUES (1), (7), (7), (NULL)")
    operation = AddForeignKey(Table("t"), ("p_id",), "p", ("id",), orphans="quarantine")
    execute(operation, session)
    assert another.execute("SELECT p_id FROM t ORDER BY 1").fetchall() == [(1,), (None,)]
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine").fetchone() == (2,)
    execute(operation.reverse(), session)
    assert another.execute("SELECT p_id FROM t ORDER BY 1").fetchall() == [(1,), (7,), (7,), (None,)]


def test_a_table_may_reference_itself(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, p_id int); INSERT INTO t VALUES (1, 2), (2, 2), (3, 9)")
    operation = AddForeignKey(Table("t"), ("p_id",), "t", ("id",), orphans="quarantine")
    execute(operation, session)
    assert another.execute("SELECT id FROM t ORDER BY 1").fetchall() == [(1,), (2,)]


def test_partitions_prove_it_one_by_one(session: Session, another: Connection) -> None:
    another.execute(
        TABLES
        + "CREATE TABLE t (k int, p_id int) PARTITION BY LIST (k); CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);"
        "CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2) PARTITION BY LIST (k);"
        "CREATE TABLE t_2_2 PARTITION OF t_2 FOR VALUES IN (2); INSERT INTO t VALUES (1, 1), (2, 2)"
    )
    execute(OPERATION, session)
    for table in ("t", "t_1", "t_2", "t_2_2"):
        assert _keys(another, table) == [("t_p_id_fkey", True, "FOREIGN KEY (p_id) REFERENCES p(id)")]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        another.execute("INSERT INTO t VALUES (2, 3)")
    execute(OPERATION, session)
    execute(OPERATION.reverse(), session)
    assert [_keys(another, table) for table in ("t", "t_1", "t_2", "t_2_2")] == [[]] * 4


def test_a_missing_index_of_the_referencing_side_is_said(session: Session, another: Connection) -> None:
    another.execute(TABLES + "CREATE TABLE t (a int, p_id int)")
    assert "op.add_index_online makes one" in OPERATION.steps(session)[1].why
    another.execute("CREATE INDEX ON t (p_id, a)")
    assert "op.add_index_online" not in OPERATION.steps(session)[1].why


def test_what_cannot_be_a_foreign_key_is_refused(session: Session, another: Connection) -> None:
    another.execute(TABLES + "CREATE TABLE t (p_id int, CONSTRAINT t_p_id_fkey CHECK (p_id > 0))")
    for operation, message in (
        (OPERATION, '"t_p_id_fkey" of "public.t" is CHECK .*, wanted FOREIGN KEY'),
        (AddForeignKey(Table("t"), ("p_id",), "q", ("id",)), 'referenced table "q" does not exist; nothing'),
        (AddForeignKey(Table("t"), ("x",), "p", ("id",)), 'column "x" of "public.t" does not exist; nothing'),
        (AddForeignKey(Table("t"), ("p_id",), "p", ("id", "x")), "does not pair its columns; nothing was changed"),
        (AddForeignKey(Table("t"), ("p_id",), "p", ("id",), on_delete="EAT"), '"EAT" is no action'),
    ):
        with pytest.raises(OnlineError, match=message):
            execute(operation, session)


def test_the_reverse_of_the_reverse_is_the_same() -> None:
    operation = AddForeignKey(Table("t"), ("a",), "p", ("id",), "k", "s", "CASCADE", "CASCADE", "quarantine", "my rule")
    assert isinstance(operation.reverse(), DropForeignKey)
    assert operation.reverse().reverse() == operation
