"""The indexes that DO NOTHING without a target relies on: those that a row of the statement can run into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from ..sql.expression_reader import parse_expression
from ..sql.expressions import columns

if TYPE_CHECKING:
    from ..catalog.model import Index, IndexKey, Relation
    from ..model import Write


def guards(write: Write, relation: Relation, base: Relation) -> tuple[Index, ...]:
    """The unique and exclusion indexes of `base` that can stop a row written to `relation`.

    One of which the statement writes no column, as an identity, stops none; through a view all may.
    """
    found = (index for index in base.indexes if (index.unique or index.exclusion) and index.live and index.ready)
    return tuple(index for index in found if relation.oid != base.oid or _feeds(write, index))


def _feeds(write: Write, index: Index) -> bool:
    if write.columns is None or not write.complete:
        return True
    written = set(write.columns) - set(write.defaulted)
    return any(_reads(key, written) for key in index.keys)


def _reads(key: IndexKey, written: set[str]) -> bool:
    if key.column is not None:
        return key.column in written
    try:
        return any(column.name in written for column in columns(parse_expression(key.expression or "")))
    except SqlSyntaxError:
        return True
