"""INTO clauses of PL/pgSQL, which its parser takes out of a query before the server sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .traced import Edit, Traced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .lexis import Token


def without_into(source: Traced, tokens: Sequence[Token]) -> Traced:
    """A query of a PL/pgSQL body without its INTO clause, which may stand at any place at its top level."""
    start = tokens[0].start
    edits: list[Edit] = []
    depth = 0
    for index, token in enumerate(tokens):
        depth += (token.value == "(") - (token.value == ")")
        if depth == 0 and token.value == "into" and index and tokens[index - 1].value not in {"insert", "merge"}:
            past = _past_targets(tokens, index + 1)
            edits.append(Edit(token.start - start, tokens[past - 1].end - start, ""))
    return source.part(start, tokens[-1].end).edited(edits)


def _past_targets(tokens: Sequence[Token], index: int) -> int:
    """The index past `[STRICT] target [, ...]`, where a target may be `record.field` or `array[1]`."""
    if index < len(tokens) and tokens[index].value == "strict":
        index += 1
    index += 1
    while index < len(tokens) and tokens[index].value in {".", ",", "["}:
        if tokens[index].value == "[":
            while index < len(tokens) and tokens[index].value != "]":
                index += 1
            index += 1
        else:
            index += 2
    return min(index, len(tokens))
