"""The only index that fits is invalid.

A CREATE UNIQUE INDEX CONCURRENTLY that fails leaves an invalid index behind. It still costs every write, and IF NOT
EXISTS skips over it, but it never arbitrates. A unique index on a partitioned table is invalid as long as one partition
has no matching index attached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import NotValid
from ..catalog.model import RelationKind
from ..model import NamedConstraint
from ..quoting import quoted
from ._cause import Cause, cause, clause_error, single
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation


@rule(
    "PGA107",
    severity=Severity.ERROR,
    summary="the only index that fits is invalid",
    effect="Every execution fails with 42P10, though an index of that name and those columns exists.",
    remedy="Remove the duplicates that stopped its build, then REINDEX INDEX CONCURRENTLY.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """A target whose index was never finished."""
    del context
    near = single(bound, NotValid)
    if cause(bound) is not Cause.INVALID or near is None or bound.base is None:
        return
    error = clause_error(bound.verdict)
    kind = "constraint" if isinstance(bound.site.write.target, NamedConstraint) else "unique index"
    yield Hit(
        message=f'{kind} "{near.index.name}" of "{bound.base.qualified_name}" is invalid',
        effect=f"Every execution fails with {error.sqlstate if error else '42P10'}, though the index is there.",
        remedy=_remedy(bound.base, near.index),
        repair="reindex",
    )


def _remedy(relation: Relation, index: Index) -> str:
    name = f"{quoted(relation.schema)}.{quoted(index.name)}"
    if relation.kind is RelationKind.PARTITIONED_TABLE:
        return (
            f"Create the same unique index on every partition and attach each: ALTER INDEX {name} ATTACH PARTITION ...;"
        )
    return f"Remove the duplicates that stopped its build, then: REINDEX INDEX CONCURRENTLY {name};"
