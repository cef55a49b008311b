"""The server refuses the statement for a reason that has no rule of its own.

Everything else that PostgreSQL answers each time the statement runs: rules on the table, a view that cannot be
written, a column named twice, an unknown collation or operator class in the target, and more. The message is the
server's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ._cause import INFERENCE_FAILED, Cause, cause, clause_error
from ._registry import Hit, RuleContext, rule
from .ambiguous_target_name import AMBIGUOUS_COLUMN
from .generated_column_written import GENERATED_ALWAYS
from .model import Severity
from .not_null_not_covered import NOT_NULL_VIOLATION
from .unknown_column import UNDEFINED_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite, StatementError

_OWN_RULE = {UNDEFINED_COLUMN, AMBIGUOUS_COLUMN, GENERATED_ALWAYS, NOT_NULL_VIOLATION}


@rule(
    "PGA199",
    severity=Severity.ERROR,
    summary="the server refuses the statement",
    effect="Every execution fails with the SQLSTATE that the finding names.",
    remedy="Change what the server's message names.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Certain errors that no other rule reports."""
    del context
    if bound.relation is None:
        return
    spoken = clause_error(bound.verdict) if cause(bound) not in {None, Cause.OTHER} else None
    for error in dict.fromkeys(bound.verdict.errors):
        if error.certain and error is not spoken and not _has_rule(bound, error):
            yield Hit(
                message=error.message,
                effect=f"Every execution fails with {error.sqlstate}.",
                remedy="Change the statement, or what the message names in the database.",
            )


def _has_rule(bound: BoundSite, error: StatementError) -> bool:
    if error.sqlstate in _OWN_RULE and error.subject is not None:
        return True
    # What inference says behind an error of its own clause is a consequence, or the same in other words.
    consequence = error.clause and error.sqlstate in {INFERENCE_FAILED, "55000"}
    return consequence and (bound.verdict.outcome is not Outcome.NO_MATCH or cause(bound) is not Cause.OTHER)
