"""op.add_index_online and op.drop_index_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddIndex, DropIndex, execute
from pgarbiter.online.index_state import Absent, Inert, Valid, state
from pgarbiter.online.model import OnlineError, Table

from .leftovers import timed_out, transaction

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

T = Table("t")


@pytest.fixture
def table(another: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    another.execute("CREATE TABLE t (a int, b int[], c text); INSERT INTO t VALUES (1), (1)")
    return another


@pytest.mark.parametrize(
    "operation",
    [
        AddIndex(T, ("a", "c")),
        AddIndex(T, ("b",), method="gin"),
        AddIndex(T, ("(lower(c))", "a"), "I", where="a > 0", include=("b",)),
    ],
)
def test_an_index_is_built_and_dropped_again(
    session: Session, table: psycopg.Connection[Any], operation: AddIndex
) -> None:
    for _ in range(2):
        execute(operation, session)
    name = f'public."{operation.index}"'
    assert state(session, name) == Valid()
    back = operation.reverse()
    for _ in range(2):
        execute(back, session)
    assert state(session, name) == Absent()
    assert back.reverse() == AddIndex(
        T, operation.columns, operation.index, operation.where, operation.include, operation.method
    )


def test_a_leftover_is_replaced(session: Session, table: psycopg.Connection[Any], any_database: str) -> None:
    with transaction(any_database, "INSERT INTO t VALUES (2)"):
        timed_out(any_database, "CREATE INDEX CONCURRENTLY t_a_idx ON t (a)")
    assert state(session, "public.t_a_idx") == Inert()
    execute(AddIndex(T, ("a",)), session)
    assert state(session, "public.t_a_idx") == Valid()


def test_a_partitioned_table_gets_it_part_by_part(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (30)"
    )
    operation = AddIndex(T, ("b",))
    execute(operation, session)
    assert state(session, "public.t_b_idx") == Valid()
    execute(operation.reverse(), session)
    assert another.execute("SELECT count(*) FROM pg_index WHERE indrelid = 't1'::regclass").fetchone() == (0,)


def test_what_may_be_an_arbiter_is_not_dropped_as_a_plain_index(
    session: Session, table: psycopg.Connection[Any]
) -> None:
    table.execute("TRUNCATE t; CREATE UNIQUE INDEX u ON t (a)")
    with pytest.raises(OnlineError, match="may be the arbiter of an upsert"):
        execute(DropIndex(T, "u"), session)


def test_the_index_of_another_table_is_not_dropped(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("CREATE TABLE other (a int); CREATE INDEX i ON other (a)")
    with pytest.raises(OnlineError, match="is not one of"):
        execute(DropIndex(T, "i"), session)


def test_the_scripts_are_what_is_run() -> None:
    operation = AddIndex(T, ("a",), include=("c",), where="a > 0")
    assert operation.script() == ("CREATE INDEX CONCURRENTLY t_a_idx ON t (a) INCLUDE (c) WHERE a > 0",)
    assert operation.reverse().script() == ("DROP INDEX CONCURRENTLY t_a_idx",)
