"""Real leftovers: what failed and killed builds and drops of indexes leave in a catalog."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def until(true: Callable[[], bool]) -> None:
    """Poll a condition of the server; a minute is more than any of them takes."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "the server did not get there within a minute"
        time.sleep(0.01)


@contextmanager
def transaction(conninfo: str, statement: str, isolation: str = "READ COMMITTED") -> Iterator[psycopg.Connection[Any]]:
    """An open transaction that has run the statement, ended with the block."""
    with psycopg.connect(conninfo, autocommit=True) as holder:
        holder.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        holder.execute(statement)
        yield holder
        holder.execute("COMMIT")


@contextmanager
def running(conninfo: str, statement: str) -> Iterator[int]:
    """The statement under way in another session, which somebody makes wait: its pid. It may fail."""
    with psycopg.connect(conninfo, autocommit=True) as worker:
        pid = worker.info.backend_pid
        thread = Thread(target=_run, args=(worker, statement))
        thread.start()
        try:
            with psycopg.connect(conninfo, autocommit=True) as looker:
                until(lambda: _waits(looker, pid))
            yield pid
        finally:
            thread.join()


def commit_when_waited_for(conninfo: str, holder: psycopg.Connection[Any]) -> None:
    """Commit the holder's transaction as soon as another session waits for it."""
    blocked = "SELECT count(*) > 0 FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))"
    with psycopg.connect(conninfo, autocommit=True) as looker:
        until(lambda: bool(looker.execute(blocked, (holder.info.backend_pid,)).fetchall()[0][0]))
    holder.execute("COMMIT")


def timed_out(conninfo: str, statement: str) -> None:
    """The statement, failed for a lock that it did not get."""
    with psycopg.connect(conninfo, autocommit=True) as worker:
        worker.execute("SET lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            worker.execute(statement)  # type: ignore[arg-type]


def failed_on_duplicates(conninfo: str, statement: str) -> None:
    """A unique build, failed on duplicates: INVALID and not ready."""
    with psycopg.connect(conninfo, autocommit=True) as worker, pytest.raises(psycopg.errors.UniqueViolation):
        worker.execute(statement)  # type: ignore[arg-type]


def enforcing(conninfo: str, statement: str) -> None:
    """A build that failed while it waited for old snapshots: INVALID and ready."""
    with transaction(conninfo, "SELECT 1", "REPEATABLE READ"):
        timed_out(conninfo, statement)


def half_dropped(conninfo: str, table: str, index: str) -> None:
    """A drop that was killed in its last phase: INVALID and no longer live."""
    lock = f"LOCK TABLE {table} IN ACCESS SHARE MODE"
    with (
        psycopg.connect(conninfo, autocommit=True) as looker,
        transaction(conninfo, lock) as first,
        running(conninfo, f"DROP INDEX CONCURRENTLY {index}") as pid,
        transaction(conninfo, lock),
    ):
        first.execute("COMMIT")  # the drop goes on to its last wait, for the second transaction
        until(lambda: not _live(looker, index) and _waits(looker, pid))
        looker.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,))


def _run(worker: psycopg.Connection[Any], statement: str) -> None:
    try:
        worker.execute(statement)  # type: ignore[arg-type]
    except psycopg.Error:
        return


def _waits(looker: psycopg.Connection[Any], pid: int) -> bool:
    row = looker.execute("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", (pid,)).fetchone()
    return bool(row and row[0])


def _live(looker: psycopg.Connection[Any], index: str) -> bool:
    row = looker.execute("SELECT indislive FROM pg_index WHERE indexrelid = to_regclass(%s)", (index,)).fetchone()
    return bool(row and row[0])
