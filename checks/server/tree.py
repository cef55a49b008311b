"""Copies directory trees for another account, private to it, without ever following a planted link."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .account import Account


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a tree holds."""

    files: int
    size: int  # bytes

    def __add__(self, other: Extent) -> Extent:
        return Extent(self.files + other.files, self.size + other.size)


def copy_tree(
    source: Path,
    target: Path,
    account: Account | None = None,
    *,
    links: bool = False,
    wanted: Callable[[os.DirEntry[str]], bool] | None = None,
) -> Extent:
    """Copy what is in `source` into the new directory `target`, for `account` alone (0700, 0600); how much it was.

    `links`: symbolic links are followed, else left out, as is all that is neither file nor directory. `wanted` chooses
    entries. Raises OSError.
    """
    target.mkdir(mode=0o700)
    extent = Extent(0, 0)
    with os.scandir(source) as entries:
        for entry in entries:
            if wanted and not wanted(entry):
                continue
            copy = target / entry.name
            if entry.is_dir(follow_symlinks=links):
                extent += copy_tree(source / entry.name, copy, account, links=links, wanted=wanted)
            elif entry.is_file(follow_symlinks=links):
                extent += Extent(1, _copy_file(entry.path, copy, account, 0 if links else os.O_NOFOLLOW))
    give(target, account)
    return extent


def give(path: Path, account: Account | None) -> None:
    """Make `account` the owner of the file or directory itself, when it is not us. Raises OSError."""
    if account and account.foreign:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def remove_tree(path: Path) -> None:
    """Remove a directory and all below it, or as much of it as can be removed."""
    shutil.rmtree(path, ignore_errors=True)


def _copy_file(source: str, target: Path, account: Account | None, flags: int) -> int:
    with open(os.open(source, os.O_RDONLY | os.O_CLOEXEC | flags), "rb") as read:  # noqa: PTH123 - a descriptor
        status = os.fstat(read.fileno())
        mode = 0o700 if status.st_mode & stat.S_IXUSR else 0o600
        created = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(created, "wb") as write:  # noqa: PTH123 - a descriptor
            shutil.copyfileobj(read, write, 1 << 20)
            if account and account.foreign:
                os.fchown(write.fileno(), account.uid, account.gid)
    return status.st_size
