"""Which part of an INSERT each token stands in, told from the tokens alone, so also where the text does not parse."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from .lexis import Kind, Token

if TYPE_CHECKING:
    from collections.abc import Sequence


class Region(IntEnum):
    """A part of an INSERT; OUTSIDE is any other text."""

    OUTSIDE = 0
    HEAD = 1  # INSERT INTO
    TABLE = 2
    COLUMNS = 3  # the column list with its parentheses
    SOURCE = 4  # VALUES, SELECT, OVERRIDING, ...
    CONFLICT = 5  # ON CONFLICT
    TARGET = 6  # elements with their parentheses, or ON CONSTRAINT name
    PREDICATE = 7  # WHERE of the target
    ACTION = 8  # DO NOTHING, DO UPDATE
    SET = 9  # SET and its list
    TAIL = 10  # WHERE of DO UPDATE, RETURNING


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token stands: the number of the INSERT (-1: none), its part, and the parentheses open inside it."""

    insert: int
    region: Region
    depth: int


@dataclass(slots=True)
class _Frame:
    insert: int
    region: Region
    base: int  # parentheses open where the INSERT begins


_SOURCES = frozenset({"values", "select", "with", "default", "overriding", "table"})


def places(tokens: Sequence[Token]) -> list[Place]:
    """The place of each token. A conflict clause without an INSERT before it counts as one of its own."""
    reader = _Reader(tokens)
    return [reader.place(index) for index in range(len(tokens))]


class _Reader:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.frames: list[_Frame] = []
        self.inserts = 0
        self.depth = 0

    def place(self, index: int) -> Place:
        token = self.tokens[index]
        if self.frames and index and self.frames[-1].base == self.depth:
            self._after(self.tokens[index - 1].value)
        if token.kind is Kind.WORD:
            self._word(index, token.value)
        elif token.value == "(":
            self._open(index)
            place = self._here()
            self.depth += 1
            return place
        elif token.value == ")":
            self.depth -= 1
            while self.frames and self.depth < self.frames[-1].base:
                self.frames.pop()
            place = self._here()
            self._closed()
            return place
        elif token.value == ";":
            self.frames.clear()
            self.depth = 0
        return self._here()

    def _here(self) -> Place:
        if not self.frames:
            return Place(-1, Region.OUTSIDE, self.depth)
        frame = self.frames[-1]
        return Place(frame.insert, frame.region, self.depth - frame.base)

    def _follows(self, index: int, word: str) -> bool:
        return index + 1 < len(self.tokens) and self.tokens[index + 1].value == word

    def _push(self, region: Region) -> None:
        self.frames.append(_Frame(self.inserts, region, self.depth))
        self.inserts += 1

    def _word(self, index: int, word: str) -> None:
        if word == "insert" and self._follows(index, "into"):
            if self.frames and self.frames[-1].base == self.depth:
                self.frames.pop()
            self._push(Region.HEAD)
        elif word == "on" and self._follows(index, "conflict"):
            self._conflict()
        elif word == "do" and self._is_in_target() and self._acts(index):
            self.depth = self.frames[-1].base  # a parenthesis of the target may be missing
            self.frames[-1].region = Region.ACTION
        elif self.frames and self.depth == self.frames[-1].base:
            frame = self.frames[-1]
            frame.region = _next_region(frame.region, word, self.tokens[index - 1].value if index else "")

    def _conflict(self) -> None:
        """ON CONFLICT: it ends the INSERT that is open, even if parentheses in that are, or stands alone."""
        if not self.frames or self.frames[-1].region >= Region.CONFLICT:
            self._push(Region.CONFLICT)
        self.depth = self.frames[-1].base
        self.frames[-1].region = Region.CONFLICT

    def _is_in_target(self) -> bool:
        return bool(self.frames) and self.frames[-1].region in {Region.TARGET, Region.PREDICATE}

    def _acts(self, index: int) -> bool:
        return self._follows(index, "nothing") or self._follows(index, "update")

    def _after(self, before: str) -> None:
        """The parts that begin with whatever follows a word."""
        frame = self.frames[-1]
        if frame.region is Region.HEAD and before == "into":
            frame.region = Region.TABLE
        elif frame.region is Region.CONFLICT and before == "conflict":
            frame.region = Region.TARGET

    def _open(self, index: int) -> None:
        """A parenthesis after the table opens the column list, unless a query stands in it."""
        if not self.frames or self.depth != self.frames[-1].base:
            return
        frame = self.frames[-1]
        if frame.region is Region.TABLE:
            query = any(self._follows(index, word) for word in ("select", "values", "with"))
            frame.region = Region.SOURCE if query else Region.COLUMNS

    def _closed(self) -> None:
        if self.frames and self.depth == self.frames[-1].base and self.frames[-1].region is Region.COLUMNS:
            self.frames[-1].region = Region.SOURCE


def _next_region(region: Region, word: str, before: str) -> Region:  # noqa: PLR0911 (one line per part)
    """The part that a word at the INSERT's own level begins, or the same part."""
    match region:
        case Region.TABLE if word in _SOURCES and before not in {".", "into"}:
            return Region.SOURCE
        case Region.TABLE | Region.SOURCE if word == "returning":
            return Region.TAIL
        case Region.TARGET | Region.PREDICATE if word == "do":
            return Region.ACTION
        case Region.TARGET if word == "where":
            return Region.PREDICATE
        case Region.ACTION if word == "set":
            return Region.SET
        case Region.ACTION | Region.SET if word in {"where", "returning"}:
            return Region.TAIL
        case _:
            return region
