"""What a write by way of PostgREST gives back: the columns of a `.select()` behind it, or what an option asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import ColumnReference
from ..values import Call, Member, Record, Text
from .reading import called_name, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value

_SELECT = frozenset({"select"})
_EVERYTHING = "*"
# One item of `select=`: an alias, a column, a path into JSON, a cast. Embedded tables hold parentheses.
_ITEM = re.compile(r'(?:[\w ]+:(?!:))?\s*"?([\w ]*\w|\*)"?\s*(?:->.*)?(?:::\w+)?', re.ASCII)


def selects(module: Module, methods: frozenset[str]) -> dict[int, Value]:
    """What `.select(..)` asks for, by the place of the name of the write that it follows."""
    found: dict[int, Value] = {}
    for call in module.calls(_SELECT):
        inner = next((one for one in _before(call) if called_name(one) in methods), None)
        if inner is not None:
            found[inner.name_offset] = call.args[0] if call.args else Text(_EVERYTHING)
    return found


def _before(call: Call) -> Iterator[Call]:
    """The calls of the chain that this one ends, the nearest first."""
    while isinstance(call.callee, Member) and isinstance(call.callee.object, Call):
        call = call.callee.object
        yield call


def returned(
    client: str, asked: Value | None, options: Value | None, resolve: Resolve
) -> tuple[ColumnReference, ...] | None:
    """The columns that come back, `*` for all of them; None when none do, or when it is not known which.

    supabase-py asks for all columns unless it is told otherwise (`returning=`), the others for none.
    """
    if client == "supabase-py":
        given = options.get("returning") if isinstance(options, Record) else None
        listed: str | None = _EVERYTHING if given is None or _is_representation(resolve(given)) else None
    else:
        listed = text(asked, resolve) if asked is not None else None
    items = None if listed is None else [_ITEM.fullmatch(part.strip()) for part in listed.split(",")]
    if not items or not all(items):
        return None
    return tuple(dict.fromkeys(ColumnReference(None, item[1]) for item in items if item))


def _is_representation(value: Value) -> bool:
    named = value.name if isinstance(value, Member) else value.text if isinstance(value, Text) else ""
    return named == "representation"
