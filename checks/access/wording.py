"""Decisions in words: which policies decide, and what becomes of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from .model import Result, Row, Scenario

if TYPE_CHECKING:
    from .model import Outcome
    from .policies import Check

_ROWS = {Row.PROPOSED: "the row", Row.EXISTING: "the row that is there", Row.UPDATED: "the updated row"}
SCENARIOS = {
    Scenario.INSERTED_OWN: "own row, no conflict",
    Scenario.CONFLICT_OWN: "own row, conflict with an own one",
    Scenario.CONFLICT_FOREIGN: "own row, conflict with another owner's",
    Scenario.INSERTED_FOREIGN: "another owner's row, no conflict",
}


def refusal(check: Check, policy: str | None, role: str) -> str:
    """Which policies refuse a row: `policy` is the one that does, if it is one."""
    if not check.permissive:
        return f'no {"permissive " if check.restrictive else ""}{check.command} policy is for role "{role}"'
    deciding = next((one for one in check.restrictive if one.policy == policy), None)
    if deciding is not None:
        return f"restrictive policy {deciding} refuses {_ROWS[check.row]}"
    told = " and ".join(str(condition) for condition in check.permissive)
    few = len(check.permissive) == 1
    subject = f"{check.command} {'policy' if few else 'policies'} {told}"
    return f"{subject} {'refuses' if few else 'refuse'} {_ROWS[check.row]}"


def told(outcome: Outcome, role: str) -> str:
    """What becomes of the row, and by which policies."""
    left = ", unless WHERE leaves the row as it is" if outcome.unless_left else ""
    match outcome.result:
        case Result.REFUSED:
            why = refusal(outcome.check, outcome.policy, role) if outcome.check is not None else ""
            return f"refused ({outcome.sqlstate}){left}: {why}"
        case Result.DUPLICATE:
            return f"refused by the unique index ({outcome.sqlstate})"
        case Result.INSERTED | Result.UPDATED:
            by = f", by {' and '.join(outcome.passed)}" if outcome.passed else ""
            return f"{outcome.result}{left}{by}"
        case Result.SKIPPED:
            return "skipped"
        case Result.UNKNOWN:
            why = f": it depends on the row, by {outcome.check.command} policies" if outcome.check is not None else ""
            return f"cannot tell{why}"
        case _:
            assert_never(outcome.result)
