"""Statements that pg-format makes: `format("INSERT INTO %I (%I) VALUES %L", table, columns, rows)` as SQL text.

Follows pg-format 1.0.4, lib/index.js: `%I` an identifier or a list of them, `%L` a literal, `%s` text as it is, each of
the next argument or of the one that is numbered (`%1$I`). A dot in an identifier is a part of its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .formats import filled
from .values import Call, Import, Join, Member, Opaque, Sequence, Text

if TYPE_CHECKING:
    from .values import Value

_MODULES = frozenset({"pg-format", "node-pg-format", "@scaleleap/pg-format"})
_FIELD = re.compile(r"%(?:(?P<percent>%)|(?:(?P<number>\d+)\$)?(?P<kind>[ILs]))")


def fold_pg_format(call: Call) -> Value:
    """The text that the call makes; the call itself when it is another."""
    match call:
        case Call(Member(callee, "withArray"), (Text() | Join() as template, Sequence(items, True))):
            return _formatted(template, items) if _is_format(callee) else call
        case Call(Member(callee, "ident"), (given,)) if _is_format(callee):
            return _identifiers(given) or call
        case Call(callee, (Text() | Join() as template, *given)) if _is_format(callee):
            return _formatted(template, tuple(given))
        case _:
            return call


def _is_format(value: Value) -> bool:
    match value:
        case Import(module, name):
            return module in _MODULES and name in {None, "default", "format"}
        case Member(owner, "default"):
            return _is_format(owner)
        case _:
            return False


def _formatted(template: Text | Join, given: tuple[Value, ...]) -> Value:
    after = 0

    def value(match: re.Match[str]) -> Value:
        nonlocal after
        if match["percent"]:
            return Text("%")
        index = int(match["number"]) - 1 if match["number"] else after
        after = index + 1
        one: Value = given[index] if 0 <= index < len(given) else Opaque(match[0])
        if match["kind"] == "I":
            return _identifiers(one) or Opaque(match[0])
        return one if match["kind"] == "s" and isinstance(one, (Text, Join)) else Opaque(match[0])

    return filled(template, _FIELD, value)


def _identifiers(value: Value) -> Value | None:
    """One identifier or a list of them, as they are written; None when one is not known."""
    names = value.items if isinstance(value, Sequence) and value.complete else (value,)
    parts: list[Value] = []
    for name in names:
        if not isinstance(name, Text):
            return None
        parts += [Text(", ")] if parts else []
        parts.append(Text('"' + name.text.replace('"', '""') + '"', name.runs[:1], name.path))
    return Join(tuple(parts), "raw") if parts else None
