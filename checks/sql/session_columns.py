"""Which columns of a table a row security policy compares with the session: its user, a claim, a setting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .parser import Node, expression_text, kind, parse, strings
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column of the policy's table, and the part of the policy that compares it with the session, as SQL.

    `proven` False: the column is an argument of a function of the database, which may or may not ask for the session.
    """

    column: str
    text: str
    proven: bool = True


_SESSION_VALUES = {pb.SVFOP_CURRENT_USER, pb.SVFOP_CURRENT_ROLE, pb.SVFOP_USER, pb.SVFOP_SESSION_USER}
_SETTING = "current_setting"
_IDENTITY = {("auth", "uid"), ("auth", "jwt"), ("auth", "email")}  # of Supabase
_NO_IDENTITY = {("auth", "role")}  # "authenticated" for everybody
_CATALOG = "pg_catalog"


@cache
def session_comparisons(text: str, table: str) -> tuple[Comparison, ...]:
    """The columns that an expression of a policy of `table` compares with the session, in order; () if it is no SQL.

    `text` is as pg_get_expr() prints it under an empty search_path: functions but the system's have their schema, and
    columns of the table have a qualifier inside sub-selects only.
    """
    try:
        statements = parse(f"SELECT ({text}\n)").statements
    except SqlSyntaxError:
        return ()
    if len(statements) != 1 or kind(statements[0].stmt) != "select_stmt":
        return ()
    targets = statements[0].stmt.select_stmt.target_list
    return tuple(dict.fromkeys(_of_condition(targets[0].res_target.val, table))) if len(targets) == 1 else ()


def asks_session(text: str) -> bool:
    """Whether an expression asks who the user is, or calls a function of the database that looks at no column."""
    try:
        return any(_asks_session(each.stmt) for each in parse(f"SELECT ({text}\n)").statements)
    except SqlSyntaxError:
        return False


def is_session_function(schema: str | None, name: str, *, looks: bool) -> bool:
    """The same of a function by its name; `looks`: at a column. No schema is the system's."""
    if name == _SETTING or (schema, name) in _IDENTITY:
        return True
    return schema not in (None, _CATALOG) and (schema, name) not in _NO_IDENTITY and not looks


def _of_condition(node: Node, table: str) -> Iterator[Comparison]:
    """Those of a condition that holds when one of its parts does, or all; what is negated says who is not the owner."""
    if kind(node) == "bool_expr":
        if node.bool_expr.boolop != pb.NOT_EXPR:
            for arg in node.bool_expr.args:
                yield from _of_condition(arg, table)
        return
    if _is_of_database(node):
        told = _asks_session(node, by_name=True)  # a function without arguments may be a constant there
        yield from (Comparison(name, expression_text(node), told) for name in _arguments(node.func_call))
    elif _asks_session(node):
        names = (*_compared(node), *_correlated(node, table))
        yield from (Comparison(name, expression_text(node)) for name in names)


def _is_of_database(node: Node) -> bool:
    """Whether it is the call of a function that is none of the system's."""
    schema = strings(node.func_call.funcname)[:-1] if kind(node) == "func_call" else ()
    return bool(schema) and schema[-1] != _CATALOG


def _compared(node: Node) -> Iterator[str]:
    """The columns at top level that an equality sets beside something that asks for the session."""
    match kind(node):
        case "a_expr" if strings(node.a_expr.name)[-1:] == ("=",):
            sides = (node.a_expr.lexpr, node.a_expr.rexpr)
        case "sub_link" if node.sub_link.sub_link_type == pb.ANY_SUBLINK:
            sides = (node.sub_link.testexpr, node.sub_link.subselect)
        case _:
            return
    for side, other in (sides, sides[::-1]):
        name = _column(side)
        if name is not None and len(name) == 1 and _asks_session(other):
            yield name[0]


def _correlated(node: Node, table: str) -> Iterator[str]:
    """The columns of the table that a sub-select of the comparison joins by."""
    for link in messages(node, "SubLink"):
        for expression in messages(link.subselect, "A_Expr"):
            if strings(expression.name)[-1:] != ("=",):
                continue
            for name in (_column(expression.lexpr), _column(expression.rexpr)):
                if name is not None and name[:-1] == (table,):
                    yield name[-1]


def _arguments(call: Node) -> tuple[str, ...]:
    """The columns that are arguments of a function, as they are."""
    names = (_column(arg) for arg in call.args)
    return tuple(name[0] for name in names if name is not None and len(name) == 1)


def _column(node: Node) -> tuple[str, ...] | None:
    while kind(node) == "type_cast":
        node = node.type_cast.arg
    if kind(node) != "column_ref":
        return None
    names = strings(node.column_ref.fields)
    return names if len(names) == len(node.column_ref.fields) else None


def _asks_session(node: Node, *, by_name: bool = False) -> bool:
    """Whether the tree asks who the user is; or, unless `by_name`, calls a function that looks at no column."""
    values = (value.op for value in messages(node, "SQLValueFunction"))
    if not _SESSION_VALUES.isdisjoint(values):
        return True
    return any(_is_session_call(call, by_name=by_name) for call in messages(node, "FuncCall"))


def _is_session_call(call: Node, *, by_name: bool) -> bool:
    *schema, name = strings(call.funcname)
    looks = by_name or any(True for _ in messages(call, "ColumnRef"))
    return is_session_function(schema[-1] if schema else None, name, looks=looks)
