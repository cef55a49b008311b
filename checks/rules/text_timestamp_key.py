"""A point in time is kept as text, in the unique key that upserts take as conflict target.

Two texts are equal when their characters are. `2026-01-01T00:00:00Z`, `2026-01-01 00:00:00+00` and
`2026-01-01T01:00:00+01:00` are one instant and three keys: what one writer stores as an ISO string and another as it
came from an API, or the same one after an update of its library, is inserted beside the row that was to be updated.
Nothing fails, and sums over the rows count it twice. A timestamptz has one value for all spellings, and refuses what is
none.

The evidence is said with the finding. A default that takes the time makes it a warning; a name that ends in words for a
time of day ("end_time", "createdAt", "ts"; not "date", whose text mostly has one spelling) only a note.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..quoting import quoted
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Call, Opaque, nodes
from ._names import columns_sql, table_sql
from ._registry import PlacedHit, RuleContext, catalog_rule
from ._written import index_object, written, written_at
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Column, Index, Relation

_TEXT = ("text", "character varying", "character(", "citext")
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_TIMES = frozenset({"at", "time", "timestamp", "datetime", "ts", "timestamptz"})
_NOW = frozenset({"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp", "timeofday"})
_NOW_WORDS = ("current_timestamp", "localtimestamp")


@catalog_rule(
    "PGA502",
    severity=Severity.WARNING,
    summary="a unique key that upserts take as target holds a point in time as text",
    effect="Two spellings of one instant are two rows: the upsert inserts where it was to update.",
    remedy="Make the column timestamptz, and merge the rows that meet then.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """Text columns in the arbiters of the application's upserts, each once."""
    del context
    for relation, sites in written(bounds):
        inferred = {name for site in sites for name in site.verdict.arbiters}
        told: set[str] = set()
        for index in relation.indexes:
            for column in _columns(relation, index) if index.name in inferred else ():
                evidence = _evidence(column)
                if evidence and column.name not in told:
                    told.add(column.name)
                    takers = [site for site in sites if index.name in site.verdict.arbiters]
                    yield _hit(relation, index, column, evidence, takers)


def _columns(relation: Relation, index: Index) -> list[Column]:
    found = (relation.column(key.column) for key in index.keys if key.column is not None)
    return [column for column in found if column is not None and column.type.startswith(_TEXT)]


def _evidence(column: Column) -> tuple[str, Severity] | None:
    """What tells that a column holds points in time."""
    if column.default is not None and _takes_time(column.default):
        return f"its default is {column.default}", Severity.WARNING
    words = [word.lower() for word in _WORD.findall(column.name)]
    if len(words) > 1 and words[-1] in _TIMES:
        return "its name says so", Severity.NOTE
    return ("its name says so", Severity.NOTE) if words in (["timestamp"], ["datetime"]) else None


def _takes_time(default: str) -> bool:
    try:
        found = list(nodes(parse_expression(default)))
    except SqlSyntaxError:
        return False
    calls = any(isinstance(node, Call) and node.name in _NOW for node in found)
    return calls or any(isinstance(node, Opaque) and node.text.casefold().startswith(_NOW_WORDS) for node in found)


def _hit(
    relation: Relation, index: Index, column: Column, evidence: tuple[str, Severity], sites: Sequence[BoundSite]
) -> PlacedHit:
    told, severity = evidence
    name = quoted(column.name)
    return PlacedHit(
        object=index_object(relation, index),
        message=f'"{column.name}" of "{relation.qualified_name}", in the key {columns_sql(index.columns)} that upserts '
        f"infer, seems to be a point in time and has type {column.type} ({told})",
        effect="Two spellings of one instant are two keys: the upsert inserts a second row instead of updating.",
        remedy=f"If it is one: ALTER TABLE {table_sql(relation)} ALTER COLUMN {name} TYPE timestamptz USING "
        f"{name}::timestamptz, once rows that are one instant then are merged.",
        related=(written_at(sites),),
        severity=severity,
    )
