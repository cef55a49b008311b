"""What can happen to `pgarbiter migrate up` as people run it: a process on a server, and what it says then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Self

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ..migrate.conftest import Project, rows, run, url_of
from .conftest import resize

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pgarbiter.server import Server

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int, b int)"
FILL = "INSERT INTO t SELECT n, n / 2 FROM generate_series(1, 2000) n"
UNIQUE = "op.add_unique_online('t', ['a'], name='t_a_key', duplicates='quarantine', keep='id')"
BACKFILL = "op.backfill_online('t', {'b': 'a'}, where='b IS NULL')"
PLAIN = (
    "with op.get_context().autocommit_block():\n"
    "    op.create_index('t_a_key', 't', ['a', 'id'], unique=True, postgresql_concurrently=True)"
)
# A database is a secret's place too: whoever reads the log of a deployment must not find it.
SECRET = "hunter2"


class Command:
    """A run of `pgarbiter migrate` that goes on, and what it has said when it has ended."""

    def __init__(self, project: Project, url: str, *words: str, **environment: str) -> None:
        named = url_of(url).replace("@/", f":{SECRET}@/")
        command = [sys.executable, "-m", "pgarbiter", "migrate", *words, "--ini", str(project.ini)]
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "PGARBITER_DATABASE_URL": named, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ended(self) -> tuple[int, str]:
        """Exit code, and all that it said."""
        out, err = self.process.communicate(timeout=60)
        assert SECRET not in out + err
        return self.process.returncode, out + err

    def until(self, url: str, question: str) -> None:
        """Wait until the question's answer is true, while the run goes on."""
        while not rows(url, question)[0][0]:
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.005)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path).env().add("r1", TABLE)


BATCHES = "SELECT count(*) > 30 FROM t WHERE b = a"
# Of this database only: a session that another test has killed may still be there.
WAITING = (
    "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index"
    " WHERE phase LIKE 'waiting%' AND datname = current_database())"
)
CHILD = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE application_name LIKE 'pgarbiter migrate %' AND datname = current_database()"
)
WAITS = (
    "SELECT count(*) = 1 FROM pg_stat_activity WHERE state = 'idle' AND datname = current_database()"
    " AND query LIKE '%FROM pg_catalog.pg_locks l LEFT%'"
)
COUNTED = "SELECT count(*), count(b), sum(id) FROM t"


def _again(project: Project, url: str) -> int:
    """The exit code of another run."""
    with Command(project, url, "up") as next_one:
        return next_one.ended()[0]


def _crash(url: str) -> None:
    """Have a session die of SIGKILL, for which the server ends all others and recovers, as after a restart."""
    ((pid, *_),) = rows(url, CHILD)
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


def test_a_server_that_restarts_in_the_middle_of_batches(project: Project, restarting: Server) -> None:
    url = restarting.create_database()
    project.made(url).add("r2", BACKFILL)
    run(url, FILL)
    with Command(project, url, "up", PGARBITER_ONLINE_BATCH_ROWS="1") as first:
        first.until(url, BATCHES)
        _crash(url)
        code, said = first.ended()
    assert code == 2
    assert 'stopped at step "backfill": ' in said
    assert "; the database is at r1, what the revision had committed is kept" in said
    assert "hint: What was done before is kept; run the same command again, and it goes on at that step" in said
    assert rows(url, "SELECT count(*) FROM t WHERE b = a")[0][0] > 30
    assert _again(project, url) == 0
    assert rows(url, COUNTED) == [(2000, 2000, 2001000)]


