"""A text with other names for relations and columns, as the server prints it after they were renamed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import quoted
from .lexis import Kind, lex
from .literals import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .lexis import Token

_NAMES = {Kind.WORD, Kind.QUOTED}


def with_names(text: str, relations: Mapping[tuple[str, str], tuple[str, str]], columns: Mapping[str, str]) -> str:
    """The text with each qualified relation, and each name of a column that no bracket follows, replaced."""
    tokens = tuple(lex(text, placeholders=False))
    pieces: list[str] = []
    end = index = 0
    while index < len(tokens):
        past, written = _relation(text, tokens, index, relations) or _column(text, tokens, index, columns) or (0, "")
        if past:
            pieces += (text[end : tokens[index].start], written)
            end = tokens[past - 1].end
        index = past or index + 1
    return "".join((*pieces, text[end:]))


def _relation(
    text: str, tokens: Sequence[Token], index: int, relations: Mapping[tuple[str, str], tuple[str, str]]
) -> tuple[int, str] | None:
    """The index past a qualified name that is replaced, and what is written for it."""
    three = tokens[index : index + 3]
    if [token.value for token in three[1:2]] != ["."] or not _are_names(three[::2]) or len(three[::2]) != len((0, 1)):
        return None
    new = relations.get((name_of(three[0], text), name_of(three[2], text)))
    return None if new is None else (index + 3, ".".join(map(quoted, new)))


def _column(text: str, tokens: Sequence[Token], index: int, columns: Mapping[str, str]) -> tuple[int, str] | None:
    if not _are_names(tokens[index : index + 1]) or [token.value for token in tokens[index + 1 : index + 2]] == ["("]:
        return None
    new = columns.get(name_of(tokens[index], text))
    return None if new is None else (index + 1, quoted(new))


def _are_names(tokens: Sequence[Token]) -> bool:
    return all(token.kind in _NAMES for token in tokens)
