"""How runs end: by Ctrl-C, by a signal, by a kill; and what the next run finds."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import psycopg

from pgarbiter.server import start, workplace
from pgarbiter.server.account import current
from pgarbiter.server.workplace import _PREFIX, _UNLOCKED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(told.stdout.strip()) and not told.stdout.startswith("Z")


def abandoned(run: Any) -> int:
    """The server of a run of which all else has been killed, those who would clean up first."""
    server: int = run.server()
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listed.splitlines())}
    supervisor = parents[server]
    for pid in (supervisor, *(pid for pid, parent in parents.items() if parent == supervisor and pid != server)):
        os.kill(pid, signal.SIGKILL)
    run.send(signal.SIGKILL)
    return server


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_nothing_is_left_after_ctrl_c(hold: Callable[..., Any]) -> None:
    run = hold()
    server = run.server()
    assert run.send(signal.SIGINT) != 0
    assert not run.directory.exists()
    assert not alive(server)


def test_nothing_is_left_after_sigterm(hold: Callable[..., Any]) -> None:
    run = hold()
    server = run.server()
    assert run.send(signal.SIGTERM) == 128 + signal.SIGTERM
    assert not run.directory.exists()
    assert not alive(server)


def test_the_server_ends_with_a_killed_run(hold: Callable[..., Any]) -> None:
    run = hold()
    server = run.server()
    assert run.send(signal.SIGKILL) == -signal.SIGKILL
    assert eventually(lambda: not run.directory.exists())
    assert eventually(lambda: not alive(server))


def test_the_next_run_sweeps_what_a_kill_of_all_left_and_only_that(hold: Callable[..., Any]) -> None:
    killed, living = hold(), hold()
    orphan = abandoned(killed)
    assert alive(orphan)
    assert killed.directory.exists()
    with start("embedded") as server:
        assert not alive(orphan)
        assert not killed.directory.exists()
        assert server.create_database()
        with psycopg.connect(living.conninfo) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_sweep_spares_a_stranger_that_has_the_process_number(hold: Callable[..., Any]) -> None:
    killed = hold()
    orphan = abandoned(killed)
    lines = (killed.data / "postmaster.pid").read_text().splitlines()
    os.kill(orphan, signal.SIGQUIT)
    assert eventually(lambda: not alive(orphan))
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (killed.data / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))
        with start("embedded"):
            assert not killed.directory.exists()
        assert stranger.poll() is None
        stranger.kill()


def test_a_directory_without_a_lock_is_swept_when_it_is_old(tmp_path: Path) -> None:
    old, new = tmp_path / f"{_PREFIX}old", tmp_path / f"{_PREFIX}new"
    for path in (old, new):
        path.mkdir()
    then = time.time() - _UNLOCKED - 1
    os.utime(old, (then, then))
    workplace._sweep(tmp_path, current())
    assert not old.exists()
    assert new.exists()


def test_runs_at_the_same_time_do_not_disturb_each_other(hold: Callable[..., Any]) -> None:
    first, second = hold(), hold()
    first.send(signal.SIGINT)
    with psycopg.connect(second.conninfo) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert first.directory != second.directory
