"""Several processes find what one finds, whatever becomes of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from pgarbiter.scan import portions, processes, scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

FILES = 12
_ALONE = Settings(cache=False, jobs=1)
_USE = """\
from names import TABLE
from db import put

def save_{n}(connection):
    connection.execute(f"INSERT INTO {{TABLE}}_{n} (a) VALUES (1) ON CONFLICT (a) DO NOTHING")
    put("table_{n}")
"""
_PUT = """\
import psycopg

def put(table):
    psycopg.connect().execute(f"INSERT INTO {table} (a) VALUES (1) ON CONFLICT (a) DO NOTHING")
"""


@pytest.fixture(autouse=True)
def _portions_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "SIZE", 3)
    monkeypatch.setattr(sys.modules[scan.__module__], "FEWEST", 0)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    place = tmp_path / "tree"
    place.mkdir()
    (place / "names.py").write_text("TABLE = 'users'\n", "utf-8")
    (place / "db.py").write_text(_PUT, "utf-8")
    (place / "latin.py").write_bytes("# für\nrun('INSERT INTO t VALUES (1)')\n".encode("latin-1"))
    for n in range(FILES):
        (place / f"use_{n:02}.py").write_text(_USE.format(n=n), "utf-8")
    return place


def _ending(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_several_processes_find_what_one_finds(tree: Path) -> None:
    alone = scan([tree], _ALONE)
    assert len(alone.sites) == FILES * 2 + 2
    assert len(alone.notes) == 1
    assert scan([tree], Settings(cache=False, jobs=3)) == alone


def test_they_find_it_again_with_what_they_have_kept(tree: Path, tmp_path: Path) -> None:
    settings = Settings(cache_dir=tmp_path / "cache", jobs=2)
    assert scan([tree], settings).sites == scan([tree], settings).sites == scan([tree], _ALONE).sites
    (tree / "names.py").write_text("TABLE = 'people'\n", "utf-8")
    changed = scan([tree], settings)
    assert changed.sites == scan([tree], _ALONE).sites
    assert {site.write.table.name for site in changed.sites if site.write.table} >= {"people_0", "people_11"}


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("raise SystemExit(1)", id="it never begins"),
        pytest.param("import sys; sys.stdin.buffer.read(10); sys.stdout.write('hello')", id="it writes something else"),
        pytest.param("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", id="it is killed"),
    ],
)
def test_what_a_process_does_not_do_is_done_here(tree: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    alone = scan([tree], _ALONE)
    monkeypatch.setattr(processes, "_started", lambda: _ending(code))
    assert scan([tree], Settings(cache=False, jobs=2)) == alone


def test_one_that_is_killed_in_the_middle_loses_nothing(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = scan([tree], _ALONE)
    asked, done = processes._asked, []

    def killing(process: subprocess.Popen[bytes], message: object) -> object:
        answer = asked(process, message)
        done.append(process)
        if done.count(done[0]) == 2 and process is done[0]:
            process.kill()
            process.wait()
        return answer

    monkeypatch.setattr(processes, "_asked", killing)
    assert scan([tree], Settings(cache=False, jobs=2)) == alone
    assert done[0].returncode == -signal.SIGKILL


def test_an_interrupt_ends_them_all(tree: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pgarbiter.scan import portions, scan; portions.SIZE = 1\n"
        "from pgarbiter.scan import processes; from pgarbiter.settings import Settings; import subprocess\n"
        "slow = 'import time; time.sleep(60)'\n"
        "def began():\n"
        "    one = subprocess.Popen([sys.executable, '-c', slow], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "    print(one.pid, flush=True)\n"
        "    return one\n"
        "processes._started = began\n"
        f"scan([Path({str(tree)!r})], Settings(cache=False, jobs=2))\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None
        children = [int(run.stdout.readline()) for _ in range(2)]
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        run.wait(20)
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
