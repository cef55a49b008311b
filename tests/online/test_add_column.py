"""op.add_column_online and op.drop_column_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.add_column import AddColumn
from pgarbiter.online.model import OnlineError, Table

from .ending import ended_everywhere

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]


def _file(connection: Connection) -> Any:
    return connection.execute("SELECT pg_relation_filenode('t')").fetchone()


@pytest.mark.parametrize("default", [None, "7", "now()", "'x' || 'y'"])
def test_a_default_that_is_not_volatile_costs_one_step(
    session: Session, another: Connection, default: str | None
) -> None:
    another.execute("CREATE TABLE t (id int); INSERT INTO t VALUES (1)")
    before = _file(another)
    operation = AddColumn(Table("t"), "The new", "text", default, not_null=default is not None)
    assert [each.name for each in operation.steps(session)] == ["add"]
    execute(operation, session)
    assert _file(another) == before
    assert another.execute('SELECT "The new" IS NULL FROM t').fetchone() == (default is None,)
    execute(operation, session)
    execute(operation.reverse(), session)
    assert another.execute("SELECT * FROM t").fetchall() == [(1,)]


@pytest.mark.parametrize("not_null", [False, True])
def test_a_volatile_default_is_filled_in_batches(session: Session, another: Connection, not_null: bool) -> None:  # noqa: FBT001
    another.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 3000)")
    before = _file(another)
    operation = AddColumn(Table("t"), "u", "uuid", "gen_random_uuid()", not_null)
    execute(operation, session)
    assert _file(another) == before
    another.execute("INSERT INTO t VALUES (3001)")
    assert another.execute("SELECT count(DISTINCT u) FROM t").fetchone() == (3001,)
    assert another.execute("SELECT attnotnull FROM pg_attribute WHERE attname = 'u'").fetchone() == (not_null,)
    assert another.execute("SELECT col_description('t'::regclass, 2)").fetchone() == (None,)


def test_null_that_a_writer_wants_is_left_alone_by_a_second_run(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    operation = AddColumn(Table("t"), "u", "double precision", "random()")
    execute(operation, session)
    another.execute("INSERT INTO t VALUES (2, NULL)")
    execute(operation, session)
    assert another.execute("SELECT u IS NULL FROM t ORDER BY id").fetchall() == [(False,), (True,)]


def test_a_run_that_ended_anywhere_is_resumed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 3000)")
    operation = AddColumn(Table("t"), "u", "uuid", "gen_random_uuid()", not_null=True)
    steps = ended_everywhere(session, operation)
    assert (steps[0], steps[-1]) == ("add", "finish")
    assert another.execute("SELECT count(DISTINCT u) FROM t").fetchone() == (3000,)
    found = another.execute(
        "SELECT attnotnull, col_description('t'::regclass, 2), (SELECT count(*) FROM pg_constraint"
        " WHERE conrelid = 't'::regclass AND contype = 'c') FROM pg_attribute WHERE attname = 'u'"
    ).fetchone()
    assert found == (True, None, 0)


def test_what_cannot_be_added_is_told_before_anything_is_changed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int); CREATE DOMAIN d AS int CHECK (VALUE > 0)")
    for operation, message in (
        (AddColumn(Table("t"), "a", "int", not_null=True), "NOT NULL without a default"),
        (AddColumn(Table("t"), "id", "text"), "is there with type integer, wanted text"),
        (AddColumn(Table("t"), "a", "nonsense"), '"nonsense" does not exist; nothing was changed'),
        (AddColumn(Table("t"), "a", "int", "nonsense()"), r"nonsense\(\) can be no default"),
    ):
        with pytest.raises(OnlineError, match=message):
            execute(operation, session)
    assert len(AddColumn(Table("t"), "a", "d", "1").steps(session)) > 1


def test_the_reverse_of_the_reverse_is_the_same() -> None:
    operation = AddColumn(Table("t"), "a", "int", "1", not_null=True)
    back = operation.reverse().reverse()
    assert back == operation
