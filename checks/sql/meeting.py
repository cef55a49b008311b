"""What a routine does about a row that another session makes between its lookup and its INSERT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Met
from .lexis import Kind, lex
from .lookups import serialised_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lexis import Token

_CONDITIONS = frozenset({"unique_violation", "integrity_constraint_violation"})
_CODE = "'23505'"
_OPENING = frozenset({"if", "loop", "case"})
_TOLD = frozenset({"notice", "warning", "info", "debug", "log"})  # levels of RAISE that are no errors
_HEAD = 6  # tokens of INSERT INTO schema.table
_BEFORE = frozenset({"from", "into", "update", "join", "only"})  # words before a table


def read_meeting(text: str, lookup: int, insert: int) -> Met:
    """Of the routine of PL/pgSQL whose body holds both places. Never raises."""
    found = _body(text, 0, insert)
    if found is None:
        return Met()
    tokens, shift, body = found
    at = next((index for index, token in enumerate(tokens) if token.start + shift >= insert), len(tokens))
    caught = _caught(tokens, at)
    first = next((index for index, token in enumerate(tokens) if token.start + shift >= lookup), at)
    serialised = serialised_by(body[: max(0, lookup - shift)])
    if caught is None:
        return Met(refused=_is_refused(tokens, first, at), serialised=serialised)
    tables = _tables(tokens[at : at + _HEAD], frozenset({"into"}))
    handler = _tables(tokens[caught[0] : caught[1]], _BEFORE)
    return Met(
        caught=tokens[caught[0]].start + shift,
        again=not handler.isdisjoint(tables),
        refused=_is_refused(tokens, first, at),
        serialised=serialised,
    )


def _tables(tokens: Sequence[Token], before: frozenset[str]) -> frozenset[str]:
    """The names after some of these words, without schemas."""
    found = set()
    for at, token in enumerate(tokens[:-1]):
        if token.kind is Kind.WORD and token.value in before:
            names = at + 3 if at + 3 < len(tokens) and tokens[at + 2].value == "." else at + 1
            found.add(tokens[names].value.strip('"'))
    return frozenset(found)


def _body(text: str, shift: int, offset: int) -> tuple[tuple[Token, ...], int, str] | None:
    """The tokens of the innermost text between dollars that holds a place, where that text starts, and the text."""
    for token in lex(text, placeholders=False):
        if token.kind is Kind.DOLLAR and token.start + shift <= offset < token.end + shift:
            tag = token.value.index("$", 1) + 1
            inner, begin = text[token.start + tag : token.end - tag], shift + token.start + tag
            return _body(inner, begin, offset) or (tuple(lex(inner, placeholders=False)), begin, inner)
    return None


def _caught(tokens: Sequence[Token], insert: int) -> tuple[int, int] | None:
    """Where the first handler around a token names the error, and the token past that handler."""
    depth, at = 0, insert
    while at < len(tokens):  # up to the EXCEPTION of a block around it
        word = tokens[at].value if tokens[at].kind is Kind.WORD else ""
        if word == "exception" and depth == 0 and _word(tokens, at + 1) == "when" and _word(tokens, at - 1) != "raise":
            end = _end_of_block(tokens, at)
            named = next((index for index in range(at, end) if _names_error(tokens, index)), None)
            if named is not None:
                arm = next((i for i in range(named, end) if _word(tokens, i) == "then"), end)
                return named, _next_arm(tokens, arm, end)
            at = end
        elif word == "end":
            closes = _word(tokens, at + 1)
            depth -= 0 if depth == 0 else 1
            at += 1 if closes in _OPENING else 0
        elif word in _OPENING or (word == "begin" and at > insert):
            depth += 1
        at += 1
    return None


def _end_of_block(tokens: Sequence[Token], begin: int) -> int:
    """The END that closes the block whose EXCEPTION stands at `begin`."""
    depth, at = 0, begin
    while at < len(tokens):
        word = _word(tokens, at)
        if word == "end" and depth == 0:
            return at
        if word == "end":
            depth -= 1
            at += 1 if _word(tokens, at + 1) in _OPENING else 0
        elif word in _OPENING or word == "begin":
            depth += 1
        at += 1
    return at


def _next_arm(tokens: Sequence[Token], begin: int, end: int) -> int:
    depth = 0
    for at in range(begin, end):
        word = _word(tokens, at)
        if word == "when" and depth == 0:
            return at
        if word in _OPENING and _word(tokens, at - 1) != "end":
            depth += 1
        elif word == "end":
            depth -= 1
    return end


def _names_error(tokens: Sequence[Token], at: int) -> bool:
    coded = tokens[at].kind is Kind.STRING and tokens[at].value == _CODE and _word(tokens, at - 1) == "sqlstate"
    return coded or _word(tokens, at) in _CONDITIONS


def _is_refused(tokens: Sequence[Token], lookup: int, insert: int) -> bool:
    """`IF EXISTS (SELECT ..) THEN RAISE EXCEPTION ..` or `.. INTO x ..; IF FOUND THEN RAISE ..`."""
    then = next((at for at in range(lookup, insert) if _word(tokens, at) == "then"), None)
    if then is None or _word(tokens, then + 1) != "raise" or _word(tokens, then + 2) in _TOLD:
        return False
    before = {_word(tokens, at) for at in range(max(0, lookup - 4), then)}
    return "not" not in before and "null" not in before and bool(before & {"exists", "found"})


def _word(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].value if 0 <= at < len(tokens) and tokens[at].kind is Kind.WORD else ""
