"""A tolerant lexer: tokens of any text that may be SQL, host-language placeholders and holes included.

The server's own scanner (scan.l) gives up at the first character that it does not know, such as the braces of a
template; this one goes on, and keeps literals, quoted names and comments apart just as that does.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Kind(IntEnum):
    """What a token is."""

    WORD = 1  # a keyword or an unquoted name; may have a hole in it
    QUOTED = 2
    STRING = 3
    DOLLAR = 4
    NUMBER = 5
    SLOT = 6  # a placeholder, a template expression or a hole, all by itself
    SYMBOL = 7
    BACKTICK = 8


class Token(NamedTuple):
    """A token, the characters from `start` up to `end`; `value` is a word in lower case, else the text itself."""

    kind: Kind
    start: int
    end: int
    value: str


_BRACED = r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
_WORD = r"[A-Za-z_\x80-\U0010ffff][\w$\x80-\U0010ffff]*"
# Template expressions, wherever they stand: {{ x }}, {% x %}, ${x}, #{x}, {x}.
_TEMPLATE = rf"\{{\{{.*?\}}\}}|\{{%.*?%\}}|[$#]{_BRACED}|\{{[\w.!:\[\]\s]*\}}"
_TOKEN = re.compile(
    rf"""
      (?P<blank> \s+ | --[^\n]* )
    | (?P<comment> /\* )
    | (?P<template> {_TEMPLATE} )
    | (?P<string> [eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*' | (?:[bBxXnN]|[uU]&)?'[^']*(?:''[^']*)*' )
    | (?P<quoted> (?:[uU]&)?"[^"]*(?:""[^"]*)*" )
    | (?P<dollar> \$(?:[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*)?\$ )
    | (?P<word> {_WORD} )
    | (?P<number> (?:\d[\d_]*(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)? | \$\d+ )
    | (?P<backtick> `[^`\n]*` )
    | (?P<cast> ::|:=|\.\.|\$\$ )
    | (?P<placeholder> %\(\w+\)[a-z] | %[-0-9.]*[sbtdvfq](?!\w) | :'\w+' | :"\w+" | :[A-Za-z_]\w* | \$[A-Za-z_]\w*
        | @[A-Za-z_]\w* | \?\? | \?\d* )
    | (?P<symbol> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
_NO_BREAK = re.compile(r"[^\r\n]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_HOLES = re.compile("(?:\ue000[0-9]+\ue001)+")
_IN_QUOTES = re.compile(rf"\ue000[0-9]+\ue001|{_TEMPLATE}|%\(\w+\)s|%s", re.DOTALL)
_OPERATOR = frozenset("@<>=~!#%^&|?+*/-")
_UNTERMINATED_TAGS = 64  # a text with more of them is no SQL; looking for each to its end would take quadratic time

# Words after which a value stands, so that a question mark there is no operator.
_BEFORE_VALUE = frozenset(
    {"all", "and", "any", "as", "between", "by", "case", "default", "distinct", "do", "else", "end", "exists", "fetch"}
    | {"from", "having", "ilike", "in", "interval", "into", "is", "join", "like", "limit", "not", "offset", "on", "or"}
    | {"returning", "select", "set", "similar", "some", "table", "then", "to", "union", "update", "using", "values"}
    | {"when", "where"}
)


def lex(text: str, *, placeholders: bool = True) -> Iterator[Token]:
    """The tokens of a text without blanks and comments; never raises."""
    position, size, unterminated = 0, len(text), 0
    last: Token | None = None
    comment_ends = True
    while position < size:
        match = _TOKEN.match(text, position)
        if match is None:  # cannot be: the last branch takes any character
            return
        group = match.lastgroup or "symbol"
        end = match.end()
        if group == "blank":
            position = end
            continue
        if group == "comment":
            past = comment_end(text, position) if comment_ends else None
            if past is not None:
                position = past
                continue
            comment_ends = False
            group, end = "symbol", position + 1
        elif group == "dollar":
            close = text.find(match.group(), end) if unterminated < _UNTERMINATED_TAGS else -1
            unterminated += close < 0
            group, end = ("dollar", close + len(match.group())) if close >= 0 else ("symbol", position + 1)
        elif group == "placeholder" and not (placeholders and _is_placeholder(text, match, last)):
            group, end = "symbol", position + 1
        last = _token(text, group, position, end)
        yield last
        position = end


def without_remarks(text: str) -> str:
    """The text with the comments of a template language, {# #}, blanked out."""
    if "{#" not in text:
        return text
    return _REMARK.sub(lambda match: _NO_BREAK.sub(" ", match.group()), text)


def slots_in_quotes(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where placeholders and template expressions stand inside a quoted name."""
    return (match.span() for match in _IN_QUOTES.finditer(text, start, end))


def comment_end(text: str, position: int) -> int | None:
    """The end of the block comment that begins at `position` (they nest); None: it has none."""
    depth = 0
    for match in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if match.group() == "/*" else -1
        if depth == 0:
            return match.end()
    return None


_KINDS = {
    "string": Kind.STRING,
    "quoted": Kind.QUOTED,
    "dollar": Kind.DOLLAR,
    "number": Kind.NUMBER,
    "backtick": Kind.BACKTICK,
    "template": Kind.SLOT,
    "placeholder": Kind.SLOT,
}


def _token(text: str, group: str, start: int, end: int) -> Token:
    value = text[start:end]
    if group == "word":
        return Token(Kind.SLOT if _HOLES.fullmatch(value) else Kind.WORD, start, end, value.lower())
    return Token(_KINDS.get(group, Kind.SYMBOL), start, end, value)


def _is_placeholder(text: str, match: re.Match[str], last: Token | None) -> bool:
    """Whether what looks like a placeholder is one, and no operator, slice or cast."""
    start, value = match.start(), match.group()
    before = text[start - 1] if start else ""
    if value[0] == ":":
        return not (before.isalnum() or before in {"_", ")", "]", ":", "["})
    if value[0] == "@":
        return before not in _OPERATOR and not before.isalnum()
    if value[0] == "?":
        after = text[match.end() : match.end() + 2]
        operator = before == "@" or (after[:1] in {"|", "&"} and after != "||")
        return not operator and not is_operand(last)
    return True


def is_operand(token: Token | None) -> bool:
    """Whether an operator may follow that token, so that a value may not."""
    match token:
        case None:
            return False
        case Token(kind=Kind.WORD):
            return token.value not in _BEFORE_VALUE
        case Token(kind=Kind.SYMBOL):
            return token.value in {")", "]"}
        case _:
            return True
