"""Whether two expressions of one function are written the same, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Constant, Import, Join, Member, Name, Opaque, Param, Text
from .reading import called_name

if TYPE_CHECKING:
    from ..values import Value

_CUT = 80  # where the source of an Opaque ends
# What only trims a value, changes its case or its type.
_SAME = frozenset({"trim", "toLowerCase", "toUpperCase", "toLocaleLowerCase", "toString", "String", "Number"})


def spelled(value: Value) -> object | None:
    """An expression without its places; None for one that cannot be compared, and for null."""
    value = bare(value)
    match value:
        case Text(written) | Name(written) | Constant(written):
            return None if written is None else (type(value), written)
        case Import(module, name):
            return (Import, module, name)
        case Opaque(source):
            return (Opaque, "".join(source.split())) if 0 < len(source) < _CUT else None
        case Param():
            return value
        case _:
            return _compound(value)


def _compound(value: Value) -> object | None:
    match value:
        case Member(owner, name):
            parts, names = [spelled(owner)], [name]
        case Call(callee, args, keywords):
            parts = [spelled(one) for one in (callee, *args, *(given for _, given in keywords))]
            names = ["()", *(key for key, _ in keywords)]
        case Join(parts=pieces):
            parts, names = [spelled(piece) for piece in pieces], ["join"]
        case _:
            return None
    return None if None in parts else (tuple(names), tuple(parts))


def bare(value: Value) -> Value:
    """The value without what only trims it, changes its case or its type."""
    while isinstance(value, Call) and called_name(value) in _SAME:
        if isinstance(value.callee, Member) and not value.args:
            value = value.callee.object
        elif len(value.args) == 1 and not isinstance(value.callee, Member):
            value = value.args[0]
        else:
            break
    return value
