"""The comment that leaves a finding out, put where the file's own syntax takes it for a comment about that finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol.types import Position, Range, TextEdit

from ..scan.languages import language_of, parse
from ..scan.model import SourceFile
from ..scan.remarks import of_module
from ..suppress.comments import Near, near, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..suppress.comments import Place
    from .folder import Placed
    from .places import Text

_SLASHES, _HASH, _DASHES, _MARKUP = ("// ", ""), ("# ", ""), ("-- ", ""), ("<!-- ", " -->")
_SIGNS = {
    "python": _HASH, "ruby": _HASH, "elixir": _HASH, "shell": _HASH, "yaml": _HASH, "graphql": _HASH,
    "sql": _DASHES, "xml": _MARKUP,
}  # fmt: skip


def comment(placed: Placed, path: str, text: Text) -> TextEdit | None:
    """The edit that puts `pgarbiter: ignore[...] because ...` above the statement; None where no comment can stand.

    It counts only once somebody has written the reason in the place of the dots: check says so until then.
    """
    language = language_of(path)
    site = placed.bound.site if placed.bound is not None else None
    if language is None:
        return None
    signs = _SIGNS.get(language.name, _SLASHES)
    for place in places(placed.finding, site):
        if place.path != path:
            continue
        for line, (before, behind) in _candidates(place, signs):
            above = text.line(line - 1) if line > 1 else ""
            if above.rstrip().endswith("\\"):
                continue  # the line goes on: what comes between would end it
            own = text.line(line)
            said = f"pgarbiter: ignore[{placed.finding.rule}] because ..."
            inserted = f"{own[: len(own) - len(own.lstrip())]}{before}{said}{behind}{_end(text)}"
            if _is_about(_with(text, line, inserted), path, language.name, place, line):
                at = Position(line - 1, 0)
                return TextEdit(Range(at, at), inserted)
    return None


def _candidates(place: Place, signs: tuple[str, str]) -> Iterator[tuple[int, tuple[str, str]]]:
    """Lines that it may stand above, and its signs: those of the language, then those of SQL in a string."""
    lines = dict.fromkeys((place.first, place.line))
    for chosen in dict.fromkeys((signs, _DASHES)):
        yield from ((line, chosen) for line in lines)


def _with(text: Text, line: int, inserted: str) -> str:
    at = text.offset(line, 1)
    return text.text[:at] + inserted + text.text[at:]


def _is_about(edited: str, path: str, language: str, place: Place, line: int) -> bool:
    """Whether a comment on that line is one, and about the finding, which may now stand one line further down."""
    module = parse(SourceFile(path, language, edited))
    down = {field: getattr(place, field) + (line <= getattr(place, field)) for field in ("line", "first", "last")}
    moved = replace(place, **down)
    found = of_module(module) if module is not None else []
    return any(one.line == line and near(one, moved) is Near.AT for one in found)


def _end(text: Text) -> str:
    """The end of line that the file has."""
    first = text.lines.starts[1] if len(text.lines.starts) > 1 else 0
    end = text.text[max(first - 2, 0) : first]
    return "\r\n" if end == "\r\n" else end[-1:] or "\n"
