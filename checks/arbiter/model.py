"""The answer of inference, in PostgreSQL's words: inferred, not inferred with reasons, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..catalog.model import Index, Relation
    from ..model import WriteSite


class Outcome(StrEnum):
    """The verdict's outcome, as in the JSON report."""

    MATCH = "match"
    NO_MATCH = "no_match"
    UNKNOWN = "unknown"
    NOT_JUDGED = "not_judged"


class DecidedBy(StrEnum):
    """Who decided: the catalog rows, the planner of that server, or an embedded twin of the table."""

    CATALOG = "catalog"
    SERVER = "server"
    TWIN = "twin"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An index that is near the target, with every reason why it does not count. Sentence fragments, lower case."""

    index: Index
    mismatches: tuple[Mismatch, ...]


@dataclass(frozen=True, slots=True)
class NotUnique:
    """The index is not unique."""


@dataclass(frozen=True, slots=True)
class NotValid:
    """pg_index.indisvalid is false."""


@dataclass(frozen=True, slots=True)
class Deferrable:
    """The constraint is deferrable: the planner takes it, the executor refuses it (55000)."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An exclusion or WITHOUT OVERLAPS constraint is never inferred from columns."""


@dataclass(frozen=True, slots=True)
class ColumnsDiffer:
    """The key columns are another set; `missing` are in the index only, `extra` in the target only."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExpressionsDiffer:
    """Expressions of the index that the target lacks, and the other way round."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CollationDiffers:
    """The target asks for a collation that the key does not have."""

    element: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class OpclassDiffers:
    """The target asks for an operator class that the key does not have."""

    element: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class PredicateNotImplied:
    """The index is partial and the target's WHERE does not imply its predicate (None: the target has no WHERE)."""

    index_predicate: str
    target_predicate: str | None
    parametrised: bool = False


@dataclass(frozen=True, slots=True)
class OnlyOnPartition:
    """The index stands on a partition or inheritance child, not on the table that the statement names."""

    relation: str


@dataclass(frozen=True, slots=True)
class OtherSchema:
    """The index stands on a table of the same name in another schema."""

    relation: str


@dataclass(frozen=True, slots=True)
class NotAConstraint:
    """ON CONSTRAINT names a bare index, which has no row in pg_constraint."""


Mismatch = (
    NotUnique
    | NotValid
    | Deferrable
    | Exclusion
    | ColumnsDiffer
    | ExpressionsDiffer
    | CollationDiffers
    | OpclassDiffers
    | PredicateNotImplied
    | OnlyOnPartition
    | OtherSchema
    | NotAConstraint
)


@dataclass(frozen=True, slots=True)
class StatementError:
    """An error that the server raises for a statement each time it runs. `message` as the server words it.

    `stage` orders the ladder: errors of a lower stage mask those of a higher one. `clause`: raised by the conflict
    clause (target, its WHERE, SET, DO UPDATE's WHERE), so that it decides the outcome. `subject`: the name it is about.
    `certain` False: it depends on rows or triggers (a BEFORE trigger may fill a NOT NULL column).
    """

    stage: int
    sqlstate: str
    message: str
    clause: bool = False
    subject: str | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Inferred:
    """These indexes arbitrate, in OID order; empty for DO NOTHING without a target and for a plain insert."""

    arbiters: tuple[Index, ...]


@dataclass(frozen=True, slots=True)
class NotInferred:
    """The server refuses the conflict clause."""

    sqlstate: str
    message: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """Cannot tell, and why."""

    reason: str
    candidates: tuple[Candidate, ...] = ()


Inference = Inferred | NotInferred | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the report says of one site; see the JSON report's `verdict`."""

    outcome: Outcome
    sqlstate: str | None = None
    client_code: str | None = None
    arbiters: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    decided_by: DecidedBy | None = None
    reason: str | None = None
    message: str | None = None  # the server's message that goes with sqlstate
    errors: tuple[StatementError, ...] = ()  # the whole ladder, first error first
    parameter_in_predicate: bool = False  # matches under a custom plan, 42P10 under the generic one


@dataclass(frozen=True, slots=True)
class BoundSite:
    """A site joined to the relation that its statement reaches, with the verdict about its conflict clause.

    `base` is the table behind an auto-updatable view, the relation itself otherwise. `live`: the catalog is that of a
    live database, so what it lacks is absent; in a schema source it may only be undefined.
    """

    site: WriteSite
    relation: Relation | None
    base: Relation | None
    verdict: Verdict
    live: bool
    when_run: bool = False  # judged on the loading connection, just before the migration ran it
