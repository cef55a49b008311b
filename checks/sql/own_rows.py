"""Which comparisons of a row security policy are true of no row but one's own, so that they keep owners apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .expression_reader import parse_expression
from .expressions import (
    WHOLE_ROW,
    And,
    Array,
    Call,
    Cast,
    Column,
    Constant,
    Opaque,
    Operation,
    Or,
    Quantified,
    columns,
    nodes,
)
from .parser import Node, expression_text, kind, parse, strings
from .session_columns import asks_session, is_session_function
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .expressions import Expression

# Two values do not come to one by these, nor do two owners.
_LOSSLESS = frozenset({"text", "varchar", "uuid", "int8"})
_SIMPLE = frozenset({"target_list", "from_clause", "where_clause", "limit_option", "op"})


def keeps_apart(condition: Expression, table: str, column: str) -> bool:
    """Whether a condition holds for no row in which `column` of `table` has the value of another owner.

    One part of an AND has to tell that, and each of an OR; what NOT, CASE and functions make of it is not known.
    """
    match condition:
        case And(args):
            return any(keeps_apart(arg, table, column) for arg in args)
        case Or(args):
            return all(keeps_apart(arg, table, column) for arg in args)
        case Constant(kind="boolean", text="false"):
            return True
        case _:
            return own_column(condition, table) == column


def own_column(atom: Expression, table: str) -> str | None:
    """The column of `table` that a plain equality sets beside the session's user, tenant, claim or setting.

    That may be by a sub-select from one table, too, which asks for the rows of the session and nothing else.
    """
    match atom:
        case Operation(schema=None, operator="=", args=(left, right)):
            return _beside(left, right, table)
        case Quantified(schema=None, operator="=", left=left, right=Array((one,)), all=False):
            return _beside(left, one, table)
        case Opaque(subquery=True):
            return _by_sub_select(atom.text, table)
        case _:
            return None


def may_exclude_own(atom: Expression) -> bool:
    """Whether it asks the session for anything but an equality, a membership or what a function answers.

    So do `owner <> me`, `owner IS DISTINCT FROM me` and CASE, which may be true of the rows of others only.
    """
    match atom:
        case Operation(operator="=") | Quantified(operator="=", all=False) | Call() | Opaque(subquery=True):
            return False
        case _:
            return _asks(atom)


def looked_at(tree: Expression) -> tuple[Column, ...]:
    """Every column that an expression names, those within its sub-selects as well, with their qualifiers."""
    inner = (_within(node.text) for node in nodes(tree) if isinstance(node, Opaque) and node.subquery)
    return (*columns(tree), *(column for found in inner for column in found))


def _within(text: str) -> Iterator[Column]:
    try:
        statements = parse(f"SELECT ({text}\n)").statements
    except SqlSyntaxError:  # of a newer server's grammar: it may look at anything
        yield Column((), WHOLE_ROW)
        return
    for reference in (found for each in statements for found in messages(each.stmt, "ColumnRef")):
        names = strings(reference.fields)
        if len(names) < len(reference.fields):
            yield Column(names, WHOLE_ROW)
        elif len(names) > 1:
            yield Column(names[:-1], names[-1])


def _beside(left: Expression, right: Expression, table: str) -> str | None:
    for side, other in ((left, right), (right, left)):
        column = _plain(side)
        if column is not None and not column.qualifier and _is_session(other, table):
            return column.name
    return None


def _plain(side: Expression) -> Column | None:
    while isinstance(side, Cast) and side.type.name in _LOSSLESS and not (side.type.modifiers or side.type.array):
        side = side.arg
    return side if isinstance(side, Column) else None


def _is_session(value: Expression, table: str) -> bool:
    """Whether it is one value for all rows, which depends on the session."""
    if any(not column.qualifier or column.qualifier[-1] == table for column in looked_at(value)):
        return False
    return _asks(value)


def _asks(value: Expression) -> bool:
    for node in nodes(value):
        if isinstance(node, Call) and is_session_function(node.schema, node.name, looks=bool(columns(node))):
            return True
        if isinstance(node, Opaque) and asks_session(node.text):
            return True
    return False


def _by_sub_select(text: str, table: str) -> str | None:
    """`own IN (SELECT m.x FROM m WHERE m.y = session)`, the same turned round, and EXISTS with both in its WHERE."""
    try:
        node = parse(f"SELECT ({text}\n)").statements[0].stmt.select_stmt.target_list[0].res_target.val
    except SqlSyntaxError:
        return None
    if kind(node) != "sub_link":
        return None
    pairs = _of_link(node.sub_link)
    sides = [pair for left, right in pairs for pair in ((left, right), (right, left))]
    if not any(_is_inner(_plain(side), table) and _is_session(other, table) for side, other in sides):
        return None
    joined = (_plain(side) for side, other in sides if _is_inner(_plain(other), table))
    return next((column.name for column in joined if column is not None and _is_outer(column, table)), None)


def _of_link(link: Node) -> list[tuple[Expression, Expression]]:
    """The sides of the equalities that EXISTS or IN says of a row of its table; none where that is not known."""
    pairs = _pairs(link.subselect) or []
    if link.sub_link_type == pb.EXISTS_SUBLINK:
        return pairs
    target = _only_target(link.subselect) if pairs else None
    if link.sub_link_type != pb.ANY_SUBLINK or strings(link.oper_name) not in {(), ("=",)} or target is None:
        return []
    return [*pairs, (_tree(link.testexpr), target)]


def _is_outer(column: Column, table: str) -> bool:
    return not column.qualifier or column.qualifier[-1] == table


def _is_inner(column: Column | None, table: str) -> bool:
    return column is not None and not _is_outer(column, table)


def _pairs(subselect: Node) -> list[tuple[Expression, Expression]] | None:
    """The sides of the equalities that all rows of a sub-select fulfil; None for one of several tables, or grouped."""
    select = subselect.select_stmt
    fields = {field.name for field, _ in select.ListFields()}
    if kind(subselect) != "select_stmt" or not fields <= _SIMPLE or len(select.from_clause) != 1:
        return None
    if kind(select.from_clause[0]) != "range_var" or "where_clause" not in fields:
        return None
    if any(True for target in select.target_list for _ in messages(target, "FuncCall")):
        return None  # an aggregate gives a row where there is none
    return list(_equalities(_tree(select.where_clause)))


def _equalities(condition: Expression) -> Iterator[tuple[Expression, Expression]]:
    match condition:
        case And(args):
            for arg in args:
                yield from _equalities(arg)
        case Operation(schema=None, operator="=", args=(left, right)):
            yield left, right
        case _:
            return


def _only_target(subselect: Node) -> Expression | None:
    targets = subselect.select_stmt.target_list
    return _tree(targets[0].res_target.val) if len(targets) == 1 else None


def _tree(node: Node) -> Expression:
    text = expression_text(node)
    try:
        return parse_expression(text)
    except SqlSyntaxError:
        return Opaque(text, (), parameters=False, subquery=True)
