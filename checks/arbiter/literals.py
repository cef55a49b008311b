"""Literals as values that can be compared with the server's own result, by the type of the column beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ..sql.expressions import Cast, Constant, Parameter, TypeName

if TYPE_CHECKING:
    from ..catalog.model import Column as TableColumn
    from ..sql.expressions import Expression


@dataclass(frozen=True, slots=True)
class Value:
    """A constant of one btree operator family. `key` compares as the server compares within that family."""

    family: str
    key: int | Decimal | str | bool


# pg_type.typname -> format_type(), for the types whose names differ and those that literals are read for.
_SPELLED = {
    "bool": "boolean",
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "varchar": "character varying",
    "bpchar": "character",
    "timestamp": "timestamp without time zone",
    "timestamptz": "timestamp with time zone",
    "time": "time without time zone",
    "timetz": "time with time zone",
    "varbit": "bit varying",
    "char": '"char"',
}
_BUILT_IN = frozenset(
    (
        "text",
        "numeric",
        "uuid",
        "date",
        "json",
        "jsonb",
        "bytea",
        "interval",
        "bit",
        "inet",
        "cidr",
        "name",
        "oid",
        "money",
    )
)
_INTEGER_RANGE = {"smallint": 15, "integer": 31, "bigint": 63}
_WORDS = {"t": True, "true": True, "y": True, "yes": True, "on": True, "1": True}
_WORDS |= {"f": False, "false": False, "n": False, "no": False, "off": False, "0": False}
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,200}(\.[0-9]{0,200})?|\.[0-9]{1,200})")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Text that a composite, range or array type would read in its own way; a label of an enum hardly ever looks so.
_STRUCTURED = re.compile(r"[(\[{].*|empty", re.DOTALL | re.IGNORECASE)


def spelled(type_name: TypeName) -> str:
    """The type as format_type() would print it under an empty search_path, as far as it is PostgreSQL's own."""
    name = type_name.name
    base = name if type_name.schema else _SPELLED.get(name, name)
    text = f"{type_name.schema}.{base}" if type_name.schema else base
    if type_name.modifiers:
        if text == "numeric" and len(type_name.modifiers) == 1:
            return "numeric(" + type_name.modifiers[0] + ",0)" + ("[]" if type_name.array else "")
        head, blank, tail = text.partition(" ") if base.startswith("time") else (text, "", "")
        text = f"{head}({','.join(type_name.modifiers)}){blank}{tail}"
    elif name == "bpchar" and not type_name.schema:
        text = "bpchar"
    return text + "[]" if type_name.array else text


def is_built_in(type_name: TypeName) -> bool:
    """Whether the written name can only be a type of pg_catalog, and spelled() spells it as format_type() does."""
    if type_name.name == "interval" and type_name.modifiers:
        return False  # its fields
    return type_name.schema is None and (type_name.name in _SPELLED or type_name.name in _BUILT_IN)


def base_type(text: str) -> str:
    """A format_type() text without its modifier: numeric(10,2) -> numeric."""
    return re.sub(r"\([^)]*\)", "", text)


def literal(expression: Expression, column: TableColumn) -> Value | Parameter | None:
    """What the server compares the column with when the other operand is this; None when that is not certain.

    A cast that changes the operand on the column's side (int = 5.0) gives None: then it is not `column op constant`.
    """
    constant, types = _uncast(expression)
    if isinstance(constant, Parameter):
        return constant
    if constant is None or constant.kind in ("null", "bits"):
        return None
    reader = _READERS.get(base_type(column.type))
    if reader is not None:
        return reader(constant, types, base_type(column.type))
    return _label(constant, types, column.type)


def boolean(expression: Expression) -> bool | None:
    """The boolean that a literal is where the server expects one; None for anything else."""
    constant, types = _uncast(expression)
    if constant is None or isinstance(constant, Parameter) or any(t != "boolean" for t in types):
        return None
    if constant.kind == "boolean":
        return constant.text == "true"
    return _WORDS.get(constant.text.strip().lower()) if constant.kind == "string" else None


def _uncast(expression: Expression) -> tuple[Constant | Parameter | None, tuple[str, ...]]:
    """The literal under its casts, and these casts from the inside out."""
    types: list[str] = []
    while isinstance(expression, Cast):
        types.insert(0, spelled(expression.type))
        expression = expression.arg
    return (expression if isinstance(expression, Constant | Parameter) else None), tuple(types)


def _integer(constant: Constant, types: tuple[str, ...], of: str) -> Value | None:
    if any(t not in _INTEGER_RANGE for t in types) or constant.kind not in ("integer", "string"):
        return None
    text = constant.text.strip(" \t\n\r\v\f")
    if not _INTEGER.fullmatch(text):
        return None
    value = int(text)
    limits = types or (of if constant.kind == "string" else "bigint",)
    return Value("integer", value) if all(_fits(value, t) for t in limits) else None


def _fits(value: int, type_: str) -> bool:
    bits = _INTEGER_RANGE[type_]
    return -(1 << bits) <= value < 1 << bits


def _numeric(constant: Constant, types: tuple[str, ...], _of: str) -> Value | None:
    text = constant.text.strip(" \t\n\r\v\f")
    if any(t != "numeric" and t not in _INTEGER_RANGE for t in types) or not _NUMBER.fullmatch(text):
        return None
    if constant.kind not in ("integer", "numeric", "string"):
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    integers = [t for t in types if t in _INTEGER_RANGE]
    if integers and (value != int(value) or not all(_fits(int(value), t) for t in integers)):
        return None
    return Value("numeric", value.normalize())


def _text(constant: Constant, types: tuple[str, ...], _of: str) -> Value | None:
    if constant.kind != "string" or any(t not in ("text", "character varying") for t in types):
        return None
    return Value("text", constant.text)


def _padded(constant: Constant, types: tuple[str, ...], _of: str) -> Value | None:
    """Trailing blanks mean nothing in character(n)."""
    if constant.kind != "string" or any(t != "bpchar" for t in types):
        return None
    return Value("character", constant.text.rstrip(" "))


def _uuid(constant: Constant, types: tuple[str, ...], _of: str) -> Value | None:
    text = constant.text.lower()
    if constant.kind != "string" or any(t != "uuid" for t in types) or not _UUID.fullmatch(text):
        return None
    return Value("uuid", text)


def _date(constant: Constant, types: tuple[str, ...], _of: str) -> Value | None:
    """Only the ISO form, which every DateStyle reads alike."""
    text = constant.text.strip()
    if constant.kind != "string" or any(t != "date" for t in types) or not _DATE.fullmatch(text):
        return None
    try:
        return Value("date", date.fromisoformat(text).toordinal())
    except ValueError:
        return None


def _label(constant: Constant, types: tuple[str, ...], of: str) -> Value | None:
    """A label of an enum: the only types outside pg_catalog whose `=` is pg_catalog's, but for ranges and rows."""
    schema, dot, name = of.rpartition(".")
    if not dot or of.endswith("]") or constant.kind != "string" or _STRUCTURED.match(constant.text):
        return None
    plain = name.strip('"')
    own = {of, plain, f"{schema}.{plain}"}
    return Value(f"enum {of}", constant.text) if all(t in own for t in types) else None


_READERS = {
    "smallint": _integer,
    "integer": _integer,
    "bigint": _integer,
    "numeric": _numeric,
    "text": _text,
    "character varying": _text,
    "character": _padded,
    "uuid": _uuid,
    "date": _date,
}
