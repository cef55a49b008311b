"""The server as a process: how it ends, what it leaves behind, and what must not reach its streams."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from .conftest import Editor, until
from .test_session import project

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def place() -> Iterator[Path]:
    """Where temporary files go: a short path, as sockets need, that every account may enter."""
    with tempfile.TemporaryDirectory(prefix="lsp-", dir="/tmp") as made:
        Path(made).chmod(0o1777)
        yield Path(made)


@pytest.fixture
def loading(tmp_path: Path, place: Path, environment: dict[str, str]) -> Iterator[Editor]:
    """An editor whose server starts a database server of its own, and is loading a schema that takes long."""
    project(tmp_path / "project")
    (tmp_path / "project" / "db" / "002.sql").write_text("SELECT pg_sleep(600);")
    made = Editor(environment=environment | {"TMPDIR": str(place)})
    yield made
    made.end()


def begun(editor: Editor, place: Path) -> list[psutil.Process]:
    """The processes of the server and its database, once one of them sleeps."""
    until(lambda: any("SELECT" in " ".join(one.cmdline()) for one in family(editor)))
    assert list(place.iterdir())
    return family(editor)


def family(editor: Editor) -> list[psutil.Process]:
    own = psutil.Process(editor.process.pid)
    found = []
    for one in (own, *own.children(recursive=True)):
        try:
            one.cmdline()
        except psutil.Error:
            continue
        found.append(one)
    return found


def is_gone(processes: list[psutil.Process], place: Path) -> bool:
    return not any(one.is_running() and one.status() != "zombie" for one in processes) and not list(place.iterdir())


def test_shutting_down_during_a_check_leaves_nothing_behind(tmp_path: Path, place: Path, loading: Editor) -> None:
    loading.start(tmp_path / "project")
    processes = begun(loading, place)
    assert loading.leave() == 0
    until(lambda: is_gone(processes, place))


def test_a_client_that_dies_takes_the_server_along(tmp_path: Path, place: Path, loading: Editor) -> None:
    loading.start(tmp_path / "project")
    processes = begun(loading, place)
    assert loading.process.stdin is not None
    loading.process.stdin.close()  # as the system does for a process that is killed
    assert loading.process.wait(30) == 1
    until(lambda: is_gone(processes, place))


def test_a_client_that_dies_while_another_holds_its_pipe_does_so_too(
    tmp_path: Path, place: Path, loading: Editor
) -> None:
    with subprocess.Popen(["sleep", "600"]) as client:
        try:
            loading.start(tmp_path / "project", process=client.pid)
            processes = begun(loading, place)
        finally:
            client.kill()
    assert loading.process.wait(30) == 1
    until(lambda: is_gone(processes, place))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_server_that_is_killed_leaves_nothing_behind(
    number: signal.Signals, tmp_path: Path, place: Path, loading: Editor
) -> None:
    loading.start(tmp_path / "project")
    processes = begun(loading, place)
    os.kill(loading.process.pid, number)
    loading.process.wait(30)
    until(lambda: is_gone(processes, place))


def test_leaving_without_shutting_down_is_told_by_the_exit_code(tmp_path: Path, fresh: Editor) -> None:
    project(tmp_path)
    fresh.start(tmp_path).tell("exit")
    assert fresh.process.wait(30) == 1


def test_a_server_that_it_was_given_is_left_as_it_was(tmp_path: Path, fresh: Editor, url: str) -> None:
    def databases() -> list[tuple[str]]:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT datname FROM pg_database ORDER BY oid").fetchall()

    before, path = databases(), project(tmp_path)
    fresh.start(tmp_path)
    fresh.diagnostics(path, 1)
    assert fresh.leave() == 0
    assert databases() == before


def test_what_a_project_prints_does_not_reach_the_client(tmp_path: Path, fresh: Editor) -> None:
    path = project(tmp_path, settings='schema = "alembic:alembic.ini"\n')
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(
        "import sys\nprint('noise')\nsys.stderr.write('more noise')\nassert not sys.stdin.read()\n"
        "from alembic import context\nfrom sqlalchemy import create_engine\n"
        "with create_engine('postgresql+psycopg://').connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n        context.run_migrations()\n"
    )
    (tmp_path / "migrations" / "versions" / "1.py").write_text(
        "from alembic import op\nrevision, down_revision = '1', None\nprint('noise')\n"
        f"def upgrade():\n    op.execute({(tmp_path / 'db' / '001.sql').read_text()!r})\n"
    )
    fresh.start(tmp_path)
    assert len(fresh.diagnostics(path, 1)) == 1
    assert fresh.leave() == 0


def test_a_check_that_breaks_is_told_and_the_server_lives_on(
    tmp_path: Path, url: str, environment: dict[str, str]
) -> None:
    path = project(tmp_path)
    before = """
import pgarbiter.run as run
own = run.check
def once(*arguments, **options):
    run.check = own
    raise ZeroDivisionError("odd")
run.check = once
"""
    editor = Editor("--server", url, "--superuser", environment=environment, before=before)
    try:
        editor.start(tmp_path)
        editor.wait(lambda: editor.said("window/showMessage", "internal error: ZeroDivisionError: odd$"))
        editor.wait(lambda: editor.said("window/logMessage", "(?s)Traceback.*in once"))
        editor.changed_on_disk(path)
        assert len(editor.diagnostics(path, 1)) == 1
        assert editor.leave() == 0
    finally:
        editor.end()


def test_without_its_library_the_command_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['pgarbiter', 'lsp']\n"
        "from pgarbiter.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'error: pygls is not installed\nhint: Install it with pip install "pgarbiter[lsp]".\n'


def test_nothing_of_it_is_imported_by_other_commands() -> None:
    code = (
        "import atexit, sys; sys.argv = ['pgarbiter', 'check', '--help']\n"
        "atexit.register(lambda: print([m for m in ('pygls', 'lsprotocol', 'asyncio') if m in sys.modules]))\n"
        "from pgarbiter.cli import main\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
