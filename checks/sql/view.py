"""What the columns of a simple view are made of, for views that the server updates by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .names import relation_name
from .parser import Node, expression_text, kind, parse, strings

if TYPE_CHECKING:
    from ..model import QualifiedName


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One output column: its name if one is given, and either the column of the relation or an expression as SQL.

    `star` stands for all columns of the relation in their order; then the rest is None.
    """

    name: str | None
    column: str | None = None
    expression: str | None = None
    star: bool = False


@dataclass(frozen=True, slots=True)
class ViewColumns:
    """`SELECT columns FROM relation [alias] [WHERE predicate]`."""

    relation: QualifiedName
    alias: str | None
    columns: tuple[ViewColumn, ...]
    predicate: str | None = None


def view_columns(definition: str) -> ViewColumns | None:
    """The parts of a view's SELECT when it has the shape of an automatically updatable view, else None.

    That shape (PostgreSQL: CREATE VIEW, "Updatable Views"; view_query_is_auto_updatable): one relation in FROM, and no
    WITH, DISTINCT, GROUP BY, HAVING, LIMIT, OFFSET or set operation. What the expressions call is not looked at.
    """
    try:
        statements = parse(definition).statements
    except SqlSyntaxError:
        return None
    if len(statements) != 1 or kind(statements[0].stmt) != "select_stmt":
        return None
    select = statements[0].stmt.select_stmt
    if not _is_simple(select):
        return None
    source = select.from_clause[0].range_var
    relation = relation_name(source)
    if relation is None:
        return None
    predicate = expression_text(select.where_clause) if select.HasField("where_clause") else None
    columns = tuple(_column(node.res_target) for node in select.target_list)
    return ViewColumns(relation, source.alias.aliasname or None, columns, predicate)


def _is_simple(select: Node) -> bool:
    refused = ("with_clause", "having_clause", "limit_count", "limit_offset", "into_clause")
    return (
        select.op == pb.SETOP_NONE
        and len(select.from_clause) == 1
        and kind(select.from_clause[0]) == "range_var"
        and not any(select.HasField(field) for field in refused)
        and not (select.distinct_clause or select.group_clause or select.values_lists or select.window_clause)
    )


def _column(target: Node) -> ViewColumn:
    name = target.name or None
    if kind(target.val) != "column_ref":
        return ViewColumn(name, expression=expression_text(target.val))
    fields = target.val.column_ref.fields
    if kind(fields[-1]) == "a_star":
        return ViewColumn(None, star=True)
    column = strings(fields)[-1]
    return ViewColumn(name or column, column=column)
