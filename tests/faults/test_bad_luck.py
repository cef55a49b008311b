"""What else can happen to a run: another run, no lock, no right, a server that restarts, a disk that is full."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.online import AddCheck, AddIndex, execute
from pgarbiter.online.backfill import Backfill
from pgarbiter.online.execute import observer
from pgarbiter.online.model import OnlineError, Table

from ..online.conftest import opened
from .campaign import Subject, driver
from .conftest import FILLED, resize
from .driver import Stop
from .scenarios import titled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pgarbiter.online.model import Operation, Step
    from pgarbiter.server import Server

CHECK = AddCheck(Table("t"), "t_a_positive", "a > 0")
BACKFILL = Backfill(Table("t"), {"b": "a"}, "b IS NULL", 10)


VALID = "SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass AND indisvalid"
BUILDING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND query LIKE '%pg_try_advisory_lock%'"
)


def _asked(conninfo: str, query: str) -> Any:
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(query.encode()).fetchone()
    assert found
    return found[0]


@contextmanager
def _told(what: Any) -> Iterator[None]:
    token = observer.set(what)
    try:
        yield
    finally:
        observer.reset(token)


def test_two_runs_at_once_from_two_processes_both_end_well(any_server: Server) -> None:
    with driver(dict(os.environ)) as one, driver(dict(os.environ)) as other:
        scenario = titled("backfill_online: along the primary key")
        subject = Subject(scenario, any_server, one)
        subject.prepare()
        with subject.copy() as conninfo:
            for each in (one, other):
                each.send(conninfo, scenario.title)
            assert [each.receive().error for each in (one, other)] == [None, None]
            assert subject.problems(conninfo) == []
        subject.drop()


def test_a_reader_who_does_not_end_is_named_and_nobody_queues_long(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_PATIENCE_S", "1")
    monkeypatch.setenv("PGARBITER_ONLINE_LOCK_TIMEOUT_MS", "20")
    with psycopg.connect(filled) as reader, opened(filled) as session:
        reader.execute("SELECT count(*) FROM t")
        with pytest.raises(OnlineError, match=f"held by process {reader.info.backend_pid} \\(idle") as no:
            execute(CHECK, session)
        assert no.value.hint
        assert 'goes on at step "add"' in no.value.hint
        reader.rollback()
        execute(CHECK, session)


def _stopped(conninfo: str) -> str:
    with opened(conninfo) as session, pytest.raises(OnlineError) as stopped:
        execute(CHECK, session)
    assert stopped.value.hint
    return str(stopped.value)


def test_a_role_without_the_right_is_told_and_changes_nothing(filled: str, stranger: str) -> None:
    assert re.search(
        r'role "stranger_\d+" is not the owner of table "public.t"; nothing was changed', _stopped(stranger)
    )
    assert _asked(filled, "SELECT to_regnamespace('pgarbiter_data') IS NULL")


def test_a_role_that_may_not_make_the_journal_is_told_so(filled: str, stranger: str) -> None:
    with psycopg.connect(filled) as admin:
        admin.execute(f"ALTER TABLE t OWNER TO {conninfo_to_dict(stranger)['user']}")  # type: ignore[call-overload]
    said = _stopped(stranger)
    assert re.search('role "stranger_.*" may not make or write .* "pgarbiter_data"; nothing was changed', said)


def test_a_server_that_crashes_and_recovers_is_told_and_the_next_run_goes_on(restarting: Server) -> None:
    conninfo = restarting.create_database()
    with psycopg.connect(conninfo) as connection:
        connection.execute(FILLED)
    batches = 0

    def crash(event: str, _operation: Operation, _step: Step) -> None:
        nonlocal batches
        batches += event == "batch"
        if batches == 3:
            os.kill(int(session.value("SELECT pg_backend_pid()")), signal.SIGKILL)

    wanted = 'stopped at step "backfill"'
    witness = psycopg.connect(conninfo, autocommit=True)
    with opened(conninfo) as session, _told(crash), pytest.raises(OnlineError, match=wanted) as no:
        execute(BACKFILL, session)
    with pytest.raises(psycopg.OperationalError), witness:  # the server ends all sessions before it recovers
        witness.execute("SELECT pg_sleep(30)")
    assert no.value.hint
    assert "goes on at that step" in no.value.hint
    _recovered(conninfo)
    done = _asked(conninfo, "SELECT count(*) FROM t WHERE a = b")
    assert 0 < done < 100
    with opened(conninfo) as session:
        execute(BACKFILL, session)
    assert _asked(conninfo, "SELECT count(*) FROM t WHERE a = b") == 100


def _recovered(conninfo: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(conninfo).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def crowded(any_server: Server, small: Path) -> Iterator[str]:
    """A database whose table fills half of its tablespace."""
    conninfo = any_server.create_database()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{small}'")  # type: ignore[call-overload]
        connection.execute("SET default_tablespace = small")
        connection.execute("CREATE TABLE t (id int PRIMARY KEY, a int, note text)")
        connection.execute("INSERT INTO t SELECT n, n, repeat('x', 60) FROM generate_series(1, 15000) n")
    yield conninfo
    any_server.drop_database(conninfo)
    with psycopg.connect(any_server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute("DROP TABLESPACE small")


def test_a_disk_that_is_full_is_told_and_the_next_run_goes_on_when_it_has_room(crowded: str, small: Path) -> None:
    operation = AddIndex(Table("t"), ("a", "note"))
    with opened(crowded) as session:
        session.run("SET default_tablespace = small")
        with pytest.raises(
            OnlineError, match=r'stopped at step "build": .*No space left on device \(53100\)'
        ) as stopped:
            execute(operation, session)
        assert stopped.value.hint
        assert "goes on at that step" in stopped.value.hint
        assert _asked(crowded, "SELECT count(*) FROM t") == 15000
        resize(small, "30m")
        execute(operation, session)
    assert _asked(crowded, VALID) == 2


def test_a_full_disk_in_the_middle_of_a_backfill_keeps_what_was_done(crowded: str, small: Path) -> None:
    operation = Backfill(Table("t"), {"note": "repeat('y', 200)"}, "note NOT LIKE 'y%'")
    with opened(crowded) as session:
        with pytest.raises(OnlineError, match=r'stopped at step "backfill": .*No space left on device \(53100\)'):
            execute(operation, session)
        done = _asked(crowded, "SELECT count(*) FROM t WHERE note LIKE 'y%'")
        assert 0 < done < 15000
        resize(small, "30m")
        execute(operation, session)
    assert _asked(crowded, "SELECT count(*) FROM t WHERE note = repeat('y', 200)") == 15000


def test_a_run_meets_the_session_of_its_killed_predecessor_and_waits_for_its_end(any_server: Server) -> None:
    with driver(dict(os.environ)) as runs:
        scenario = titled("add_unique_online: index")
        subject = Subject(scenario, any_server, runs)
        subject.prepare()
        (build,) = (n for n, event in enumerate(subject.events) if " CONCURRENTLY " in event.statement)
        with subject.copy() as conninfo, psycopg.connect(conninfo) as writer:
            writer.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
            killed = runs.run(conninfo, scenario.title, Stop(build, "process", 50))
            assert killed.signal
            assert _asked(conninfo, BUILDING) == 1
            runs.send(conninfo, scenario.title)
            _until(conninfo, WAITING, 1)
            writer.rollback()
            assert runs.receive().error is None
            assert subject.problems(conninfo) == []
        subject.drop()


def _until(conninfo: str, query: str, wanted: int) -> None:
    end = time.monotonic() + 30
    while _asked(conninfo, query) != wanted:
        assert time.monotonic() < end, query
        time.sleep(0.02)
