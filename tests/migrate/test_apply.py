"""`migrate up` and `migrate down`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.errors import PgArbiterError
from pgarbiter.migrate import live
from pgarbiter.migrate.model import MigrateError
from pgarbiter.migrate.plan import plan

from .conftest import CONCURRENTLY, Heard, rows, run, settings, url_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project

TABLE = "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int)"
VERSION = "SELECT version_num FROM alembic_version ORDER BY 1"


def test_revisions_go_to_the_database_that_is_named_and_not_to_that_of_env_py(
    project: Project, any_database: str
) -> None:
    project.add("r1", TABLE, "DROP TABLE t").add("r2", "ALTER TABLE t ADD b int", "ALTER TABLE t DROP b")
    done = project.up(any_database)
    assert [each.revision for each in done.revisions] == ["r1", "r2"]
    assert done.current == ("r2",)
    assert rows(any_database, VERSION) == [("r2",)]
    assert project.up(any_database).revisions == ()
    assert project.down(any_database, "-1").current == ("r1",)
    assert project.down(any_database, "base").current == ()


def test_each_revision_has_a_transaction_of_its_own_whatever_env_py_says(project: Project, database: str) -> None:
    project.env(options=", transaction_per_migration=False")
    project.add("r1", TABLE).add("r2", "SELECT 1 / 0")
    with pytest.raises(
        MigrateError, match=r'revision r2 failed at "SELECT 1 / 0": .*division by zero \(22012\)'
    ) as got:
        project.up(database)
    assert "the database is at r1, nothing of the revision is kept" in got.value.message
    assert rows(database, VERSION) == [("r1",)]


def test_an_index_that_a_failed_build_has_left_invalid_is_never_taken_for_the_wanted_one(
    project: Project, any_database: str
) -> None:
    project.add("r1", TABLE).add("r2", CONCURRENTLY)
    project.made(any_database, "r1")
    run(any_database, "INSERT INTO t (a) VALUES (1), (1)")
    with pytest.raises(MigrateError, match=r"\(23505\).*at r1.*but INVALID index \"t_a_key\"") as first:
        project.up(any_database)
    assert first.value.sqlstate == "23505"
    with pytest.raises(MigrateError, match=r"index \"t_a_key\" is INVALID.*the database is at r1") as second:
        project.up(any_database)
    assert "DROP INDEX CONCURRENTLY" in (second.value.hint or "")
    run(any_database, "DELETE FROM t WHERE id = 2")
    run(any_database, "DROP INDEX CONCURRENTLY t_a_key")
    assert project.up(any_database).current == ("r2",)


def test_a_lock_that_is_held_is_waited_for_in_short_tries(project: Project, any_database: str) -> None:
    project.add("r1", TABLE).add("r2", "ALTER TABLE t ADD b int")
    project.made(any_database, "r1")
    heard = Heard()
    with psycopg.connect(any_database) as reader:
        reader.execute("SELECT * FROM t")

        class Releasing(Heard):
            def note(self, text: str) -> None:
                super().note(text)
                reader.rollback()

        heard = Releasing()
        done = project.up(any_database, heard=heard)
    assert done.current == ("r2",)
    assert heard.notes[0] == "revision r2 waits for a lock (55P03); trying again"


def test_a_lock_that_is_never_released_ends_in_an_error_that_says_so(
    project: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add("r1", TABLE).add("r2", "ALTER TABLE t ADD b int")
    project.made(database, "r1")
    monkeypatch.setenv("PGARBITER_ONLINE_PATIENCE_S", "1")
    with psycopg.connect(database) as reader:
        reader.execute("SELECT * FROM t")
        with pytest.raises(MigrateError, match=r"revision r2 failed .*\(55P03\); the database is at r1") as got:
            project.up(database)
    assert "end that transaction" in (got.value.hint or "")


def test_a_statement_in_autocommit_waits_for_its_lock_in_short_tries_too(project: Project, database: str) -> None:
    project.add("r1", TABLE)
    project.add("r2", "with op.get_context().autocommit_block():\n    op.execute('ALTER TABLE t ADD b int')")
    project.made(database, "r1")
    with psycopg.connect(database) as reader:
        reader.execute("SELECT * FROM t")
        released = threading.Thread(target=lambda: _when_someone_waits(database, reader.rollback))
        released.start()
        project.up(database)
        released.join()
    assert rows(database, VERSION) == [("r2",)]


def _when_someone_waits(database: str, then: Callable[[], None]) -> None:
    while not rows(database, "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"):
        pass
    then()


def test_an_online_operation_tells_its_steps_and_is_journaled(project: Project, any_database: str) -> None:
    project.add("r1", TABLE).add("r2", "op.add_check_online('t', name='t_a_check', condition='a > 0')")
    heard = Heard()
    project.up(any_database, heard=heard)
    steps = heard.steps[heard.steps.index("revision r2") + 1 :]
    assert [step for step in steps if step in ("add", "validate")] == ["add", "validate"]
    assert rows(any_database, "SELECT step FROM pgarbiter_data.journal WHERE state = 'done' ORDER BY id") == [
        (step,) for step in steps if not step.startswith("SELECT")
    ]


def test_an_online_operation_that_fails_says_at_which_step_and_goes_on_there(
    project: Project, any_database: str
) -> None:
    project.add("r1", TABLE).add("r2", "op.add_check_online('t', name='t_a_check', condition='a > 0')")
    project.made(any_database, "r1")
    run(any_database, "INSERT INTO t (a) VALUES (-1)")
    with pytest.raises(
        MigrateError, match=r"revision r2 failed at \"rows\": .*for which \(a > 0\) is false.*at r1"
    ) as got:
        project.up(any_database)
    assert got.value.hint
    run(any_database, "UPDATE t SET a = 1")
    assert project.up(any_database).current == ("r2",)


def test_constraints_that_stay_not_valid_are_told(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID")
    assert project.up(database).notes == ('constraint "c" of public.t is NOT VALID: old rows may break it',)


def test_postgrest_is_told_when_something_has_changed(project: Project, database: str) -> None:
    project.add("r1", TABLE)
    with psycopg.connect(database, autocommit=True) as listener:
        listener.execute("LISTEN pgrst; LISTEN other")
        assert project.up(database).notified == "pgrst"
        project.add("r2", "ALTER TABLE t ADD b int").up(database, channel=None)
        project.add("r3", "ALTER TABLE t ADD c int").up(database, channel="other")
        assert project.up(database).notified is None
        heard = [(each.channel, each.payload) for each in listener.notifies(timeout=1, stop_after=2)]
    assert heard == [("pgrst", "reload schema"), ("other", "reload schema")]


def test_two_runs_at_once_do_the_work_once(project: Project, database: str) -> None:
    project.add("r1", TABLE)
    with live.alone(database, lambda _: None):
        heard = Heard()
        second = threading.Thread(target=lambda: project.up(database, heard=heard))
        second.start()
        while not heard.notes:
            assert second.is_alive()
        assert rows(database, "SELECT to_regclass('t')") == [(None,)]
    second.join()
    assert "another run migrates this database (process" in heard.notes[0]
    assert rows(database, VERSION) == [("r1",)]


def test_a_run_that_waits_in_vain_has_changed_nothing(
    project: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.add("r1", TABLE)
    monkeypatch.setenv("PGARBITER_ONLINE_PATIENCE_S", "1")
    with (
        live.alone(database, lambda _: None),
        pytest.raises(MigrateError, match=r"another run has been migrating.*this one has changed nothing"),
    ):
        project.up(database)
    assert rows(database, "SELECT to_regclass('t')") == [(None,)]


def test_a_revision_that_the_scripts_do_not_have_is_named(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", "SELECT 1")
    project.up(database)
    project.remove("r2")
    with pytest.raises(MigrateError, match=r'at revision "r2", which is not among the scripts'):
        project.up(database)


def test_a_target_that_does_not_exist_is_an_error_that_says_where_to_look(project: Project, database: str) -> None:
    project.add("r1", TABLE)
    with pytest.raises(
        MigrateError, match=r"^Can't locate revision .*r7'; the database is at no revision, no revision was run$"
    ) as got:
        project.up(database, "r7")
    assert "`pgarbiter migrate status`" in (got.value.hint or "")


def test_a_module_that_env_py_lacks_is_named_once(project: Project, database: str) -> None:
    project.env("import nowhere_to_be_found").add("r1", TABLE)
    with pytest.raises(MigrateError, match=r'^module "nowhere_to_be_found" is missing; the database is at no'):
        project.up(database)


def test_a_version_table_that_the_role_may_not_read_is_named(project: Project, database: str) -> None:
    project.add("r1", TABLE).made(database)
    run(database, "CREATE ROLE no_rights LOGIN")
    try:
        with pytest.raises(MigrateError, match=r'\(42501\); role "no_rights" may not read "alembic_version"'):
            project.up(psycopg.conninfo.make_conninfo(database, user="no_rights"))
    finally:
        run(database, "DROP ROLE no_rights")


def test_a_read_only_database_is_told_as_that_by_operations_too(project: Project, database: str) -> None:
    project.add("r1", TABLE).made(database)
    project.add("r2", "op.add_check_online('t', name='c', condition='a > 5')")
    name = rows(database, "SELECT current_database()")[0][0]
    run(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(MigrateError, match=r"read-only transaction \(25006\); the database is at r1") as got:
        project.up(database)
    assert "name the primary" in (got.value.hint or "")


def test_whoever_is_waited_for_is_named_before_the_revisions_too(project: Project, any_database: str) -> None:
    project.add("r1", TABLE).made(any_database)
    project.add("r2", "SELECT 1")
    with psycopg.connect(any_database) as other:
        other.execute("LOCK alembic_version")

        class Releasing(Heard):
            def note(self, text: str) -> None:
                super().note(text)
                other.rollback()

        heard = Releasing()
        assert project.up(any_database, heard=heard).current == ("r2",)
        assert heard.notes[0].startswith(f"waits for process {other.info.backend_pid} (unnamed, role ")
        assert "idle in transaction, in a transaction for 00:00:0" in heard.notes[0]


def test_a_run_whose_own_connections_are_lost_stops_and_still_tells_the_state(project: Project, database: str) -> None:
    ours = "application_name = 'pgarbiter' AND datname = current_database()"
    project.add("r1", TABLE).add("r2", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}")
    with pytest.raises(MigrateError, match=r"revision r2 failed .*; the database is at r1, what the revision") as got:
        project.up(database)
    assert "again: it goes on" in (got.value.hint or "")
    assert rows(database, VERSION) == [("r1",)]


def test_a_role_without_rights_is_told_the_state_and_what_to_do(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", "ALTER TABLE t ADD b int")
    project.made(database, "r1")
    run(
        database,
        "CREATE ROLE no_rights LOGIN; GRANT SELECT, INSERT, UPDATE ON alembic_version TO no_rights;",
    )
    try:
        with pytest.raises(MigrateError, match=r"must be owner of table t \(42501\); the database is at r1") as got:
            project.up(psycopg.conninfo.make_conninfo(database, user="no_rights"))
        assert "Grant the role what it lacks" in (got.value.hint or "")
    finally:
        run(database, "DROP OWNED BY no_rights; DROP ROLE no_rights")


def test_a_dead_server_is_one_clear_error_without_the_password(project: Project) -> None:
    project.add("r1", TABLE)
    with pytest.raises(PgArbiterError) as got:
        project.up("postgresql://me:hunter2@127.0.0.1:1/x")
    assert "could not connect" in got.value.message
    assert "hunter2" not in repr(got.value) + str(got.value.hint)


def test_a_child_that_is_killed_leaves_nothing_of_its_revision(project: Project, database: str) -> None:
    text = "import os, signal\nop.execute('ALTER TABLE t ADD b int')\nos.kill(os.getpid(), signal.SIGKILL)"
    project.add("r1", TABLE).add("r2", text)
    with pytest.raises(MigrateError, match="ended by signal 9; the database is at r1") as got:
        project.up(database)
    assert "again" in (got.value.hint or "")
    assert rows(database, "SELECT attname FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'b'") == []


def test_a_transaction_of_env_py_around_all_is_told(project: Project, database: str) -> None:
    project.env(
        """
        from alembic import context
        from sqlalchemy import create_engine
        with create_engine("postgresql+psycopg://").begin() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    done = project.add("r1", TABLE).up(database)
    assert done.notes == ("env.py holds one transaction around all revisions, so that they are committed together",)
    assert rows(database, VERSION) == [("r1",)]


