"""Servers that crash, disks that are small, roles that may do nothing."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgarbiter.server import account, cluster

from ..majors import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

FILLED = "CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t SELECT n, n FROM generate_series(1, 100) n"
# Mounts, and unmounts when its input ends, however we end.
_MOUNTED = """
mount -t tmpfs -o "size=$2,mode=0700,uid=$3,gid=$4" tmpfs "$1" || exit 1
echo mounted
read -r _
umount --lazy "$1"
rmdir "$1" 2>/dev/null
"""


@pytest.fixture
def filled(any_database: str) -> str:
    with psycopg.connect(any_database) as connection:
        connection.execute(FILLED)
    return any_database


@pytest.fixture
def stranger(filled: str) -> Iterator[str]:
    """Connection string of a role that may do nothing but connect."""
    with psycopg.connect(filled, autocommit=True) as admin:
        role = f"stranger_{admin.info.backend_pid}"
        admin.execute(f"CREATE ROLE {role} LOGIN")  # type: ignore[call-overload]
        yield make_conninfo(filled, user=role)
        admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")  # type: ignore[call-overload]


@pytest.fixture
def restarting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server of its own that recovers from the crash of a session."""
    found = installed(18)
    assert found
    for name, value in (("restart_after_crash", "on"), ("synchronous_commit", "on"), ("wal_level", "replica")):
        monkeypatch.setitem(cluster._SETTINGS, name, value)
    with cluster.run(found) as server:
        yield server


@pytest.fixture
def small() -> Iterator[Path]:
    """A directory of the server's account on a file system of 3 MB."""
    owner = account.current()
    with tempfile.TemporaryDirectory(prefix="pgarbiter-small-", ignore_cleanup_errors=True) as name:
        command = ["/bin/sh", "-c", _MOUNTED, "small", name, "3m", str(owner.uid), str(owner.gid)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        ) as watcher:
            assert watcher.stdin
            assert watcher.stdout
            if watcher.stdout.readline() != b"mounted\n":
                pytest.skip("needs the right to mount a small file system")
            yield Path(name)
            watcher.stdin.close()
            assert watcher.wait() == 0


def resize(place: Path, size: str) -> None:
    """Give the file system another size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)
