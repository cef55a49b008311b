"""A text of one language inside of a file of another: a script in YAML, the cells of a notebook."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import replace
from typing import TYPE_CHECKING

from ..literals import place
from ..model import Function, Result, SourceFile
from ..values import (
    Call,
    Choice,
    Class,
    Constant,
    Import,
    Join,
    Lambda,
    Member,
    Name,
    Opaque,
    Param,
    Record,
    Sequence,
    Text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from collections.abc import Sequence as Listed

    from ...model import Met
    from ..model import Module
    from ..values import Guard, Value

_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters that escapes make, which no parser takes


class Embedded:
    """A module of a text that stands in another file; every place that it gives is one of that file.

    `text` is what is parsed; its runs say where each piece of it stands.
    """

    def __init__(self, file: SourceFile, language: str, text: Text, make: Callable[[SourceFile], Module]) -> None:
        self.file = file
        self._text = text
        self.inner = make(SourceFile(file.path, language, _SURROGATE.sub("?", text.text)))
        self._starts = sorted((offset, at) for at, offset in text.runs)
        self.extent = (text.runs[0][1], self.at(len(text.text))) if text.runs else (0, 0)

    def at(self, offset: int) -> int:
        """The place in the file of a character of the text, or of its end."""
        found = place(self._text, offset)
        return found if found is not None else 0

    def _from(self, offset: int) -> int:
        """The character of the text that stands at a place of the file."""
        index = bisect_right(self._starts, (offset, len(self._text.text))) - 1
        if index < 0:
            return 0
        begin, at = self._starts[index]
        return at + offset - begin

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """See Module."""
        for call in self.inner.calls(names):
            moved = self._moved(call)
            if isinstance(moved, Call):
                yield moved

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """See Module."""
        return (self._moved(value) for value in self.inner.strings(pattern))

    def not_run(self, offset: int) -> str | None:
        """See Module."""
        return self.inner.not_run(self._from(offset))

    def is_part(self, offset: int) -> bool:
        """See Module."""
        return self.inner.is_part(self._from(offset))

    def is_prepared(self, offset: int) -> bool:
        """See Module."""
        return self.inner.is_prepared(self._from(offset))

    def guards(self, offset: int) -> tuple[Guard, ...]:
        """None: what an embedded script branches on is not read."""
        del offset
        return ()

    def answers_to(self, pattern: str, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
        """See Module."""
        for offset, begin, end in self.inner.answers_to(pattern, names):
            yield self.at(offset), self.at(begin), self._end(end)

    def met(self, lookup: int, insert: tuple[int, int], until: int, others: Listed[int] = ()) -> Met:
        """See Module."""
        begin, end = insert
        places = [self._from(place) for place in others]
        found = self.inner.met(self._from(lookup), (self._from(begin), self._from(end)), self._from(until), places)
        return found if found.caught is None else replace(found, caught=self.at(found.caught))

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """See Module."""
        return self.inner.leads(self._from(lookup), self._from(insert), asked=asked, same=same)

    def result_of(self, name: str, offset: int) -> Result | None:
        """See Module."""
        return self.inner.result_of(name, self._from(offset))

    def lookup(self, name: str, offset: int) -> Value | None:
        """See Module."""
        found = self.inner.lookup(name, self._from(offset))
        return None if found is None else self._moved(found)

    def exported(self, name: str) -> Value | None:
        """See Module."""
        found = self.inner.exported(name)
        return None if found is None else self._moved(found)

    def function_at(self, offset: int) -> Function | None:
        """See Module."""
        found = self.inner.function_at(self._from(offset))
        if found is None:
            return None
        params = tuple(one for one in map(self._moved, found.params) if isinstance(one, Param))
        return Function(found.name, params, self.at(found.offset), self._end(found.end))

    def _end(self, offset: int) -> int:
        return self.at(offset - 1) + 1 if offset > 0 else self.at(offset)

    def _moved(self, value: Value) -> Value:  # noqa: C901, PLR0911 - one arm for each kind of value
        """The value with all its places in the file."""
        move, at = self._moved, self.at
        match value:
            case Text(runs=runs):
                return replace(value, runs=tuple(run for one in self._runs(value, runs) for run in one))
            case Join(parts, tag, offset):
                return Join(tuple(map(move, parts)), tag, at(offset))
            case Name(offset=offset) | Constant(offset=offset) | Opaque(offset=offset):
                return replace(value, offset=at(offset))
            case Member(owner, name, offset):
                return Member(move(owner), name, at(offset))
            case Call(callee, args, keywords, offset, named, end):
                given = tuple((name, move(one)) for name, one in keywords)
                return Call(move(callee), tuple(map(move, args)), given, at(offset), at(named), self._end(end))
            case Record(entries, _, offset, spreads):
                moved = tuple((name, move(one)) for name, one in entries)
                inner = tuple((index, move(one)) for index, one in spreads)
                return replace(value, entries=moved, offset=at(offset), spreads=inner)
            case Sequence(items, complete, offset):
                return Sequence(tuple(map(move, items)), complete, at(offset))
            case Choice(options):
                return replace(value, options=tuple(map(move, options)))
            case Param(default=default, offset=offset, type=kind):
                given_default = move(default) if default is not None else None
                given_type = move(kind) if kind is not None else None
                return replace(value, default=given_default, offset=at(offset), type=given_type)
            case Class(bases=bases, body=body, keywords=keywords, offset=offset):
                return replace(
                    value,
                    bases=tuple(map(move, bases)),
                    body=tuple((name, move(one)) for name, one in body),
                    keywords=tuple((name, move(one)) for name, one in keywords),
                    offset=at(offset),
                )
            case Lambda(params=params, result=result, offset=offset):
                own = tuple(one for one in map(move, params) if isinstance(one, Param))
                return replace(value, params=own, result=move(result), offset=at(offset))
            case Import():
                return value

    def _runs(self, value: Text, runs: tuple[tuple[int, int], ...]) -> Iterator[list[tuple[int, int]]]:
        """The runs of a text, each cut where the text around it changes its place."""
        for index, (begin, offset) in enumerate(runs):
            length = (runs[index + 1][0] if index + 1 < len(runs) else len(value.text)) - begin
            found = [(begin, self.at(offset))]
            for at, outer in self._text.runs:
                if offset < at < offset + length:
                    found.append((begin + at - offset, outer))
            yield found


def put_together(pieces: list[Text], path: str) -> Text:
    """Pieces of a file as one text."""
    runs: list[tuple[int, int]] = []
    length = 0
    for piece in pieces:
        runs += [(length + at, offset) for at, offset in piece.runs]
        length += len(piece.text)
    return Text("".join(piece.text for piece in pieces), tuple(runs), path)
