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


_HOLE = "\ue000[0-9]+\ue001"
_BRACED = r"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
# Letters and all beyond ASCII (scan.l: ident_start, ident_cont, dolq_cont), told by what they are not: each range up to
# the last character would add 6 ms to the start of every command, compiling it.
_FIRST = r"[^\x00-@\[-^`{-\x7f]"
_WORD = rf"{_FIRST}[^\x00-#%-/:-@\[-^`{{-\x7f]*"
TAG = rf"\$(?:{_FIRST}[^\x00-/:-@\[-^`{{-\x7f]*)?\$"  # what stands around a dollar-quoted literal
# Template expressions, wherever they stand: {{ x }}, {% x %}, ${x}, #{x}, {x}.
_TEMPLATE = rf"\{{\{{.*?\}}\}}|\{{%.*?%\}}|[$#]{_BRACED}|\{{[\w.!:\[\]\s]*\}}"
_TYPED = "(?:i|identifier|sql|snip|v|value|t|tuple|l|list|p|param)"  # HugSQL's parameters that name their type
# Parameters that are written as calls: sqlc (sqlc.arg, sqlc.narg, sqlc.slice) and pggen (pggen.arg).
_ARGUMENT = r"""(?:sqlc|pggen)\.(?:n?arg|slice)\(\s*(?:\w+|'\w+'|"\w+")\s*\)"""
_TOKEN = re.compile(
    rf"""
    (?:\s+|--[^\n]*)*
    (?: (?P<argument> {_ARGUMENT} )
      | (?P<word> {_WORD}(?!') )
      | (?P<symbol> [(),;=\[\]]|\.(?![.\d]) )
      | (?P<string> [eE]'[^'\\]*(?:(?:\\.|'')[^'\\]*)*' | (?:[bBxXnN]|[uU]&)?'[^']*(?:''[^']*)*' )
      | (?P<number> (?:\d[\d_]*(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)? | \$\d+ )
      | (?P<quoted> (?:[uU]&)?"[^"]*(?:""[^"]*)*" )
      | (?P<comment> /\* )
      | (?P<template> {_TEMPLATE} )
      | (?P<dollar> {TAG} )
      | (?P<backtick> `[^`\n]*` )
      | (?P<placeholder> %\(\w+\)[a-z] | %[-0-9.]*[sbtdvfq](?!\w) | :'\w+' | :"\w+" | :{_TYPED}\*?:[\w.-]+
          | :[A-Za-z_]\w* | \$[A-Za-z_]\w*
          | \$(?:{_HOLE})+
          | @[A-Za-z_][\w:]*@ | @[A-Za-z_]\w* | \?\? | \?\d* )
      | (?P<name> {_WORD} )
      | (?P<operator> ::|:=|\.\.|. )
      | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)
_REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
_NO_BREAK = re.compile(r"[^\r\n]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_HOLES = re.compile("(?:\ue000[0-9]+\ue001)+")
_GLUED = re.compile("(values|nothing)\ue000", re.IGNORECASE)
# A hole that brings its own blank or line break before a clause, none of which can be the rest of a name.
_CLAUSE = r"insert\s+into|merge\s+into|on\s+conflict|do\s+(?:update|nothing)|with\s+\w+\s+as|values(?=\s*\()|returning"
_BEFORE_CLAUSE = re.compile(rf"((?:{_HOLE})+)(?:{_CLAUSE})\b", re.IGNORECASE)
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
    search = _Search(text)
    match_at, position, last = _TOKEN.match, 0, None
    while match := match_at(text, position):
        group = match.lastgroup
        if group is None:  # the end
            return
        start, position = match.span(group)
        if group in {"word", "name"}:
            value = text[start:position]
            # The hole brings its own brackets, or the blank beside it.
            if "\ue000" in value and (glued := _GLUED.match(value) or _BEFORE_CLAUSE.match(text, start)):
                value, position = glued[1], start + len(glued[1])
            kind = Kind.SLOT if "\ue000" in value and _HOLES.fullmatch(value) else Kind.WORD
            last = Token(kind, start, position, value.lower())
        elif group in _PLAIN:
            last = Token(_PLAIN[group], start, position, text[start:position])
        elif group == "comment" and (past := search.comment(start)):
            position = past
            continue
        elif group == "dollar" and (past := search.dollar(start, position)):
            position = past
            last = Token(Kind.DOLLAR, start, past, text[start:past])
        elif group == "placeholder" and placeholders and _is_placeholder(text, start, position, last):
            last = Token(Kind.SLOT, start, position, text[start:position])
        else:
            position = start + 1
            last = Token(Kind.SYMBOL, start, position, text[start])
        yield last


class _Search:
    """Looks for the ends of what may have none, at most a few times in vain."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.comments_end = True
        self.unterminated = 0

    def comment(self, start: int) -> int | None:
        """Past the comment that begins there."""
        past = comment_end(self.text, start) if self.comments_end else None
        self.comments_end = past is not None
        return past

    def dollar(self, start: int, end: int) -> int | None:
        """Past the literal whose opening tag stands there."""
        tag = self.text[start:end]
        close = self.text.find(tag, end) if self.unterminated < _UNTERMINATED_TAGS else -1
        self.unterminated += close < 0
        return close + len(tag) if close >= 0 else None


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


_PLAIN = {
    "symbol": Kind.SYMBOL,
    "operator": Kind.SYMBOL,
    "string": Kind.STRING,
    "number": Kind.NUMBER,
    "quoted": Kind.QUOTED,
    "backtick": Kind.BACKTICK,
    "template": Kind.SLOT,
    "argument": Kind.SLOT,
}


def _is_placeholder(text: str, start: int, end: int, last: Token | None) -> bool:
    """Whether what looks like a placeholder is one, and no operator, slice or cast."""
    before = text[start - 1] if start else ""
    match text[start]:
        case ":":
            return not (before.isalnum() or before in {"_", ")", "]", ":", "["})
        case "@":
            return text[end - 1] == "@" or (before not in _OPERATOR and not before.isalnum())
        case "?":
            after = text[end : end + 2]
            operator = before == "@" or (after[:1] in {"|", "&"} and after != "||")
            return not operator and not is_operand(last)
        case _:
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
