"""Conditions of Python's query builders that compare columns with values: `(Model.a == 1) & (Model.b == x)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Member, Record
from .operators import arguments
from .reading import called_name, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module
    from ..values import Value

_COLUMNS = frozenset({"c", "columns"})


def compared(module: Module, call: Call, owner: str) -> Record:
    """The values that the conditions of a call compare columns of `owner` with, by the names of these columns.

    Not complete when there is any other condition.
    """
    given = arguments(module.file.text[call.offset : call.end], call.offset, module.file.path)
    found = [one for argument in given for one in _equal(argument, owner)]
    known = tuple(one for one in found if one is not None)
    whole = bool(given) and len(given) == len(call.args) and len(known) == len(found)
    return Record(known, whole, call.offset)


def _equal(value: Value, owner: str) -> Iterator[tuple[str, Value] | None]:
    match value:
        case Call(Member(left, "__eq__"), (right,)) if (name := _column(left, owner)) is not None:
            yield name, right
        case Call(Member(left, "__and__"), (right,)):
            yield from _equal(left, owner)
            yield from _equal(right, owner)
        case Call(args=args) if called_name(value) == "and_":
            for one in args:
                yield from _equal(one, owner)
        case _:
            yield None


def _column(value: Value, owner: str) -> str | None:
    if not isinstance(value, Member):
        return None
    inner = value.object
    if isinstance(inner, Member) and inner.name in _COLUMNS and path_of(inner.object) == owner:
        return value.name
    return value.name if path_of(inner) == owner else None
