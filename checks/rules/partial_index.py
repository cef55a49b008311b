"""The only index on the columns of the target is partial, and the statement does not imply its predicate.

A partial unique index arbitrates only when the target's own `WHERE` implies the index's predicate, as in `ON CONFLICT
(location_id) WHERE location_id IS NOT NULL`. The values that are written, NOT NULL columns, CHECK constraints and the
`WHERE` of `DO UPDATE` are no premises. Where the predicate only leaves out NULLs, a full unique index does the same,
since NULLs are distinct, and then the plain target matches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import PredicateNotImplied
from ._cause import Cause, cause, nearby, single
from ._mismatches import evidence
from ._names import bare, index_in_client, unique_index_sql
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation


@rule(
    "PGA102",
    severity=Severity.ERROR,
    summary="the only index on the target's columns is partial, and the target does not imply its predicate",
    effect="Every execution fails with 42P10, also for rows that the index covers.",
    remedy="Repeat the index's predicate in the conflict target, or replace the index by a full one.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A target whose nearest index is ruled out by its predicate alone."""
    del context
    near = single(bound, PredicateNotImplied)
    if cause(bound) is not Cause.PARTIAL or near is None or bound.base is None:
        return
    index = near.index
    where = next(m for m in near.mismatches if isinstance(m, PredicateNotImplied)).target_predicate
    said = "has no WHERE" if where is None else f"says WHERE {where}, which does not imply that"
    yield Hit(
        message=f'unique index "{index.name}" is partial (WHERE {bare(index.predicate or "")}) and the target {said}',
        effect="Every execution fails with 42P10, also for rows that the index covers.",
        remedy=f"Repeat the predicate: {index_in_client(bound.site, index)}. {full_index(bound.base, index)}",
        related=tuple(evidence(c) for c in nearby(bound)),
        repair="full-unique-index",
    )


def full_index(relation: Relation, index: Index) -> str:
    """The other remedy: a full unique index, and what it costs where the predicate is more than IS NOT NULL."""
    if any(key.column is None for key in index.keys):
        return "Or make the index full."
    statement = unique_index_sql(relation, index.columns)
    if _only_leaves_out_nulls(index):
        return f"Or replace the index by a full one, which lets the same rows in since NULLs are distinct: {statement}."
    return f"Or, if the columns are unique over all rows, replace the index by a full one: {statement}."


def _only_leaves_out_nulls(index: Index) -> bool:
    """`column IS NOT NULL` of a key column is the whole predicate: that is how the server spells it."""
    spelled = {f"({column} IS NOT NULL)" for column in index.columns}
    return not index.nulls_not_distinct and index.predicate in {*spelled, *(bare(s) for s in spelled)}
