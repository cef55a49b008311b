"""A write site and its verdict in one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..arbiter.model import Outcome
from ..model import (
    Action,
    AnyArbiter,
    DefaultKey,
    InferenceClause,
    Mechanism,
    NamedConstraint,
    Unresolved,
)
from ..rules import clause_error

if TYPE_CHECKING:
    from ..arbiter.model import Verdict
    from ..model import ConflictTarget, Write, WriteSite


def essence(site: WriteSite) -> str:
    """What the site does: `upsert into accounts on (user_id, external_id)`."""
    return essence_of(site.mechanism, site.write, site.key_columns or ())


def essence_of(mechanism: Mechanism, write: Write, key_columns: tuple[str, ...] = ()) -> str:  # noqa: PLR0911 - one arm each
    """The same of a write that has no place in a file."""
    table = str(write.table) if write.table else "a table known at run time"
    keys = f" by ({', '.join(key_columns)})" if key_columns else ""
    match mechanism:
        case Mechanism.ON_CONFLICT:
            return _upsert(write, table)
        case Mechanism.PLAIN_INSERT:
            return f"insert into {table}"
        case Mechanism.SELECT_THEN_INSERT:
            return f"select{keys}, then insert into {table}"
        case Mechanism.INSERT_THEN_SELECT:
            return f"insert into {table}, then select{keys}"
        case Mechanism.UPDATE_THEN_INSERT:
            return f"update{keys}, then insert into {table}"
        case Mechanism.DELETE_INSERT:
            return f"delete{keys}, then insert into {table}"
        case Mechanism.MERGE:
            return f"merge into {table}"
        case _:
            assert_never(mechanism)


def sentence(verdict: Verdict) -> str | None:
    """The verdict in one sentence; None where there is nothing to judge."""
    match verdict.outcome:
        case Outcome.MATCH:
            names = ", ".join(f'"{name}"' for name in verdict.arbiters)
            return f"arbiter{'s' if len(verdict.arbiters) > 1 else ''} {names}" if names else "no arbiter is needed"
        case Outcome.NO_MATCH:
            return _refusal(verdict)
        case Outcome.UNKNOWN:
            return f"cannot tell: {verdict.reason or 'no reason given'}"
        case Outcome.NOT_JUDGED:
            return None
        case _:
            assert_never(verdict.outcome)


def _refusal(verdict: Verdict) -> str:
    """What the server says of the conflict clause, which an earlier error of the statement may mask."""
    clause = clause_error(verdict)
    if clause:
        return f"{clause.message} ({clause.sqlstate})"
    said = verdict.message or verdict.reason or "the conflict clause is refused"
    return f"{said} ({verdict.sqlstate})" if verdict.sqlstate else said


def _upsert(write: Write, table: str) -> str:
    target = _target(write.target)
    if write.action is not Action.NOTHING:
        return f"upsert into {table}{f' on {target}' if target else ''}"
    if isinstance(write.target, NamedConstraint):
        target = f"on {target}"
    elif isinstance(write.target, DefaultKey):
        target = f"with {target}"
    return f"insert into {table}, on conflict{f' {target}' if target else ''} do nothing"


def _target(target: ConflictTarget) -> str:
    match target:
        case InferenceClause():
            elements = f"({', '.join(element.text for element in target.elements)})"
            return f"{elements} where {target.predicate}" if target.predicate else elements
        case NamedConstraint(name):
            return f"constraint {name}"
        case AnyArbiter():
            return ""
        case DefaultKey():
            return "its primary key"
        case Unresolved(reason):
            return f"an unknown target ({reason})"
        case _:
            assert_never(target)
