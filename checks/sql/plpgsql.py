"""PL/pgSQL bodies: the SQL in them, and the names that are in scope where it stands.

Read from tokens and not with libpg_query's own PL/pgSQL parser, which knows lines but no offsets, resolves types
against a catalog that it does not have, and gives broken JSON for trigger functions. The grammar followed is pl_gram.y.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from ..model import VariableConflict
from .lexis import Kind, lex
from .literals import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .lexis import Token

# First words of statements that can be, or hold, a write; EXECUTE is dynamic, RETURN QUERY and others are told apart.
_QUERIES = frozenset(
    {"insert", "merge", "with", "select", "update", "delete", "create", "do", "prepare", "copy", "explain", "execute"}
)
_ENDS = frozenset({"if", "loop", "case"})


class Segment(NamedTuple):
    """SQL inside a body: the tokens from `first` up to `past`.

    `dynamic`: the tokens are an expression that gives the text of a statement: EXECUTE, or an assignment before it.
    """

    first: int
    past: int
    variables: tuple[str, ...]
    dynamic: bool


@dataclass(slots=True)
class Body:
    """The tokens of a body, its `#variable_conflict`, and the segments that may hold a write."""

    tokens: tuple[Token, ...]
    variable_conflict: VariableConflict
    segments: tuple[Segment, ...]


def read_body(text: str, variables: Sequence[str]) -> Body:
    """Find the SQL of a body; `variables` are the names that the function itself brings. Never raises."""
    tokens = tuple(lex(text, placeholders=False))
    walker = _Walker(text, tokens, [_Block("function", list(variables))])
    segments = tuple(walker.segments())
    return Body(tokens, walker.variable_conflict, segments)


@dataclass(slots=True)
class _Block:
    kind: str  # "function", "block" or "loop"
    names: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Walker:
    text: str
    tokens: tuple[Token, ...]
    blocks: list[_Block]
    index: int = 0
    declared: list[str] | None = None  # names of a DECLARE section whose BEGIN has not come yet
    variable_conflict: VariableConflict = VariableConflict.ERROR

    def segments(self) -> Iterator[Segment]:
        while self.index < len(self.tokens):
            start = self.index
            yield from self._statement(self.tokens[start].value)
            self.index = max(self.index, start + 1)

    def _statement(self, word: str) -> Iterator[Segment]:  # noqa: C901 (one case per kind of statement)
        """Read one statement, or the part of a compound one up to the statements in it."""
        match word:
            case "#":
                self._option()
            case "<":
                self._skip_label()
            case "declare":
                self.declared = []
                self.index += 1
            case "begin":
                self.blocks.append(_Block("block", self.declared or []))
                self.declared = None
                self.index += 1
            case "end":
                self._end()
            case "else" | "loop" | "exception" | ";":
                if word == "loop":
                    self.blocks.append(_Block("loop"))
                self.index += 1
            case "if" | "elsif" | "elseif" | "when" | "case":
                self.index = self._find("then", self.index + 1) + 1
            case "while" | "for" | "foreach":
                yield from self._loop()
            case _ if self.declared is not None:
                yield from self._declaration()
            case _:
                yield from self._simple(word)

    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for block in self.blocks for name in block.names))

    def _value(self, index: int) -> str:
        return self.tokens[index].value if index < len(self.tokens) else ""

    def _find(self, word: str, index: int) -> int:
        """The first such word outside parentheses and CASE ... END, or the end."""
        depth = cases = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.value == word and depth <= 0 and cases <= 0:
                return index
            depth += (token.value == "(") - (token.value == ")")
            if token.kind is Kind.WORD:
                cases += (token.value == "case") - (token.value == "end" and cases > 0)
            index += 1
        return index

    def _option(self) -> None:
        """`#variable_conflict use_column` and other options take the rest of their line."""
        if self._value(self.index + 1) == "variable_conflict":
            word = self._value(self.index + 2)
            if word in set(VariableConflict):
                self.variable_conflict = VariableConflict(word)
        self.index += 3

    def _skip_label(self) -> None:
        while self.index < len(self.tokens) and self._value(self.index) != ">":
            self.index += 1
        self.index += 2

    def _end(self) -> None:
        what = self._value(self.index + 1)
        self.index = self._find(";", self.index + (2 if what in _ENDS else 1)) + 1
        wanted = {"loop": "loop"}.get(what, "block")
        if what in _ENDS and what != "loop":
            return
        while len(self.blocks) > 1:
            if self.blocks.pop().kind == wanted:
                return

    def _loop(self) -> Iterator[Segment]:
        """FOR, FOREACH and WHILE up to LOOP; the variable of an integer FOR belongs to the loop."""
        head, past = self.index, self._find("loop", self.index)
        names: list[str] = []
        if self._value(head) == "for":
            start = self._find("in", head + 1) + 1
            if any(token.value == ".." for token in self.tokens[start:past]):
                names.append(name_of(self.tokens[head + 1], self.text))
            else:
                yield from self._query(start, past)
        self.blocks.append(_Block("loop", names))
        self.index = past + 1

    def _declaration(self) -> Iterator[Segment]:
        """`name type := value;` or `name ALIAS FOR ...;` or `name CURSOR ...;`."""
        first, past = self.index, self._find(";", self.index)
        if self.declared is not None:
            self.declared.append(name_of(self.tokens[first], self.text))
        yield from self._assigned(first, past)
        self.index = past + 1

    def _simple(self, word: str) -> Iterator[Segment]:
        """A statement that ends at its semicolon."""
        first, past = self.index, self._find(";", self.index)
        if word == "return" and self._value(first + 1) == "query":
            yield from self._query(first + 2, past)
        elif word == "open":
            yield from self._query(self._find("for", first) + 1, past)
        elif word in _QUERIES:
            yield from self._query(first, past)
        else:
            yield from self._assigned(first, past)
        self.index = past + 1

    def _query(self, first: int, past: int) -> Iterator[Segment]:
        """A query, or EXECUTE with the expression that gives one."""
        if self._value(first) != "execute":
            if first < past:
                yield Segment(first, past, self._names(), dynamic=False)
            return
        ends = (self._find(word, first + 1) for word in ("into", "using"))
        yield Segment(first + 1, min(past, *ends), (), dynamic=True)

    def _assigned(self, first: int, past: int) -> Iterator[Segment]:
        """The value of an assignment, which may be the text of a statement that is executed later."""
        for index in range(first + 1, past):
            if self.tokens[index].value in {":=", "=", "default"}:
                yield Segment(index + 1, past, (), dynamic=True)
                return
