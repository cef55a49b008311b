"""The type of an expression where that is plain to see: what has one is certainly accepted by the server's parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..sql.expressions import (
    And,
    BooleanTest,
    Call,
    Cast,
    Column,
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
from .literals import base_type, is_built_in, spelled
from .quals import Compare, Every, Qual, Some, qualify
from .tidy import COMPARISONS, TEXT_FUNCTIONS

if TYPE_CHECKING:
    from .tidy import Types

_NUMBERS = ("smallint", "integer", "bigint", "numeric")
_STRINGS = ("text", "character varying", "unknown")
_SMALL = 5  # digits that fit every integer type
_MATCHING = frozenset(("~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*"))


def conditions(expression: Expression) -> tuple[Expression, ...]:
    """What AND, OR and NOT put together, in the order in which the server's parser reads it."""
    match expression:
        case And(args) | Or(args):
            return tuple(part for arg in args for part in conditions(arg))
        case Not(arg):
            return conditions(arg)
        case _:
            return (expression,)


def is_condition(expression: Expression, types: Types) -> bool:
    """Whether the server surely takes a tidy expression as a condition."""
    match expression:
        case And(args) | Or(args):
            return all(is_condition(arg, types) for arg in args)
        case Not(arg):
            return is_condition(arg, types)
        case _:
            return _is_sound(qualify(expression, types), types)


def _is_sound(qual: Qual, types: Types) -> bool:
    """Whether names, operators and literals surely fit together."""
    match qual:
        case Compare():
            return True
        case Every(args) | Some(args):
            return all(_is_sound(arg, types) for arg in args)
        case _:
            return type_of(qual.expression, types) == "boolean"


def type_of(expression: Expression, types: Types) -> str | None:  # noqa: C901, PLR0911, PLR0912 (one line per kind of node)
    """The base type, "unknown" for a string literal or a parameter; None when it is not plain to see."""
    match expression:
        case Column():
            return base_type(types.of(expression) or "") or None
        case Constant(kind, _):
            return {"string": "unknown", "integer": "integer", "numeric": "numeric", "boolean": "boolean"}.get(kind)
        case Parameter():
            return "unknown"
        case Call(None, name, args) if name in TEXT_FUNCTIONS - {"strpos"}:
            below = [type_of(arg, types) for arg in args]
            return "text" if below[:1] != ["unknown"] and all(b in _STRINGS for b in below) else None
        case Operation(None, operator, (left, right)):
            return _operation(operator, type_of(left, types), type_of(right, types))
        case NullTest(arg, _):
            return "boolean" if type_of(arg, types) not in (None, "unknown") else None
        case BooleanTest(arg, _) | Not(arg):
            return "boolean" if type_of(arg, types) == "boolean" else None
        case And(args) | Or(args):
            return "boolean" if all(type_of(arg, types) == "boolean" for arg in args) else None
        case Special("coalesce", (first, *rest)):
            of = type_of(first, types)
            return of if of in _STRINGS[:2] and all(type_of(arg, types) in (of, "unknown") for arg in rest) else None
        case Cast(Column() as column, type_):
            is_text = spelled(type_) == "text" and is_built_in(type_)
            return "text" if is_text and types.of(column) is not None else None
        case Cast(Constant("string", _), type_):
            return "text" if spelled(type_) in _STRINGS else None
        case Cast(Constant("integer", text), type_) if spelled(type_) in _NUMBERS:
            return spelled(type_) if len(text) < _SMALL else None
        case Quantified(None, operator, left, right, _):
            items = getattr(right, "items", ())
            answers = {_operation(operator, type_of(left, types), type_of(item, types)) for item in items}
            return "boolean" if answers == {"boolean"} else None
        case _:
            return None


def _operation(operator: str, left: str | None, right: str | None) -> str | None:
    both = (left, right)
    strings = all(side in _STRINGS for side in both) and both != ("unknown", "unknown")
    numbers = all(side in _NUMBERS for side in both)
    if operator in COMPARISONS:
        return "boolean" if strings or numbers or (left == right and left in ("boolean", "uuid", "date")) else None
    if operator in _MATCHING:
        return "boolean" if strings else None
    if operator == "||":
        return "text" if strings else None
    if operator in ("+", "-", "*"):
        return "numeric" if numbers and "numeric" in both else left if numbers and left == right else None
    if operator in ("->", "->>") and left in ("json", "jsonb") and right in ("integer", *_STRINGS):
        return left if operator == "->" else "text"
    return None
