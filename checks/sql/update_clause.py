"""What a DO UPDATE assigns, and the condition under which it does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .expression_reader import parse_expression
from .expressions import And, Expression, Opaque
from .names import unknown_names
from .parser import Node, expression_text, kind, parse
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class UpdateClause:
    """The DO UPDATE of an INSERT into `table`, which the statement calls `alias`.

    `values` are the columns of SET with what they get; an Opaque where that is not one expression of its own.
    """

    table: str
    alias: str
    values: tuple[tuple[str, Expression], ...]
    conditions: tuple[Expression, ...]  # all of which hold

    def value(self, column: str) -> Expression | None:
        """What a column gets; None if it is not assigned."""
        return next((value for name, value in self.values if name == column), None)


_UNREAD = Opaque("", (), parameters=False, subquery=False)


@cache
def update_clauses(sql: str) -> tuple[UpdateClause, ...]:
    """Each DO UPDATE of a text, which may hold several statements; () if it does not parse."""
    try:
        statements = parse(sql).statements
    except SqlSyntaxError:
        return ()
    found = (insert for statement in statements for insert in messages(statement, "InsertStmt"))
    return tuple(_read(insert) for insert in found if insert.on_conflict_clause.action == pb.ONCONFLICT_UPDATE)


def _read(insert: Node) -> UpdateClause:
    clause, table = insert.on_conflict_clause, insert.relation.relname
    values = tuple((node.res_target.name, _value(node.res_target)) for node in clause.target_list)
    conditions = tuple(_conditions(clause.where_clause)) if clause.HasField("where_clause") else ()
    return UpdateClause(table, insert.relation.alias.aliasname or table, values, conditions)


def _value(target: Node) -> Expression:
    """The value of one column; of `(a, b) = ROW(x, y)` its own item."""
    value = target.val
    if target.indirection:
        return _UNREAD
    if kind(value) == "multi_assign_ref":
        reference = value.multi_assign_ref
        if kind(reference.source) != "row_expr" or reference.colno > len(reference.source.row_expr.args):
            return _UNREAD
        value = reference.source.row_expr.args[reference.colno - 1]
    return _expression(value)


def _conditions(node: Node) -> Iterator[Expression]:
    found = _expression(node)
    yield from found.args if isinstance(found, And) else (found,)


def _expression(node: Node) -> Expression:
    if kind(node) == "set_to_default" or unknown_names(node):
        return _UNREAD
    try:
        return parse_expression(expression_text(node))
    except SqlSyntaxError:
        return _UNREAD
