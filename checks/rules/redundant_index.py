"""A unique index that another one makes superfluous.

Each INSERT and each UPDATE of a key pays for both, and each upsert that infers one of them infers both. Usually one was
made by a constraint and the other by hand, by a migration that ran twice under another name, or by a model that says
both `@id` and `@unique`. They are not wrong: this is told because the next person who drops one of them must know that
upserts go on with the other.

Superfluous is one that refuses the same rows and serves the same reads: the same keys in the same order and direction,
with the same collations and operator classes, the same predicate, the same INCLUDE columns. Nothing is said of two that
refuse the same rows and differ in one of these, since reads may need either; of one whose keys hold those of another
(`(id, tenant)` beside `(id)`), which refuses nothing more but is what foreign keys of two columns and upserts with that
target need; nor of one that a foreign key references, since it cannot just be dropped.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from ..quoting import quoted
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
    summary="two unique indexes of a table refuse the same rows and serve the same reads",
    effect="Every write pays for both, and guarantees nothing more.",
    remedy="Drop the one that no constraint owns, in a migration of its own.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """Pairs of the written tables; of three alike, each but the first is told once."""
    for relation, sites in written(bounds):
        told: set[int] = set()
        unique = sorted((i for i in relation.indexes if i.unique and i.valid), key=_keeps)
        for kept, other in combinations(unique, 2):
            if (
                other.oid not in told
                and _traits(kept) == _traits(other)
                and not _is_referenced(other, relation, context)
            ):
                told.add(other.oid)
                yield _hit(relation, kept, other, sites)


def _keeps(index: Index) -> tuple[bool, bool, int]:
    """Which of two stays: the primary key, that of a constraint, the older one."""
    return (not index.primary, index.constraint is None, index.oid)


def _traits(index: Index) -> tuple[object, ...]:
    """What an index refuses, and what it can be read by."""
    properties = (index.predicate, index.nulls_not_distinct, index.immediate, index.exclusion, index.method)
    return index.keys, frozenset(index.include), *properties


def _is_referenced(index: Index, relation: Relation, context: RuleContext) -> bool:
    """Whether a foreign key was made for this very index, which then cannot be dropped alone."""
    return any(key.index == index.oid for _, key in context.loaded.catalog.referencing(relation.oid))


def _hit(relation: Relation, kept: Index, other: Index, sites: Sequence[BoundSite]) -> PlacedHit:
    owned = f"ALTER TABLE {quoted(relation.schema)}.{quoted(relation.name)} DROP CONSTRAINT {quoted(other.name)}"
    bare = f"DROP INDEX CONCURRENTLY {quoted(relation.schema)}.{quoted(other.name)}"
    return PlacedHit(
        object=index_object(relation, other),
        message=f'unique index "{other.name}" of "{relation.qualified_name}" lets in the same rows as "{kept.name}"',
        effect="Every write pays for both; upserts that infer one infer both, and go on when either is dropped.",
        remedy=f"Drop it: {owned if other.constraint else bare}.",
        related=(written_at(sites),),
    )
