"""Two unique indexes that let the same rows in.

Each INSERT and each UPDATE of a key pays for both, and each upsert that infers one of them infers both. Usually one was
made by a constraint and the other by hand, or by a migration that ran twice under another name. They are not wrong:
this is told because the next person who drops one of them must know that upserts go on with the other.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ..quoting import quoted
from ._names import columns_sql
from ._registry import PlacedHit, RuleContext, catalog_rule
from ._written import index_object, written, written_at
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation


@catalog_rule(
    "PGA501",
    severity=Severity.NOTE,
    summary="two unique indexes of a table let the same rows in",
    effect="Every write pays for both, and guarantees nothing more.",
    remedy="Drop the one that no constraint owns, in a migration of its own.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """Pairs of the written tables; of three alike, each but the first is told once."""
    del context
    for relation, sites in written(bounds):
        told: set[int] = set()
        unique = sorted((i for i in relation.indexes if i.unique and i.valid), key=_keeps)
        for kept, other in combinations(unique, 2):
            if other.oid not in told and _guarantee(kept) == _guarantee(other):
                told.add(other.oid)
                yield _hit(relation, kept, other, sites)


def _keeps(index: Index) -> tuple[bool, bool, int]:
    """Which of two stays: the primary key, that of a constraint, the older one."""
    return (not index.primary, index.constraint is None, index.oid)


def _guarantee(index: Index) -> tuple[object, ...]:
    """What an index lets in. The order of its keys and INCLUDE columns make no difference to that."""
    keys = frozenset((k.column, k.expression, k.collation, k.opfamily) for k in index.keys)
    return (keys, index.predicate, index.nulls_not_distinct, index.immediate, index.exclusion, index.method)


def _hit(relation: Relation, kept: Index, other: Index, sites: Sequence[BoundSite]) -> PlacedHit:
    owned = f"ALTER TABLE {quoted(relation.schema)}.{quoted(relation.name)} DROP CONSTRAINT {quoted(other.name)}"
    bare = f"DROP INDEX CONCURRENTLY {quoted(relation.schema)}.{quoted(other.name)}"
    order = "" if kept.columns == other.columns else f" Reads may need its order {columns_sql(other.columns)}."
    included = f" Reads may need its INCLUDE {columns_sql(other.include)}." if other.include else ""
    return PlacedHit(
        object=index_object(relation, other),
        message=f'unique index "{other.name}" of "{relation.qualified_name}" lets in the same rows as "{kept.name}"',
        effect="Every write pays for both; upserts that infer one infer both, and go on when either is dropped.",
        remedy=f"Drop it, unless a reader needs it: {owned if other.constraint else bare}.{order}{included}",
        related=(written_at(sites),),
    )
