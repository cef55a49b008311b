"""Programs for another account: whether it can run them where they lie, else a private copy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import ServerError
from .account import succeeds
from .binaries import share_directory
from .tree import copy_tree, give

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from .account import Account
    from .model import Binaries

_RUN = 'initdb=$1 postgres=$2 share=$3; "$initdb" --version && "$postgres" --version && test -r "$share/postgres.bki"'
_LEFT_OUT = frozenset({"include", "doc", "man", "locale", "pgxs", "pkgconfig", "bitcode", "psqlrc.sample"})


def readable_by(binaries: Binaries, account: Account) -> bool:
    """Whether `account` can run the programs and read their files where they lie."""
    if not account.foreign:
        return True
    share = share_directory(binaries)
    if share is None:
        return False
    return succeeds(account, "/bin/sh", "-c", _RUN, "sh", binaries.directory / "initdb", binaries.program, share)


def relocated(binaries: Binaries, target: Path, account: Account) -> Binaries:
    """A copy of the programs and what belongs to them in the new directory `target`, readable by `account` alone.

    A server finds share and lib relative to its program (find_my_exec, make_relative_path), and the embedded one its
    libraries relative to the package, so the copy keeps the layout. Raises ServerError.
    """
    prefix = binaries.directory.parent
    copy = target / "package" / prefix.name
    try:
        target.mkdir(mode=0o700)
        copy.parent.mkdir(mode=0o700)
        copy_tree(prefix, copy, account, links=True, wanted=_is_wanted)
        for libraries in prefix.parent.parent.glob(f"{prefix.parent.name}.libs"):
            copy_tree(libraries, target / libraries.name, account, links=True)
        for libraries in prefix.parent.glob(".dylibs"):
            copy_tree(libraries, copy.parent / libraries.name, account, links=True)
        for directory in (copy.parent, target):
            give(directory, account)
    except OSError as error:
        raise ServerError(f'could not copy the programs in "{prefix}": {error.strerror}') from error
    return replace(binaries, directory=copy / binaries.directory.relative_to(prefix))


def _is_wanted(entry: os.DirEntry[str]) -> bool:
    return entry.name not in _LEFT_OUT and not entry.name.endswith(".a")
