"""Where the comments of SQL stand: of files, of strings that hold it, and of the bodies of functions in both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lexis import Kind, comment_end, lex

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENING = re.compile(r"--|/\*")
_WRITES = frozenset({"insert", "merge", "conflict"})


def comments(text: str) -> Iterator[tuple[int, int]]:
    """The extents of all comments in characters, in order, line ends not included; never raises.

    A body between dollars has comments of its own, a literal between apostrophes has none.
    """
    at = 0
    for token in lex(text):
        yield from _between(text, at, token.start)
        if token.kind is Kind.DOLLAR:
            tag = token.value.index("$", 1) + 1
            begin = token.start + tag
            yield from ((begin + start, begin + end) for start, end in comments(text[begin : token.end - tag]))
        at = token.end
    yield from _between(text, at, len(text))


def _between(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The comments between two tokens."""
    while found := _OPENING.search(text, start, end):
        if found.group() == "--":
            line = text.find("\n", found.start(), end)
            start = line if line >= 0 else end
        else:
            start = comment_end(text, found.start()) or end
        yield found.start(), found.start() + len(text[found.start() : start].rstrip())


def writes(text: str) -> bool:
    """Whether the words of a statement that writes, or of its conflict clause, stand in the text as words."""
    return any(token.kind is Kind.WORD and token.value in _WRITES for token in lex(text))
