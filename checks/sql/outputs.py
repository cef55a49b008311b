"""The columns that a query gives, by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import SqlSyntaxError
from .parser import Node, kind, parse, strings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Outputs:
    """Names in order; `complete` False: a star of a table, or an expression without a name, is among them."""

    columns: tuple[str, ...]
    complete: bool


def output_columns(text: str) -> Outputs | None:
    """The columns of the last query of a text; None when it does not parse or ends with something else."""
    try:
        statements = parse(text).statements
    except SqlSyntaxError:
        return None
    if not statements or kind(statements[-1].stmt) != "select_stmt":
        return None
    names = list(_of_select(statements[-1].stmt.select_stmt, {}, 0))
    return Outputs(tuple(dict.fromkeys(name for name in names if name is not None)), None not in names)


def _of_select(select: Node, around: Mapping[str, Node], depth: int) -> Iterator[str | None]:
    own = {node.common_table_expr.ctename: node.common_table_expr.ctequery for node in select.with_clause.ctes}
    known = {**around, **own}
    while select.HasField("larg"):  # UNION: the names are those of the first query
        select = select.larg
    if depth > _DEEPEST or not select.target_list:
        yield None
        return
    for target in select.target_list:
        item = target.res_target
        if item.name:
            yield item.name
        elif kind(item.val) == "column_ref":
            yield from _of_column(item.val.column_ref, select, known, depth)
        else:
            yield None


def _of_column(reference: Node, select: Node, known: Mapping[str, Node], depth: int) -> Iterator[str | None]:
    names = strings(reference.fields)
    if len(names) == len(reference.fields):
        yield names[-1]
        return
    relations = dict(_relations(select.from_clause))
    wanted = [relations.get(names[-1])] if names else list(relations.values())
    for relation in wanted or [None]:
        query = relation if relation is None or kind(relation) == "select_stmt" else _named(relation, known)
        if query is None or kind(query) != "select_stmt":
            yield None
        else:
            yield from _of_select(query.select_stmt, known, depth + 1)


def _named(relation: Node, known: Mapping[str, Node]) -> Node | None:
    """The query of the WITH clause that a table's name stands for."""
    return None if relation.range_var.schemaname else known.get(relation.range_var.relname)


def _relations(nodes: Node) -> Iterator[tuple[str, Node]]:
    """What stands in FROM, by the name that columns are qualified with."""
    for node in nodes:
        match kind(node):
            case "range_var":
                yield node.range_var.alias.aliasname or node.range_var.relname, node
            case "range_subselect":
                yield node.range_subselect.alias.aliasname, node.range_subselect.subquery
            case "join_expr":
                yield from _relations((node.join_expr.larg, node.join_expr.rarg))
            case other:
                yield other, node
