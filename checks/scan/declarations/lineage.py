"""A class with all its bases across files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..clients.reading import is_absent, path_of
from ..values import Call, Class, Name, Opaque

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Resolve
    from ..values import Value
    from .model import ColumnDeclaration

    MakeColumn = Callable[[str, Call, Resolve], ColumnDeclaration | None]

_MOST_BASES = 30


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and all its bases, nearest first, and those bases that are no class of the project."""

    classes: tuple[Class, ...]
    others: tuple[Value, ...]

    def attribute(self, name: str) -> Value | None:
        """What the class or its nearest base that does so assigns to a name."""
        given = (value for one in self.classes for key, value in reversed(one.body) if key == name)
        return next((value for value in given if not is_annotation(value)), None)


def lineage_of(start: Class, resolve: Resolve) -> Lineage:
    """The class and its bases, each before its own bases."""
    classes: list[Class] = [start]
    others: list[Value] = []
    waiting = list(start.bases)
    while waiting and len(classes) < _MOST_BASES:
        base = resolve(waiting.pop(0))
        if not isinstance(base, Class):
            others.append(base)
        elif base not in classes:
            classes.append(base)
            waiting = [*base.bases, *waiting]
    return Lineage(tuple(classes), tuple(others))


def is_annotation(value: Value) -> bool:
    """Whether an entry of a class body is an annotation without a value, `x: int`."""
    return isinstance(value, Opaque) and value.source.startswith(":")


def columns_of(lineage: Lineage, resolve: Resolve, column: MakeColumn) -> tuple[ColumnDeclaration, ...]:
    """What `column` makes of each call in the bodies of the class and its bases; None takes an inherited one back."""
    found: dict[str, ColumnDeclaration] = {}
    for one in reversed(lineage.classes):
        for attribute, value in one.body:
            known = resolve(value) if isinstance(value, Name) else value
            if isinstance(known, Call) and not is_annotation(value):
                made = column(attribute, known, resolve)
                found |= {attribute: made} if made is not None else {}
            elif is_absent(known):
                found.pop(attribute, None)
    return tuple(found.values())


def library_kind(call: Call, resolve: Resolve) -> str:
    """The library's class that a call makes one of, or that the project's class which it makes derives from.

    Of several bases the one that is a field; "" when nothing is known.
    """
    made = resolve(call.callee)
    if not isinstance(made, Class):
        return (path_of(made) or path_of(call.callee) or "").rpartition(".")[2]
    names = [(path_of(other) or "").rpartition(".")[2] for other in lineage_of(made, resolve).others]
    return next((name for name in names if name.endswith("Field")), names[0] if names else "")
