"""Every INSERT and MERGE of a statement: at its top, in its CTEs, and in what it wraps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .parser import Node, kind

if TYPE_CHECKING:
    from collections.abc import Iterator


class Found(NamedTuple):
    """An InsertStmt or MergeStmt node."""

    kind: str
    statement: Node


# Statements that hold another one, and the field they hold it in.
_WRAPPERS = {
    "prepare_stmt": "query",
    "explain_stmt": "query",
    "copy_stmt": "query",
    "create_table_as_stmt": "query",
    "declare_cursor_stmt": "query",
    "create_function_stmt": "sql_body",
}
_WITH_CTES = {"insert_stmt", "merge_stmt", "select_stmt", "update_stmt", "delete_stmt"}


def inserts(node: Node) -> Iterator[Found]:
    """The writes of a statement in source order: those of its WITH first, as they stand first."""
    name = kind(node)
    if name in _WITH_CTES:
        yield from _with_ctes(name, getattr(node, name))
    elif name in _WRAPPERS:
        yield from inserts(getattr(getattr(node, name), _WRAPPERS[name]))
    elif name == "rule_stmt":
        for action in node.rule_stmt.actions:
            yield from inserts(action)
    elif name == "list":  # a SQL-standard body: a list that holds the list of its statements
        for item in node.list.items:
            yield from inserts(item)


def _with_ctes(name: str, statement: Node) -> Iterator[Found]:
    for node in statement.with_clause.ctes:
        yield from inserts(node.common_table_expr.ctequery)
    if name == "insert_stmt":
        yield Found("insert", statement)
        yield from inserts(statement.select_stmt)
    elif name == "merge_stmt":
        yield Found("merge", statement)
