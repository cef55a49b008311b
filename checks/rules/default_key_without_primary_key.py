"""An upsert names no conflict target, and the table has no primary key to take instead.

PostgREST then leaves the ON CONFLICT clause out: the call is a plain INSERT. Nothing fails; each call adds another row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import DefaultKey, Mechanism
from ._names import target_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index


@rule(
    "PGA203",
    severity=Severity.ERROR,
    summary="an upsert without a target, on a table without a primary key",
    effect="Each call is a plain INSERT: duplicates pile up, or another unique index answers 23505.",
    remedy="Name the conflict target, or add a primary key.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A default key that is not there."""
    del context
    site, relation = bound.site, bound.base
    if site.mechanism is not Mechanism.ON_CONFLICT or not isinstance(site.write.target, DefaultKey) or relation is None:
        return
    if relation.primary_key:
        return
    full = next((i for i in relation.indexes if _serves(i)), None)
    effect = f'a row that exists is refused by "{full.name}" (23505)' if full else "each call adds another row"
    yield Hit(
        message=f'the upsert names no conflict target, and "{relation.qualified_name}" has no primary key',
        effect=f"The call is a plain INSERT without ON CONFLICT: {effect}.",
        remedy=f"Name the unique index: {target_in_client(site, full.columns)}."
        if full
        else "Add a primary key to the table.",
        related=("after adding a primary key, reload PostgREST's schema cache: primary keys are part of it",),
    )


def _serves(index: Index) -> bool:
    return (
        index.unique
        and index.valid
        and index.immediate
        and not index.exclusion
        and index.predicate is None
        and all(key.column is not None for key in index.keys)
    )
