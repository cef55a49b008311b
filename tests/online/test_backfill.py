"""op.backfill_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.backfill import Backfill
from pgarbiter.online.model import OnlineError, Table

from .ending import EndedError, watched
from .writers import writing

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]


def _batches_of(session: Session, operation: Backfill, *, end_after: int | None = None) -> int:
    count = 0

    def told(event: str, _operation: object, _step: object) -> None:
        nonlocal count
        count += event == "batch"
        if end_after is not None and count == end_after:
            raise EndedError

    watched(session, operation, told)
    return count


KEYS = {
    "one column": "id int PRIMARY KEY",
    "text with its collation": 'id text COLLATE "C" PRIMARY KEY',
    "two columns": 'id int, "the day" date DEFAULT DATE \'2024-01-01\', PRIMARY KEY ("the day", id)',
    "none": "id int",
}


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_row_gets_its_value_whatever_the_key(session: Session, another: Connection, key: str) -> None:
    another.execute(
        f"CREATE TABLE t ({key}, a int, b int); INSERT INTO t (id, a) SELECT i, i FROM generate_series(1, 950) i"
    )
    operation = Backfill(Table("t"), {"b": "a * 2"}, "b IS NULL", batch=100)
    assert _batches_of(session, operation) >= 3
    assert another.execute("SELECT count(*) FROM t WHERE b = a * 2").fetchone() == (950,)
    assert _batches_of(session, operation) == 0


def test_rows_that_do_not_match_are_left_alone(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, b int); "
        "INSERT INTO t SELECT i, nullif(i % 3, 0) FROM generate_series(1, 90) i"
    )
    before = another.execute("SELECT array_agg(xmin::text ORDER BY id) FROM t WHERE b IS NOT NULL").fetchone()
    execute(Backfill(Table("t"), {"b": "0"}, "b IS NULL", batch=7), session)
    assert another.execute("SELECT array_agg(xmin::text ORDER BY id) FROM t WHERE b <> 0").fetchone() == before
    assert another.execute("SELECT count(*) FROM t WHERE b = 0").fetchone() == (30,)


def test_a_run_that_was_ended_between_two_batches_is_resumed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, b int); INSERT INTO t SELECT generate_series(1, 100)")
    operation = Backfill(Table("t"), {"b": "1"}, "b IS NULL", batch=10)
    with pytest.raises(EndedError):
        _batches_of(session, operation, end_after=4)
    assert another.execute("SELECT count(*) FROM t WHERE b = 1").fetchone() == (40,)
    assert _batches_of(session, operation) == 6


def test_partitions_and_inherited_tables_are_walked_one_by_one(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id int, b int) PARTITION BY RANGE (id);"
        "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (50);"
        "CREATE TABLE t_2 PARTITION OF t (PRIMARY KEY (id)) FOR VALUES FROM (50) TO (200) PARTITION BY RANGE (id);"
        "CREATE TABLE t_2_1 PARTITION OF t_2 FOR VALUES FROM (50) TO (200);"
        "INSERT INTO t SELECT generate_series(1, 100);"
        "CREATE TABLE p (id int PRIMARY KEY, b int); CREATE TABLE c (x int) INHERITS (p);"
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)"
    )
    for table in ("t", "p"):
        execute(Backfill(Table(table), {"b": f"{table}.id"}, f"{table}.b IS NULL", batch=10), session)
    assert another.execute("SELECT (SELECT sum(b) FROM t), (SELECT sum(b) FROM p)").fetchone() == (5050, 2)


def test_a_change_that_never_ends_is_told(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, b int); INSERT INTO t SELECT generate_series(1, 3)")
    with pytest.raises(OnlineError, match=r'after 5 passes 3 rows of "public.t" still to do by \(b IS NULL\)'):
        execute(Backfill(Table("t"), {"b": "NULL"}, "b IS NULL"), session)


def test_writers_go_on_and_lose_nothing(session: Session, another: Connection, any_database: str) -> None:
    another.execute(
        "CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0, b int); INSERT INTO t SELECT generate_series(1, 2000)"
    )
    upsert = "INSERT INTO t (id, n, b) VALUES (%s, 1, 0) ON CONFLICT (id) DO UPDATE SET n = t.n + 1"
    with writing(any_database, lambda chance: (upsert, (chance.randint(1, 2100),))) as told:
        execute(Backfill(Table("t"), {"b": "1"}, "b IS NULL", batch=50), session)
    assert set(told) == {"00000"}
    found = another.execute("SELECT sum(n), count(*) FILTER (WHERE b IS NULL) FROM t").fetchone()
    assert found == (told["00000"], 0)


def test_a_table_that_is_not_there_is_told(session: Session) -> None:
    with pytest.raises(OnlineError, match='table "t" does not exist; nothing was changed'):
        execute(Backfill(Table("t"), {"b": "1"}, "b IS NULL"), session)
