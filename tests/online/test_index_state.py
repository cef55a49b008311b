"""What an index is, and building it beside whatever others left or do; leftovers are real ones."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import AddCheck, journal
from pgarbiter.online.build import build, remove
from pgarbiter.online.index_state import (
    Absent,
    BeingDropped,
    Enforcing,
    Inert,
    InProgress,
    PartitionedParent,
    Valid,
    state,
)
from pgarbiter.online.limits import Limits
from pgarbiter.online.model import OnlineError, Step, Table
from pgarbiter.online.work import Work

from .leftovers import enforcing, failed_on_duplicates, half_dropped, running, timed_out, transaction

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

TABLE = Table("t", "public")
BUILD = "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)"


@pytest.fixture
def table(another: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    another.execute("CREATE TABLE t (a int, b int); INSERT INTO t SELECT i, i FROM generate_series(1, 100) i")
    return another


def _work(session: Session, **limits: int) -> Work:
    journal.prepare(session)
    operation = AddCheck(TABLE, "c", "true")
    step = Step("build", "why", (), lambda _: False)
    return Work(session, operation, step, journal.Journal(session, operation), Limits(**limits), lambda *_: None)


def test_what_is_not_there_is_absent(session: Session, table: psycopg.Connection[Any]) -> None:
    assert state(session, "public.t_a") == Absent()


def test_what_a_plain_build_made_is_valid(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("CREATE UNIQUE INDEX t_a ON t (a)")
    assert state(session, "public.t_a") == Valid()


def test_the_name_of_a_table_is_refused(session: Session, table: psycopg.Connection[Any]) -> None:
    with pytest.raises(OnlineError, match="is no index"):
        state(session, "public.t")


def test_a_build_that_failed_on_duplicates_is_inert(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute("INSERT INTO t VALUES (1, 1)")
    failed_on_duplicates(any_database, BUILD)
    assert state(session, "public.t_a") == Inert()
    table.execute("INSERT INTO t VALUES (1, 1)")


def test_a_build_that_timed_out_on_writers_is_inert(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    with transaction(any_database, "INSERT INTO t VALUES (0, 0)"):
        timed_out(any_database, BUILD)
    assert state(session, "public.t_a") == Inert()


def test_a_build_that_timed_out_on_snapshots_enforces_and_is_no_arbiter(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    enforcing(any_database, BUILD)
    assert state(session, "public.t_a") == Enforcing()
    with pytest.raises(psycopg.errors.UniqueViolation):
        table.execute("INSERT INTO t VALUES (1, 1)")
    with pytest.raises(psycopg.errors.InvalidColumnReference):
        table.execute("INSERT INTO t VALUES (1, 1) ON CONFLICT (a) DO NOTHING")


def test_a_build_under_way_is_told_with_its_process_and_becomes_valid(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    with transaction(any_database, "INSERT INTO t VALUES (0, 0)") as holder, running(any_database, BUILD) as pid:
        assert state(session, "public.t_a") == InProgress(pid)
        holder.execute("COMMIT")
    assert state(session, "public.t_a") == Valid()


def test_a_build_of_a_role_whose_progress_is_hidden_is_told_by_its_lock(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute("CREATE ROLE looker; GRANT USAGE ON SCHEMA public TO looker")
    try:
        with transaction(any_database, "INSERT INTO t VALUES (0, 0)") as holder, running(any_database, BUILD) as pid:
            session.run("SET ROLE looker")
            assert state(session, "public.t_a") == InProgress(pid)
            session.run("RESET ROLE")
            holder.execute("COMMIT")
    finally:
        table.execute("DROP OWNED BY looker; DROP ROLE looker")


def test_a_killed_build_is_inert(session: Session, table: psycopg.Connection[Any], any_database: str) -> None:
    with transaction(any_database, "INSERT INTO t VALUES (0, 0)"), running(any_database, BUILD) as pid:
        table.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,))
    assert state(session, "public.t_a") == Inert()


def test_a_drop_under_way_is_told_with_its_process(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute("CREATE UNIQUE INDEX t_a ON t (a)")
    with (
        transaction(any_database, "LOCK TABLE t IN ACCESS SHARE MODE") as holder,
        running(any_database, "DROP INDEX CONCURRENTLY t_a") as pid,
    ):
        assert state(session, "public.t_a") == BeingDropped(pid)
        holder.execute("COMMIT")
    assert state(session, "public.t_a") == Absent()


def test_a_drop_that_was_killed_is_half_dropped(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    table.execute("CREATE UNIQUE INDEX t_a ON t (a)")
    half_dropped(any_database, "t", "t_a")
    assert state(session, "public.t_a") == BeingDropped(None)


def test_the_index_of_a_partitioned_table_alone_tells_what_it_misses(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute(
        "CREATE TABLE t (a int) PARTITION BY LIST (a);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);"
        "CREATE UNIQUE INDEX t_a ON ONLY t (a); CREATE UNIQUE INDEX t1_a ON t1 (a);"
        "ALTER INDEX t_a ATTACH PARTITION t1_a"
    )
    assert state(session, "public.t_a") == PartitionedParent(1)


@pytest.mark.parametrize("kind", ["absent", "inert", "enforcing", "half dropped", "reindexed"])
def test_a_build_succeeds_whatever_was_left(
    session: Session, table: psycopg.Connection[Any], any_database: str, kind: str
) -> None:
    match kind:
        case "inert":
            with transaction(any_database, "INSERT INTO t VALUES (0, 0)"):
                timed_out(any_database, BUILD)
        case "enforcing":
            enforcing(any_database, BUILD)
        case "half dropped":
            table.execute("CREATE UNIQUE INDEX t_a ON t (a)")
            half_dropped(any_database, "t", "t_a")
        case "reindexed":
            table.execute("CREATE UNIQUE INDEX t_a ON t (a)")
            enforcing(any_database, "REINDEX INDEX CONCURRENTLY t_a")
            assert state(session, "public.t_a_ccnew") == Enforcing()
    build(_work(session), TABLE, "t_a", BUILD)
    named = table.execute("SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 't'::regclass")
    assert named.fetchall() == [("t_a", True)]


def test_a_build_by_another_session_is_waited_for(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    with transaction(any_database, "INSERT INTO t VALUES (0, 0)") as holder, running(any_database, BUILD):
        made = Thread(target=build, args=(_work(session), TABLE, "t_a", "SELECT 1 / 0"))
        made.start()
        holder.execute("COMMIT")
        made.join()
    assert state(session, "public.t_a") == Valid()


def test_patience_with_another_build_ends_with_its_process_named(
    session: Session, table: psycopg.Connection[Any], any_database: str
) -> None:
    with transaction(any_database, "INSERT INTO t VALUES (0, 0)") as holder, running(any_database, BUILD) as pid:
        with pytest.raises(OnlineError, match=f"is being built by process {pid} since more than 1 s"):
            build(_work(session, patience_s=1), TABLE, "t_a", BUILD)
        holder.execute("COMMIT")


def test_a_build_that_fails_on_duplicates_leaves_nothing(session: Session, table: psycopg.Connection[Any]) -> None:
    table.execute("INSERT INTO t VALUES (1, 1)")
    with pytest.raises(Exception, match="could not create unique index"):
        build(_work(session), TABLE, "t_a", BUILD)
    assert state(session, "public.t_a") == Absent()


def test_what_is_absent_is_removed_already(session: Session, table: psycopg.Connection[Any]) -> None:
    assert remove(_work(session), TABLE, "t_a") == 0
