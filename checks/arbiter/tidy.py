"""One spelling for what the server's parser and constant folding make the same, so that trees can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..sql.expressions import (
    Array,
    BooleanTest,
    Call,
    Cast,
    Column,
    Constant,
    Expression,
    NullTest,
    Opaque,
    Operation,
    Parameter,
    Quantified,
    Special,
    children,
    rebuild,
)
from .literals import base_type, is_built_in, spelled

if TYPE_CHECKING:
    from ..catalog.model import Column as TableColumn
    from ..catalog.model import Relation

# Functions of pg_catalog that are written in C, immutable and strict, and whose string arguments are of type text in
# every overload that fits a text column: a string literal without a cast means the same as one with ::text.
TEXT_FUNCTIONS = frozenset(
    ("lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "md5", "replace", "translate", "split_part", "reverse",
     "left", "right", "substr", "substring", "strpos", "repeat")
)  # fmt: skip
STRICT_FUNCTIONS = TEXT_FUNCTIONS | frozenset(
    ("abs", "length", "char_length", "octet_length", "date_trunc", "date_part", "extract", "timezone")
)
# Operators of pg_catalog on everyday types; all of them are strict.
COMPARISONS = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
NEGATED = {
    "=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "~~": "!~~", "!~~": "~~", "~~*": "!~~*", "!~~*": "~~*", "~": "!~", "!~": "~", "~*": "!~*", "!~*": "~*",
}  # fmt: skip
OPERATORS = frozenset(NEGATED) | frozenset(
    ("+", "-", "*", "/", "%", "||", "->", "->>", "#>", "#>>", "@>", "<@", "&&", "&", "|", "#")
)
_STRICT_OPERATORS = OPERATORS - {"||"}  # array_append and its like are not strict
_STRING_TYPES = ("text", "character varying")


@dataclass(frozen=True, slots=True)
class Types:
    """The types of the base relation's columns."""

    relation: Relation

    def of(self, expression: Expression) -> str | None:
        """format_type()'s text of a bare column's type."""
        column = self.column(expression)
        return column.type if column else None

    def column(self, expression: Expression) -> TableColumn | None:
        """The column that an expression is, if it is one."""
        return (
            self.relation.column(expression.name)
            if isinstance(expression, Column) and not expression.qualifier
            else None
        )

    def is_string(self, expression: Expression) -> bool:
        """A column of type text or varchar."""
        return base_type(self.of(expression) or "") in _STRING_TYPES


def tidy(expression: Expression, types: Types) -> Expression:  # noqa: PLR0911 (one line per kind of node)
    """Drop casts that change nothing, and spell constants in one way. Equal results are equal() for the server."""
    expression = rebuild(expression, lambda below: tidy(below, types))
    match expression:
        case Cast(Column() as column, type_) if spelled(type_) == types.of(column):
            return column
        case Cast(Constant("string", text), type_) if spelled(type_) == "integer" and _is_integer(text):
            return Constant("integer", str(int(text)))
        case Cast(Constant("integer", text), type_) if spelled(type_) == "integer" and _is_integer(text):
            return Constant("integer", text)
        case Cast(Constant("string" | "boolean", text), type_) if spelled(type_) == "boolean" and text in (
            "true",
            "false",
        ):
            return Constant("boolean", text)
        case Operation(None, operator, args) if (folded := _folded(operator, args)) is not None:
            return folded
        case Call(None, name, args) if name in TEXT_FUNCTIONS:
            return Call(None, name, tuple(_as_text(arg, types) for arg in args))
        case Operation(None, "||", args) if any(_is_textual(arg, types) for arg in args):
            return Operation(None, "||", tuple(_as_text(arg, types) for arg in args))
        case Operation(None, "->" | "->>" as operator, (left, right)) if _is_json(left, types):
            return Operation(None, operator, (left, _as_text(right, types)))
        case Special("coalesce" | "greatest" | "least" as name, args):
            return Special(name, tuple(_as_common(arg, args, types) for arg in args))
        case _:
            return expression


def _as_text(expression: Expression, types: Types) -> Expression:
    """An argument of type text, without the cast that pg_get_expr prints and people leave out."""
    if isinstance(expression, Cast) and spelled(expression.type) == "text" and _relabelled(expression.arg, types):
        return expression.arg
    return expression


def _as_common(expression: Expression, among: tuple[Expression, ...], types: Types) -> Expression:
    """A constant that takes the type of the columns beside it, without the cast to that type (select_common_type)."""
    if not isinstance(expression, Cast) or not isinstance(expression.arg, Constant):
        return expression
    rest = {base_type(types.of(arg) or "?") for arg in among if not isinstance(arg, Constant | Cast)}
    only = rest == {spelled(expression.type)} and is_built_in(expression.type)
    return expression.arg if only else expression


