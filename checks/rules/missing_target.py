"""`DO UPDATE` has no conflict target.

Only `DO NOTHING` may leave the target out. MySQL's and SQLite's upserts can, which is where the habit comes from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._cause import Cause, cause
from ._names import index_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite


@rule(
    "PGA111",
    severity=Severity.ERROR,
    summary="ON CONFLICT DO UPDATE has no conflict target",
    effect="Every execution fails with 42601.",
    remedy="Name the columns of a unique index as the conflict target.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """DO UPDATE without a target."""
    del context
    if cause(bound) is not Cause.MISSING_TARGET or bound.base is None:
        return
    usable = [i for i in bound.base.indexes if i.unique and i.valid and i.immediate and not i.exclusion]
    yield Hit(
        message="ON CONFLICT DO UPDATE has no conflict target",
        effect="Every execution fails with 42601.",
        remedy=f"Name one: {', or '.join(index_in_client(bound.site, i) for i in usable[:3])}."
        if usable
        else "Create a unique index and name its columns.",
    )
