"""From a write and its relation to the verdict: catalog first, then whoever can be asked, then the error ladder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from .answers import Answer, Arbiters, NoAnswer, Refusal
from .inference import Conclusion, conclude, conclude_arbiters
from .ladder import ladder
from .model import DecidedBy, Inferred, NotInferred, Outcome, Unknown, Verdict
from .stages import CLAUSE, PLAN, Fault
from .views import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import Write
    from .model import Candidate, Inference, StatementError

PARAMETER = (
    "the target holds a parameter: the index is found while the server plans with its value, and no longer once it "
    "takes the generic plan (the 6th execution of a prepared statement, the 11th with psycopg's default)"
)


class Asks(Protocol):
    """Someone who knows what a planner says: a server, or a twin of the table."""

    @property
    def decided_by(self) -> DecidedBy:
        """Who that is, for the report."""
        ...

    def ask(self, write: Write, relation: Relation, search_path: Sequence[str]) -> Answer:
        """What inference comes to for this clause, or why that cannot be told."""
        ...


def judge_write(write: Write, relation: Relation, catalog: Catalog, asked: Asks | None = None) -> Verdict:
    """The verdict about one write into that relation. `asked` is consulted only where the catalog cannot tell."""
    conclusion, decided_by = conclude(write, relation, catalog), DecidedBy.CATALOG
    if isinstance(conclusion.inference, Unknown) and conclusion.askable and asked is not None:
        answer = asked.ask(write, relation, write.search_path or catalog.search_path)
        if not isinstance(answer, NoAnswer):
            conclusion, decided_by = _answered(conclusion, answer, relation, catalog), asked.decided_by
        else:
            conclusion = replace(conclusion, inference=replace(conclusion.inference, reason=_both(conclusion, answer)))
    errors = ladder(write, relation, reach(relation, catalog), catalog, conclusion.faults)
    return _verdict(conclusion, errors, decided_by)


def _both(conclusion: Conclusion, answer: NoAnswer) -> str:
    reason = conclusion.inference.reason if isinstance(conclusion.inference, Unknown) else ""
    return f"{reason}; the planner could not tell either: {answer.reason}" if answer.reason else reason


def _answered(conclusion: Conclusion, answer: Arbiters | Refusal, relation: Relation, catalog: Catalog) -> Conclusion:
    """The planner's word in place of the catalog's. What only the executor says is still the catalog's."""
    base = reach(relation, catalog).base
    if isinstance(answer, Arbiters):
        names = set(answer.names)
        found = conclude_arbiters(tuple(ix for ix in base.indexes if ix.name in names))
        return replace(found, faults=(*conclusion.faults, *found.faults))
    stage = PLAN if answer.sqlstate in ("42P10", "42809") else CLAUSE
    candidates = (*conclusion.suspects, *_candidates(conclusion.inference))
    fault = Fault(stage, answer.sqlstate, answer.message)
    refused = NotInferred(answer.sqlstate, answer.message, candidates)
    return replace(conclusion, inference=refused, faults=(*conclusion.faults, fault))


def _verdict(conclusion: Conclusion, errors: tuple[StatementError, ...], decided_by: DecidedBy) -> Verdict:
    first = next((error for error in errors if error.certain), None)
    in_clause = next((error for error in errors if error.certain and error.clause), None)
    inference = conclusion.inference
    outcome, arbiters, candidates, reason = Outcome.NO_MATCH, (), (), None
    match inference:
        case Inferred(found):
            outcome, arbiters = Outcome.MATCH, tuple(index.name for index in found)
        case NotInferred(_, message, candidates):
            reason = PARAMETER if conclusion.parametrised else message
        case Unknown(reason, candidates):
            outcome = Outcome.UNKNOWN
    if in_clause is not None and outcome is not Outcome.NO_MATCH:
        outcome, arbiters, reason = Outcome.NO_MATCH, (), in_clause.message
    return Verdict(
        outcome=outcome,
        sqlstate=first.sqlstate if first else None,
        arbiters=arbiters,
        candidates=candidates,
        decided_by=None if outcome is Outcome.UNKNOWN else decided_by,
        reason=reason,
        message=first.message if first else None,
        errors=errors,
        parameter_in_predicate=conclusion.parametrised and outcome is Outcome.NO_MATCH,
    )


def _candidates(inference: Inference) -> tuple[Candidate, ...]:
    return () if isinstance(inference, Inferred) else inference.candidates