@pytest.mark.parametrize(
    ("text", "hint", "again"),
    [
        (UNIQUE, "hint: What was done before is kept; run the same command again, and it goes on at that step", 0),
        (PLAIN, "hint: Drop what the build has left (DROP INDEX CONCURRENTLY), then run `pgarbiter migrate up` ag", 2),
    ],
    ids=["online", "plain"],
)
def test_a_server_that_restarts_in_the_middle_of_a_concurrent_build(
    project: Project, restarting: Server, text: str, hint: str, again: int
) -> None:
    url = restarting.create_database()
    project.made(url).add("r2", text)
    run(url, FILL)
    with psycopg.connect(url) as writer:
        writer.execute("UPDATE t SET b = 1 WHERE id = 1")
        with Command(project, url, "up") as first:
            first.until(url, WAITING)
            _crash(url)
            code, said = first.ended()
        writer.close()
    assert code == 2
    assert "; the database is at r1, " in said
    assert " kept but INVALID index " in said
    assert hint in said
    assert "rolled back" not in said  # SQLAlchemy's words about what came after the loss
    assert _again(project, url) == again
    if again:
        run(url, "DROP INDEX CONCURRENTLY t_a_key")
        assert _again(project, url) == 0
    assert rows(url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a_key'::regclass") == [(True,)]
    kept = "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM pgarbiter_data.quarantine)"
    assert again or rows(url, kept) == [(2000,)]


@pytest.fixture
def crowded(server: Server, small: Path) -> Iterator[str]:
    """A database all of which, journal and catalog too, is on a file system of its own."""
    admin = server.conninfo("postgres")
    resize(small, "60m")
    run(admin, f"CREATE TABLESPACE small LOCATION '{small}'")
    run(admin, "CREATE DATABASE crowded TABLESPACE small")
    yield make_conninfo(admin, dbname="crowded")
    run(admin, "DROP DATABASE crowded WITH (FORCE)")
    run(admin, "DROP TABLESPACE small")


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("op.backfill_online('t', {'note': \"repeat('y', 200)\"}, where=\"note NOT LIKE 'y%'\")", "backfill"),
        (UNIQUE.replace("['a']", "['a', 'note']"), "helper"),
    ],
    ids=["batches", "build"],
)
def test_a_disk_that_is_full(project: Project, crowded: str, small: Path, text: str, step: str) -> None:
    project.add("r1", "CREATE TABLE t (id int PRIMARY KEY, a int, note text)", below=None)
    project.made(crowded).add("r2", text)
    run(crowded, "INSERT INTO t SELECT n, n / 2, repeat('x', 100) || n / 2 FROM generate_series(1, 8000) n")
    run(crowded, "CHECKPOINT")
    used = os.statvfs(small)
    resize(small, str((used.f_blocks - used.f_bfree) * used.f_frsize + 600_000))
    with Command(project, crowded, "up") as first:
        code, said = first.ended()
    assert code == 2
    assert f'op.{text[3 : text.index("(")]} on public.t stopped at step "{step}": ' in said
    assert " (53100); the database is at r1, what the revision had committed is kept" in said
    assert "hint: The disk is full: make room, then run `pgarbiter migrate up` again." in said
    assert rows(crowded, "SELECT count(*) FROM t") == [(8000,)]
    resize(small, "60m")
    assert _again(project, crowded) == 0
    kept = "SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM pgarbiter_data.quarantine)"
    assert rows(crowded, kept) == [(8000,)]


def test_two_runs_at_once_from_two_processes(project: Project, database: str) -> None:
    project.made(database).add("r2", UNIQUE)
    run(database, FILL)
    with psycopg.connect(database) as writer:
        writer.execute("UPDATE t SET b = 1 WHERE id = 1")
        with Command(project, database, "up") as one:
            one.until(database, WAITING)
            with Command(project, database, "up") as other:
                other.until(database, WAITS)
                writer.rollback()
                (first, said), (second, told) = one.ended(), other.ended()
    assert (first, second) == (0, 0)
    assert "1 revision applied, the database is at r2" in said
    assert "another run migrates this database (process" in told
    assert "nothing to do: the database is at r2" in told
    assert rows(database, "SELECT count(*) FROM pgarbiter_data.quarantine") == [(999,)]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_asked_to_end_in_the_middle_of_batches_does(
    project: Project, database: str, sign: signal.Signals
) -> None:
    project.made(database).add("r2", BACKFILL)
    run(database, FILL)
    with Command(project, database, "up", PGARBITER_ONLINE_BATCH_ROWS="1") as first:
        first.until(database, BATCHES)
        first.process.send_signal(sign)
        code, said = first.ended()
    assert code == 130
    assert "interrupted at revision r2; the database is at r1, what the revision had committed is kept" in said
    assert 30 < rows(database, COUNTED)[0][1] < 2000
    assert rows(database, CHILD) == []
    assert _again(project, database) == 0
    assert rows(database, COUNTED) == [(2000, 2000, 2001000)]


def test_a_command_that_is_killed_with_its_child_is_gone_on_with_at_once(project: Project, database: str) -> None:
    project.made(database).add("r2", BACKFILL)
    run(database, FILL)
    with Command(project, database, "up", PGARBITER_ONLINE_BATCH_ROWS="1") as first:
        first.until(database, BATCHES)
        family = psutil.Process(first.process.pid)
        for each in (*family.children(recursive=True), family):
            each.kill()
        assert first.ended()[0] == -signal.SIGKILL
    assert _again(project, database) == 0
    assert rows(database, COUNTED) == [(2000, 2000, 2001000)]


def test_a_role_that_may_not_make_the_journal(project: Project, filled: str, stranger: str) -> None:
    role = conninfo_to_dict(stranger)["user"]
    run(filled, "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
    run(filled, f"INSERT INTO alembic_version VALUES ('r1'); ALTER TABLE t OWNER TO {role}")
    run(filled, f"GRANT SELECT, INSERT, UPDATE, DELETE ON alembic_version TO {role}")
    project.add("r2", "op.add_check_online('t', name='c', condition='a > 0')")
    with Command(project, stranger, "up") as first:
        code, said = first.ended()
    assert code == 2
    assert f'role "{role}" may not make or write the tables of schema "pgarbiter_data"; nothing was changed' in said
    assert "the database is at r1" in said
    assert f"CREATE SCHEMA pgarbiter_data AUTHORIZATION {role}" in said
    run(filled, f"CREATE SCHEMA pgarbiter_data AUTHORIZATION {role}")
    assert _again(project, stranger) == 0
