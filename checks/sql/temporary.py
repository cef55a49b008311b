"""The temporary tables that a text makes: what is written to them is not written to tables of the catalog."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .lexis import Kind, lex
from .literals import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..model import Write
    from .lexis import Token
    from .reading import ParsedWrite

SCHEMA = "pg_temp"
_TEMPORARY = frozenset({"temp", "temporary"})
_BEFORE = frozenset({"create", "local", "global", "into"})
_SKIPPED = frozenset({"table", "if", "not", "exists"})
_NO_TABLES = frozenset({"view", "sequence", "recursive"})
_NAMES = frozenset({Kind.WORD, Kind.QUOTED})
_LITERALS = frozenset({Kind.STRING, Kind.DOLLAR})
_DEEPEST = 3  # literals in literals: EXECUTE in a function's body


def temporary_tables(text: str) -> frozenset[str]:
    """Names, as the catalog spells them, that CREATE TEMP TABLE and INTO TEMP make anywhere in it, bodies included.

    Never raises: a text that does not parse is read as far as its words go.
    """
    return frozenset(_made(text, _DEEPEST))


def is_temporary(write: Write, names: Iterable[str]) -> bool:
    """Whether a write goes to one of these temporary tables, which hide all others of their name."""
    table = write.table
    return table is not None and (table.schema == SCHEMA or (table.schema is None and table.name in names))


def marked(writes: Iterable[ParsedWrite], text: str) -> tuple[ParsedWrite, ...]:
    """The writes of a text, those to temporary tables that it makes itself marked so."""
    names = temporary_tables(text)
    return tuple(
        replace(one, write=replace(one.write, temporary=True)) if is_temporary(one.write, names) else one
        for one in writes
    )


def _made(text: str, depth: int) -> Iterator[str]:
    if "temp" not in text.lower() or not depth:
        return
    tokens = tuple(lex(text, placeholders=False))
    for index, token in enumerate(tokens):
        if token.kind in _LITERALS:
            yield from _made(_inside(token), depth - 1)
        elif token.value in _TEMPORARY and index and tokens[index - 1].value in _BEFORE:
            yield from _name(text, tokens, index + 1)
        elif token.value == "table":
            yield from _in_schema(text, tokens, index + 1)


def _inside(token: Token) -> str:
    if token.kind is Kind.DOLLAR:
        tag = token.value.index("$", 1) + 1
        return token.value[tag:-tag]
    return token.value.partition("'")[2][:-1].replace("''", "'")


def _past(tokens: Sequence[Token], index: int) -> int:
    while index < len(tokens) and tokens[index].value in _SKIPPED:
        index += 1
    return index


def _name(text: str, tokens: Sequence[Token], index: int) -> Iterator[str]:
    at = _past(tokens, index)
    if at < len(tokens) and tokens[at].kind in _NAMES and tokens[at].value not in _NO_TABLES:
        if tokens[at].value == SCHEMA and at + 2 < len(tokens) and tokens[at + 1].value == ".":
            at += 2
        yield name_of(tokens[at], text)


def _in_schema(text: str, tokens: Sequence[Token], index: int) -> Iterator[str]:
    """`CREATE TABLE pg_temp.x`."""
    at = _past(tokens, index)
    if [token.value for token in tokens[at : at + 2]] == [SCHEMA, "."] and tokens[at + 2 : at + 3]:
        yield name_of(tokens[at + 2], text)
