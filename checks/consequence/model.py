"""A change that nobody has made yet, and the fate of each write site under it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite
    from ..arbiter.without import Change
    from ..catalog.model import Index, Relation


class Fate(StrEnum):
    """What becomes of a site: it is refused each time, runs on but lets in what it stopped, or works as before."""

    DIES = "dies"
    LETS_IN = "lets_in"
    UNKNOWN = "unknown"
    SURVIVES = "survives"


@dataclass(frozen=True, slots=True)
class Affected:
    """A site that the index serves, or that writes to the table, and why it has that fate.

    `arbiters`: the indexes that serve it then.
    """

    site: BoundSite
    fate: Fate
    reason: str
    sqlstate: str | None = None
    arbiters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One change with the sites it affects, worst first; `impossible`: why the server does not allow it."""

    change: Change
    affected: tuple[Affected, ...] = ()
    impossible: str | None = None

    def count(self, fate: Fate) -> int:
        """How many sites have that fate."""
        return sum(one.fate is fate for one in self.affected)


@dataclass(frozen=True, slots=True)
class Dependent:
    """An object of the database that depends on it: `kind` is "constraint", "foreign key", "function", ..."""

    kind: str
    name: str
    on: str | None = None  # the table that it stands on


@dataclass(frozen=True, slots=True)
class Subject:
    """A table, or one of its indexes, that a name has led to."""

    relation: Relation
    index: Index | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What changes of one subject lead to, and what in the database depends on it."""

    subject: Subject
    outcomes: tuple[Outcome, ...]
    depends: tuple[Dependent, ...] = ()
    notes: tuple[str, ...] = ()
