"""The one statement that is ever sent to a planner: rebuilt from parsed parts, and read back before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import postgast
from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .parser import Node, kind, parse, strings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import InferenceClause, QualifiedName

    Variables = Mapping[tuple[str, ...], int]  # names with their qualifiers -> number of a parameter


def probe(table: QualifiedName, alias: str | None, clause: InferenceClause, variables: Variables) -> str:
    """`INSERT INTO table [AS alias] DEFAULT VALUES ON CONFLICT clause DO NOTHING`.

    Columns named in `variables` become the parameter of that number. Names are put in as such, elements and predicate
    only as the parser understood them, so that whatever text they came from, the result is one INSERT that does nothing
    else. Raises SqlSyntaxError when they are no inference clause.
    """
    insert = _skeleton(", ".join(e.text for e in clause.elements), clause.asked_predicate)
    if len(insert.on_conflict_clause.infer.index_elems) != len(clause.elements):
        raise SqlSyntaxError("not one inference clause")
    insert.relation.relname = table.name
    insert.relation.schemaname = table.schema or ""
    if alias:
        insert.relation.alias.aliasname = alias
    if variables:
        _substitute(insert.on_conflict_clause.infer, variables)
    tree = pb.ParseResult()
    tree.stmts.add().stmt.insert_stmt.CopyFrom(insert)
    text = postgast.deparse(tree)
    again = _only_insert(text)
    if _shape(again) != _shape(insert) or postgast.deparse(_tree(again)) != text:
        raise SqlSyntaxError("the conflict clause does not survive being written out")
    return text


def _skeleton(elements: str, predicate: str | None) -> Node:
    where = f" WHERE ({predicate}\n)" if predicate is not None else ""
    return _only_insert(f"INSERT INTO t DEFAULT VALUES ON CONFLICT ({elements}\n){where} DO NOTHING")  # noqa: S608 (it is parsed, never sent)


def _only_insert(text: str) -> Node:
    """The INSERT that a text consists of, if it is `INSERT INTO x DEFAULT VALUES ON CONFLICT (...) DO NOTHING`."""
    statements = parse(text).statements
    if len(statements) != 1 or kind(statements[0].stmt) != "insert_stmt":
        raise SqlSyntaxError("not one inference clause")
    insert = statements[0].stmt.insert_stmt
    parts = {field.name for field, _ in insert.ListFields()} - {"override"}
    conflict = insert.on_conflict_clause
    harmless = conflict.action == pb.ONCONFLICT_NOTHING and not conflict.infer.conname
    if parts != {"relation", "on_conflict_clause"} or not harmless:
        raise SqlSyntaxError("not one inference clause")
    return insert


def _shape(insert: Node) -> tuple[object, ...]:
    relation = insert.relation
    infer = insert.on_conflict_clause.infer
    return (
        relation.catalogname,
        relation.schemaname,
        relation.relname,
        relation.alias.aliasname,
        len(infer.index_elems),
        infer.HasField("where_clause"),
    )


def _tree(insert: Node) -> Node:
    tree = pb.ParseResult()
    tree.stmts.add().stmt.insert_stmt.CopyFrom(insert)
    return tree


def _substitute(node: Node, variables: Variables) -> None:
    """Put parameters in the place of variables, in the whole tree below a node."""
    for item in getattr(node, "index_elems", ()):
        element = item.index_elem
        if (element.name,) in variables:
            element.expr.param_ref.number = variables[element.name,]
            element.name = ""
    for field, value in node.ListFields():
        if field.message_type is None:
            continue
        for child in value if field.is_repeated else (value,):
            if field.message_type.name == "Node" and kind(child) == "column_ref" and _name(child) in variables:
                child.param_ref.number = variables[_name(child)]
            else:
                _substitute(child, variables)


def _name(node: Node) -> tuple[str, ...]:
    return strings(node.column_ref.fields)
