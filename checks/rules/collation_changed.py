"""A unique index was built under another version of its collation than the one that the server has now.

The order of text comes from the C library or from ICU. When the operating system is upgraded, or a data directory is
copied to another one, that order may change under an index which was built in the old one. A search then goes to the
wrong page and does not find the entry that is there: a SELECT by the key misses the row, and an upsert finds no
conflict and inserts a duplicate into a unique index. The server remembers the version that a collation had (collversion
of pg_collation; datcollversion of pg_database from PostgreSQL 15 on) and says in a warning that it has changed, which
hardly anybody reads. Text in "C", and numbers, do not depend on it.

Only a live database can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import quoted
from ._registry import PlacedHit, RuleContext, catalog_rule
from ._written import index_object, written, written_at
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation

_DEFAULT = 100  # DEFAULT_COLLATION_OID of pg_collation.dat


@catalog_rule(
    "PGA503",
    severity=Severity.WARNING,
    summary="a unique index was built under another version of its collation",
    effect="Its order may be wrong: upserts find no conflict and insert duplicates, reads miss rows.",
    remedy="Check the index with amcheck, remove duplicates, REINDEX, then refresh the recorded version.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """The unique indexes of written tables with a collation that has changed."""
    changed = context.loaded.catalog.changed_collations
    if not changed or not context.loaded.live:
        return
    for relation, sites in written(bounds):
        for index in relation.indexes:
            oids = [key.collation for key in index.keys if key.collation in changed]
            if index.unique and oids:
                yield _hit(relation, index, oids[0], context, sites)


def _hit(relation: Relation, index: Index, oid: int, context: RuleContext, sites: Sequence[BoundSite]) -> PlacedHit:
    catalog = context.loaded.catalog
    recorded, actual = catalog.changed_collations[oid]
    name = f"{quoted(relation.schema)}.{quoted(index.name)}"
    found = catalog.collation_name(oid)
    whole = oid == _DEFAULT or found is None
    subject = f'default collation of database "{catalog.database}"' if whole else f'collation "{found}"'
    refresh = (
        f"ALTER DATABASE {quoted(catalog.database)} REFRESH COLLATION VERSION"
        if whole
        else f"ALTER COLLATION {'.'.join(quoted(part) for part in str(found).split('.'))} REFRESH VERSION"
    )
    return PlacedHit(
        object=index_object(relation, index),
        message=f"{subject} has version {actual}, and unique index "
        f'"{index.name}" of "{relation.qualified_name}" may stem from version {recorded}',
        effect="Where the order has changed, searches miss entries: upserts insert duplicates, reads miss rows.",
        remedy=f"Check it with bt_index_check of amcheck, remove duplicates, then: REINDEX INDEX CONCURRENTLY {name}; "
        f"once all indexes are rebuilt: {refresh};",
        related=(written_at(sites),),
    )
