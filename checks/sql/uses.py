"""What a statement or an expression names besides columns: the functions it calls, the tables it reads, schemas."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from google.protobuf.message import Message  # type: ignore[import-untyped]  # its stubs are no dependency
from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from ..model import FunctionCall, QualifiedName, TableRead, Uses
from .folding import Fold, Place, conditions, fold, holds_null
from .names import is_unknown
from .parser import Node, kind, parse, strings
from .walk import messages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_OF_SEQUENCES = frozenset(("nextval", "currval", "setval"))
_OF_SERVER = ("pg_catalog", "information_schema", "pg_temp")
_PLAIN_SELECT = frozenset(("target_list", "from_clause", "where_clause", "limit_option", "op", "limit_count"))
_APART = frozenset(("a_const", "column_ref", "param_ref", "type_name", "insert_stmt"))  # the last is a write of its own
_NAMED = {"FuncCall": "funcname", "TypeName": "names", "A_Expr": "name", "CollateClause": "collname"}


_Found = FunctionCall | TableRead


def read_uses(statement: Node, variables: tuple[str, ...] = ()) -> Uses:
    """What an InsertStmt names, but for its own table and its conflict target; `variables` are those of PL/pgSQL."""
    ctes = frozenset(node.common_table_expr.ctename for node in statement.with_clause.ctes)
    relation = statement.relation
    own = frozenset(("excluded", "old", "new", relation.alias.aliasname or relation.relname))
    place = Place(ctes=ctes, own=own, variables=frozenset(variables))
    found = list(_walked(statement.with_clause.ctes, place.but(certain=False)))
    if statement.HasField("select_stmt"):
        found += _select(statement.select_stmt.select_stmt, place, exists=False)
    clause = statement.on_conflict_clause
    updates = replace(place, on_conflict=True)
    found += _walked((*clause.target_list, clause.where_clause), updates)
    if statement.HasField("returning_clause"):
        found += _walked(statement.returning_clause.exprs, place)
    return _uses(found, _schemas(statement))


@cache
def uses_of(text: str) -> Uses:
    """What the expression names; nothing if it cannot be read."""
    try:
        (statement,) = parse(f"SELECT ({text}\n)").statements
    except (SqlSyntaxError, ValueError):
        return Uses()
    targets = statement.stmt.select_stmt.target_list
    return _uses(_walked(targets, Place()), _schemas(statement))


def _uses(found: Iterable[_Found], schemas: Iterable[str]) -> Uses:
    once = tuple(dict.fromkeys(found))
    return Uses(
        tuple(one for one in once if isinstance(one, FunctionCall)),
        tuple(one for one in once if isinstance(one, TableRead)),
        tuple(dict.fromkeys(schemas)),
    )


def _schemas(statement: Node) -> Iterator[str]:
    """The schemas before names of functions, types, operators, collations and tables that are read."""
    for message, field in _NAMED.items():
        for found in messages(statement, message):
            names = strings(getattr(found, field))
            yield from (one for one in names[-2:-1] if _counts(one))
    for select in messages(statement, "SelectStmt"):
        for found in messages(select, "RangeVar"):
            yield from (one for one in (found.schemaname,) if one and _counts(one))


def _counts(schema: str) -> bool:
    return schema not in _OF_SERVER and not is_unknown(schema)


def _walked(items: Iterable[Node], place: Place) -> Iterator[_Found]:
    for item in items:
        yield from _walk(item, place)


def _walk(node: Node, place: Place) -> Iterator[_Found]:
    """All in a node, whatever it is: a wrapper of one other node, or a message of its own."""
    for descriptor, value in node.ListFields():
        for child in value if not isinstance(value, (Message, str, int, float, bytes)) else (value,):
            if isinstance(child, Message):
                yield from _field(descriptor.name, child, place)


def _field(name: str, child: Node, place: Place) -> Iterator[_Found]:
    match name:
        case "func_call":
            yield from _call(child, place)
        case "bool_expr":
            yield from _boolean(child, place)
        case "coalesce_expr":
            yield from _coalesce(child.args, place)
        case "case_expr":
            yield from _case(child, place)
        case "a_expr":
            yield from _strict((child.lexpr, child.rexpr), place)
        case "sub_link":
            exists = child.sub_link_type == pb.EXISTS_SUBLINK
            yield from _walk(child.testexpr, place)
            yield from _select(child.subselect.select_stmt, place, exists=exists)
        case "range_var":
            yield from _table(child, place)
        case _ if child.DESCRIPTOR.name == "SelectStmt":
            yield from _select(child, place.but(certain=False), exists=False)
        case _ if name not in _APART:
            yield from _walk(child, place)


def _table(named: Node, place: Place) -> Iterator[_Found]:
    if not place.dropped and not is_unknown(named.relname) and (named.schemaname or named.relname not in place.ctes):
        yield TableRead(QualifiedName(named.schemaname or None, named.relname), place.certain)


def _case(expression: Node, place: Place) -> Iterator[_Found]:
    steady = all(fold(one, place) is Fold.ROW for one in conditions(expression))
    yield from _walk(expression, place.but(certain=steady))


def _call(call: Node, place: Place) -> Iterator[_Found]:
    *before, name = strings(call.funcname)
    of_server = bool(before) and before[-1] == "pg_catalog"
    if place.dropped and any(fold(arg, place) is Fold.ROW for arg in call.args):
        yield from _walked(call.args, place)
        return
    if name in _OF_SEQUENCES and (of_server or not before):
        yield _of_sequence(call, name, place)
    elif not of_server and not is_unknown(name):
        named = call.func_variadic or any(kind(one) == "named_arg_expr" for one in call.args)
        yield FunctionCall(
            QualifiedName(before[-1] if before else None, name),
            None if named else len(call.args),
            place.certain,
            place.on_conflict,
            any(map(holds_null, call.args)),
        )
    yield from _strict(call.args, place)
    rest = (call.agg_order, [call.agg_filter], [call.over])
    yield from _walked(chain(*rest), place.but(certain=False))


def _strict(args: Iterable[Node], place: Place) -> Iterator[_Found]:
    """What stands beside a NULL is gone if the operator or function is strict."""
    args = list(args)
    for position, arg in enumerate(args):
        others = (other for number, other in enumerate(args) if number != position)
        yield from _walk(arg, place.but(certain=not any(map(holds_null, others))))


def _of_sequence(call: Node, name: str, place: Place) -> FunctionCall:
    """A call of nextval and its like, with the name of the sequence if that is written there."""
    first = call.args[0] if call.args else None
    while first is not None and kind(first) == "type_cast":
        first = first.type_cast.arg
    text = None
    if first is not None and kind(first) == "a_const" and first.a_const.WhichOneof("val") == "sval":
        text = first.a_const.sval.sval
    certain = place.certain and text is not None and not is_unknown(text)
    return FunctionCall(QualifiedName(None, name), len(call.args), certain, place.on_conflict, literal=text)


def _boolean(expression: Node, place: Place) -> Iterator[_Found]:
    """AND, OR and NOT: what stands beside the constant that decides is gone, what stands beside a parameter may be."""
    args = list(expression.args)
    if expression.boolop == pb.NOT_EXPR:
        yield from _walked(args, place)
        return
    decides = Fold.FALSE if expression.boolop == pb.AND_EXPR else Fold.TRUE
    folds = [fold(arg, place) for arg in args]
    if decides in folds:
        # An immutable function of constants may have been evaluated by the time that the constant is met.
        yield from _walked(args, replace(place, certain=False, dropped=True))
        return
    for position, arg in enumerate(args):
        others = (fold for other, fold in enumerate(folds) if other != position)
        yield from _walk(arg, place.but(certain={Fold.UNKNOWN, Fold.NULL}.isdisjoint(others)))


def _coalesce(args: Iterable[Node], place: Place) -> Iterator[_Found]:
    for arg in args:
        yield from _walk(arg, place)
        place = place.but(certain=fold(arg, place) is Fold.ROW)


def _select(select: Node, place: Place, *, exists: bool) -> Iterator[_Found]:
    """A sub-select, or the rows of an INSERT; certain are those without any of what the planner rewrites."""
    for row in select.values_lists:
        yield from _walk(row, place)
    if select.values_lists:
        return
    place = replace(place, ctes=place.ctes | {node.common_table_expr.ctename for node in select.with_clause.ctes})
    fields = {field.name for field, _ in select.ListFields()}
    plain = fields <= _PLAIN_SELECT and all(_is_table(one) for one in select.from_clause)
    plain = plain and not any(one.range_var.relname in place.ctes for one in select.from_clause)
    inner = replace(place.but(certain=plain), constant=not plain)
    if select.op != pb.SETOP_NONE:
        for side in (select.larg, select.rarg):
            yield from _select(side, place.but(certain=False), exists=exists)
        return
    yield from _walked(select.target_list, inner.but(certain=not exists))
    yield from _walked(select.from_clause, inner)
    yield from _walk(select.where_clause, inner)
    rest = [list(getattr(select, name)) for name in ("group_clause", "sort_clause", "distinct_clause", "window_clause")]
    yield from _walked(chain(*rest, [select.having_clause], select.with_clause.ctes), inner.but(certain=False))


def _is_table(node: Node) -> bool:
    return kind(node) == "range_var"
