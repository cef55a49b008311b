"""What a statement puts into the keys of an index: a value, NULL, or something new each time."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from ..arbiter.columns import written
from ..errors import SqlSyntaxError
from ..model import Overriding
from ..sql.expression_reader import parse_expression
from ..sql.expressions import Call, Cast, Expression, NullTest, Opaque, columns, nodes
from ..sql.expressions import Column as ColumnTree

if TYPE_CHECKING:
    from ..arbiter.model import BoundSite
    from ..catalog.model import Column, Index, Relation
    from ..model import Write


class Given(Enum):
    """What a column gets from the INSERT."""

    WRITTEN = auto()
    CONSTANT = auto()  # the same default each time, or one that is the same for many rows
    FRESH = auto()  # a default that is new each time
    NULL = auto()
    UNKNOWN = auto()


# Functions whose every result is another one.
_FRESH = frozenset({
    "nextval", "gen_random_uuid", "uuidv4", "uuidv7", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4",
    "gen_random_bytes", "random", "nanoid", "cuid", "ulid", "gen_ulid", "generate_ulid", "uuid_generate_v7",
})  # fmt: skip
_NOW = frozenset({"now", "clock_timestamp", "statement_timestamp", "transaction_timestamp"})
_NOW_WORDS = frozenset({"current_timestamp", "localtimestamp"})
_LOOSE_CALLS = 2  # a default such as `'ord_' || nextval(...)` is as new as what is in it


def given(column: Column, relation: Relation, write: Write) -> Given:
    """What the row proposed for insertion has in a column, before any trigger."""
    names = written(write, relation)
    ignored = bool(column.identity) and write.overriding is Overriding.USER
    if column.name in names and column.name not in write.defaulted and not ignored:
        return Given.NULL if column.name in write.nulls and write.rows == 1 else Given.WRITTEN
    known = write.complete and (write.columns is not None or write.value_count is not None)
    if column.name not in names and (column.name in write.optional or not known):
        return Given.UNKNOWN
    if column.generated:
        return Given.UNKNOWN
    if column.identity:
        return Given.FRESH
    if column.default is None:
        return Given.NULL
    return _of_default(column)


def _of_default(column: Column) -> Given:
    try:
        tree = parse_expression(column.default or "")
    except SqlSyntaxError:
        return Given.UNKNOWN
    instant = column.type.startswith("timestamp")
    found = [node for node in nodes(tree) if isinstance(node, Call)]
    if any(call.name in _FRESH for call in found):
        return Given.FRESH
    top = _bare(tree)
    now = isinstance(top, Call) and top.name in _NOW
    now = now or (isinstance(top, Opaque) and top.text.casefold().partition("(")[0] in _NOW_WORDS)
    if now:
        return Given.FRESH if instant else Given.CONSTANT
    if isinstance(top, Call) and top.schema is not None:
        return Given.UNKNOWN
    return Given.CONSTANT


def _bare(tree: Expression) -> Expression:
    while isinstance(tree, Cast):
        tree = tree.arg
    return tree


def is_fed(index: Index, relation: Relation, write: Write) -> bool:
    """Whether a proposed row certainly gets an entry in an index that another row may have as well.

    Some key is written, no key is new each time, unknown or NULL, and the predicate is not known to leave the row out.
    """
    used = [relation.column(name) for name in columns_of(index)]
    found = [given(column, relation, write) for column in used if column is not None]
    refused = {Given.FRESH, Given.UNKNOWN} | (set() if index.nulls_not_distinct else {Given.NULL})
    if None in used or Given.WRITTEN not in found or refused & set(found):
        return False
    return index.predicate is None or _may_hold(index.predicate, relation, write)


def columns_of(index: Index) -> tuple[str, ...]:
    """The columns of the keys, those inside of expressions as well."""
    names: list[str] = []
    for key in index.keys:
        if key.column is not None:
            names.append(key.column)
            continue
        try:
            names += [column.name for column in columns(parse_expression(key.expression or ""))]
        except SqlSyntaxError:
            names.append("")
    return tuple(dict.fromkeys(names))


def _may_hold(predicate: str, relation: Relation, write: Write) -> bool:
    """Not when it asks for a column that the row has no value for, or one that is false by default."""
    try:
        tree = parse_expression(predicate)
    except SqlSyntaxError:
        return False
    for part in getattr(tree, "args", ()) if type(tree).__name__ == "And" else (tree,):
        arg = part.arg if isinstance(part, NullTest) else part
        column = relation.column(arg.name) if isinstance(arg, ColumnTree) else None
        if column is None:
            continue
        value = given(column, relation, write)
        if isinstance(part, NullTest) and part.null != (value is Given.NULL) and value in (Given.NULL, Given.FRESH):
            return False
        if not isinstance(part, NullTest) and value in (Given.NULL, Given.CONSTANT) and column.default != "true":
            return False
    return True


def arbiters_of(bound: BoundSite) -> tuple[Index, ...]:
    """The indexes that arbitrate, as the verdict names them."""
    return tuple(i for i in bound.base.indexes if i.name in bound.verdict.arbiters) if bound.base else ()


def never_meets(index: Index, relation: Relation, write: Write) -> tuple[str, ...]:
    """The key columns that are new each time, so that no row proposed for insertion is ever in conflict."""
    found = (relation.column(key.column) for key in index.keys if key.column is not None)
    return tuple(c.name for c in found if c is not None and given(c, relation, write) is Given.FRESH)
