"""What a server is made from, and what can be had."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

OLDEST_MAJOR = 14
NEWEST_MAJOR = 18


class Kind(StrEnum):
    """Where a server comes from."""

    EMBEDDED = "embedded"
    LOCAL = "local"
    DOCKER = "docker"
    URL = "url"


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one installed PostgreSQL: `directory` holds initdb and postgres, `version` is like "18.4"."""

    kind: Kind
    directory: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, 18 for "18.4" and for "18beta1"."""
        digits = self.version.split(".", maxsplit=1)[0]
        return int("".join(c for c in digits[:2] if c.isdigit()))

    @property
    def program(self) -> Path:
        """The server itself."""
        return self.directory / "postgres"


@dataclass(frozen=True, slots=True)
class Availability:
    """One way to a server: `problem` is None when it can be had, else why it cannot."""

    kind: str
    version: str | None
    where: str | None
    problem: str | None
