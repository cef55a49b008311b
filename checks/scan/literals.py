"""String literals to Text, with every character's place in the source kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .values import Call, Choice, Join, Member, Text

if TYPE_CHECKING:
    from .values import Value

_SINGLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "a": "\a"}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}


def decode(
    source: str, start: int, end: int, path: str, *, escapes: bool = True, doubled: str = "", only: str = ""
) -> Text:
    """The Text of source[start:end], the inside of a literal, its escape sequences decoded.

    `doubled`: characters that twice stand for one, `{{` in f-strings, `""` in C#. `only`: the characters that a
    backslash escapes where it escapes no others, as in Ruby's and PHP's single quotes. Positions are characters of
    `source`.
    """
    raw = source[start:end]
    if not (escapes and "\\" in raw) and not any(2 * char in raw for char in doubled):
        return Text(raw, ((0, start),), path)
    out: list[str] = []
    runs: list[tuple[int, int]] = []
    length, at, plain = 0, start, start
    while at < end:
        char = source[at]
        if escapes and char == "\\" and at + 1 < end and (not only or source[at + 1] in only):
            text, after = _escape(source, at + 1, end)
        elif char in doubled and source[at + 1 : at + 2] == char:
            text, after = char, at + 2
        else:
            at += 1
            continue
        length = _run(out, runs, source[plain:at], plain, length)
        length = _run(out, runs, text, at, length)
        at = plain = after
    _run(out, runs, source[plain:end], plain, length)
    return Text("".join(out), tuple(runs), path)


def _run(out: list[str], runs: list[tuple[int, int]], text: str, offset: int, length: int) -> int:
    if text:
        out.append(text)
        runs.append((length, offset))
    return length + len(text)


def _escape(source: str, at: int, end: int) -> tuple[str, int]:
    """What the escape sequence whose letter stands at `at` means, and where it ends; Python's and JavaScript's."""
    char = source[at]
    if char in "\r\n":  # a line continuation
        return "", at + 2 if source[at : at + 2] == "\r\n" else at + 1
    if char == "u" and source[at + 1 : at + 2] == "{":
        close = source.find("}", at, end)
        return _character(source[at + 2 : close]) or "u", close + 1 if close > 0 else at + 1
    if char in _HEX_DIGITS:
        after = at + 1 + _HEX_DIGITS[char]
        known = _character(source[at + 1 : after])
        return (known, after) if known else (char, at + 1)
    return _SINGLE.get(char, char), at + 1


def _character(digits: str) -> str | None:
    try:
        return chr(int(digits, 16))
    except (ValueError, OverflowError):
        return None


def cut(text: Text, start: int, end: int) -> Text:
    """The part text[start:end], its places kept."""
    runs = [(max(at - start, 0), offset + max(start - at, 0)) for at, offset in _within(text, start, end)]
    return Text(text.text[start:end], tuple(runs), text.path)


def _within(text: Text, start: int, end: int) -> list[tuple[int, int]]:
    last = [index for index, (at, _) in enumerate(text.runs) if at <= start]
    first = last[-1] if last else 0
    return [run for run in text.runs[first:] if run[0] < end]


def place(text: Text, index: int) -> int | None:
    """The source offset of character `index` of a Text, None when its place is not known."""
    found = None
    for at, offset in text.runs:
        if at > index:
            break
        found = offset + index - at
    return found


def place_of(value: Value) -> int | None:
    """A place inside the first literal of a string expression; None when it has none."""
    match value:
        case Text(runs=runs):
            return runs[0][1] if runs else None
        case Join(parts=inner) | Choice(options=inner):
            parts: tuple[Value, ...] = inner
        case Call(Member(owner), args):
            parts = (owner, *args)
        case Call(args=args):
            parts = args
        case _:
            return None
    return next((at for part in parts if (at := place_of(part)) is not None), None)
