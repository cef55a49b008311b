"""op.drop_unique_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddUnique, DropUnique, execute
from pgarbiter.online.index_state import Absent, BeingDropped, Enforcing, Valid, state
from pgarbiter.online.model import OnlineError, Table

from .leftovers import half_dropped, timed_out, transaction

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

T = Table("t")


@pytest.fixture
def table(another: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    another.execute("CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 9) i")
    return another


@pytest.mark.parametrize("constraint", [False, True])
def test_it_is_dropped_and_added_again(
    session: Session,
    table: psycopg.Connection[Any],
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    added = AddUnique(T, ("a",), "u", constraint=constraint)
    execute(added, session)
    dropped = added.reverse()
    execute(dropped, session)
    execute(dropped, session)
    assert state(session, "public.u") == Absent()
    again = dropped.reverse()
    assert again is not None
    execute(again, session)
    assert state(session, "public.u") == Valid()


@pytest.mark.parametrize("constraint", [False, True])
def test_that_of_a_partitioned_table_goes_with_its_parts(
    session: Session,
    another: psycopg.Connection[Any],
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    another.execute(
        "CREATE TABLE t (a int, b int) PARTITION BY RANGE (a);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (30)"
    )
    execute(AddUnique(T, ("a",), "u", constraint=constraint), session)
    execute(DropUnique(T, "u", constraint=constraint), session)
    assert another.execute("SELECT count(*) FROM pg_index WHERE indrelid = 't1'::regclass").fetchone() == (0,)


def test_a_drop_that_ended_half_way_is_finished(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute("CREATE UNIQUE INDEX u ON t (a); CREATE UNIQUE INDEX w ON t (b)")
    half_dropped(any_database, "t", "u")
    with transaction(any_database, "LOCK TABLE t IN ACCESS SHARE MODE"):
        timed_out(any_database, "DROP INDEX CONCURRENTLY w")
    assert (state(session, "public.u"), state(session, "public.w")) == (BeingDropped(None), Enforcing())
    for name in ("u", "w"):
        execute(DropUnique(T, name), session)
        assert state(session, f"public.{name}") == Absent()


def test_a_foreign_key_that_needs_it_is_named(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute(
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a);"
        'CREATE SCHEMA "S p"; CREATE TABLE "S p".child (x int CONSTRAINT to_t REFERENCES t (a))'
    )
    with pytest.raises(OnlineError, match=r'needed by foreign key "to_t" on table ""S p".child"; nothing was changed'):
        execute(DropUnique(T, "u", constraint=True), session)
    assert state(session, "public.u") == Valid()


@pytest.mark.parametrize(
    ("statement", "constraint", "message"),
    [
        ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", False, "is a constraint"),
        ("CREATE UNIQUE INDEX u ON t (a)", True, "is an index without a constraint"),
        ("ALTER TABLE t ADD CONSTRAINT u PRIMARY KEY (a)", True, "is the primary key"),
        ("CREATE INDEX u ON t (a)", False, "is not unique"),
        ("CREATE TABLE other (a int UNIQUE); ALTER INDEX other_a_key RENAME TO u", True, "is not one of"),
    ],
)
def test_what_is_something_else_stays(
    session: Session,
    table: psycopg.Connection[Any],
    statement: str,
    constraint: bool,  # noqa: FBT001 - a parameter of the test
    message: str,
) -> None:
    table.execute(statement)
    with pytest.raises(OnlineError, match=message):
        execute(DropUnique(T, "u", constraint=constraint), session)
    assert state(session, "public.u") == Valid()


def test_the_script_is_what_is_run() -> None:
    assert DropUnique(Table("t", "s"), "u").script() == ("DROP INDEX CONCURRENTLY s.u",)
    assert DropUnique(Table("t", "s"), "u", constraint=True).script() == ("ALTER TABLE s.t DROP CONSTRAINT u",)
    with pytest.raises(OnlineError, match="cannot be printed"):
        DropUnique(T, "u", restore="rule").script()


def test_there_is_no_way_back_to_columns_that_are_not_known() -> None:
    assert DropUnique(T, "u").reverse() is None
