"""Reads the text of a scalar expression into the tree of `expressions`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from postgast import pg_query_pb2 as pb

from ..errors import SqlSyntaxError
from .parser import Node, expression_text, kind, parse, strings
from .walk import column_references, holds

if TYPE_CHECKING:
    from collections.abc import Callable

from .expressions import (
    FALSE,
    TRUE,
    WHOLE_ROW,
    And,
    Array,
    BooleanTest,
    Call,
    Cast,
    Collate,
    Column,
    Constant,
    Expression,
    Not,
    NullTest,
    Opaque,
    Operation,
    Or,
    Parameter,
    Quantified,
    Special,
    TypeName,
)

_OPERATORS = {pb.AEXPR_OP, pb.AEXPR_LIKE, pb.AEXPR_ILIKE, pb.AEXPR_SIMILAR}
_SPECIAL = {pb.AEXPR_NULLIF: "nullif", pb.AEXPR_DISTINCT: "distinct", pb.AEXPR_NOT_DISTINCT: "same"}
_BOOLEAN_TESTS = {
    pb.IS_TRUE: "TRUE",
    pb.IS_NOT_TRUE: "NOT TRUE",
    pb.IS_FALSE: "FALSE",
    pb.IS_NOT_FALSE: "NOT FALSE",
    pb.IS_UNKNOWN: "UNKNOWN",
    pb.IS_NOT_UNKNOWN: "NOT UNKNOWN",
}


@cache
def parse_expression(text: str) -> Expression:
    """The tree of one scalar expression. Raises SqlSyntaxError when the text is not exactly one."""
    statements = parse(f"SELECT ({text}\n)").statements
    if len(statements) != 1 or kind(statements[0].stmt) != "select_stmt":
        raise SqlSyntaxError("not one expression")
    select = statements[0].stmt.select_stmt
    fields = {field.name for field, _ in select.ListFields()} - {"limit_option", "op"}
    if fields != {"target_list"} or len(select.target_list) != 1 or select.target_list[0].res_target.name:
        raise SqlSyntaxError("not one expression")
    return _read(select.target_list[0].res_target.val)


def _read(node: Node) -> Expression:
    return _READERS.get(kind(node), _opaque)(node)


def _all(items: Node) -> tuple[Expression, ...]:
    return tuple(_read(item) for item in items)


def _column(node: Node) -> Expression:
    fields = node.column_ref.fields
    names = strings(fields)
    if len(names) != len(fields):
        return Column(names, WHOLE_ROW) if names else _opaque(node)
    return Column(names[:-1], names[-1])


def _constant(value: Node) -> Constant:
    if value.isnull:
        return Constant("null", "NULL")
    match value.WhichOneof("val"):
        case "ival":
            return Constant("integer", str(value.ival.ival))
        case "fval":
            text = value.fval.fval
            return Constant("integer" if text.lstrip("-").isdecimal() else "numeric", text)
        case "boolval":
            return TRUE if value.boolval.boolval else FALSE
        case "bsval":
            return Constant("bits", value.bsval.bsval)
        case _:
            return Constant("string", value.sval.sval)


def _cast(node: Node) -> Expression:
    written = node.type_cast.type_name
    modifiers = [item.a_const for item in written.typmods if kind(item) == "a_const"]
    if written.setof or written.pct_type or len(modifiers) != len(written.typmods):
        return _opaque(node)
    schema, name = _qualified(written.names)
    type_name = TypeName(schema, name, tuple(_constant(m).text for m in modifiers), bool(written.array_bounds))
    return Cast(_read(node.type_cast.arg), type_name)


def _call(node: Node) -> Expression:
    call = node.func_call
    plain = {"funcname", "args", "funcformat", "location"}
    if any(field.name not in plain for field, _ in call.ListFields()) or any(
        kind(a) == "named_arg_expr" for a in call.args
    ):
        return _opaque(node)
    schema, name = _qualified(call.funcname)
    return Call(schema, name, _all(call.args))


def _operation(node: Node) -> Expression:
    expression = node.a_expr
    schema, operator = _qualified(expression.name)
    if expression.kind in _SPECIAL:
        return Special(_SPECIAL[expression.kind], (_read(expression.lexpr), _read(expression.rexpr)))
    if expression.kind in _OPERATORS:
        sides = [side for side in ("lexpr", "rexpr") if expression.HasField(side)]
        args = tuple(_read(getattr(expression, side)) for side in sides)
        return (
            _opaque(node)
            if any(kind(getattr(expression, side)) == "row_expr" for side in sides)
            else Operation(schema, operator, args)
        )
    if expression.kind in (pb.AEXPR_OP_ANY, pb.AEXPR_OP_ALL):
        every = expression.kind == pb.AEXPR_OP_ALL
        return Quantified(schema, operator, _read(expression.lexpr), _read(expression.rexpr), every)
    if kind(expression.rexpr) != "list" or kind(expression.lexpr) == "row_expr":
        return _opaque(node)
    left, items = _read(expression.lexpr), _all(expression.rexpr.list.items)
    return _listed(expression.kind, schema, operator, left, items) or _opaque(node)


def _listed(
    form: int, schema: str | None, operator: str, left: Expression, items: tuple[Expression, ...]
) -> Expression | None:
    """IN and BETWEEN, as the server expands them (transformAExprIn, transformAExprBetween)."""
    if form == pb.AEXPR_IN:
        if len(items) == 1:
            return Operation(schema, operator, (left, items[0]))
        return Quantified(schema, operator, left, Array(items), operator == "<>")
    if form == pb.AEXPR_BETWEEN:
        return And((Operation(None, ">=", (left, items[0])), Operation(None, "<=", (left, items[1]))))
    if form == pb.AEXPR_NOT_BETWEEN:
        return Or((Operation(None, "<", (left, items[0])), Operation(None, ">", (left, items[1]))))
    return None


def _boolean(node: Node) -> Expression:
    args = _all(node.bool_expr.args)
    if node.bool_expr.boolop == pb.NOT_EXPR:
        return Not(args[0])
    return And(args) if node.bool_expr.boolop == pb.AND_EXPR else Or(args)


def _null_test(node: Node) -> Expression:
    return NullTest(_read(node.null_test.arg), node.null_test.nulltesttype == pb.IS_NULL)


def _boolean_test(node: Node) -> Expression:
    return BooleanTest(_read(node.boolean_test.arg), _BOOLEAN_TESTS[node.boolean_test.booltesttype])


def _min_max(node: Node) -> Expression:
    name = "greatest" if node.min_max_expr.op == pb.IS_GREATEST else "least"
    return Special(name, _all(node.min_max_expr.args))


def _collate(node: Node) -> Expression:
    schema, name = _qualified(node.collate_clause.collname)
    return Collate(_read(node.collate_clause.arg), schema, name)


def _opaque(node: Node) -> Opaque:
    found = [Column((r.qualifier,) if r.qualifier else (), r.name) for r in column_references(node)]
    if holds(node, "a_star"):
        found.append(Column((), WHOLE_ROW))
    return Opaque(expression_text(node), tuple(found), holds(node, "param_ref"), holds(node, "sub_link"))


def _qualified(items: Node) -> tuple[str | None, str]:
    """A dotted name; pg_catalog is left out: an unqualified name finds it first."""
    *before, name = strings(items)
    schema = before[-1] if before else None
    return (None if schema == "pg_catalog" else schema), name


_READERS: dict[str, Callable[[Node], Expression]] = {
    "column_ref": _column,
    "a_const": lambda node: _constant(node.a_const),
    "param_ref": lambda node: Parameter(node.param_ref.number),
    "type_cast": _cast,
    "func_call": _call,
    "a_expr": _operation,
    "bool_expr": _boolean,
    "null_test": _null_test,
    "boolean_test": _boolean_test,
    "coalesce_expr": lambda node: Special("coalesce", _all(node.coalesce_expr.args)),
    "min_max_expr": _min_max,
    "a_array_expr": lambda node: Array(_all(node.a_array_expr.elements)),
    "collate_clause": _collate,
}
