"""A name in the conflict clause is both a column and a variable.

In PL/pgSQL an argument, a variable or a column of RETURNS TABLE that is named like a column of the conflict target
makes the target ambiguous: the function is created without complaint and each call fails. The same error comes from
SET, where a bare column may be that of the table or of EXCLUDED. `ON CONSTRAINT` has no names to be ambiguous, and
`#variable_conflict use_column` decides for the column; `use_variable` only trades 42702 for 42P10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._names import named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite

AMBIGUOUS_COLUMN = "42702"


@rule(
    "PGA110",
    severity=Severity.ERROR,
    summary="a name in the conflict clause is ambiguous",
    effect="Every execution fails with 42702.",
    remedy="Rename the variable, qualify the column, or put #variable_conflict use_column at the top of the body.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Names that mean a column and something else."""
    del context
    errors = [e for e in bound.verdict.errors if e.sqlstate == AMBIGUOUS_COLUMN and e.certain and e.subject]
    names = tuple(dict.fromkeys(e.subject for e in errors if e.subject))
    if not names:
        return
    variables = tuple(name for name in names if name in bound.site.write.variables)
    if variables:
        what = "both columns and PL/pgSQL variables" if len(variables) > 1 else "both a column and a PL/pgSQL variable"
        remedy = "Put #variable_conflict use_column at the top of the body, rename the variable, or use ON CONSTRAINT."
    else:
        what = "columns of both the table and EXCLUDED" if len(names) > 1 else "a column of both the table and EXCLUDED"
        remedy = f"Qualify the column with the table's name or with EXCLUDED, as in EXCLUDED.{next(iter(names))}."
    yield Hit(
        message=f"{named(variables or names)} {'are' if len(variables or names) > 1 else 'is'} {what}",
        effect="Every execution fails with 42702; CREATE FUNCTION does not notice."
        if variables
        else "Every execution fails with 42702.",
        remedy=remedy,
    )
