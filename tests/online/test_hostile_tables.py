"""Tables as one would not make them: what is taken out comes back, and nothing else is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddUnique, DropCheck, DropForeignKey, execute
from pgarbiter.online.model import OnlineError, Operation, Table

from .rows import books

if TYPE_CHECKING:
    import psycopg

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
