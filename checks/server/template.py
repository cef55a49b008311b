"""A freshly made cluster: copied from the user's cache, or made by initdb and then kept there."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
from typing import TYPE_CHECKING

from ..errors import ServerError
from . import cache
from .account import environment
from .tree import Extent, copy_tree, remove_tree

if TYPE_CHECKING:
    from pathlib import Path

    from .account import Account
    from .model import Binaries

SUPERUSER = "pgarbiter"  # not "postgres": migrations own that name, and theirs must not be a superuser
_FORMAT = 1  # raise it when the options below change
_OPTIONS = (
    f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
    "--wal-segsize=1",
)  # fmt: skip
_KEPT = 8  # clusters in the cache, of 30 MB each: those used last


def place(binaries: Binaries) -> Path | None:
    """Where the cache keeps the cluster of these very programs; None without a cache directory."""
    directory = cache.directory()
    if directory is None:
        return None
    status = binaries.program.stat()
    told = (_FORMAT, binaries.version, binaries.program, status.st_size, status.st_mtime_ns, os.geteuid())
    return directory / "clusters" / hashlib.sha256(repr(told).encode()).hexdigest()[:24]


def copied(kept: Path | None, data: Path, account: Account) -> bool:
    """Whether the kept cluster could be copied to `data`; one that is not whole is removed, and `data` with it."""
    if kept is None or not kept.exists():
        return False
    try:
        files, size = (kept / "extent").read_text("ascii").split()
        if copy_tree(kept / "data", data, account) == Extent(int(files), int(size)):
            os.utime(kept)
            return True
    except (OSError, ValueError):
        pass
    remove_tree(data)
    forget(kept)
    return False


def made(programs: Binaries, data: Path, account: Account) -> None:
    """Make a cluster in `data` with initdb, as `account`. Raises ServerError with what initdb said."""
    try:
        done = subprocess.run(
            [programs.directory / "initdb", f"--pgdata={data}", *_OPTIONS],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
            cwd="/", env=environment(), umask=0o077, timeout=120, check=False, **account.child(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(f"could not run initdb: {error}") from error
    if done.returncode:
        raise ServerError(f"initdb failed: {last_line(done.stderr)}")


def keep(kept: Path | None, data: Path) -> None:
    """Put a copy of a cluster that no server has run on into the cache, whole or not at all."""
    if kept is None:
        return
    partial = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
    try:
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        partial.mkdir(mode=0o700)
        extent = copy_tree(data, partial / "data")
        (partial / "extent").write_text(f"{extent.files} {extent.size}", "ascii")
        partial.rename(kept)
    except OSError:  # no room, or another run was faster: the next run makes its own
        remove_tree(partial)
    _prune(kept)


def forget(kept: Path | None) -> None:
    """Take a cluster out of the cache: first its name, so that nobody copies half of it."""
    if kept is None:
        return
    gone = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
    try:
        kept.rename(gone)
    except OSError:
        return
    remove_tree(gone)


def last_line(text: str) -> str:
    """The line of a server program's output that says what went wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line or "error:" in line]
    return (grave or lines or ["it said nothing"])[-1]


def _prune(kept: Path) -> None:
    try:
        by_age = sorted(kept.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return
    for path in by_age[_KEPT:]:
        forget(path)
