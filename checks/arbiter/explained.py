"""The answer for one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..access.model import Access
    from ..catalog.model import Relation
    from ..sql import ParsedWrite
    from .model import Candidate, DecidedBy, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class ExplainedWrite:
    """One INSERT of the statement: its relation, the verdict, and what a role may do, if one is named."""

    parsed: ParsedWrite
    relation: Relation | None
    verdict: Verdict
    access: Access | None = None

    @property
    def outcome(self) -> Outcome:
        """The verdict's outcome."""
        return self.verdict.outcome


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict about a statement: that of its worst INSERT. `arbiters` are index names."""

    outcome: Outcome
    sqlstate: str | None
    arbiters: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    decided_by: DecidedBy | None
    reason: str | None
    sites: tuple[ExplainedWrite, ...]
