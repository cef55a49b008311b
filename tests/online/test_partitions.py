"""Unique indexes on partition trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddUnique, execute
from pgarbiter.online.execute import observer
from pgarbiter.online.index_state import PartitionedParent, Valid, state
from pgarbiter.online.model import OnlineError, Table

from .leftovers import enforcing
from .writers import writing

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

    from .writers import Chance

T = Table("t")
TREE = """
CREATE TABLE t (a int, b int, n int) PARTITION BY RANGE (a);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (20);
CREATE TABLE "T 2" PARTITION OF t FOR VALUES FROM (20) TO (60) PARTITION BY LIST (b);
CREATE SCHEMA other;
CREATE TABLE other.t1 PARTITION OF "T 2" FOR VALUES IN (20, 21, 22);
CREATE TABLE t2_rest PARTITION OF "T 2" DEFAULT;
CREATE TABLE before (n int, b int, gone int, a int); ALTER TABLE before DROP COLUMN gone;
ALTER TABLE t ATTACH PARTITION before FOR VALUES FROM (60) TO (80);
INSERT INTO t SELECT i, i FROM generate_series(0, 79) i
"""


@pytest.fixture
def tree(another: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    another.execute(TREE)
    return another


def _upsert(chance: Chance) -> tuple[str, tuple[object, ...]]:
    value = chance.randrange(80)
    return "INSERT INTO t VALUES (%s, %s) ON CONFLICT (a, b) DO UPDATE SET n = 1", (value, value)


@pytest.mark.parametrize("constraint", [False, True])
def test_a_tree_gets_its_index_while_others_write(
    session: Session,
    tree: psycopg.Connection[Any],
    any_database: str,
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    operation = AddUnique(T, ("a", "b"), "u", constraint=constraint)
    with writing(any_database, lambda c: ("UPDATE t SET n = 2 WHERE a = %s", (c.randrange(80),))) as told:
        execute(operation, session)
    assert set(told) == {"00000"}
    with writing(any_database, _upsert) as told:
        execute(operation, session)
    assert set(told) == {"00000"}
    parts = "FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE relname ~ '_?u$'"
    found = tree.execute(f"SELECT bool_and(indisvalid), count(*) {parts}")
    assert found.fetchone() == (True, 6)
    execute(operation.reverse(), session)
    assert tree.execute(f"SELECT count(*) {parts}").fetchone() == (0,)


@pytest.mark.parametrize("constraint", [False, True])
def test_a_partition_that_comes_during_the_build_is_picked_up(
    session: Session,
    tree: psycopg.Connection[Any],
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    new = iter(
        (
            "CREATE TABLE t8 PARTITION OF t FOR VALUES FROM (80) TO (90)",
            "CREATE TABLE t9 (a int, b int, n int); ALTER TABLE t ATTACH PARTITION t9 FOR VALUES FROM (90) TO (99)",
            'ALTER TABLE "T 2" DETACH PARTITION t2_rest; DROP TABLE t2_rest',
        )
    )
    token = observer.set(lambda event, *_: tree.execute(next(new, "SELECT 1")) if event == "batch" else None)  # type: ignore[arg-type, func-returns-value]
    try:
        execute(AddUnique(T, ("a", "b"), "u", constraint=constraint), session)
    finally:
        observer.reset(token)
    assert state(session, "public.u") == Valid()
    tree.execute("INSERT INTO t VALUES (81, 1), (91, 1) ON CONFLICT (a, b) DO NOTHING")


@pytest.mark.parametrize("constraint", [False, True])
def test_a_run_that_ended_after_any_partition_is_resumed(
    session: Session,
    tree: psycopg.Connection[Any],
    any_database: str,
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    operation = AddUnique(T, ("a", "b"), "u", constraint=constraint)

    def end(event: str, *_: object) -> None:
        if event == "batch":
            raise KeyboardInterrupt

    token = observer.set(end)
    try:
        with pytest.raises(KeyboardInterrupt):
            execute(operation, session)
        assert isinstance(state(session, "public.u"), PartitionedParent)
    finally:
        observer.reset(token)
    enforcing(any_database, "CREATE UNIQUE INDEX CONCURRENTLY t1_u ON t1 (a, b)")
    execute(operation, session)
    assert state(session, "public.u") == Valid()


def test_a_partition_that_went_leaves_the_rest_valid(session: Session, tree: psycopg.Connection[Any]) -> None:
    """Nobody tells the parent that its last missing part is gone; attaching one again does."""
    tree.execute("CREATE UNIQUE INDEX u ON ONLY t (a, b)")
    for table, part in (("t1", "p1"), ("before", "p2")):
        tree.execute(f"CREATE UNIQUE INDEX {part} ON {table} (a, b); ALTER INDEX u ATTACH PARTITION {part}")  # type: ignore[arg-type]
    tree.execute('DROP TABLE "T 2"')
    assert state(session, "public.u") == PartitionedParent(0)
    execute(AddUnique(T, ("a", "b"), "u"), session)
    assert state(session, "public.u") == Valid()


@pytest.mark.parametrize("columns", [("b",), ("a",)])
def test_a_partition_key_that_is_not_in_the_key_is_refused_before_anything_is_done(
    session: Session, tree: psycopg.Connection[Any], columns: tuple[str, ...]
) -> None:
    """Column b is the key of a partition that is partitioned itself."""
    with pytest.raises(OnlineError, match="must include all partitioning columns; nothing was changed"):
        execute(AddUnique(T, columns, "u"), session)
    assert tree.execute("SELECT to_regclass('u')").fetchone() == (None,)


def test_duplicates_in_one_partition_are_refused(session: Session, tree: psycopg.Connection[Any]) -> None:
    tree.execute("INSERT INTO t VALUES (20, 20), (70, 70)")
    with pytest.raises(OnlineError, match=r"4 rows .* with 2 duplicate keys"):
        execute(AddUnique(T, ("a", "b"), "u"), session)


def test_a_parent_left_alone_with_another_definition_is_shown(session: Session, tree: psycopg.Connection[Any]) -> None:
    tree.execute("CREATE UNIQUE INDEX u ON ONLY t (a, b) INCLUDE (n)")
    with pytest.raises(OnlineError, match="with another definition"):
        execute(AddUnique(T, ("a", "b"), "u"), session)


def test_a_partitioned_table_without_partitions_is_enough(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int) PARTITION BY RANGE (a)")
    execute(AddUnique(T, ("a",), constraint=True), session)
    another.execute("CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9)")
    another.execute("INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT t_a_key DO NOTHING")
