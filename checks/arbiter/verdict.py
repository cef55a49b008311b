"""From a write and its relation to the verdict: catalog first, then whoever can be asked, then the error ladder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from .answers import Answer, Arbiters, NoAnswer, Refusal
from .inference import Conclusion, conclude, conclude_arbiters
from .ladder import ladder
from .model import DecidedBy, Inferred, NotInferred, Outcome, Unknown, Verdict
from .stages import ARBITER, CLAUSE, ON_CONFLICT, PLAN, REWRITE, Fault
from .views import reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..catalog.model import Relation
    from ..catalog.read import Catalog
    from ..model import Write
    from .model import Candidate, Inference, StatementError

_NO_TABLE = "42P01"  # worded differently for DO NOTHING, which is what a planner is asked
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
    open_ = conclusion.inference
    if isinstance(open_, Unknown) and conclusion.askable and asked is not None:
        answer = asked.ask(write, relation, catalog.search_path if write.search_path is None else write.search_path)
        if isinstance(answer, NoAnswer):
            reason = f"{open_.reason}; the planner could not tell either: {answer.reason}"
            conclusion = replace(conclusion, inference=replace(open_, reason=reason))
        else:
            conclusion, decided_by = _answered(conclusion, answer, relation, catalog), asked.decided_by
    errors = ladder(write, relation, reach(relation, catalog), catalog, conclusion.faults)
    return _verdict(conclusion, errors, decided_by)


def _answered(conclusion: Conclusion, answer: Arbiters | Refusal, relation: Relation, catalog: Catalog) -> Conclusion:
    """The planner's word in place of the catalog's. What only the executor says is still the catalog's."""
    base = reach(relation, catalog).base
    if isinstance(answer, Arbiters):
        names = set(answer.names)
        found = conclude_arbiters(tuple(ix for ix in base.indexes if ix.name in names))
        later = (fault for fault in conclusion.faults if fault.stage > PLAN)  # what comes before did not happen
        return replace(found, faults=(*later, *found.faults))
    stage = PLAN if answer.sqlstate in ("42P10", "42809") else CLAUSE
    candidates = (*conclusion.suspects, *_candidates(conclusion.inference))
    said = (answer.sqlstate, answer.message)
    known = (f for f in conclusion.faults if said == (f.sqlstate, f.message) or said[0] == f.sqlstate == _NO_TABLE)
    fault = next(known, Fault(stage, *said))
    refused = NotInferred(answer.sqlstate, answer.message, candidates)
    return replace(conclusion, inference=refused, faults=(fault, *conclusion.faults))


def _verdict(conclusion: Conclusion, errors: tuple[StatementError, ...], decided_by: DecidedBy) -> Verdict:
    inference = conclusion.inference
    # While inference is open, what comes after it may not be what the server answers.
    known = ARBITER if not isinstance(inference, Unknown) else ON_CONFLICT if conclusion.unsound else REWRITE
    sure = [e for e in errors if e.certain and e.stage <= known]
    first = next(iter(sure), None)
    in_clause = next((error for error in sure if error.clause), None)
    outcome, arbiters, reason = _outcome(conclusion)
    if in_clause is not None and outcome is not Outcome.NO_MATCH:
        outcome, arbiters, reason = Outcome.NO_MATCH, (), in_clause.message
    return Verdict(
        outcome=outcome,
        sqlstate=first.sqlstate if first else None,
        arbiters=arbiters,
        candidates=_candidates(inference),
        decided_by=None if outcome is Outcome.UNKNOWN else decided_by,
        reason=reason,
        message=first.message if first else None,
        errors=errors,
        parameter_in_predicate=conclusion.parametrised and outcome is Outcome.NO_MATCH,
    )


def _outcome(conclusion: Conclusion) -> tuple[Outcome, tuple[str, ...], str | None]:
    """The outcome of inference alone, the names of the arbiters, and the reason for anything but a match."""
    match conclusion.inference:
        case Inferred(found):
            return Outcome.MATCH, tuple(index.name for index in found), None
        case NotInferred(_, message, _):
            return Outcome.NO_MATCH, (), PARAMETER if conclusion.parametrised else message
        case Unknown(reason, _):
            return Outcome.UNKNOWN, (), reason


def _candidates(inference: Inference) -> tuple[Candidate, ...]:
    return () if isinstance(inference, Inferred) else inference.candidates
