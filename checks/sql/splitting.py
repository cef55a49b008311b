"""A script to its statements, by one pass that only stops at quotes, comments, parentheses and semicolons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import postgast

from .lexis import TAG, comment_end, lex
from .parser import TOO_DEEP, is_too_deep, presentable
from .reading import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_TAG = rf"(?<![\w$]){TAG}"
_STOP = re.compile(
    rf"""
    (?= [-/e'"{{$();bc\\] )  # what they begin with: most characters need no more than this
    (?: (?P<query> ^--[ \t]*(?:name[ \t]*:|:name[ \t])[^\n]* )
      | (?P<skip> --[^\n]* )
      | (?P<comment> /\* )
      | (?P<literal> \b[eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*' | '[^']*' | "[^"]*" | \{{\{{.*?\}}\}} | \{{%.*?%\}} )
      | (?P<dollar> {_TAG} )
      | (?P<mark> [();] )
      | (?P<atomic> \bBEGIN\s+ATOMIC\b )
      | (?P<block> \b(?:CASE|END)\b )
      | (?P<psql> \\(?:;|[^\n]*) )
    )
    | (?P<line> ^[ \t]*(?:GO|/)[ \t]*\r?$ )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
_COPY_DATA_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
_RULE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?RULE\b", re.IGNORECASE)
# psql's commands that send what stands before them (psql documentation, "Meta-Commands").
_SENDING = re.compile(r"\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch|;)(?![a-z])")
_UNTERMINATED_TAGS = 64  # as in lexis.py: looking for the end of each would take quadratic time


class Chunk(NamedTuple):
    """A statement: the characters from `start` up to `end`; psql commands inside it are blanked out in `text`.

    `head` is how much of the text is SQL: the data of COPY FROM stdin follow it.
    """

    start: int
    end: int
    text: str
    head: int


def split(text: str) -> tuple[Statement, ...]:
    """The statements of a script, without their semicolons, each with its place and the parser's complaint, if any.

    Comments and blanks before a statement are no part of it. `COPY ... FROM stdin` and its data are one statement.
    psql's backslash commands, and lines that only hold `GO` or `/`, are left out. A comment that names a query
    (`-- name: x`, `-- :name x`: sqlc, aiosql, yesql, HugSQL, PugSQL) ends the one before. Linear in the text's size.
    """
    return tuple(Statement(chunk.text, chunk.start, _complaint(chunk.text[: chunk.head])) for chunk in chunks(text))


def chunks(text: str, *, named: bool = True) -> Iterator[Chunk]:
    """The statements of a script as they stand in it. `named`: a comment that names a query ends the one before."""
    return _Splitter(text, named).chunks()


def _complaint(text: str) -> str | None:
    if is_too_deep(text):
        return TOO_DEEP
    try:
        postgast.split(presentable(text), method="parser")
    except postgast.PgQueryError as error:
        return error.message
    return None


def _reads_stdin(text: str) -> bool:
    """Whether the statement is a COPY whose data follows it in the script."""
    return text[:4].lower() == "copy" and any(
        pair == ("from", "stdin") for pair in pairwise(token.value for token in lex(text, placeholders=False))
    )


@dataclass
class _Splitter:
    text: str
    named: bool = True
    start: int | None = None  # where the statement at hand begins
    done: int = 0  # up to here the text has been looked at
    depth: int = 0  # of parentheses
    blocks: int = 0  # of BEGIN ATOMIC and CASE in it
    blanks: list[tuple[int, int]] = field(default_factory=list)
    unterminated_tags: int = 0
    comments_end: bool = True

    def chunks(self) -> Iterator[Chunk]:
        text = self.text
        self.done = 1 if text.startswith("\ufeff") else 0
        while match := _STOP.search(text, self.done):
            self._begin(match.start())
            yield from self._stop(match)
        self._begin(len(text))
        yield from self._finish(len(text))

    def _begin(self, end: int) -> None:
        """Look for the first character of a statement in the plain text up to `end`."""
        if self.start is None:
            gap = self.text[self.done : end]
            content = gap.lstrip()
            if content:
                self.start = end - len(content)

    def _stop(self, match: re.Match[str]) -> Iterator[Chunk]:
        self.done = match.end()
        match match.lastgroup:
            case "comment":
                self._comment(match)
            case "literal":
                self._inside(match.start())
            case "dollar":
                self._dollar(match)
            case "mark":
                yield from self._mark(match)
            case "atomic":
                self.blocks += 1
            case "block" if self.blocks:
                self.blocks += 1 if match.group().lower() == "case" else -1
            case "query" | "line" if self.depth == 0 and (self.named or match.lastgroup == "line"):
                yield from self._finish(match.start(), match.end())
            case "psql":
                yield from self._psql(match)
            case _:
                self._word(match)

    def _inside(self, start: int) -> None:
        if self.start is None:
            self.start = start

    def _word(self, match: re.Match[str]) -> None:
        if match.lastgroup in {"block", "line"}:
            self._inside(match.start())

    def _comment(self, match: re.Match[str]) -> None:
        end = comment_end(self.text, match.start()) if self.comments_end else None
        if end is None:
            self.comments_end = False
            self._inside(match.start())
        else:
            self.done = end

    def _dollar(self, match: re.Match[str]) -> None:
        self._inside(match.start())
        if self.unterminated_tags > _UNTERMINATED_TAGS:
            return
        close = self.text.find(match.group(), match.end())
        if close < 0:
            self.unterminated_tags += 1
        else:
            self.done = close + len(match.group())

    def _mark(self, match: re.Match[str]) -> Iterator[Chunk]:
        mark = match.group()
        if mark == ";":
            if self.blocks <= 0 and (self.depth <= 0 or not self._is_rule()):
                yield from self._finish(match.start(), match.end())
            return
        self._inside(match.start())
        self.depth += 1 if mark == "(" else -1

    def _is_rule(self) -> bool:
        """Whether this is CREATE RULE, the only statement with semicolons between parentheses."""
        return self.start is not None and _RULE.match(self.text, self.start) is not None

    def _psql(self, match: re.Match[str]) -> Iterator[Chunk]:
        if _SENDING.match(match.group()):
            yield from self._finish(match.start(), match.end())
        elif self.start is not None:
            self.blanks.append(match.span())

    def _finish(self, end: int, past: int | None = None) -> Iterator[Chunk]:
        """Give out the statement that ends here, if there is one; `past` is where the next may begin."""
        start = self.start
        self.start, self.depth, self.blocks = None, 0, 0
        if past is not None:
            self.done = past
        if start is None or start >= end:
            self.blanks.clear()
            return
        text = self.text[start:end]
        head = len(text)
        if past is not None and _reads_stdin(text):
            data = _COPY_DATA_END.search(self.text, past)
            self.done = data.end() if data else len(self.text)
            text = self.text[start : self.done]
        for first, last in self.blanks:
            text = f"{text[: first - start]}{' ' * (last - first)}{text[last - start :]}"
        self.blanks.clear()
        text = text.rstrip()
        yield Chunk(start, start + len(text), text, min(head, len(text)))
