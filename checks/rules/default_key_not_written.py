"""An upsert takes the primary key as its conflict target but never writes it.

The key then comes from its default (a sequence, an identity, a random uuid) and is new each time, so no row is ever
in conflict: the upsert only inserts. When another unique index holds what the caller thinks of as the key, it answers
23505.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import DefaultKey, Mechanism
from ._names import named, target_in_client
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Column, Index, Relation


@rule(
    "PGA204",
    severity=Severity.WARNING,
    summary="an upsert on the primary key never writes the key",
    effect="No row is ever in conflict: each call inserts, or fails with 23505 on another unique index.",
    remedy="Name the columns that identify the row as conflict target, or write the primary key.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A default key whose value is made anew by the server."""
    del context
    site, relation = bound.site, bound.base
    write = site.write
    if site.mechanism is not Mechanism.ON_CONFLICT or not isinstance(write.target, DefaultKey) or relation is None:
        return
    if relation is not bound.relation or bound.verdict.outcome is not Outcome.MATCH:
        return  # a view renames columns
    if write.columns is None or not write.complete:
        return
    absent = [c for c in relation.columns if c.name in relation.primary_key and c.name not in write.columns]
    fresh = [c.name for c in absent if _made_anew(c)]
    if not fresh:
        return
    other = next((i for i in relation.indexes if _fed(i, write.columns)), None)
    effect = (
        f'a row that exists is refused by "{other.name}" (23505)' if other else "rows that exist are inserted again"
    )
    yield Hit(
        message=f'the target is the primary key of "{relation.qualified_name}", and {named(fresh)} is not written',
        effect=f"The key is new each time, so the call never updates: {effect}.",
        remedy=_remedy(bound, relation, other),
    )


def _made_anew(column: Column) -> bool:
    """Its default is an identity or calls a function; a constant default could be in conflict."""
    return bool(column.identity) or "(" in (column.default or "")


def _fed(index: Index, columns: tuple[str, ...]) -> bool:
    usable = index.unique and index.valid and index.immediate and index.predicate is None and not index.primary
    return usable and not index.exclusion and set(index.columns) <= set(columns)


def _remedy(bound: BoundSite, relation: Relation, other: Index | None) -> str:
    if other:
        return f"Name the unique index: {target_in_client(bound.site, other.columns)}."
    return f"Write {named(relation.primary_key)}, or create a unique index on what identifies a row and name it."
