"""A resolved string value to one text with hole markers, every character traced to its file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from itertools import islice, product
from typing import TYPE_CHECKING

from ..sql.holes import marker
from .postgres_js import written
from .values import Call, Choice, Constant, Join, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .values import Value

MOST_VARIANTS = 16
CUT = "it can be more than the texts that were read"


@dataclass(frozen=True, slots=True)
class Flat:
    """One text. `pieces` are (position in text, source offset, path), ascending; `holes` by the index of their marker.

    `starts` says where each part of the outermost concatenation begins.
    """

    text: str
    pieces: tuple[tuple[int, int, str | None], ...]
    holes: tuple[Value, ...]
    starts: tuple[int, ...] = (0,)
    tag: str | None = None  # of the outermost template
    cut: bool = False  # the string can be more texts than were made

    def place(self, index: int) -> tuple[str | None, int]:
        """The path and source offset of a character; those of the nearest known text when it is in a hole."""
        at = bisect_right(self.pieces, index, key=lambda piece: piece[0]) - 1
        if at < 0:
            return self.pieces[0][2], self.pieces[0][1]
        position, offset, path = self.pieces[at]
        return path, offset + index - position

    def part(self, index: int) -> int:
        """Which part of the outermost concatenation holds a character."""
        return bisect_right(self.starts, index) - 1


def variants(value: Value) -> Iterator[Flat]:
    """Every text that a resolved value can be: one for each combination of its choices, at most MOST_VARIANTS."""
    found = [_flat(one) for one in islice(_spread(value), MOST_VARIANTS + 1)]
    cut = len(found) > MOST_VARIANTS or lacks(value)
    yield from (replace(flat, cut=cut) for flat in found[:MOST_VARIANTS])


def lacks(value: Value) -> bool:
    """Whether one of several values is known to be missing."""
    match value:
        case Choice(options, complete):
            return not complete or any(lacks(option) for option in options)
        case Join(parts):
            return any(lacks(part) for part in parts)
        case _:
            return False


def _spread(value: Value) -> Iterator[Value]:
    match value:
        case Choice(options):
            strings = [option for option in options if not _is_nothing(option)]
            for option in strings or options:
                yield from _spread(option)
        case Join(parts, tag, offset):
            for chosen in product(*(list(islice(_spread(part), MOST_VARIANTS + 1)) for part in parts)):
                yield Join(chosen, tag, offset)
        case _:
            yield value


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Constant) and value.value in {None, False}


@dataclass(slots=True)
class _Writer:
    """Collects the text of a value, part after part."""

    text: list[str] = field(default_factory=list)
    pieces: list[tuple[int, int, str | None]] = field(default_factory=list)
    holes: list[Value] = field(default_factory=list)
    length: int = 0

    def add(self, more: str) -> None:
        self.text.append(more)
        self.length += len(more)

    def hole(self, part: Value) -> None:
        self.add(marker(len(self.holes)))
        self.holes.append(part)

    def visit(self, part: Value, tag: str | None) -> None:
        match part:
            case Text(known, runs, path):
                self.pieces.extend((self.length + at, offset, path) for at, offset in runs)
                self.add(known)
            case Join(parts, inner):
                for one in parts:
                    self.visit(one, inner if inner is not None else tag)
            case Constant(float(number)):
                self.add(f"{number:g}")
            case Call() if tag is not None and (helper := written(part, tag, "".join(self.text[-3:]))) is not None:
                self.visit(helper, None)
            case _:
                self.hole(part)


def _flat(value: Value) -> Flat:
    writer = _Writer()
    starts: list[int] = []
    tag = value.tag if isinstance(value, Join) else None
    for part in value.parts if isinstance(value, Join) else (value,):
        starts.append(writer.length)
        writer.visit(part, tag)
    pieces = tuple(writer.pieces) or ((0, 0, None),)
    return Flat("".join(writer.text), pieces, tuple(writer.holes), tuple(starts), tag)
