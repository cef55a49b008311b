"""String literals and quoted names: what they say, each character with its origin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .lexis import Kind
from .traced import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .lexis import Token
    from .traced import Traced

_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{1,2}|[0-7]{1,3}|.)|''", re.DOTALL)
_DOUBLED = re.compile("''")
_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ASCII_UPPER = str.maketrans({chr(code): chr(code + 32) for code in range(ord("A"), ord("Z") + 1)})


def name_of(token: Token, text: str) -> str:
    """The name that a WORD or QUOTED token spells, folded as the server does (downcase_identifier)."""
    written = text[token.start : token.end]
    if token.kind is Kind.QUOTED:
        return written[written.index('"') + 1 : -1].replace('""', '"')
    return written.translate(_ASCII_UPPER)


def literal(source: Traced, tokens: Sequence[Token], first: int) -> tuple[Traced, int]:
    """What the literal at token `first` says, and the index past it: pieces on following lines belong to it."""
    token = tokens[first]
    if token.kind is Kind.DOLLAR:
        tag = token.value.index("$", 1) + 1
        return source.part(token.start + tag, token.end - tag), first + 1
    past = first + 1
    while past < len(tokens) and _continues(source.text, tokens[past - 1], tokens[past]):
        past += 1
    open_quote = token.start + token.value.index("'") + 1
    edits: list[Edit] = []
    escapes = token.value[0] in "eE"
    for piece, following in zip(tokens[first:past], [*tokens[first + 1 : past], None], strict=True):
        start = piece.start + piece.value.index("'") + 1
        edits.extend(_edits(source.text, start, piece.end - 1, escapes=escapes))
        if following:
            edits.append(Edit(piece.end - 1, following.start + 1, ""))
    end = tokens[past - 1].end - 1
    moved = (Edit(edit.start - open_quote, edit.end - open_quote, edit.text) for edit in edits)
    return source.part(open_quote, end).edited(moved), past


def _continues(text: str, before: Token, token: Token) -> bool:
    """Whether two literals are one: only a line break between them (PostgreSQL: String Constants)."""
    return token.kind is Kind.STRING and token.value[0] == "'" and "\n" in text[before.end : token.start]


def _edits(text: str, start: int, end: int, *, escapes: bool) -> Iterator[Edit]:
    """Replace doubled quotes, and escapes where they count."""
    for match in (_ESCAPE if escapes else _DOUBLED).finditer(text, start, end):
        escape = match.group()
        if escape == "''":
            yield Edit(match.start(), match.end(), "'")
        else:
            yield Edit(match.start(), match.end(), _unescaped(escape[1:]))


def _unescaped(escape: str) -> str:
    if len(escape) > 1 and escape[0] in "uUx":
        code = int(escape[1:], 16)
    elif escape[0] in "01234567":
        code = int(escape, 8)
    else:
        return _SIMPLE.get(escape, escape)
    return chr(code) if code < 0x110000 else "\ufffd"  # noqa: PLR2004 (the end of Unicode)