def _is_json(expression: Expression, types: Types) -> bool:
    match expression:
        case Operation(None, "->", (left, _)):
            return _is_json(left, types)
        case _:
            return types.of(expression) in ("json", "jsonb")


def _relabelled(arg: Expression, types: Types) -> bool:
    """Whether a cast to text only gives the value another name: a string literal, a varchar column."""
    return (isinstance(arg, Constant) and arg.kind == "string") or types.is_string(arg)


def _is_textual(arg: Expression, types: Types) -> bool:
    if isinstance(arg, Cast):
        return spelled(arg.type) == "text" and _relabelled(arg.arg, types) and not isinstance(arg.arg, Constant)
    if isinstance(arg, Operation):
        return arg.schema is None and arg.operator == "||" and any(_is_textual(a, types) for a in arg.args)
    if isinstance(arg, Call):
        return (
            arg.schema is None
            and arg.name in TEXT_FUNCTIONS - {"strpos", "substring", "substr"}
            and any(_is_textual(a, types) for a in arg.args)
        )
    return types.is_string(arg)


def _folded(operator: str, args: tuple[Expression, ...]) -> Constant | None:
    """Arithmetic on two integer literals, or the sign of one (eval_const_expressions); None where it may overflow."""
    values = [int(a.text) for a in args if isinstance(a, Constant) and a.kind == "integer" and _is_integer(a.text)]
    if len(values) < len(args) or operator not in ("+", "-", "*"):
        return None
    if len(values) == 1:
        result = {"-": -values[0], "+": values[0]}.get(operator)
    else:
        left, right = values
        result = {"+": left + right, "-": left - right, "*": left * right}[operator]
    return Constant("integer", str(result)) if result is not None and _is_integer(str(result)) else None


def _is_integer(text: str) -> bool:
    return text.lstrip("-").isdecimal() and text.isascii() and -(1 << 31) <= int(text) < 1 << 31


def is_builtin(expression: Expression) -> bool:
    """Whether everything that it calls is pg_catalog's, so that the same text always means the same."""
    match expression:
        case Opaque():
            return False
        case Call(schema, name, _):
            known = schema is None and name in STRICT_FUNCTIONS
        case Operation(schema, operator, _) | Quantified(schema, operator, _, _, _):
            known = schema is None and operator in OPERATORS
        case Cast(_, type_):
            known = is_built_in(type_)
        case _:
            known = True
    return known and all(is_builtin(child) for child in children(expression))


def is_solid(expression: Expression) -> bool:  # noqa: PLR0911 (one line per kind of node)
    """Whether constant folding surely leaves an expression of this kind: not a constant, not a bare column."""
    match expression:
        case Column() | Parameter():
            return True
        case Call(None, name, args):
            return name in STRICT_FUNCTIONS and _all_stay(args)
        case Operation(None, operator, args):
            return operator in OPERATORS and _all_stay(args)
        case Quantified(None, operator, left, Array(items), _):
            return operator in OPERATORS and is_solid(left) and all(map(_is_literal, items))
        case Special("coalesce", (*first, last)):
            return bool(first) and all(map(is_solid, first)) and (is_solid(last) or _is_literal(last))
        case NullTest(arg, _) | BooleanTest(arg, _):
            return is_solid(arg)
        case Cast(arg, type_):
            return is_built_in(type_) and is_solid(arg)
        case _:
            return False


def _all_stay(args: tuple[Expression, ...]) -> bool:
    """Arguments of something strict that cannot be folded away, and that do not fold it away."""
    return any(map(is_solid, args)) and all(is_solid(arg) or _is_literal(arg) for arg in args)


def _is_literal(arg: Expression) -> bool:
    while isinstance(arg, Cast) and is_built_in(arg.type):
        arg = arg.arg
    return isinstance(arg, Constant) and arg.kind != "null"


def strict_for(expression: Expression, column: Column) -> bool | None:
    """Whether the expression is surely NULL or false when the column is NULL (clause_is_strict_for).

    None: it may be, since what it calls is not known.
    """
    match expression:
        case Column():
            return expression == column
        case Call(schema, name, args):
            known = schema is None and name in STRICT_FUNCTIONS
        case Operation(schema, operator, args):
            known = schema is None and operator in _STRICT_OPERATORS
        case Quantified(schema, operator, left, right, _):
            known = schema is None and operator in _STRICT_OPERATORS and isinstance(right, Array) and bool(right.items)
            args = (left,)
        case Cast(arg, type_):
            known, args = is_built_in(type_), (arg,)
        case _:
            return None
    below = [strict_for(arg, column) for arg in args]
    if any(below) and known:
        return True
    return None if any(b is not False for b in below) else False
