"""Evidence inside a text that it is written for MySQL or SQLite."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from .lexis import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lexis import Token

# What SQLite does on a conflict, both after INSERT OR and in the ON CONFLICT of a column (sqlite.org, "ON CONFLICT").
_RESOLUTIONS = frozenset({"replace", "ignore", "abort", "fail", "rollback"})
# Functions of SQLite that PostgreSQL has nothing of (sqlite.org, "Date And Time Functions", "Built-In Functions").
_FUNCTIONS = frozenset({"unixepoch", "julianday", "strftime", "last_insert_rowid", "randomblob"})
_WORDS = (*_RESOLUTIONS, *_FUNCTIONS, "duplicate", "pragma", "autoincrement", "`")
_EVIDENCE = (
    (("on", "duplicate", "key"), "ON DUPLICATE KEY is MySQL"),
    (("insert", "ignore"), "INSERT IGNORE is MySQL"),
    (("replace", "into"), "REPLACE INTO is MySQL or SQLite"),
)


def evidence(text: str, tokens: Sequence[Token]) -> str | None:
    """The first mark of another database system among the tokens of a text, None if there is none."""
    lowered = text.lower()
    if not any(word in lowered for word in _WORDS):
        return None
    if tokens and tokens[0].value == "pragma":
        return "PRAGMA is SQLite"
    for index, token in enumerate(tokens):
        if token.kind is Kind.BACKTICK:
            return "names in backticks are MySQL"
        if token.kind is Kind.WORD and (found := _words(tokens, index)):
            return found
    return None


def _words(tokens: Sequence[Token], index: int) -> str | None:
    first = tokens[index].value
    if first in _FUNCTIONS and index + 1 < len(tokens) and tokens[index + 1].value == "(":
        return None if index and tokens[index - 1].value == "." else f"{first}() is SQLite"
    if first not in {"on", "insert", "replace", "autoincrement"}:
        return None
    words = tuple(token.value for token in islice(tokens, index, index + 3))
    for pattern, meaning in _EVIDENCE:
        if words[: len(pattern)] == pattern and not (pattern[0] == "replace" and index):
            return meaning
    if words[:2] == ("insert", "or") and words[2:] and words[2] in _RESOLUTIONS:
        return f"INSERT OR {words[2].upper()} is SQLite"
    if words[:2] == ("on", "conflict") and words[2:] and words[2] in _RESOLUTIONS:
        return f"ON CONFLICT {words[2].upper()} is SQLite"
    return "AUTOINCREMENT is SQLite" if first == "autoincrement" and index else None
