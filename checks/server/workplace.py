"""The private directory of one run: made, locked while we live, and swept by the next run when we were killed."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import ServerError
from .account import environment, succeeds
from .tree import give, remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .account import Account

_PREFIX = "pgarbiter-"
_SOCKET = "s/.s.PGSQL.5432"
_LONGEST = 103  # bytes of a socket's path: sun_path is 108 with its end on Linux, 104 on macOS and the BSDs
_MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes it private
_PLENTY = 3 << 30  # bytes; a schema of 10,000 tables takes one
_UNLOCKED = 600  # seconds after which a directory without a lock counts as left behind

# $1: the directory; $2: its server, or nothing.
_SWEEP = """
if [ -n "$2" ] && kill -QUIT "$2"; then
  n=0; while [ -e "$1/data/postmaster.pid" ] && kill -0 "$2" && [ $n -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
  kill -KILL "$2"
fi
rm -rf -- "$1"
"""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A directory of our own: `data` is the cluster, `sockets` holds the socket, `programs` copied ones, if any."""

    path: Path

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.path / "data"

    @property
    def sockets(self) -> Path:
        """The directory of the unix socket."""
        return self.path / "s"

    @property
    def programs(self) -> Path:
        """Where a copied tree of the programs goes."""
        return self.path / "programs"


@contextmanager
def workplace(account: Account, *, executable: bool) -> Iterator[Workplace]:
    """A new private directory (0700, still ours), gone afterwards; what killed runs left behind is swept before.

    `executable`: programs must be able to run from there. Raises ServerError when no directory will do.
    """
    parent = _parent(account, executable=executable)
    for place in {*_parents(), _MEMORY}:
        _sweep(place, account)
    path, lock = _locked(parent)
    try:
        yield Workplace(path)
    finally:
        remove_tree(path)
        os.close(lock)


def hand_over(here: Workplace, account: Account) -> None:
    """Make the directory the account's: everything in it must be in place, since from now on it may change it."""
    here.sockets.mkdir(mode=0o700)
    give(here.sockets, account)
    give(here.path, account)


def _parents() -> tuple[Path, ...]:
    """Where the directory may be made, best first: TMPDIR if set, memory when there is plenty, the usual places.

    Cluster and schema are thousands of small files, which a disk takes many times as long to make.
    """
    told = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    memory = () if told or not _is_roomy(_MEMORY) else (_MEMORY,)
    usual = (tempfile.gettempdir(), "/tmp", "/var/tmp")  # noqa: S108 - mkdtemp makes it private
    return tuple(dict.fromkeys((*memory, *map(Path, usual))))


def _is_roomy(place: Path) -> bool:
    """Whether a file system in memory has room: under its own limit, and in the memory that is free."""
    try:
        status = os.statvfs(place)
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return False
    return min(status.f_bavail * status.f_frsize, free) >= _PLENTY


def _parent(account: Account, *, executable: bool) -> Path:
    refused = []
    for place in _parents():
        if problem := _unfit(place, account, executable=executable):
            refused.append(f'"{place}" {problem}')
        else:
            return place
    raise ServerError(
        f"no directory for a temporary cluster: {', '.join(refused)}",
        "Set TMPDIR to a directory with a short path that every account may enter.",
    )


def _unfit(place: Path, account: Account, *, executable: bool) -> str | None:
    if not os.access(place, os.W_OK | os.X_OK):
        return "is not writable"
    if len(os.fsencode(place / f"{_PREFIX}12345678" / _SOCKET)) > _LONGEST:
        return "has too long a path for a unix socket"
    if executable and os.statvfs(place).f_flag & getattr(os, "ST_NOEXEC", 0):
        return "is mounted noexec"
    if account.foreign and not succeeds(account, "/bin/sh", "-c", 'test -x "$1"', "sh", place):
        return f'cannot be entered by account "{account.name}"'
    return None


def _locked(parent: Path) -> tuple[Path, int]:
    """A new directory, and the descriptor that holds its lock for as long as this process lives."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), (path / "lock").stat()):
                return path, lock
        except OSError:  # a sweeper was between our two steps and took it away
            pass
        os.close(lock)


def _sweep(parent: Path, account: Account) -> None:
    """Remove directories whose owner is gone; a lock that can be had proves it. Never those of another live run."""
    for path in parent.glob(_PREFIX + "*"):
        try:
            owner = path.lstat().st_uid
            lock = os.open(path / "lock", os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            _sweep_unlocked(path)
            continue
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(path, owner, account)
        except OSError:
            pass
        finally:
            os.close(lock)


def _sweep_unlocked(path: Path) -> None:
    try:
        status = path.lstat()
    except OSError:
        return
    if status.st_uid == os.geteuid() and time.time() - status.st_mtime > _UNLOCKED:
        remove_tree(path)


def _remove(path: Path, owner: int, account: Account) -> None:
    """Stop the server of a left directory and remove it, as its owner: root must not act on what others wrote there."""
    if owner == os.geteuid() and account.foreign:
        remove_tree(path)  # left before it was handed over: no server yet
    elif owner == account.uid:
        server = _server_of(path / "data")
        subprocess.run(
            ["/bin/sh", "-c", _SWEEP, "sh", path, str(server or "")], check=False, timeout=30, cwd="/",
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(),
            **account.child(),
        )  # fmt: skip
        remove_tree(path)


def _server_of(data: Path) -> int | None:
    """The process that postmaster.pid names, if its working directory (a server's is its data) proves it is that."""
    try:
        pid = int((data / "postmaster.pid").read_text("ascii").splitlines()[0])
        if Path("/proc/self/cwd").exists():
            return pid if Path(f"/proc/{pid}/cwd").readlink() == data.resolve() else None
    except (OSError, ValueError, IndexError):
        return None
    told = subprocess.run(["/bin/ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False)
    return pid if str(data) in told.stdout else None
