"""The only constraint that fits is an exclusion constraint, or a temporal one (WITHOUT OVERLAPS).

Neither is ever inferred from columns, not even `EXCLUDE USING btree (a WITH =)`. `ON CONSTRAINT name DO NOTHING` works;
`DO UPDATE` is refused, since more than one row may be in conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Exclusion
from ..model import Action, NamedConstraint
from ._cause import Cause, cause, clause_error, single
from ._names import constraint_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


@rule(
    "PGA108",
    severity=Severity.ERROR,
    summary="the only constraint that fits is an exclusion constraint",
    effect="Every execution fails with 42P10, or with 42809 for DO UPDATE.",
    remedy="Use ON CONSTRAINT with DO NOTHING, or add a unique constraint.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A conflict clause that only an exclusion constraint could serve."""
    del context
    target, near, error = bound.site.write.target, single(bound, Exclusion), clause_error(bound.verdict)
    name = target.name if isinstance(target, NamedConstraint) else near.index.name if near else None
    if cause(bound) is not Cause.EXCLUSION or name is None or error is None:
        return
    update = bound.site.write.action is Action.UPDATE
    why = "arbitrates for DO NOTHING only" if isinstance(target, NamedConstraint) else "is never inferred from columns"
    usable = f"{constraint_in_client(bound.site, name)} with DO NOTHING"
    change = "Add a unique constraint on plain columns and name those" if update else f"Name it: {usable}"
    yield Hit(
        message=f'"{name}" is an exclusion constraint, which {why}',
        effect=f"Every execution fails with {error.sqlstate}.",
        remedy=f"{change}." + (f" An exclusion constraint only serves {usable}." if update else ""),
    )
