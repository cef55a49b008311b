"""One statement proposes two rows with the same key.

DO UPDATE changes a row once per statement. When two of the proposed rows conflict with the same row (or with each
other), the server refuses the whole statement: 21000, "ON CONFLICT DO UPDATE command cannot affect row a second time".
Not one row of the batch is written. DO NOTHING has no such limit: it drops the second row.

Literal rows that have the same constants in all columns of the target fail always. A query fails as soon as its data
has the same key twice, which tests with little data seldom have: INSERT ... SELECT from a table without a unique index
on what becomes the key, and without DISTINCT ON or GROUP BY of these columns. The rule looks for such an index in the
catalog, and takes the WHERE into account where it compares columns with one value. Queries whose key is computed, or
comes from several tables or from a sub-select, are not judged. Where the rows are those of arrays or of a document that
the caller gives, only the caller can know: that is a note. A function is told where it is in force, and not where a
later migration or a dump has it once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Action, Mechanism
from ._cause import key_of
from ._history import is_history
from ._names import columns_sql, named
from ._registry import Hit, RuleContext, rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Relation
    from ..model import QualifiedName, RowSource

_TABLES = frozenset("rpm")  # tables, partitioned ones, materialized views: what has unique indexes of its own
_REFUSED = "the whole statement fails with 21000, and none of its rows is written"


@rule(
    "PGA305",
    severity=Severity.WARNING,
    summary="one DO UPDATE may get the same key twice",
    effect="The whole statement fails with 21000: a row cannot be updated a second time by one command.",
    remedy="Reduce the rows to one per key: SELECT DISTINCT ON (key) ... ORDER BY key, ..., or GROUP BY.",
)
def find(bound: BoundSite, context: RuleContext) -> Iterator[Hit]:
    """Literal rows with the same key, and queries in which nothing makes the key unique."""
    write, keys = bound.site.write, key_of(bound)
    if bound.site.mechanism is not Mechanism.ON_CONFLICT or write.action is not Action.UPDATE or not keys:
        return
    if bound.verdict.outcome is not Outcome.MATCH or is_history(bound.site):
        return
    if write.repeated is not None:
        yield Hit(
            message=f"two of the rows have the same {named(keys)}: {write.repeated}",
            effect=f"Each time, {_REFUSED}.",
            remedy="Leave one of the two out.",
            severity=Severity.ERROR,
        )
    elif write.source is not None:
        yield from _of_query(keys, write.source, write.search_path, context)


def _of_query(
    keys: tuple[str, ...], source: RowSource, search_path: tuple[str, ...] | None, context: RuleContext
) -> Iterator[Hit]:
    telling = [key for key in keys if key not in source.constant]
    if any(set(unique) - set(source.constant) <= set(telling) for unique in source.unique):
        return
    if telling and set(telling) <= set(source.listed):
        yield Hit(
            message=f"{named(telling)} {'is' if len(telling) == 1 else 'are'} read from what the caller gives, "
            "and nothing leaves out doubles",
            effect=f"When two items have the same key, {_REFUSED}.",
            remedy=f"Leave out doubles in the caller, or in the query: SELECT DISTINCT ON {columns_sql(telling)} ...",
            severity=Severity.NOTE,
        )
        return
    found = {name: (table, column) for name, table, column in source.origins}
    tables = {found[key][0] for key in telling if key in found}
    if len(tables) != 1 or not set(telling) <= set(found):
        return
    table = tables.pop()
    columns = [found[key][1] for key in telling]
    relation = _relation(table, columns, search_path, context)
    if relation is None or _is_unique(relation, {*columns, *(name for at, name in source.fixed if at == table)}):
        return
    yield Hit(
        message=f'the key comes from {named(columns)} of "{relation.qualified_name}", where nothing makes '
        f"{'it' if len(columns) == 1 else 'them'} unique",
        effect=f"When the query finds two rows with the same {named(columns)}, {_REFUSED}.",
        remedy=f"Take one row per key: SELECT DISTINCT ON {columns_sql(columns)} ... ORDER BY ..., or GROUP BY.",
    )


def _relation(
    name: QualifiedName, columns: list[str], search_path: tuple[str, ...] | None, context: RuleContext
) -> Relation | None:
    """The table that a query reads, if it is one with these columns of which everything is known."""
    relation = context.loaded.catalog.resolve(name, search_path)
    if relation is None or relation.kind.value not in _TABLES:
        return None
    known = {column.name for column in relation.columns}
    incomplete = relation.qualified_name in dict(context.loaded.incomplete)
    return relation if set(columns) <= known and not incomplete else None


def _is_unique(relation: Relation, columns: set[str]) -> bool:
    """Whether no two of its rows have all these columns alike."""
    indexes = [i for i in relation.indexes if i.unique and i.valid and i.predicate is None and not i.exclusion]
    return any(i.columns and all(key.column in columns for key in i.keys) for i in indexes)
