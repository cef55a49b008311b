"""No unique index of the table has exactly the columns of the conflict target.

PostgreSQL infers an arbiter from a unique, valid index whose key columns are the same *set* as the target's: the
order plays no part, a subset or a superset does not count, INCLUDE columns are no key columns. The planner decides
this, so neither PREPARE nor a type checker built on it sees the error; the first execution does.

Two false trails: a unique index is never part of PostgREST's schema cache, so reloading it cannot help, and row
security is not consulted.

Rails asks the database for the index that `unique_by` means, and raises ArgumentError itself when there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import CollationDiffers, ColumnsDiffer, OnlyOnPartition, OpclassDiffers
from ..catalog.model import RelationKind
from ..model import InferenceClause
from ._cause import INFERENCE_FAILED, Cause, cause, nearby, single, unknown_in_target
from ._mismatches import evidence
from ._names import (
    element_sql,
    is_partitioned,
    named,
    refused_without_index,
    table_sql,
    target_in_client,
    unique_index_on,
)
from ._postgrest import index_trail, table_trail
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite, Candidate
    from ..catalog.model import Relation

_WITHOUT_INDEXES = {
    RelationKind.VIEW: "a view that is not written through to a table, and has no indexes",
    RelationKind.FOREIGN_TABLE: "a foreign table, which has no indexes",
    RelationKind.MATERIALIZED_VIEW: "a materialized view, which cannot be written",
}
# An index with these is named as it stands, by its columns alone.
_OTHER_KEYS = (ColumnsDiffer, CollationDiffers, OpclassDiffers)


@rule(
    "PGA101",
    severity=Severity.ERROR,
    summary="no unique index has exactly the columns of the conflict target",
    effect="Every execution fails with 42P10, also when no row is in conflict.",
    remedy="Name the columns of a unique index that exists, or create a unique index on the columns of the target.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A target that no index serves and for which no more specific rule speaks."""
    del context
    target = bound.site.write.target
    if cause(bound) is not Cause.NO_ARBITER or bound.relation is None or unknown_in_target(bound):
        return
    shown = (
        f"({', '.join(e.text for e in target.elements)})" if isinstance(target, InferenceClause) else "the primary key"
    )
    relation = bound.base or bound.relation
    yield Hit(
        message=f'no unique index of "{relation.qualified_name}" matches the conflict target {shown}',
        effect=refused_without_index(bound.site),
        remedy=_remedy(bound, relation, target if isinstance(target, InferenceClause) else None),
        related=(
            *table_trail(bound),
            *(evidence(c) for c in nearby(bound)),
            *_bare_table(bound, relation),
            *index_trail(bound),
        ),
        repair="unique-index",
    )


def _remedy(bound: BoundSite, relation: Relation, target: InferenceClause | None) -> str:
    if relation.kind in _WITHOUT_INDEXES:
        # Where another error comes first (a view that takes no rows), no spelling of the clause helps.
        masked = bound.verdict.sqlstate != INFERENCE_FAILED
        return "Write to the table behind it" + ("." if masked else ", or leave the conflict target out: DO NOTHING.")
    near = _usable(bound, target.columns if target else ())
    change = f"Use the unique index that exists: {target_in_client(bound.site, near.index.columns)}." if near else ""
    if target is None:
        return change or "Name the columns of a unique index."
    keys = [element_sql(element) for element in target.elements]
    create = f"{unique_index_on(relation, keys)}, once no duplicates are left."
    if is_partitioned(relation):
        create += f" It must hold the columns of the partition key of {table_sql(relation)} as well."
    if single(bound, OnlyOnPartition):
        return f"Create the index on the table that the statement names: {create}"
    if not change:
        return f"Create the unique index: {create}"
    if near is not None and set(near.index.columns).isdisjoint(target.columns):
        other = ", ".join(near.index.columns)
        return (
            f"Create the unique index: {create} If ({other}) is what identifies a row, let that be the target: "
            f"{target_in_client(bound.site, near.index.columns)}."
        )
    return f"{change} If ({', '.join(keys)}) is what identifies a row, create its index instead: {create}"


def _usable(bound: BoundSite, columns: tuple[str, ...]) -> Candidate | None:
    """The nearest index on other columns whose key this statement writes; it makes no sense to name any other."""
    write = bound.site.write
    written = set(write.columns or columns)
    for candidate in bound.verdict.candidates:
        keys = set(candidate.index.columns)
        shared = keys <= written or (not write.complete and keys & set(columns))
        plain = all(key.column is not None for key in candidate.index.keys)
        if shared and plain and all(isinstance(m, _OTHER_KEYS) for m in candidate.mismatches):
            return candidate
    return None


def _bare_table(bound: BoundSite, relation: Relation) -> tuple[str, ...]:
    if relation.kind in _WITHOUT_INDEXES:
        return (f'"{relation.qualified_name}" is {_WITHOUT_INDEXES[relation.kind]}',)
    if bound.verdict.candidates:
        return ()
    unique = [index.name for index in relation.indexes if index.unique]
    return (f"its unique indexes: {named(unique)}",) if unique else ("it has no unique index at all",)
