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
    _Key = tuple[str, int]

MOST_USES = 100  # of one name in one file; a name used more often is nobody's part
_DEEPEST = 20


class Touch(IntEnum):
    """How a value has to do with an expression: not at all, as a part of it, as one of several values, as itself."""

    NOT = 0
    INSIDE = 1
    OPTION = 2
    WHOLE = 3


class Touching:
    """How values have to do with the expression at `extent`; names in them are looked up, each once.

    A text that is built up in branches leads to the same names by ways whose number doubles with each branch.
    """

    def __init__(self, extent: Extent, lookup: Lookup) -> None:
        self._extent = extent
        self._lookup = lookup
        self._known: dict[_Key, Touch] = {}

    def of(self, value: Value | None) -> Touch:
        """How that value has to do with it."""
        found = _touch(value, self._extent, self._lookup, 0, self._known)
        if found:  # what led back to a name that was not known yet may be part of it all the same
            self._known = {key: how for key, how in self._known.items() if how}
        return found


def _touch(value: Value | None, extent: Extent, lookup: Lookup, depth: int, known: dict[_Key, Touch]) -> Touch:
    inner: tuple[Value, ...] = ()
    match value:
        case Text(runs=runs):
            return Touch.WHOLE if runs and _holds(extent, runs[0][1]) else Touch.NOT
        case Join(offset=offset) | Call(offset=offset) if _holds(extent, offset):
            return Touch.WHOLE
        case Choice(options):
            return min(max(_touch(one, extent, lookup, depth + 1, known) for one in options), Touch.OPTION)
        case Name(name, offset) if depth < _DEEPEST:
            if (name, offset) not in known:
                known[name, offset] = Touch.NOT  # until it is known: a name may lead back to itself
                found = _touch(lookup(name, offset), extent, lookup, depth + 1, known)
                known[name, offset] = Touch.INSIDE if found else Touch.NOT
            return known[name, offset]
        case Join(parts=inner) | Sequence(items=inner):
            pass
        case Call(callee, args):
            inner = (*((callee.object,) if isinstance(callee, Member) else ()), *args)
        case _:
            return Touch.NOT
    return Touch.INSIDE if any(_touch(one, extent, lookup, depth + 1, known) for one in inner) else Touch.NOT


def _holds(extent: Extent, offset: int) -> bool:
    return extent[0] <= offset < extent[1]
