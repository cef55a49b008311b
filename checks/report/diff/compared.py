"""Two texts compared: lines of a body, or words of a line."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_AROUND = 3  # lines that stand around a change, as diff -u has them
_MOST_WORDS = 2_000  # beyond, what differs is not worth the time that its search takes
_DIFFERENT = 0.3  # of what is less alike, every word counts as changed: islands of alike words only confuse


class Line(NamedTuple):
    """A line of a text that was compared: `sign` is "+", "-", " " or "…" for lines left out, which `text` counts."""

    sign: str
    text: str


class Piece(NamedTuple):
    """A part of a line, and whether the other side has something else there."""

    text: str
    changed: bool


def line_diff(old: str, new: str) -> tuple[Line, ...]:
    """The lines that differ, and some around them."""
    before, after = _lines(old), _lines(new)
    matcher = SequenceMatcher(None, before, after)
    found: list[Line] = []
    shown = 0  # lines of the old text
    for group in matcher.get_grouped_opcodes(_AROUND):
        found += _gap(group[0][1] - shown)
        for kind, one, two, three, four in group:
            if kind == "equal":
                found += [Line(" ", text) for text in before[one:two]]
                continue
            found += [Line("-", text) for text in before[one:two]]
            found += [Line("+", text) for text in after[three:four]]
        shown = group[-1][2]
    return (*found, *_gap(len(before) - shown))


def _lines(text: str) -> list[str]:
    return [line.expandtabs(4) for line in text.strip("\n").split("\n")]


def _gap(count: int) -> Iterator[Line]:
    if count > 0:
        yield Line("…", f"{count} unchanged line{'' if count == 1 else 's'}")


def word_diff(old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces."""
    before, after = _words(old), _words(new)
    whole = (Piece(old, changed=True),), (Piece(new, changed=True),)
    if max(len(before), len(after)) > _MOST_WORDS:
        return whole
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    alike = [(one, two, size) for one, two, size in matcher.get_matching_blocks() if size]
    common = sum(not word.isspace() for at, _, size in alike for word in before[at : at + size])
    if 2 * common < _DIFFERENT * sum(not word.isspace() for word in (*before, *after)):
        return whole
    return _pieces(before, [(at, size) for at, _, size in alike]), _pieces(after, [(at, size) for _, at, size in alike])


def _words(text: str) -> list[str]:
    """Runs of word characters, of blanks, and every other character by itself."""
    words = ("".join(run) for _, run in groupby(text, key=_class))
    return [piece for word in words for piece in ([word] if _class(word[0]) else word)]


def _class(character: str) -> int:
    return 1 if character.isalnum() or character == "_" else 2 if character.isspace() else 0


def _pieces(words: Sequence[str], alike: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    place = 0
    for start, size in (*alike, (len(words), 0)):
        found += [Piece("".join(words[place:start]), changed=True)] if place < start else []
        found += [Piece("".join(words[start : start + size]), changed=False)] if size else []
        place = start + size
    return tuple(found)
