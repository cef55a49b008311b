"""A read that the settings declare has no index that serves it.

An application's reads stand in queries that come and go; which of them must be fast, only its people know. Declared in
the settings, they are held against each catalog:

    [[tool.pgarbiter.read]]
    table = "insights"
    equal = ["account", "metric"]
    range = "end_time"

A btree serves a read when its first keys are the columns that are compared by equality, in any order, and the next is
that of the range; or the next ones are those of `order`, all in the direction that is asked for or all in the other.
The unique index of an upsert is one too, if its keys stand in that order. A partial index serves a read only when the
comparisons imply its predicate (`IS NOT NULL` of a column that is compared); one with another collation, or with an
operator class for patterns, serves equality at most. Without such an index the server reads and drops all rows that the
first keys let through: nothing fails, and the time grows with the table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..model import QualifiedName
from ..quoting import quoted
from ..sql.expression_reader import parse_expression
from ..sql.expressions import And, Column, NullTest
from ._names import columns_sql, is_partitioned, named, nearest, table_sql
from ._registry import PlacedHit, RuleContext, catalog_rule
from .model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, IndexKey, Relation
    from ..settings import Read

_DESC = " desc"


@catalog_rule(
    "PGA505",
    severity=Severity.WARNING,
    summary="a declared read has no index that serves it",
    effect="Each such read looks at more rows than it returns, and takes longer as the table grows.",
    remedy="Create an index: the columns of equality first, then that of the range or the order.",
)
def find(bounds: Sequence[BoundSite], context: RuleContext) -> Iterator[PlacedHit]:
    """The reads of the settings, each against its table."""
    del bounds
    catalog = context.loaded.catalog
    for read in context.settings.read:
        schema, _, name = read.table.rpartition(".")
        relation = catalog.resolve(QualifiedName(schema or None, name))
        if relation is None:
            if not context.settings.database:  # it may be a table of another one
                yield _unknown(f'table "{read.table}" of a declared read does not exist', f"table {read.table}", None)
            continue
        known = [column.name for column in relation.columns]
        missing = [column for column in _columns(read) if column not in known]
        if relation.qualified_name in dict(context.loaded.incomplete):
            continue
        if missing:
            told = f'{named(missing)} of a declared read {"is" if len(missing) == 1 else "are"} not in "{read.table}"'
            yield _unknown(told, f"table {relation.qualified_name}", nearest(missing[0], known))
        elif not any(serves(index, read) for index in relation.indexes):
            yield _hit(relation, read)


def serves(index: Index, read: Read) -> bool:
    """Whether a scan of the index visits the rows of a read and no others, in the order that it asks for."""
    equal, wanted = set(read.equal), _then(read)
    if not (index.valid and index.ready and index.live) or index.exclusion:
        return False
    if index.predicate is not None and not _is_implied(index.predicate, read):
        return False
    first, rest = index.keys[: len(equal)], index.keys[len(equal) :]
    if {key.column for key in first} != equal or any(key.collation_name for key in first):
        return False
    if not wanted:
        return index.method == "btree" or (index.method == "hash" and len(index.keys) == 1)
    return index.method == "btree" and _goes_on(rest, wanted, ordered=bool(read.order))


def _goes_on(keys: Sequence[IndexKey], wanted: Sequence[tuple[str, bool]], *, ordered: bool) -> bool:
    """Whether keys are the wanted columns, all in the wanted direction or all in the other."""
    if [key.column for key in keys[: len(wanted)]] != [column for column, _ in wanted]:
        return False
    pairs = list(zip(keys, wanted, strict=False))
    if any(key.collation_name or key.opclass.endswith("pattern_ops") for key, _ in pairs):
        return False
    turned = {key.descending != descending for key, (_, descending) in pairs}
    default = all(key.nulls_first == key.descending for key, _ in pairs)
    return not ordered or (len(turned) == 1 and default)


def _then(read: Read) -> list[tuple[str, bool]]:
    """What comes behind the columns of equality: the order where it begins with the range, else the range alone."""
    order = [(_bare(column), column.casefold().endswith(_DESC)) for column in read.order]
    order = [(column, descending) for column, descending in order if column not in read.equal]
    if read.range is None or (order and order[0][0] == read.range):
        return order
    return [(read.range, False)]


def _bare(column: str) -> str:
    for word in (_DESC, " asc"):
        if column.casefold().endswith(word):
            return column[: -len(word)].rstrip()
    return column


def _columns(read: Read) -> tuple[str, ...]:
    ranged = (read.range,) if read.range is not None else ()
    return tuple(dict.fromkeys((*read.equal, *ranged, *(_bare(column) for column in read.order))))


def _is_implied(predicate: str, read: Read) -> bool:
    """`IS NOT NULL` of columns that are compared: a comparison with NULL finds nothing."""
    try:
        tree = parse_expression(predicate)
    except SqlSyntaxError:
        return False
    compared = {*read.equal, *((read.range,) if read.range is not None else ())}
    parts = tree.args if isinstance(tree, And) else (tree,)
    return all(
        isinstance(part, NullTest) and not part.null and isinstance(part.arg, Column) and part.arg.name in compared
        for part in parts
    )


def _unknown(message: str, about: str, near: str | None) -> PlacedHit:
    return PlacedHit(
        object=about,
        message=message,
        effect="Whether an index serves the read cannot be told.",
        remedy=f'Mend the read in the settings: did you mean "{near}"?' if near else "Mend the read in the settings.",
    )


def _hit(relation: Relation, read: Read) -> PlacedHit:
    concurrently = "" if is_partitioned(relation) else "CONCURRENTLY "
    wanted = _then(read)
    mixed = read.order and len({descending for _, descending in wanted}) > 1
    keys = [quoted(column) for column in dict.fromkeys(read.equal)]
    keys += [quoted(column) + (" DESC" if mixed and descending else "") for column, descending in wanted]
    near = [
        index
        for index in relation.indexes
        if index.valid and index.keys[0].column in (*read.equal, *(column for column, _ in wanted))
    ]
    return PlacedHit(
        object=f"table {relation.qualified_name}",
        message=f'no index of "{relation.qualified_name}" serves the declared read {_told(read)}',
        effect="Each such read looks at more rows than it returns, and takes longer as the table grows.",
        remedy=f"CREATE INDEX {concurrently}ON {table_sql(relation)} ({', '.join(keys)});",
        related=tuple(f'index "{index.name}" {columns_sql(index.columns)} does not serve it' for index in near),
    )


def _told(read: Read) -> str:
    parts = [f"by {columns_sql(read.equal)}"] if read.equal else []
    parts += [f'in a range of "{read.range}"'] if read.range is not None else []
    parts += [f"ordered by {', '.join(read.order)}"] if read.order else []
    return " ".join(parts)
