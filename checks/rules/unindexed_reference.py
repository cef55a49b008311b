"""A repair will take rows out of a table, and a table that references it has no index on the referencing columns.

The upserts into a table find no arbiter, so that its repair is a unique index, and duplicates that piled up meanwhile
go first: merged into one row, which those that referenced the others are pointed to, or moved to quarantine. For each
row that goes, the server looks for rows that reference it. Without an index on the referencing columns it reads the
whole referencing table, once for each row, and holds the lock on the row that long. The same holds for each later
DELETE, and for each UPDATE of the key.

An index serves this when its first keys are the referencing columns, in any order; a partial one only if it leaves
nothing but NULLs out. PostgreSQL makes none for a foreign key by itself. Nothing is said of a table whose upserts work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..catalog.model import ConstraintKind
from ..settings import Read
from ._cause import INFERENCE_FAILED, clause_error
from ._names import columns_sql, is_partitioned, table_sql
from ._registry import PlacedHit, RuleContext, catalog_rule
from ._written import written
from .missing_read_index import serves
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Constraint, Relation


@catalog_rule(
    "PGA506",
    severity=Severity.NOTE,
    summary="a foreign key without an index references a table that needs a repair",
    effect="Each row that the repair takes out has the referencing table read whole.",
    remedy="Create an index on the referencing columns first.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """The foreign keys on tables of which some upsert finds no arbiter."""
    catalog = context.loaded.catalog
    incomplete = dict(context.loaded.incomplete)
    for relation, sites in written(bounds):
        broken = [site for site in sites if _needs_index(site)]
        for child, key in catalog.referencing(relation.oid) if broken else ():
            if key.kind is not ConstraintKind.FOREIGN_KEY or child.is_partition or child.qualified_name in incomplete:
                continue
            read = Read(table=child.name, equal=key.columns)
            if not any(serves(index, read) for index in child.indexes):
                yield _hit(relation, child, key, broken[0])


def _needs_index(site: BoundSite) -> bool:
    error = clause_error(site.verdict)
    return site.verdict.outcome is Outcome.NO_MATCH and error is not None and error.sqlstate == INFERENCE_FAILED


def _hit(relation: Relation, child: Relation, key: Constraint, broken: BoundSite) -> PlacedHit:
    concurrently = "" if is_partitioned(child) else "CONCURRENTLY "
    return PlacedHit(
        object=f"constraint {key.name} on {child.qualified_name}",
        message=f'foreign key "{key.name}" {columns_sql(key.columns)} of "{child.qualified_name}" references '
        f'"{relation.qualified_name}", whose upserts need a unique index, and has no index itself',
        effect=f'For each duplicate that has to go before that index can be built, "{child.name}" is read whole.',
        remedy=f"First: CREATE INDEX {concurrently}ON {table_sql(child)} {columns_sql(key.columns)};",
        related=(f"the upsert that finds no index: {broken.site.span.place}",),
    )
