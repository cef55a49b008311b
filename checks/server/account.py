"""The operating-system account that a server of ours runs as: ours, or an unprivileged one when we are root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

from ..errors import ServerError

if TYPE_CHECKING:
    from pathlib import Path

_UNPRIVILEGED = ("nobody", "postgres")  # `postgres` last: it owns the data of real servers


class Child(TypedDict, total=False):
    """Keyword arguments of subprocess that say whom a child runs as."""

    user: int
    group: int
    extra_groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Whom child processes run as; `foreign` when that is not us, which only root can bring about."""

    name: str
    uid: int
    gid: int
    foreign: bool

    def child(self) -> Child:
        """The keyword arguments of subprocess that start a child as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": ()} if self.foreign else {}


def current() -> Account:
    """Our own account, or an unprivileged one when we are root: initdb and postgres refuse to run as root.

    Raises ServerError when root finds no such account.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid != 0:
        return Account(str(uid), uid, gid, foreign=False)
    for name in _UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid, foreign=True)
    raise ServerError(
        "a server cannot run as root, and there is no unprivileged account",
        "Run pgarbiter as an ordinary user, or create the account nobody.",
    )


def succeeds(account: Account, *command: str | Path) -> bool:
    """Whether a command exits with 0 when `account` runs it from the root directory with an empty environment."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd="/",
            env=environment(), timeout=30, check=False, **account.child(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def environment() -> dict[str, str]:
    """The environment of server programs: no locale and no PG* of ours, only what finds programs and libraries."""
    kept = {key: value for key, value in os.environ.items() if key in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")}
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **kept}