def test_a_run_that_env_py_never_commits_is_no_success(project: Project, database: str) -> None:
    project.env(
        """
        from alembic import context
        from sqlalchemy import create_engine, text
        with create_engine("postgresql+psycopg://").connect() as connection:
            connection.execute(text("SELECT 1"))
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
        """
    )
    with pytest.raises(MigrateError, match=r"env.py has not committed .*r1.*the database is at no revision"):
        project.add("r1", TABLE).up(database)


def test_ctrl_c_cancels_the_running_statement_and_leaves_nothing_of_it(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", "SELECT pg_sleep(600)")
    command = [sys.executable, "-m", "pgarbiter", "migrate", "up", "--ini", str(project.ini)]
    environment = {**os.environ, "PGARBITER_DATABASE_URL": url_of(database)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        asleep = "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"
        while not rows(database, asleep):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted at revision r2; the database is at r1, nothing of the revision is kept" in told
    assert "`pgarbiter migrate up` again" in told
    assert rows(database, asleep) == []


def test_progress_of_a_concurrent_build_is_told(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", CONCURRENTLY)
    project.made(database, "r1")
    heard = Heard()
    with psycopg.connect(database) as writer:
        writer.execute("INSERT INTO t (a) VALUES (1)")

        class Releasing(Heard):
            def progress(self, text: str, done: int, total: int | None) -> None:
                super().progress(text, done, total)
                writer.rollback()

        heard = Releasing()
        project.up(database, heard=heard)
    assert heard.bars[0][0] == "waiting for writers before build"


def test_a_killed_parent_takes_its_child_and_the_statement_along(project: Project, database: str) -> None:
    project.add("r1", TABLE).add("r2", "SELECT pg_sleep(600)")
    command = [sys.executable, "-m", "pgarbiter", "migrate", "up", "--ini", str(project.ini)]
    environment = {**os.environ, "PGARBITER_DATABASE_URL": url_of(database)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        asleep = "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"
        while not rows(database, asleep):
            assert process.poll() is None
        process.kill()
    while rows(database, asleep):
        pass
    project.add("r2", "SELECT 1", below="r1")
    assert project.up(database).current == ("r2",)


def test_an_online_build_that_was_interrupted_says_what_is_left_and_is_finished_by_the_next_run(
    project: Project, any_database: str
) -> None:
    project.add("r1", TABLE).add("r2", "op.add_unique_online('t', ['a'], name='t_a_key')")
    project.made(any_database, "r1")
    command = [sys.executable, "-m", "pgarbiter", "migrate", "up", "--ini", str(project.ini)]
    environment = {**os.environ, "PGARBITER_DATABASE_URL": url_of(any_database)}
    with psycopg.connect(any_database) as writer:
        writer.execute("INSERT INTO t (a) VALUES (1)")
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
            building = "SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'"
            while not rows(any_database, building):
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted at revision r2; the database is at r1, what the revision had committed is kept" in told
    assert project.up(any_database).current == ("r2",)
    assert rows(any_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a_key'::regclass") == [(True,)]


@pytest.mark.skipif(find_spec("greenlet") is None, reason="SQLAlchemy's asyncio needs greenlet")
def test_an_env_py_that_is_asynchronous_is_watched_alike(project: Project, database: str) -> None:
    project.env(
        """
        import asyncio
        from alembic import context
        from sqlalchemy.ext.asyncio import create_async_engine

        def run(connection):
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()

        async def main():
            engine = create_async_engine("postgresql+psycopg://prod@nowhere.invalid/prod")
            async with engine.connect() as connection:
                await connection.run_sync(run)
            await engine.dispose()

        asyncio.run(main())
        """
    )
    project.add("r1", TABLE).add("r2", CONCURRENTLY)
    project.add("r3", "op.add_check_online('t', name='c', condition='a > 5')").add("r4", "ALTER TABLE t ADD b int")
    made = plan(project.ini, database, [project.root], settings(database))
    assert [(each.revision.revision, each.not_planned) for each in made.revisions] == [
        ("r1", None), ("r2", None), ("r3", None), ("r4", None),
    ]  # fmt: skip
    assert project.up(database).current == ("r4",)
    with psycopg.connect(database) as reader:
        reader.execute("SELECT * FROM t")

        class Releasing(Heard):
            def note(self, text: str) -> None:
                super().note(text)
                reader.rollback()

        heard = Releasing()
        project.add("r5", "ALTER TABLE t DROP b").up(database, heard=heard)
    assert "(55P03)" in heard.notes[0]


def test_a_percent_sign_in_a_revision_after_an_online_operation_is_written_as_it_is(
    project: Project, database: str
) -> None:
    project.add("r1", "CREATE TABLE t (a text)")
    project.add("r2", "op.add_check_online('t', name='c', condition='a IS NOT NULL')")
    project.add("r3", "INSERT INTO t VALUES ('100 %')").up(database)
    assert rows(database, "SELECT a FROM t") == [("100 %",)]


def test_what_each_revision_has_done_is_told_with_rows(project: Project, any_database: str) -> None:
    project.add("r1", TABLE).add("r2", "UPDATE t SET a = 1 WHERE id < 3")
    project.add(
        "r3",
        "op.add_unique_online('t', ['a'], name='t_a_key', duplicates='quarantine', keep='id', rule='once')",
        "op.drop_unique_online('t', 't_a_key', columns=['a'], restore='once')",
    )
    project.made(any_database, "r1")
    run(any_database, "INSERT INTO t (a) VALUES (2), (3), (4), (4)")
    second, third = project.up(any_database).revisions
    assert [(each.name, each.sql, each.rows) for each in second.steps] == [
        ("", "UPDATE t SET a = 1 WHERE id < 3", 2),
    ]
    assert (second.online, second.quarantined) == (None, ())
    assert [(each.name, each.rows) for each in third.steps if each.rows] == [("quarantine", 2)]
    assert [each.name for each in third.steps][-2:] == ["remove guard", "drop helper"]
    assert [(each.rule, each.source, each.rows) for each in third.quarantined] == [("once", "public.t", 2)]
    assert 0 < sum(each.seconds for each in third.steps) <= third.seconds
    (back,) = project.down(any_database, "r2").revisions
    assert (back.revision, back.online) == ("r3", "drop_unique_online")
    assert [(each.rule, each.source, each.rows) for each in back.restored] == [("once", "public.t", 2)]


def test_progress_of_batches_is_told_however_quick_they_are(
    project: Project, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGARBITER_ONLINE_BATCH_ROWS", "1")
    project.add("r1", TABLE).add("r2", "op.backfill_online('t', {'a': '1'}, where='a IS NULL')")
    project.made(database, "r1")
    run(database, "INSERT INTO t (a) SELECT NULL FROM generate_series(1, 1500)")
    heard = Heard()
    project.up(database, heard=heard)
    told = [(done, total) for text, done, total in heard.bars if text == "backfill"]
    assert told
    assert all(0 < done <= total == 1500 for done, total in told)
