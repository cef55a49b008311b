"""Which qualified names and which words a text of SQL has, as the server prints it with an empty search_path."""

from __future__ import annotations

from .lexis import Kind, lex
from .literals import name_of

_NAMES = {Kind.WORD, Kind.QUOTED}


def mentions(text: str) -> frozenset[tuple[str, str]]:
    """Every `schema.name` in it, also in a literal that is cast, as in `nextval('app.counter'::regclass)`.

    A column of an alias looks the same: the answer is what may be meant.
    """
    if "." not in text:
        return frozenset()
    tokens = tuple(lex(text, placeholders=False))
    found: set[tuple[str, str]] = set()
    for index, token in enumerate(tokens[:-1]):
        after = tokens[index + 1]
        if token.kind in _NAMES and after.value == "." and index + 2 < len(tokens) and tokens[index + 2].kind in _NAMES:
            found.add((name_of(token, text), name_of(tokens[index + 2], text)))
        elif token.kind is Kind.STRING and after.value == "::":
            found |= mentions(token.value[1:-1].replace("''", "'"))
    return frozenset(found)


def words(text: str) -> frozenset[str]:
    """Every name and keyword in it, as the server knows it."""
    return frozenset(name_of(token, text) for token in lex(text, placeholders=False) if token.kind in _NAMES)
