"""EXCEPTION handlers of PL/pgSQL for the error of a missing arbiter."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .lexis import Kind, lex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .lexis import Token

_CONDITION = "invalid_column_reference"
_CODE = "'42p10'"
_WRITES = frozenset({"insert", "update", "merge"})
_OPENING = frozenset({"if", "loop", "case", "begin"})


class Handler(NamedTuple):
    """`WHEN invalid_column_reference THEN ...`: where the error is named, what then runs, and whether that writes."""

    offset: int
    begin: int
    end: int
    writes: bool


def read_handlers(text: str) -> tuple[Handler, ...]:
    """Every handler of that error in a text of statements, those of bodies in dollar quotes included. Never raises."""
    lowered = text.casefold()
    if _CONDITION not in lowered and _CODE not in lowered:
        return ()
    return tuple(_handlers(text, 0))


def _handlers(text: str, shift: int) -> Iterator[Handler]:
    tokens = tuple(lex(text, placeholders=False))
    for index, token in enumerate(tokens):
        if token.kind is Kind.DOLLAR:
            tag = token.value.index("$", 1) + 1
            yield from _handlers(text[token.start + tag : token.end - tag], shift + token.start + tag)
        elif _names_error(tokens, index):
            handler = _handler(tokens, index)
            if handler is not None:
                begin, end = handler
                body = tokens[begin:end]
                writes = any(a.value in _WRITES and b.kind is not Kind.SYMBOL for a, b in pairwise(body))
                last = body[-1].end if body else tokens[begin - 1].end
                yield Handler(shift + token.start, shift + tokens[begin - 1].end, shift + last, writes)


def _names_error(tokens: Sequence[Token], index: int) -> bool:
    """`invalid_column_reference` or `SQLSTATE '42P10'` after WHEN or OR."""
    token = tokens[index]
    coded = token.kind is Kind.STRING and token.value.casefold() == _CODE
    at = index - 1 if coded else index
    named = token.kind is Kind.WORD and token.value == _CONDITION
    if coded and (at < 0 or tokens[at].value != "sqlstate"):
        return False
    return (named or coded) and at > 0 and tokens[at - 1].value in {"when", "or"}


def _handler(tokens: Sequence[Token], index: int) -> tuple[int, int] | None:
    """The first token of the handler's body and the one past it: up to the next handler, or the END of the block."""
    begin = next((at + 1 for at in range(index, len(tokens)) if tokens[at].value == "then"), None)
    if begin is None:
        return None
    depth, at = 0, begin
    while at < len(tokens):
        word = tokens[at].value if tokens[at].kind is Kind.WORD else ""
        if word == "end" and depth == 0:
            return begin, at
        if word == "when" and depth == 0:
            return begin, at
        if word == "end":
            depth -= 1
            at += 1 if at + 1 < len(tokens) and tokens[at + 1].value in _OPENING else 0
        elif word in _OPENING:
            depth += 1
        at += 1
    return begin, at
