"""op.replace_unique_online: whichever two, there is an arbiter at every moment.

Each writer upserts keys of its own: while two unique indexes have one key and the younger is no arbiter yet, the
server itself lets one of two upserts of a key at the same moment end in 23505.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddUnique, ReplaceUnique, execute
from pgarbiter.online.execute import observer
from pgarbiter.online.model import OnlineError, Table

from .writers import writing

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

    from .writers import Chance

T = Table("t")
OLD = {
    "index": "CREATE UNIQUE INDEX first ON t (a, b)",
    "constraint": "ALTER TABLE t ADD CONSTRAINT first UNIQUE (a, b)",
    "partial": "CREATE UNIQUE INDEX first ON t (a, b) WHERE b >= 0",
}


@pytest.fixture
def table(another: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    another.execute("CREATE TABLE t (a int, b int, n int); INSERT INTO t SELECT i, i FROM generate_series(0, 59) i")
    return another


def _kinds(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None]]:
    return connection.execute(
        "SELECT c.relname, k.contype::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " LEFT JOIN pg_constraint k ON k.conindid = c.oid AND k.contype = 'u'"
        " WHERE i.indrelid = 't'::regclass AND i.indisvalid ORDER BY 1"
    ).fetchall()


def _upsert(target: str) -> Any:
    def statement(chance: Chance) -> tuple[str, tuple[object, ...]]:
        value = chance.own(60)
        return f"INSERT INTO t VALUES (%s, %s) ON CONFLICT {target} DO UPDATE SET n = 1", (value, value)

    return statement


@pytest.mark.parametrize("new", ["first", "second"])
@pytest.mark.parametrize("to_constraint", [False, True])
@pytest.mark.parametrize("from_constraint", [False, True])
@pytest.mark.parametrize("columns", [("b", "a"), ("a", "b")])
def test_upserts_never_miss_their_arbiter_while_it_is_replaced(
    session: Session,
    table: psycopg.Connection[Any],
    any_database: str,
    new: str,
    to_constraint: bool,  # noqa: FBT001 - a parameter of the test
    from_constraint: bool,  # noqa: FBT001
    columns: tuple[str, str],
) -> None:
    table.execute(OLD["constraint" if from_constraint else "index"])
    operation = ReplaceUnique(
        T, "first", new, columns, to_constraint, include=("n",), old_columns=("a", "b"), old_constraint=from_constraint
    )
    with writing(any_database, _upsert("(a, b)")) as told:
        execute(operation, session)
    assert set(told) == {"00000"}
    assert _kinds(table) == [(new, "u" if to_constraint else None)]
    execute(operation, session)
    back = operation.reverse()
    assert back is not None
    with writing(any_database, _upsert("(a, b)")) as told:
        execute(back, session)
    assert set(told) == {"00000"}
    assert _kinds(table) == [("first", "u" if from_constraint else None)]


def test_upserts_that_name_the_constraint_go_on_while_it_is_replaced_under_its_name(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute(OLD["constraint"])
    with writing(any_database, _upsert("ON CONSTRAINT first")) as told:
        execute(ReplaceUnique(T, "first", "first", ("b", "a"), constraint=True), session)
    assert set(told) == {"00000"}


def test_a_partial_index_becomes_full_and_partial_again(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute(OLD["partial"])
    operation = ReplaceUnique(T, "first", "second", ("a", "b"), old_columns=("a", "b"), old_where="b >= 0")
    with writing(any_database, _upsert("(a, b) WHERE b >= 0")) as told:
        execute(operation, session)
    assert set(told) == {"00000"}
    back = operation.reverse()
    assert back is not None
    build = next(step for step in back.steps(session) if step.name == "build")
    assert "ON CONFLICT has to name this predicate" in build.why
    with writing(any_database, _upsert("(a, b) WHERE b >= 0")) as told:
        execute(back, session)
    assert set(told) == {"00000"}


@pytest.mark.parametrize("constraint", [False, True])
@pytest.mark.parametrize("new", ["first", "second"])
def test_the_unique_index_of_a_partitioned_table_is_replaced_and_comes_back(
    session: Session,
    another: psycopg.Connection[Any],
    any_database: str,
    new: str,
    constraint: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    another.execute(
        "CREATE TABLE t (a int, b int, n int) PARTITION BY RANGE (a);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (30);"
        "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (30) TO (60);"
        + OLD["constraint" if constraint else "index"]
        + "; INSERT INTO t SELECT i, i FROM generate_series(0, 59) i"
    )
    operation = ReplaceUnique(T, "first", new, ("b", "a"), constraint, old_columns=("a", "b"))
    for each in (operation, operation.reverse(), operation):
        assert each is not None
        with writing(any_database, _upsert("(a, b)")) as told:
            execute(each, session)
            execute(each, session)
        assert set(told) == {"00000"}
    assert _kinds(another) == [(new, "u" if constraint else None)]


def test_a_foreign_key_on_the_old_one_is_named_before_anything_is_built(
    session: Session, table: psycopg.Connection[Any]
) -> None:
    table.execute(OLD["constraint"])
    table.execute("CREATE TABLE child (x int, y int, CONSTRAINT to_t FOREIGN KEY (x, y) REFERENCES t (a, b))")
    with pytest.raises(OnlineError, match='needed by foreign key "to_t" on table "child"'):
        execute(ReplaceUnique(T, "first", "second", ("b", "a"), constraint=True), session)
    assert _kinds(table) == [("first", "u")]


def test_the_replica_identity_is_not_lost(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute(
        "CREATE TABLE t (a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX first ON t (a, b);"
        "ALTER TABLE t REPLICA IDENTITY USING INDEX first"
    )
    with pytest.raises(OnlineError, match="needed by the replica identity"):
        execute(ReplaceUnique(T, "first", "second", ("b", "a")), session)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT 1", '"public.first" does not exist'),
        ("ALTER TABLE t ADD CONSTRAINT first PRIMARY KEY (a)", "is the primary key"),
        ("ALTER TABLE t ADD CONSTRAINT first UNIQUE (a)", "is a constraint"),
        ("CREATE INDEX first ON t (a)", "is not unique"),
        ("CREATE TABLE other (a int); CREATE UNIQUE INDEX first ON other (a)", "is not one of"),
    ],
)
def test_what_is_no_such_index_is_not_replaced(
    session: Session, table: psycopg.Connection[Any], statement: str, message: str
) -> None:
    table.execute(statement)
    with pytest.raises(OnlineError, match=message):
        execute(ReplaceUnique(T, "first", "second", ("b", "a")), session)


@pytest.mark.parametrize("new", ["first", "second"])
@pytest.mark.parametrize("kind", ["index", "constraint"])
def test_a_run_that_ended_after_any_step_is_resumed_there(
    session: Session, table: psycopg.Connection[Any], kind: str, new: str
) -> None:
    table.execute(OLD[kind])
    operation = ReplaceUnique(T, "first", new, ("b", "a"), kind == "constraint")
    steps: list[str] = []

    def end(event: str, _: object, step: Any) -> None:
        if event == "after":
            steps.append(step.name)
            raise KeyboardInterrupt

    token = observer.set(end)
    try:
        for step in operation.steps(session):
            with pytest.raises(KeyboardInterrupt):
                execute(operation, session)
            assert steps[-1] == step.name
        execute(operation, session)
    finally:
        observer.reset(token)
    assert _kinds(table) == [(new, "u" if kind == "constraint" else None)]


def test_the_script_builds_before_it_drops() -> None:
    build, drop, rename = ReplaceUnique(T, "first", "first", ("b", "a")).script()
    assert build.startswith("CREATE UNIQUE INDEX CONCURRENTLY first_")
    assert drop == "DROP INDEX CONCURRENTLY first"
    assert rename.endswith("RENAME TO first")


def test_there_is_no_way_back_to_an_index_that_was_not_described() -> None:
    assert ReplaceUnique(T, "first", "second", ("b", "a")).reverse() is None
    assert AddUnique(T, ("a",)).reverse() is not None
