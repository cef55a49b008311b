"""What a removal of duplicates would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online.dry_run import deduplicate_plan
from pgarbiter.online.key import Key
from pgarbiter.online.model import OnlineError, Table

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

T = Table("t")


def test_it_shows_what_would_stay_and_go_in_a_read_only_session(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("""CREATE TABLE t (id int PRIMARY KEY, a text, n int, at date);
        CREATE TABLE c (t int CONSTRAINT fk REFERENCES t);
        INSERT INTO t VALUES (1, 'x', 1, '2026-01-01'), (2, 'X', 2, '2026-01-02'), (3, 'x', 4, NULL), (4, 'y', 8, NULL),
            (5, 'Y', 16, NULL), (6, 'z', 32, NULL);
        INSERT INTO c VALUES (1), (1), (2), (3), (5)""")
    session.run("SET default_transaction_read_only = on")
    plan = deduplicate_plan(session, T, Key(("(lower(a))",)), "at DESC NULLS LAST, id", {"n": "sum", "at": "last"})
    assert (plan.found.groups, plan.found.rows, plan.rows, plan.undecided) == (2, 5, 3, 0)
    first, second = plan.groups
    assert first.key == "(x)"
    assert first.kept == {"id": 2, "a": "X", "n": 2, "at": "2026-01-02"}
    assert first.merged == {"id": 2, "a": "X", "n": 7, "at": None}
    assert [row["id"] for row in first.gone] == [1, 3]
    assert first.children == {'foreign key "fk" of public.c': 3}
    assert (second.kept["id"], second.merged["n"], second.gone[0]["id"]) == (4, 24, 5)
    assert another.execute("SELECT count(*) FROM t").fetchall() == [(6,)]


def test_keys_that_no_order_decides_are_counted(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int, n int)")
    another.execute("INSERT INTO t VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 1)")
    assert deduplicate_plan(session, T, Key(("a",)), "a", {}).undecided == 1
    assert deduplicate_plan(session, T, Key(("a",)), "n", {}).undecided == 0


def test_without_duplicates_there_is_nothing_to_do(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (NULL), (NULL)")
    plan = deduplicate_plan(session, T, Key(("a",)), "a", {})
    assert (plan.rows, plan.groups) == (0, ())
    assert not plan.found


def test_a_merge_that_cannot_be_is_told(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int)")
    with pytest.raises(OnlineError, match='column "id" cannot be merged: it is part of the primary key'):
        deduplicate_plan(session, T, Key(("a",)), "id", {"id": "last"})
