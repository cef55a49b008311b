"""What a plan, a status and a verification say; frozen, as JSON reports show it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import PgArbiterError


class MigrateError(PgArbiterError):
    """A migration cannot go on. The message says what state the database is in, the hint what to run next.

    `sqlstate` is that of the statement that failed, None where none did.
    """

    def __init__(self, message: str, hint: str | None = None, sqlstate: str | None = None) -> None:
        super().__init__(message, hint)
        self.sqlstate = sqlstate


class Interrupted(MigrateError):  # noqa: N818 - someone wanted it
    """Someone pressed Ctrl-C, and the run has stopped cleanly."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of the scripts. `path` is relative to the directory of alembic.ini."""

    revision: str
    down: tuple[str, ...]
    doc: str
    path: str


@dataclass(frozen=True, slots=True)
class Scripts:
    """What Alembic says: the heads of the scripts, the revisions of the database, those to be run in their order.

    `outer`: env.py holds a transaction of its own around all revisions.
    """

    heads: tuple[str, ...]
    current: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    pending: tuple[Revision, ...] = ()
    version_table: str = "alembic_version"
    version_schema: str | None = None
    outer: bool = False


@dataclass(frozen=True, slots=True)
class TakenLock:
    """A lock on a relation: `mode` as LOCK TABLE spells it, what of an application waits for it, and the live table.

    `brief` is True for a lock that is released within moments, False for one held for a scan, None where that cannot be
    told before. `rows` (as the server estimates) and `bytes` are None when the live database has no such relation.
    """

    relation: str
    mode: str
    blocks: str
    brief: bool | None = None
    rewrite: bool = False
    rows: int | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class DataFinding:
    """What of the live data a revision meets. `state`: "clean", "fails", "taken out", "unclear" or "not asked"."""

    what: str
    state: str
    groups: int = 0
    rows: int = 0
    samples: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SiteChange:
    """A write site whose statement finds its arbiter from a step on ("gains"), or no longer does ("loses")."""

    change: str
    place: str
    essence: str
    reason: str | None = None


@dataclass(slots=True)
class PlannedStep:
    """One statement, or one step of an online operation."""

    name: str
    sql: str
    why: str | None = None
    transactional: bool = True
    locks: tuple[TakenLock, ...] = ()
    sites: tuple[SiteChange, ...] = ()


@dataclass(slots=True)
class PlannedRevision:
    """One pending revision. `not_planned` is the reason why it could not be run, `error` what is wrong with it."""

    revision: Revision
    steps: list[PlannedStep] = field(default_factory=list)
    data: list[DataFinding] = field(default_factory=list)
    online: str | None = None
    not_planned: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Plan:
    """All pending revisions of a database. `lost` are the sites that have lost their arbiter at the end."""

    database: str
    server: str
    current: tuple[str, ...]
    revisions: list[PlannedRevision]
    sites: int = 0
    lost: tuple[SiteChange, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def in_the_way(self) -> bool:
        """Whether something of it will fail, or leaves a write site without its arbiter."""
        fails = any(found.state == "fails" for each in self.revisions for found in each.data)
        return fails or bool(self.lost) or any(each.error for each in self.revisions)

    @property
    def complete(self) -> bool:
        """Whether every pending revision could be planned."""
        return not any(each.not_planned for each in self.revisions)


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of `source` that went to quarantine, or came back from there."""

    rule: str
    source: str
    rows: int


@dataclass(frozen=True, slots=True)
class AppliedStep:
    """A step of an online operation by its `name`, or a statement: `sql`. `rows` is None where that is not known."""

    name: str
    sql: str
    seconds: float
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class AppliedRevision(Revision):
    """A revision that was run and recorded. `online` is the directive of its online operation.

    Steps that an earlier run had done are not among `steps`, nor is what that had put into quarantine.
    """

    seconds: float = 0.0
    online: str | None = None
    steps: tuple[AppliedStep, ...] = ()
    quarantined: tuple[Moved, ...] = ()
    restored: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What `up` or `down` has done: the revisions that ran, in order, and notes on what is left to do."""

    revisions: tuple[AppliedRevision, ...]
    current: tuple[str, ...]
    notes: tuple[str, ...] = ()
    notified: str | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Something that is there and should not stay: what it is, and the statements that take it away.

    `remove` is empty while process `pid` works on it, or builds or drops it.
    """

    what: str
    remove: tuple[str, ...] = ()
    pid: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """Where a database stands. Each of `not_valid` and `quarantined` is one line; `left` is of unfinished operations.

    `remove` of an unfinished operation only has the journal forget it.
    """

    database: str
    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[Revision, ...]
    unknown: tuple[str, ...] = ()
    unfinished: tuple[Left, ...] = ()
    left: tuple[Left, ...] = ()
    invalid: tuple[Left, ...] = ()
    not_valid: tuple[str, ...] = ()
    quarantined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the database is not what the scripts make. `kind`: "missing", "different", "INVALID" or "NOT VALID"."""

    kind: str
    what: str
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """The comparison; `extra` is what the scripts do not make, which is no difference; `left` is of operations."""

    database: str
    current: tuple[str, ...]
    relations: int
    differences: tuple[Difference, ...]
    extra: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether it is as it should be; what somebody works on now is no difference."""
        return not self.differences and not any(each.remove for each in self.left)


Event = dict[str, Any]
