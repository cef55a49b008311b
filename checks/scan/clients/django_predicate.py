"""Conditions of Django, `Q(a=1, b__isnull=True)`, as the SQL that the lookups make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declarations.django import by_name
from ..values import Call, Constant, Record, Text
from .reading import called_name, expanded
from .targets import quoted

if TYPE_CHECKING:
    from ..declarations.model import TableDeclaration
    from ..model import Resolve
    from ..values import Value

_COMPARED = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def predicate_sql(given: Value, model: TableDeclaration, resolve: Resolve) -> str | None:
    """SQL as it is given, or the conjunction that a Q of plain lookups makes; None when it cannot be told."""
    known = resolve(given)
    if isinstance(known, Text):
        return known.text
    if not isinstance(known, Call) or called_name(known) != "Q":
        return None
    lookups = expanded(Record(known.keywords, not known.args), resolve)
    parts = [_lookup(name, resolve(value), model) for name, value in lookups.entries]
    told = [part for part in parts if part is not None]
    return " AND ".join(told) if told and lookups.complete and len(told) == len(parts) else None


def _lookup(name: str, value: Value, model: TableDeclaration) -> str | None:
    field, _, how = name.partition("__")
    column = by_name(model, field)
    return None if column is None else _compared(quoted(column.name), how or "exact", value)


def _compared(left: str, how: str, value: Value) -> str | None:
    match value:
        case Constant(bool(wanted)) if how == "isnull":
            return f"{left} IS {'' if wanted else 'NOT '}NULL"
        case Constant(bool(wanted)) if how == "exact":
            return left if wanted else f"NOT {left}"
        case Constant(None) if how == "exact":
            return f"{left} IS NULL"
        case Constant(float(number)) if how in _COMPARED:
            return f"{left} {_COMPARED[how]} {number:g}"
        case Text(text) if how in _COMPARED:
            doubled = text.replace("'", "''")
            return f"{left} {_COMPARED[how]} '{doubled}'"
        case _:
            return None
