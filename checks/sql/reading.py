"""What reading SQL gives: writes with their places, problems, and statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Mechanism, Write


@dataclass(frozen=True, slots=True)
class ParsedWrite:
    """One INSERT or MERGE. Offsets count characters of the text that was read, from 0.

    `offset` is where INSERT (or MERGE) stands, `conflict_offset` where ON of ON CONFLICT does (`offset` if there is
    none), `end` is past the last character. `sql` is the statement around it, holes and placeholders as `$1`, `$2`, ...
    """

    mechanism: Mechanism
    write: Write
    offset: int
    conflict_offset: int
    end: int
    sql: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A place that looks like a write and is not read as one, and why."""

    offset: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds. `not_postgres` is the evidence that it is written for another database system, if any."""

    writes: tuple[ParsedWrite, ...] = ()
    problems: tuple[Problem, ...] = ()
    not_postgres: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without leading blanks and comments; `error` says why it does not parse."""

    text: str
    offset: int
    error: str | None = None
