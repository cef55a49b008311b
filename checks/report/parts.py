"""The parts that the JSON of a report and of an explanation share."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ..model import AnyArbiter, DefaultKey, InferenceClause, NamedConstraint, Unresolved
from ..rules import fragment

if TYPE_CHECKING:
    from ..access.model import Access
    from ..arbiter.model import Candidate, Verdict
    from ..model import ConflictTarget
    from ..schema.model import Loaded
    from . import document


def target_of(target: ConflictTarget) -> document.Target:
    """A conflict target; keys that do not apply to its kind are empty."""
    result: document.Target = {
        "kind": "none",
        "columns": [],
        "elements": [],
        "constraint": None,
        "predicate": None,
        "predicate_parameters": False,
    }
    match target:
        case InferenceClause():
            result["kind"] = "columns" if all(e.column is not None for e in target.elements) else "expression"
            result["columns"] = list(target.columns)
            result["elements"] = [element.text for element in target.elements]
            result["predicate"] = target.predicate
            result["predicate_parameters"] = target.predicate_parameters
        case NamedConstraint():
            result["kind"] = "constraint"
            result["constraint"] = target.name
        case AnyArbiter():
            pass
        case DefaultKey():
            result["kind"] = "default_key"
        case Unresolved():
            result["kind"] = "unresolved"
        case _:
            assert_never(target)
    return result


def verdict_of(verdict: Verdict, access: Access | None = None) -> document.Verdict:
    """A verdict, its candidates included, with what the role may do that runs the statement."""
    result: document.Verdict = {
        "outcome": verdict.outcome.value,
        "sqlstate": verdict.sqlstate,
        "client_code": verdict.client_code,
        "arbiters": list(verdict.arbiters),
        "candidates": [candidate_of(candidate) for candidate in verdict.candidates],
        "decided_by": verdict.decided_by.value if verdict.decided_by else None,
        "reason": verdict.reason,
    }
    if access is not None:
        from .access import access_of  # noqa: PLC0415 - most runs name no role

        result["access"] = access_of(access)
    return result


def candidate_of(candidate: Candidate) -> document.Candidate:
    """An index that does not count, and why."""
    return {
        "index": candidate.index.name,
        "columns": list(candidate.index.columns),
        "mismatches": [fragment(mismatch) for mismatch in candidate.mismatches],
    }


def judged_by(loaded: Loaded, version: str) -> dict[str, object]:
    """How the smaller documents begin: the tool and its version, the server, and the schema source."""
    server = loaded.server
    return {
        "schema_version": 1,
        "tool": {"name": "pgarbiter", "version": version},
        "server": {"version": server.version, "source": server.source, "database": server.database},
        "schema": loaded.schema.source,
    }
