"""Strict reading: text that is PostgreSQL as it stands, to the writes that it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Mechanism
from .insert import Scope, read_insert, read_merge
from .lexis import Kind, Token, lex
from .parser import Node, Parsed, parse
from .reading import ParsedWrite
from .statements import inserts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .statements import Found


def parse_writes(text: str) -> tuple[ParsedWrite, ...]:
    """Every INSERT and MERGE of one or more statements, also inside CTEs; raises SqlSyntaxError."""
    parsed = parse(text)
    return tuple(write for raw in parsed.statements for write in _writes(text, parsed, raw))


def _writes(text: str, parsed: Parsed, raw: Node) -> Iterator[ParsedWrite]:
    found = tuple(inserts(raw.stmt))
    if not found:
        return
    start = parsed.character(raw.stmt_location)
    end = parsed.character(raw.stmt_location + raw.stmt_len) if raw.stmt_len else len(text)
    tokens = tuple(lex(text[start:end], placeholders=False))
    sql = text[start : start + tokens[-1].end]
    for item in found:
        yield _write(item, parsed, tokens, start, sql)


def _write(found: Found, parsed: Parsed, tokens: Sequence[Token], start: int, sql: str) -> ParsedWrite:
    verb = found.kind
    relation = parsed.character(found.statement.relation.location) - start
    first = max(i for i, token in enumerate(tokens) if token.value == verb and token.start < relation)
    offset = tokens[first].start + start
    scope = Scope()
    if verb == "merge":
        write, mechanism, conflict = read_merge(found.statement, scope), Mechanism.MERGE, offset
    elif found.statement.HasField("on_conflict_clause"):
        write, mechanism = read_insert(found.statement, scope), Mechanism.ON_CONFLICT
        conflict = parsed.character(found.statement.on_conflict_clause.location)
    else:
        write, mechanism, conflict = read_insert(found.statement, scope), Mechanism.PLAIN_INSERT, offset
    return ParsedWrite(mechanism, write, offset, conflict, _end(tokens, first) + start, sql)


def _end(tokens: Sequence[Token], first: int) -> int:
    """The end of the statement whose verb is token `first`: before the parenthesis or semicolon that closes it."""
    depth = 0
    end = tokens[first].end
    for token in tokens[first:]:
        if token.kind is Kind.SYMBOL:
            depth += (token.value == "(") - (token.value == ")")
            if depth < 0 or (depth == 0 and token.value == ";"):
                break
        end = token.end
    return end
