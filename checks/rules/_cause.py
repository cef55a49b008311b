"""Which rule speaks when the server refuses a conflict clause: the most specific cause, decided once for all rules."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from ..arbiter.model import (
    Exclusion,
    NotValid,
    Outcome,
    PredicateNotImplied,
)
from ..model import Action, AnyArbiter, DefaultKey, InferenceClause, NamedConstraint
from ._names import is_postgrest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..arbiter.model import BoundSite, Candidate, StatementError, Verdict
    from ..catalog.model import Index

INFERENCE_FAILED = "42P10"
_INFERENCE = {INFERENCE_FAILED, "42704", "42809", "55000"}
_WORD = re.compile(r'"(?:[^"]|"")*"|\w+')


class Cause(Enum):
    """Why a conflict clause is refused; each has one rule."""

    UNKNOWN_TABLE = auto()
    UNKNOWN_COLUMN = auto()
    AMBIGUOUS = auto()
    MISSING_TARGET = auto()
    CONSTRAINT_NAME = auto()
    EXCLUSION = auto()
    DEFERRABLE = auto()
    PARAMETER = auto()
    INVALID = auto()
    PARTIAL = auto()
    EXPRESSION = auto()
    POSTGREST = auto()
    NO_ARBITER = auto()
    OTHER = auto()


def cause(bound: BoundSite) -> Cause | None:  # noqa: PLR0911 - one arm per SQLSTATE reads best
    """The cause of a `no_match`; None when inference has another outcome."""
    if bound.verdict.outcome is not Outcome.NO_MATCH:
        return None
    if bound.relation is None:
        return Cause.UNKNOWN_TABLE
    error = clause_error(bound.verdict)
    if error is None:
        return Cause.OTHER
    match error.sqlstate:
        case "42703":
            return Cause.UNKNOWN_COLUMN
        case "42702":
            return Cause.AMBIGUOUS
        case "42601" if isinstance(bound.site.write.target, AnyArbiter) and bound.site.write.action is Action.UPDATE:
            return Cause.MISSING_TARGET
        case "55000" if "deferrable" in error.message:
            return Cause.DEFERRABLE
        case "42P10" if "ASC/DESC" in error.message or "NULLS FIRST/LAST" in error.message:
            return Cause.OTHER
        case "42P10" | "42704" | "42809":
            return _refused(bound, error)
        case _:
            return Cause.OTHER


def clause_error(verdict: Verdict) -> StatementError | None:
    """The error that the cause is about: that of inference, which others (in SET) may mask, else the clause's first."""
    errors = [e for e in verdict.errors if e.clause and e.certain]
    return next(iter([e for e in errors if e.sqlstate in _INFERENCE] or errors), None)


def key_of(bound: BoundSite) -> tuple[str, ...]:
    """The columns of the conflict target; those of the primary key where the client takes that."""
    target = bound.site.write.target
    if isinstance(target, DefaultKey):
        return bound.base.primary_key if bound.base else ()
    return target.columns if isinstance(target, InferenceClause) else ()


def unknown_in_target(bound: BoundSite) -> bool:
    """A target column does not exist, so that a missing arbiter is only the consequence."""
    target = bound.site.write.target
    columns = target.columns if isinstance(target, InferenceClause) else ()
    return any(e.sqlstate == "42703" and e.subject in columns for e in bound.verdict.errors)


def single(bound: BoundSite, kind: type[object]) -> Candidate | None:
    """The nearest candidate whose only mismatches are of this kind."""
    near = (c for c in bound.verdict.candidates if c.mismatches and all(isinstance(m, kind) for m in c.mismatches))
    return next(near, None)


def over_expression(bound: BoundSite) -> Index | None:
    """A full unique index on expressions of the target's columns, such as lower(email) for a target (email)."""
    target = bound.site.write.target
    if not isinstance(target, InferenceClause) or bound.base is None:
        return None
    columns = {column.name for column in bound.base.columns}
    wanted = columns & {*target.columns, *_words(e.expression for e in target.elements)}
    for index in bound.base.indexes:
        found = columns & {*(key.column for key in index.keys), *_words(key.expression for key in index.keys)}
        usable = index.unique and index.valid and not index.exclusion and index.predicate is None
        if usable and found == wanted and _has_expression(index):
            return index
    return None


def _words(expressions: Iterable[str | None]) -> set[str]:
    """Words are enough: this only picks the rule that speaks of a proven failure."""
    return {word.strip('"').replace('""', '"') for text in expressions if text for word in _WORD.findall(text)}


def nearby(bound: BoundSite) -> tuple[Candidate, ...]:
    """The candidates that share a column with the target, or that an expression or a name brought up."""
    columns = set(target.columns) if isinstance(target := bound.site.write.target, InferenceClause) else set()
    plain = bool(columns)
    return tuple(
        c for c in bound.verdict.candidates if not plain or columns & set(c.index.columns) or _has_expression(c.index)
    )


def _has_expression(index: Index) -> bool:
    return any(key.column is None for key in index.keys)


def _refused(bound: BoundSite, error: StatementError) -> Cause:  # noqa: PLR0911 - an ordered list of causes
    """42P10, 42704 and 42809: which index or constraint was meant."""
    named = isinstance(bound.site.write.target, NamedConstraint)
    if named and error.sqlstate != INFERENCE_FAILED:
        exclusion = error.sqlstate == "42809" and "exclusion" in error.message
        return Cause.EXCLUSION if exclusion else Cause.CONSTRAINT_NAME
    if error.sqlstate != INFERENCE_FAILED:
        return Cause.OTHER  # an unknown collation or operator class, a relation of the wrong kind
    if bound.verdict.parameter_in_predicate:
        return Cause.PARAMETER
    if single(bound, NotValid):
        return Cause.INVALID
    if single(bound, PredicateNotImplied):
        return Cause.POSTGREST if is_postgrest(bound.site) else Cause.PARTIAL
    if single(bound, Exclusion):
        return Cause.EXCLUSION
    if over_expression(bound):
        return Cause.POSTGREST if is_postgrest(bound.site) else Cause.EXPRESSION
    return Cause.NO_ARBITER
