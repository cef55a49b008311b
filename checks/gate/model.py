"""What a gate says: which code breaks in which state of the schema, why, and in which order a deploy is safe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from ..errors import PgArbiterError

if TYPE_CHECKING:
    from ..model import WriteSite


class GateError(PgArbiterError):
    """The gate cannot be asked: no such commit, no schema there, revisions that do not run."""


class Code(StrEnum):
    """The program that runs now, the one that is deployed, and what the database itself runs in each state."""

    OLD = "old"
    NEW = "new"
    DATABASE = "database"


class Answer(StrEnum):
    """What becomes of a write site in a state of the schema."""

    OK = "ok"
    BREAKS = "breaks"
    UNKNOWN = "unknown"
    ABSENT = "absent"  # a function that this state does not have, or not with that text


class Order(StrEnum):
    """In which order a deploy runs migrations and exchanges the code."""

    MIGRATIONS_FIRST = "migrations-first"
    CODE_FIRST = "code-first"
    ANY = "any"


class Standing(StrEnum):
    """What a row means for a deploy."""

    BREAKS = "breaks"  # taken by the schema at some time, refused at another
    BROKEN = "broken"  # new code that no state takes
    ALREADY_BROKEN = "already broken"  # refused before and after, as it was in the old code
    MENDED = "mended"  # refused before, and taken in the end
    DOUBTFUL = "doubtful"  # taken in one state, and not to be told in another


@dataclass(frozen=True, slots=True)
class Ran:
    """A statement of a revision; `line` from 1, None where a program made it."""

    path: str
    line: int | None
    text: str

    @property
    def place(self) -> str:
        """path:line."""
        return self.path if self.line is None else f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class State:
    """The schema at one time: "before", or after the pending revision of that name.

    `label` is short, for the head of a column; `path` is the file of the revision, `statements` are those that ran.
    """

    name: str
    label: str
    path: str | None = None
    statements: tuple[Ran, ...] = ()
    follows: bool = False  # made of the one before, in the same database


@dataclass(frozen=True, slots=True)
class Cell:
    """What becomes of one site in one state; `said` is the server's message, or why it cannot be told."""

    answer: Answer
    sqlstate: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A write site that breaks in some state, of one code or of both, with a cell for each state."""

    codes: tuple[Code, ...]
    site: WriteSite
    cells: tuple[Cell, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Why:
    """Why rows break, in one sentence each; all of them for the same reason.

    `state`: the index of the state from which on they are refused, or from which on they are taken (`early`: the code
    must not run before it); None where no state takes them. `changes`: what the revision did to the table; `by`: the
    statements of the revision that did it.
    """

    rows: tuple[Row, ...]
    state: int | None
    early: bool
    sqlstate: str | None
    message: str
    changes: tuple[str, ...]
    by: tuple[Ran, ...]
    remedy: str


@dataclass(frozen=True, slots=True)
class Count:
    """The write sites of one code: all that were judged, and those of which something is unknown in some state.

    `upserts_unknown` are those that `check` counts as unknown; `others_unknown` the other writes; `unresolved` those
    whose statement is only known at run time, and that were not judged.
    """

    judged: int = 0
    upserts_unknown: int = 0
    others_unknown: int = 0
    unresolved: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One database of the project. `name` None: the only one, or that of all files which no other covers.

    `first_for_new`: the index of the earliest state from which on the new code works, None if there is none;
    `last_for_old`: that of the last state up to which the old code works. `first_inside`: that of the first one in
    which a function of the database fails that did not before; no order helps that.
    """

    name: str | None
    source: str
    server: str
    states: tuple[State, ...]
    rows: tuple[Row, ...]
    whys: tuple[Why, ...]
    counts: dict[Code, Count]
    first_for_new: int | None
    last_for_old: int
    first_inside: int | None = None
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()  # the commonest reasons for what is unknown

    @property
    def end(self) -> int:
        """The index of the last state."""
        return len(self.states) - 1

    def is_safe(self, order: Order) -> bool:
        """Whether no write site breaks in that order; ANY: in one of them, or with the code in between."""
        if self.first_inside is not None:
            return False
        match order:
            case Order.MIGRATIONS_FIRST:
                return self.first_for_new is not None and self.last_for_old == self.end
            case Order.CODE_FIRST:
                return self.first_for_new == 0
            case Order.ANY:
                return self.first_for_new is not None and self.first_for_new <= self.last_for_old


@dataclass(frozen=True, slots=True)
class Gate:
    """The answer for all databases of a project. `base` and `head` say what old and new code are."""

    version: str
    base: str
    head: str
    order: Order
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()  # files that could not be read and may hold other sites

    @property
    def is_safe(self) -> bool:
        """Whether nothing breaks in the order that was asked for."""
        return all(part.is_safe(self.order) for part in self.parts)

    def unknown(self) -> int:
        """How many upserts cannot be told about: in the database, and the larger number of old and new code."""
        found = {code: sum(part.counts[code].upserts_unknown for part in self.parts) for code in Code}
        return max(found[Code.OLD], found[Code.NEW]) + found[Code.DATABASE]

    @property
    def is_untold(self) -> bool:
        """Whether there are write sites, and nothing is known of any."""
        counts = [count for part in self.parts for count in part.counts.values()]
        found = sum(count.judged + count.unresolved for count in counts)
        known = sum(count.judged - count.upserts_unknown - count.others_unknown for count in counts)
        return found > 0 and known == 0
