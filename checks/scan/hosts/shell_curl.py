"""The options of curl as those of a request: method, headers, body.

Source: curl 8 manual, options -X, -H, -d, --json, --url, -G.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ..literals import cut
from ..values import Constant, Join, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from ..values import Value

_LONG = {"request": "X", "header": "H", "data": "d", "data-raw": "d", "data-binary": "d", "data-ascii": "d", "url": "u"}
_TAKING = frozenset("XHdAbceCDEFKmoPQrtTuUwxyYz")  # short options that are given a value
_LONG_TAKING = frozenset({
    "user", "output", "max-time", "connect-timeout", "retry", "retry-delay", "write-out", "user-agent", "cookie",
    "proxy", "cacert", "cert", "key", "form", "oauth2-bearer", "resolve", "data-urlencode",
})  # fmt: skip


def options_of(words: tuple[Value, ...], offset: int) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
    """The addresses among the words of a command, and what the options say."""
    given: list[tuple[str, Value]] = []
    plain: list[Value] = []
    waiting: str | None = None
    for word in words:
        if waiting is not None:
            given.append((waiting, word))
            waiting = None
            continue
        lead = _lead(word)
        if not lead.startswith("-") or lead in {"-", "--"}:
            plain.append(word)
            continue
        waiting = _long(lead, word, given) if lead.startswith("--") else _short(lead, word, given)
    addresses = tuple(value for name, value in given if name == "u") or tuple(plain)
    return addresses, tuple(_keywords(given, offset))


def _long(lead: str, word: Value, given: list[tuple[str, Value]]) -> str | None:
    """Notes a long option; its name when its value is the next word."""
    name, equals, _ = lead[2:].partition("=")
    if name == "json":
        given.append(("json", Constant(value=True)))
        return "d"
    if name == "get":
        given.append(("X", Text("GET")))
        return None
    letter = _LONG.get(name, "-" if name in _LONG_TAKING else None)
    if letter is not None and equals:
        given.append((letter, _rest(word, lead.index("=") + 1)))
        return None
    return letter


def _short(lead: str, word: Value, given: list[tuple[str, Value]]) -> str | None:
    """Notes a cluster of short options; the last when its value is the next word."""
    for index, letter in enumerate(lead[1:], 1):
        if letter == "G":
            given.append(("X", Text("GET")))
        if letter in _TAKING:
            name = letter if letter in "XHd" else "-"
            whole = index + 1 == len(lead) and isinstance(word, Text)
            if not whole:
                given.append((name, _rest(word, index + 1)))
            return name if whole else None
    return None


def _keywords(given: list[tuple[str, Value]], offset: int) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    methods = [value for name, value in given if name == "X"]
    bodies = [value for name, value in given if name == "d"]
    headers = [_header(value) for name, value in given if name == "H"]
    found.append(("method", methods[-1] if methods else Text("POST" if bodies else "GET")))
    pairs = tuple(pair for pair in headers if pair is not None)
    found.append(("headers", Record(pairs, len(pairs) == len(headers), offset)))
    if bodies:
        found.append(("data", _body(bodies[-1])))
    return found


def _header(value: Value) -> tuple[str, Value] | None:
    lead = _lead(value)
    name, colon, rest = lead.partition(":")
    if not colon:
        return None
    return name.strip(), _rest(value, len(name) + 1 + len(rest) - len(rest.lstrip()))


def _body(value: Value) -> Value:
    """The object that a text of JSON is; what is expanded in it stands for any value."""
    parts = value.parts if isinstance(value, Join) else (value,)
    text = "".join(part.text if isinstance(part, Text) else "0" for part in parts)
    if not text.lstrip().startswith(("{", "[")):
        return value
    try:
        return _of_json(json.loads(text))
    except (ValueError, RecursionError):
        return value


def _of_json(value: object) -> Value:
    match value:
        case dict():
            return Record(tuple((str(key), _of_json(entry)) for key, entry in value.items()))
        case list():
            return Sequence(tuple(_of_json(item) for item in value))
        case None:
            return Constant(None)
        case _:
            return Opaque(str(value))


def _lead(word: Value) -> str:
    """The known text that a word begins with."""
    match word:
        case Text(text):
            return text
        case Join(parts=(Text(text), *_)):
            return text
        case _:
            return ""


def _rest(word: Value, index: int) -> Value:
    """A word without its first characters, which are known."""
    match word:
        case Text(text):
            return cut(word, index, len(text))
        case Join(parts=(Text() as first, *more), tag=tag, offset=offset):
            return Join((cut(first, index, len(first.text)), *more), tag, offset)
        case _:
            return word
