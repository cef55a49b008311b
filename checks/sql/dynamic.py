"""Statements that PL/pgSQL puts together as text: literals, `||` and format(), to one text with holes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .holes import marker
from .lexis import Kind
from .literals import literal
from .traced import Edit, Run, Traced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lexis import Token

# A conversion of format(): position, flags, width, type (PostgreSQL: String Functions, format).
_CONVERSION = re.compile(r"%(?:%|(?:(?P<position>\d+)\$)?-?(?P<width>\d+|\*(?:\d+\$)?)?(?P<type>[sIL]))")
_CAST = 2  # tokens of `::type`
_FIRST_HOLE = 900_000  # far from the holes of a host string around it


def assembled(source: Traced, tokens: Sequence[Token]) -> Traced | None:
    """The text that an expression gives, its unknown parts as holes; None when no literal in it may hold a write."""
    writer = _Writer(source, tokens)
    index = 0
    while index < len(tokens):
        index = writer.term(index)
    return writer.result() if writer.has_insert else None


@dataclass(slots=True)
class _Writer:
    source: Traced
    tokens: Sequence[Token]
    texts: list[str] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    size: int = 0
    holes: int = 0
    has_insert: bool = False

    def term(self, index: int) -> int:
        """Take one operand of `||`; the index past it."""
        token = self.tokens[index]
        if token.value == "|":
            return index + 1
        if token.kind in {Kind.STRING, Kind.DOLLAR}:
            text, past = literal(self.source, self.tokens, index)
            self._add(text)
            return past
        if token.value == "(":
            return index + 1  # parentheses around a part change nothing
        if token.value == ")":
            return index + 1
        if token.value == "format" and self._at(index + 1) == "(" and self._is_literal(index + 2):
            text, past = literal(self.source, self.tokens, index + 2)
            end = self._past_call(index + 1)
            self._add(text.edited(self._conversions(text.text, self._arguments(past, end - 1))))
            return end
        self._hole(token)
        return self._past_operand(index)

    def _at(self, index: int) -> str:
        return self.tokens[index].value if index < len(self.tokens) else ""

    def _is_literal(self, index: int) -> bool:
        return index < len(self.tokens) and self.tokens[index].kind in {Kind.STRING, Kind.DOLLAR}

    def _past_call(self, index: int) -> int:
        """The index past the parenthesis that closes the one at `index`."""
        depth = 0
        while index < len(self.tokens):
            depth += (self._at(index) == "(") - (self._at(index) == ")")
            index += 1
            if depth == 0:
                break
        return index

    def _past_operand(self, index: int) -> int:
        """The index of the next `||` or closing parenthesis at this level."""
        depth = 0
        while index < len(self.tokens):
            value = self._at(index)
            if depth == 0 and (value == ")" or (value == "|" and self._at(index + 1) == "|")):
                break
            depth += (value == "(") - (value == ")")
            index += 1
        return index

    def _arguments(self, index: int, past: int) -> list[str | None]:
        """The arguments of a call after its first, up to the parenthesis at `past`; None for one that is no literal."""
        found: list[str | None] = []
        while index < past:  # at a comma
            end = self._past_argument(index + 1, past)
            value = None
            if self._is_literal(index + 1):
                text, after = literal(self.source, self.tokens, index + 1)
                is_whole = after == end or (self._at(after) == "::" and end - after <= _CAST)
                value = text.text if is_whole else None
            found.append(value)
            index = end
        return found

    def _past_argument(self, index: int, past: int) -> int:
        """The index of the comma that ends an argument, or `past`."""
        depth = 0
        while index < past and (depth or self._at(index) != ","):
            depth += (self._at(index) in {"(", "["}) - (self._at(index) in {")", "]"})
            index += 1
        return index

    def _conversions(self, text: str, arguments: Sequence[str | None]) -> list[Edit]:
        edits = []
        last = 0  # a conversion without a position takes the argument after the one that was taken last
        matches = [*_CONVERSION.finditer(text)]
        counted = not any((match["width"] or "").startswith("*") for match in matches)  # a width takes one, too
        for match in matches:
            if match.group() == "%%":
                edits.append(Edit(match.start(), match.end(), "%"))
                continue
            last = int(match["position"] or last + 1)
            known = arguments[last - 1] if counted and 0 < last <= len(arguments) else None
            edits.append(Edit(match.start(), match.end(), self._converted(match["type"], known)))
        return edits

    def _converted(self, kind: str, known: str | None) -> str:
        """What a conversion gives: a hole when the argument is not known, for `%L`, which is a value, any literal."""
        if known is None:
            return "''" if kind == "L" else self._marker()
        if kind == "s":
            return known
        mark = "'" if kind == "L" else '"'
        return f"{mark}{known.replace(mark, mark * 2)}{mark}"

    def _marker(self) -> str:
        self.holes += 1
        return marker(_FIRST_HOLE + self.holes)

    def _hole(self, token: Token) -> None:
        value = "''" if token.value in {"quote_literal", "quote_nullable"} else self._marker()
        self.runs.append(Run(self.size, self.source.at(token.start), 0))
        self.texts.append(value)
        self.size += len(value)

    def _add(self, text: Traced) -> None:
        self.has_insert = self.has_insert or "insert" in text.text.lower() or "conflict" in text.text.lower()
        self.texts.append(text.text)
        self.runs.extend(run._replace(position=run.position + self.size) for run in text.runs)
        self.size += len(text.text)

    def result(self) -> Traced:
        return Traced("".join(self.texts), tuple(self.runs))
