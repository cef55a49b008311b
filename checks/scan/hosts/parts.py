"""Whether a variable's value at a place is, or holds, the string that some expression makes."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from ..values import Call, Choice, Join, Member, Name, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..values import Value
    from .scopes import Extent

    Lookup = Callable[[str, int], Value | None]

MOST_USES = 100  # of one name in one file; a name used more often is nobody's part
_DEEPEST = 20


class Touch(IntEnum):
    """How a value has to do with an expression: not at all, as a part of it, as one of several values, as itself."""

    NOT = 0
    INSIDE = 1
    OPTION = 2
    WHOLE = 3


def touch(value: Value | None, extent: Extent, lookup: Lookup, depth: int = 0) -> Touch:
    """How `value` has to do with the expression at `extent`; names in it are looked up."""
    inner: tuple[Value, ...] = ()
    match value:
        case Text(runs=runs):
            return Touch.WHOLE if runs and _holds(extent, runs[0][1]) else Touch.NOT
        case Join(offset=offset) | Call(offset=offset) if _holds(extent, offset):
            return Touch.WHOLE
        case Choice(options):
            return min(max(touch(one, extent, lookup, depth + 1) for one in options), Touch.OPTION)
        case Name(name, offset) if depth < _DEEPEST:
            inner = tuple(found for found in (lookup(name, offset),) if found is not None)
        case Join(parts=inner) | Sequence(items=inner):
            pass
        case Call(callee, args):
            inner = (*((callee.object,) if isinstance(callee, Member) else ()), *args)
        case _:
            return Touch.NOT
    return Touch.INSIDE if any(touch(one, extent, lookup, depth + 1) for one in inner) else Touch.NOT


def _holds(extent: Extent, offset: int) -> bool:
    return extent[0] <= offset < extent[1]
