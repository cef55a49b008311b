"""Rows for which a condition holds are taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.quarantine import exists, take_out

from .rows import books, run

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session


def out(session: Session, condition: str, table: str = "t") -> int:
    return run(session, lambda work: take_out(work, Table(table), condition, rule="r", reason="because"), table)


def test_rows_are_taken_out_in_batches_and_stand_in_the_books(
    session: Session, another: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "7")
    another.execute("CREATE TABLE t (id int PRIMARY KEY, n int, part int, tid int)")
    another.execute("INSERT INTO t SELECT i, nullif(i % 3, 0), i, i FROM generate_series(1, 60) i")
    before = books(another, "t")
    assert exists(session, Table("t"), "n IS NULL AND part > 0")
    assert out(session, "n IS NULL AND part > 0 AND tid > 0") == 20
    assert not exists(session, Table("t"), "n IS NULL")
    assert books(another, "t") == before
    assert another.execute("SELECT DISTINCT kind, reason, rule, source FROM pgarbiter_data.quarantine").fetchall() == [
        ("removed", "because", "r", "public.t")
    ]
    assert out(session, "n IS NULL") == 0


@pytest.mark.parametrize("action", ["NO ACTION", "CASCADE"])
def test_rows_with_children_are_refused_with_the_key_and_the_count(
    session: Session, another: psycopg.Connection[Any], action: str
) -> None:
    another.execute(f"""CREATE TABLE t (id int PRIMARY KEY, n int);
        CREATE TABLE c (t int CONSTRAINT fk REFERENCES t ON DELETE {action});
        INSERT INTO t VALUES (1, NULL), (2, NULL), (3, 3); INSERT INTO c VALUES (2), (2), (3)""")
    with pytest.raises(
        OnlineError, match=r'are referenced, by foreign key "fk".*, from 2 rows of public.c; nothing was changed'
    ):
        out(session, "n IS NULL")
    assert another.execute("SELECT count(*) FROM c").fetchall() == [(3,)]
    another.execute("DELETE FROM c WHERE t = 2")
    assert out(session, "n IS NULL") == 2


def test_rows_that_reference_each_other_go_child_first(
    session: Session, another: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "3")
    monkeypatch.setenv("PGARBITER_ONLINE_REBUILDS", "1")
    another.execute("CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t ON DELETE CASCADE)")
    another.execute("INSERT INTO t VALUES (0, NULL); INSERT INTO t SELECT i, i - 1 FROM generate_series(1, 20) i")
    before = books(another, "t")
    assert out(session, "id > 0") == 20
    assert books(another, "t") == before
    another.execute("INSERT INTO t VALUES (31, 0), (32, 31), (33, 32), (34, 33); UPDATE t SET up = 34 WHERE id = 31")
    with pytest.raises(OnlineError, match=r"reference each other in a circle that is longer than a batch"):
        out(session, "id > 0")
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "4")
    assert out(session, "id > 0") == 4


def test_rows_of_partitions_and_of_tables_without_a_key(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("""CREATE TABLE t (r int, n int) PARTITION BY LIST (r);
        CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2);
        INSERT INTO t VALUES (1, 1), (1, NULL), (1, NULL), (2, NULL), (2, 2)""")
    before = books(another, "t")
    assert out(session, "n IS NULL") == 3
    assert books(another, "t") == before
