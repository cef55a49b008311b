"""An index of a written table was never finished, or was left behind.

CREATE INDEX CONCURRENTLY and REINDEX CONCURRENTLY that fail leave an invalid index. No query uses it and no conflict
target infers it. All writes go on paying for it, and if it is unique and takes entries already, it refuses duplicates
as well: an upsert whose target is another index gets 23505 from an index that "is not there". A name that ends in
_ccnew was to become the new index, and one in _ccold is the old one that only had to be dropped. CREATE INDEX IF NOT
EXISTS passes over an invalid index of that name, so that a migration that is run again mends nothing.

On a partitioned table an index is invalid until each partition has its own attached. Where an upsert fails because of
the index, invalid-index tells it at the statement, and nothing is said here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..arbiter.model import NotValid, Outcome
from ..quoting import quoted
from ._cause import single
from ._names import columns_sql, is_partitioned
from ._registry import PlacedHit, RuleContext, catalog_rule
from ._written import index_object, written, written_at
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation

_LEFT = re.compile(r"_cc(new|old)\d*$")


@catalog_rule(
    "PGA504",
    severity=Severity.WARNING,
    summary="an index of a written table is invalid",
    effect="All writes pay for it, none infers it, and a unique one refuses duplicates all the same.",
    remedy="Drop it when it was left behind; otherwise REINDEX INDEX CONCURRENTLY.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """Invalid indexes, but for those that a finding at a statement is about."""
    del context
    for relation, sites in written(bounds):
        for index in relation.indexes:
            if not index.valid and not _is_told(index, sites):
                yield _hit(relation, index, sites)


def _is_told(index: Index, sites: Sequence[BoundSite]) -> bool:
    """Whether invalid-index says it of a statement."""
    refused = (site for site in sites if site.verdict.outcome is Outcome.NO_MATCH)
    near = (single(site, NotValid) for site in refused)
    return any(candidate is not None and candidate.index.oid == index.oid for candidate in near)


def _hit(relation: Relation, index: Index, sites: Sequence[BoundSite]) -> PlacedHit:
    enforces = index.unique and index.ready and not is_partitioned(relation)
    kind = "unique index" if index.unique else "index"
    effect = "No query uses it and no conflict target infers it, but all writes pay for it"
    if not index.ready:
        effect = "No query uses it and no conflict target infers it"
    if is_partitioned(relation):
        effect = "Not every partition has its index attached, so that no conflict target infers it"
    return PlacedHit(
        object=index_object(relation, index),
        message=f'{kind} "{index.name}" {columns_sql(index.columns)} of "{relation.qualified_name}" is invalid',
        effect=f"{effect}, and it refuses duplicates: upserts by another target get 23505 from it."
        if enforces
        else f"{effect}.",
        remedy=_remedy(relation, index),
        related=(written_at(sites),),
        severity=None if index.unique else Severity.NOTE,
    )


def _remedy(relation: Relation, index: Index) -> str:
    name = f"{quoted(relation.schema)}.{quoted(index.name)}"
    if is_partitioned(relation):
        return f"Make the same index on each partition, and attach it: ALTER INDEX {name} ATTACH PARTITION ...;"
    if left := _LEFT.search(index.name):
        what = "the old index, which only had to be dropped" if left[1] == "old" else "the new one of a failed REINDEX"
        return f"It is {what}: DROP INDEX CONCURRENTLY {name};"
    first = "Remove duplicates that stopped its build, then: " if index.unique else ""
    return f"{first}REINDEX INDEX CONCURRENTLY {name}; or drop it: DROP INDEX CONCURRENTLY {name};"
