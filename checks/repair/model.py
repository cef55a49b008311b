"""What repair offers: changes of the schema and patches of statements, each with its price and its effects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from ..catalog.model import Index
    from ..model import Span
    from ..online.model import Operation
    from ..rules.model import Finding


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something that a change does at a write site: what, in words, and where. `finding` is that of the check."""

    span: Span | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to all write sites, told by running it on an empty copy of the schema.

    `cured`: findings that go; `broken`: errors that come; `then`: warnings that come; `ambiguous`: sites that have
    several arbiters afterwards.
    """

    cured: tuple[Elsewhere, ...] = ()
    broken: tuple[Elsewhere, ...] = ()
    then: tuple[Elsewhere, ...] = ()
    ambiguous: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the schema: online operations, a revision each, in this order.

    `name` tells it apart among the cures of one finding (`--choose`), `says` is one clause, `tradeoff` one sentence.
    `asks`: whoever owns the data must decide for it, it is never chosen by default. `data` counts the rows that are in
    its way in the live database. `before`: SQL that a script of statements needs first; an operation sees to it itself.
    """

    name: str
    operations: tuple[Operation, ...]
    says: str
    tradeoff: str
    asks: bool = False
    effect: Effect | None = None
    data: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` of a decoded file give way to `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of the application's statement, to be read and applied by its owner; `diff` is unified.

    With `edits` made, the scanner reads the statement so, and the finding is gone: that has been tried. `then`: what
    check says of the statement afterwards that it did not say before. `asks`: as for a change. `needs`: a change that
    has to be made before, which is taken with it.
    """

    name: str
    path: str
    edits: tuple[Edit, ...]
    says: str
    tradeoff: str
    diff: str = ""
    then: tuple[Elsewhere, ...] = ()
    asks: bool = False
    needs: Change | None = None


Cure: TypeAlias = Change | Patch


@dataclass(frozen=True, slots=True)
class InferIndex:
    """The conflict target is to be the one that infers this index."""

    index: Index


@dataclass(frozen=True, slots=True)
class NameConstraint:
    """The conflict target is to be ON CONSTRAINT with this name."""

    name: str


@dataclass(frozen=True, slots=True)
class OneStatement:
    """The plain INSERT is to have a conflict clause on these columns, with that predicate."""

    columns: tuple[str, ...]
    predicate: str | None = None


Wanted: TypeAlias = InferIndex | NameConstraint | OneStatement


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A patch that is still to be made and tried; `needs` as for that."""

    name: str
    wanted: Wanted
    says: str
    tradeoff: str
    needs: Change | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A cure that one could think of, and why it is not offered: `what` is a clause, `why` another."""

    what: str
    why: str


Idea: TypeAlias = Change | Rewrite | NotOffered


@dataclass(frozen=True, slots=True)
class Proposal:
    """A finding with its cures, best first, those that are not offered, and the one that was chosen.

    `race`: for a race, its two sessions line by line.
    """

    finding: Finding
    cures: tuple[Cure, ...]
    not_offered: tuple[NotOffered, ...] = ()
    chosen: Cure | None = None
    race: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenRevision:
    """A revision: its id, where it stands, its text, and the findings that it is for."""

    revision: str
    path: str
    text: str
    operation: Operation
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Repairs:
    """What a run of repair came to.

    `revisions` are written unless it was a dry run; `scripts` stand for them where the project has no Alembic.
    `patch` is the diff of all chosen patches. `remaining`: the errors and warnings that check still finds after all.
    """

    proposals: tuple[Proposal, ...]
    revisions: tuple[WrittenRevision, ...] = ()
    scripts: tuple[str, ...] = ()
    patch: str = ""
    remaining: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = field(default=())
    written: bool = False

    @property
    def uncured(self) -> tuple[Proposal, ...]:
        """The findings for which nothing was chosen."""
        return tuple(proposal for proposal in self.proposals if proposal.chosen is None)


def change_of(proposal: Proposal) -> Change | None:
    """The change that goes with what was chosen: it, or what the patch needs."""
    return proposal.chosen.needs if isinstance(proposal.chosen, Patch) else proposal.chosen
