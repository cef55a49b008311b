"""A predicate as the planner has it before it looks for implications: negations pushed down, constants folded."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from ..sql.expressions import (
    And,
    Array,
    BooleanTest,
    Cast,
    Constant,
    Expression,
    Not,
    NullTest,
    Operation,
    Or,
    Parameter,
    Quantified,
    Special,
)
from .literals import Value, base_type, boolean, literal, spelled
from .tidy import COMPARISONS, NEGATED, Types

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_ARRAY = 100  # MAX_SAOP_ARRAY_SIZE of predtest.c: longer lists are taken as a whole


@dataclass(frozen=True, slots=True)
class Compare:
    """`column operator constant`, or a parameter in the constant's place."""

    column: str
    operator: str
    value: Value | Parameter


@dataclass(frozen=True, slots=True)
class Every:
    """AND."""

    args: tuple[Qual, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """OR."""

    args: tuple[Qual, ...]


@dataclass(frozen=True, slots=True)
class Atom:
    """Anything that is neither AND nor OR nor a comparison; `negated` stands for NOT before a boolean value."""

    expression: Expression
    negated: bool = False


Qual = Compare | Every | Some | Atom

YES, NO = Every(()), Some(())  # what AND and OR of nothing mean


def qualify(expression: Expression, types: Types, *, negated: bool = False) -> Qual:  # noqa: C901, PLR0911 (one line per kind)
    """The planner's form of a tidy predicate (eval_const_expressions, then canonicalize_qual)."""
    match expression:
        case Constant("boolean", text):
            return YES if (text == "true") is not negated else NO
        case _ if _is_null(expression):
            return NO  # as the result of a WHERE, NULL is as good as false
        case Not(arg):
            return qualify(arg, types, negated=not negated)
        case And(args) | Or(args):
            parts = tuple(qualify(arg, types, negated=negated) for arg in args)
            return every(parts) if isinstance(expression, And) is not negated else some(parts)
        case NullTest(arg, null):
            return _null_test(arg, null=null is not negated)
        case BooleanTest(arg, kind) if negated:
            return Atom(BooleanTest(arg, kind.removeprefix("NOT ") if kind.startswith("NOT ") else f"NOT {kind}"))
        case Special("same" | "distinct" as name, (left, right)) if _is_null(left) or _is_null(right):
            tested = left if _is_null(right) else right
            return _null_test(tested, null=(name == "same") is not negated)
        case Operation():
            return _operation(expression, types, negated=negated)
        case Quantified():
            return _quantified(expression, types, negated=negated)
        case Cast(arg, type_) if spelled(type_) == "boolean" and is_truth(arg, types):
            return qualify(arg, types, negated=negated)
        case _:
            return Atom(expression, negated)


def every(args: Iterable[Qual]) -> Qual:
    """AND of these, flat."""
    flat = [part for arg in args for part in (arg.args if isinstance(arg, Every) else (arg,))]
    if NO in flat:
        return NO
    return flat[0] if len(flat) == 1 else Every(tuple(flat))


def some(args: Iterable[Qual]) -> Qual:
    """OR of these, flat, with what all of them have in common taken out (process_duplicate_ors)."""
    flat = [part for arg in args for part in (arg.args if isinstance(arg, Some) else (arg,))]
    if YES in flat:
        return YES
    if len(flat) < 2:  # noqa: PLR2004 (an OR of one is that one)
        return flat[0] if flat else NO
    lists = [conjuncts(part) for part in flat]
    common = reduce(lambda kept, part: tuple(q for q in kept if q in part), lists)
    if not common:
        return Some(tuple(flat))
    rests = [tuple(q for q in part if q not in common) for part in lists]
    return every((*common, *(() if () in rests else (some(every(rest) for rest in rests),))))


def conjuncts(qual: Qual) -> tuple[Qual, ...]:
    """The parts of an AND, or the qual itself."""
    return qual.args if isinstance(qual, Every) else (qual,)


def is_truth(expression: Expression, types: Types) -> bool:
    """Whether the type is surely boolean."""
    match expression:
        case Constant("boolean", _) | And() | Or() | Not() | NullTest() | BooleanTest() | Quantified():
            return True
        case Operation(None, operator, (_, _)):
            return operator in NEGATED
        case Special("same" | "distinct", _):
            return True
        case _:
            return types.of(expression) == "boolean"


def _is_null(expression: Expression) -> bool:
    while isinstance(expression, Cast):
        expression = expression.arg
    return isinstance(expression, Constant) and expression.kind == "null"


def _null_test(arg: Expression, *, null: bool) -> Qual:
    if isinstance(arg, Constant):
        return YES if (arg.kind == "null") is null else NO
    return Atom(NullTest(arg, null))


def _operation(operation: Operation, types: Types, *, negated: bool) -> Qual:
    if operation.schema is not None or len(operation.args) != 2:  # noqa: PLR2004 (infix)
        return Atom(operation, negated)
    left, right = operation.args
    if operation.operator in ("=", "<>"):
        for tested, constant in ((left, right), (right, left)):
            value = boolean(constant)
            if value is not None and is_truth(tested, types):
                return qualify(tested, types, negated=negated is not (value is not (operation.operator == "=")))
    if negated and operation.operator not in NEGATED:
        return Atom(operation, negated=True)
    operator = NEGATED[operation.operator] if negated else operation.operator
    return (
        _compare(left, operator, right, types)
        or _folded(left, operator, right)
        or Atom(Operation(None, operator, (left, right)))
    )


def _compare(left: Expression, operator: str, right: Expression, types: Types) -> Compare | None:
    if operator not in COMPARISONS:
        return None
    for subject, constant, said in ((left, right, operator), (right, left, COMPARISONS[operator])):
        column = types.column(_without_relabel(subject, types))
        value = None if column is None else literal(constant, column)
        if column is not None and value is not None:
            return Compare(column.name, said, value)
    return None


def _without_relabel(subject: Expression, types: Types) -> Expression:
    """A varchar column is compared as text."""
    if (
        isinstance(subject, Cast)
        and spelled(subject.type) == "text"
        and base_type(types.of(subject.arg) or "") == "character varying"
    ):
        return subject.arg
    return subject


def _folded(left: Expression, operator: str, right: Expression) -> Qual | None:
    """Comparisons of two literals, as far as they are sure: integers."""
    if not (isinstance(left, Constant) and isinstance(right, Constant)):
        return None
    if "null" in (left.kind, right.kind):
        return NO
    if left.kind != "integer" or right.kind != "integer" or operator not in COMPARISONS:
        return None
    a, b = int(left.text), int(right.text)
    holds = {"=": a == b, "<>": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}
    return YES if holds[operator] else NO


def _quantified(quantified: Quantified, types: Types, *, negated: bool) -> Qual:
    operator, all_ = quantified.operator, quantified.all
    if quantified.schema is not None or (negated and operator not in NEGATED):
        return Atom(quantified, negated)
    if negated:
        operator, all_ = NEGATED[operator], not all_
    array = _array(quantified.right)
    whole = Atom(Quantified(None, operator, quantified.left, quantified.right, all_))
    if array is None or not 0 < len(array.items) <= MAX_ARRAY:
        return whole
    parts = [_compare(quantified.left, operator, item, types) for item in array.items]
    known = tuple(part for part in parts if part is not None and isinstance(part.value, Value))
    if len(known) < len(parts):
        return whole
    return every(known) if all_ else some(known)


def _array(expression: Expression) -> Array | None:
    """The list of `= ANY (ARRAY[...])`, under the cast that pg_get_expr prints for varchar."""
    while (
        isinstance(expression, Cast)
        and expression.type.array
        and spelled(expression.type) in ("text[]", "character varying[]")
    ):
        expression = expression.arg
    return expression if isinstance(expression, Array) else None
