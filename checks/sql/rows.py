"""The rows of an INSERT: how many, how wide, and where they hold DEFAULT or NULL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from .names import is_unknown
from .parser import Node, kind

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Rows:
    """What the source of the rows tells, by position."""

    width: int | None = None
    rows: int | None = None
    defaulted: frozenset[int] = frozenset()
    nulls: frozenset[int] = frozenset()


def read_rows(node: Node) -> Rows:
    """What a SELECT or VALUES gives; the first branch of a UNION decides its width."""
    if kind(node) != "select_stmt":
        return Rows()
    select = node.select_stmt
    while select.op != pb.SETOP_NONE:
        select = select.larg
        if select.op == pb.SETOP_NONE:
            return Rows(width=_select(select).width)
    return _select(select)


def _select(select: Node) -> Rows:
    if not select.values_lists:
        return read_row([node.res_target.val for node in select.target_list])
    rows = [read_row(row.list.items) for row in select.values_lists]
    known = all(row.width is not None for row in rows)
    return Rows(
        width=rows[0].width if known else None,
        rows=len(rows) if known else None,
        defaulted=frozenset.intersection(*(row.defaulted for row in rows)),
        nulls=frozenset.union(*(row.nulls for row in rows)),
    )


def read_row(items: Iterable[Node]) -> Rows:
    """One row; its width is unknown when it holds `*`."""
    width = 0
    defaulted, nulls = set(), set()
    star = False
    for position, item in enumerate(items):
        width += 1
        star = star or _is_star(item)
        if star:
            continue
        if kind(item) == "set_to_default":
            defaulted.add(position)
        elif _is_null(item):
            nulls.add(position)
    return Rows(None if star else width, None, frozenset(defaulted), frozenset(nulls))


def _is_star(node: Node) -> bool:
    """Whether `*`, `t.*` or `(row).*` stands here, or a hole, which may be a whole list of values."""
    match kind(node):
        case "column_ref":
            last = node.column_ref.fields[-1]
            return kind(last) == "a_star" or is_unknown(last.string.sval)
        case "a_indirection":
            return kind(node.a_indirection.indirection[-1]) == "a_star"
        case _:
            return False


def _is_null(node: Node) -> bool:
    while kind(node) == "type_cast":
        node = node.type_cast.arg
    return kind(node) == "a_const" and bool(node.a_const.isnull)
