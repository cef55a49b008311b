"""A resolved string value to one text with hole markers, every character traced to its file."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from ..sql.holes import marker
from .fold import called
from .values import Call, Choice, Constant, Join, Name, Record, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .values import Value

MOST_VARIANTS = 16


@dataclass(frozen=True, slots=True)
class Flat:
    """One text. `pieces` are (position in text, source offset, path), ascending; `holes` by the index of their marker.

    `starts` says where each part of the outermost concatenation begins.
    """

    text: str
    pieces: tuple[tuple[int, int, str | None], ...]
    holes: tuple[Value, ...]
    starts: tuple[int, ...] = (0,)

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
    yield from islice((_flat(one) for one in _spread(value)), MOST_VARIANTS)


def _spread(value: Value) -> Iterator[Value]:
    match value:
        case Choice(options):
            strings = [option for option in options if not _is_nothing(option)]
            for option in strings or options:
                yield from _spread(option)
        case Join(parts, tag, offset):
            for chosen in product(*(list(islice(_spread(part), MOST_VARIANTS)) for part in parts)):
                yield Join(chosen, tag, offset)
        case _:
            yield value


def _is_nothing(value: Value) -> bool:
    return isinstance(value, Constant) and value.value in {None, False}


def _flat(value: Value) -> Flat:
    text: list[str] = []
    pieces: list[tuple[int, int, str | None]] = []
    holes: list[Value] = []
    length = 0

    def add(more: str) -> None:
        nonlocal length
        text.append(more)
        length += len(more)

    def visit(part: Value, tag: str | None) -> None:
        match part:
            case Text(known, runs, path):
                pieces.extend((length + at, offset, path) for at, offset in runs)
                add(known)
            case Join(parts, inner):
                for one in parts:
                    visit(one, inner if inner is not None else tag)
            case Constant(bool() | None):
                hole(part)
            case Constant(float(number)):
                add(f"{number:g}")
            case Call() if tag is not None and (columns := _columns(part, tag, "".join(text[-3:]))) is not None:
                visit(columns, None)
            case _:
                hole(part)

    def hole(part: Value) -> None:
        add(marker(len(holes)))
        holes.append(part)

    starts: list[int] = []
    whole = value.parts if isinstance(value, Join) else (value,)
    for part in whole:
        starts.append(length)
        visit(part, value.tag if isinstance(value, Join) else None)
    return Flat("".join(text), tuple(pieces) or ((0, 0, None),), tuple(holes), tuple(starts))


def _columns(call: Call, tag: str, before: str) -> Value | None:
    """`${sql(rows, "a", "b")}` of postgres.js: a column list and its values, or after SET assignments."""
    if not isinstance(call.callee, Name) or called(call) != tag.rpartition(".")[2] or not call.args:
        return None
    first, *rest = call.args
    names = rest[0].items if len(rest) == 1 and isinstance(rest[0], Sequence) else rest
    if isinstance(first, (Text, Sequence)) and not rest:
        names = first.items if isinstance(first, Sequence) else (first,)
        known = [name for name in names if isinstance(name, Text)]
        return _listed(known, before) if known and len(known) == len(names) else None
    if not rest and isinstance(first, Record) and first.complete:
        names = tuple(Text(key) for key, _ in first.entries)
    columns = [name for name in names if isinstance(name, Text)]
    if not columns or len(columns) != len(names):
        return None
    if before.rstrip().lower().endswith("set"):
        return _separated([Join((*_quoted(name).parts, Text(" = "), call)) for name in columns])
    values = _separated([call.args[0] if not isinstance(call.args[0], Text) else call for _ in columns])
    return Join((Text("("), _separated([_quoted(n) for n in columns]), Text(") values ("), _holes(values), Text(")")))


def _holes(values: Join) -> Join:
    """The same with every value a hole."""
    return Join(tuple(part if isinstance(part, Text) else Choice(()) for part in values.parts))


def _listed(names: list[Text], before: str) -> Value:
    return _separated([_quoted(name) for name in names]) if before is not None else Join(())


def _quoted(name: Text) -> Join:
    return Join((Text('"'), name, Text('"')))


def _separated(parts: list[Join] | list[Value]) -> Join:
    out: list[Value] = []
    for index, part in enumerate(parts):
        out += [Text(", "), part] if index else [part]
    return Join(tuple(out))
