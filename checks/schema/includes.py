r"""psql's \i and \ir: the file that they name is read where they stand; one that cannot be had is a failure there.

A file is given in pieces of its full length, all but one part of it blanked out, so that places stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

# \gexec runs what its query gives, which no text tells.
_COMMAND = re.compile(
    r"""^[ \t]*\\(?P<how>i|ir|include|include_relative)[ \t]+(?P<name>'[^'\n]+'|[^\s;]+)[ \t;\r]*$ | \\gexec\b[^\n]*""",
    re.MULTILINE | re.VERBOSE,
)
_DEEPEST = 16
_MOST_PIECES = 5_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file. `follows`: it goes on in the session of the piece before it; `command`: it is not to be had."""

    path: Path
    text: str
    follows: bool = False
    command: str | None = None


def pieces(place: Path, tops: Iterable[Path], read: Callable[[Path], str]) -> Iterator[Piece]:
    """The file and all that it includes, in the order in which psql reads them.

    Only files below one of `tops` are included; after many pieces none are. Raises what `read` raises for `place`.
    """
    opened = _Opened(tuple(top.resolve() for top in tops), read)
    for number, piece in enumerate(opened.pieces(place, read(place), ())):
        yield Piece(piece.path, piece.text, number > 0, piece.command)


@dataclass(slots=True)
class _Opened:
    tops: tuple[Path, ...]
    read: Callable[[Path], str]
    count: int = 0

    def pieces(self, place: Path, text: str, above: tuple[Path, ...]) -> Iterator[Piece]:
        done = 0
        for match in _COMMAND.finditer(text) if "\\" in text else ():
            yield self._piece(place, text, done, match.start())
            done = match.end()
            found = self._named(place, match) if match["how"] else None
            if found is None or found in (place.resolve(), *above) or len(above) >= _DEEPEST:
                yield Piece(place, _part(text, *match.span()), command=match[0].strip())
            else:
                yield from self.pieces(found, self.read(found), (*above, place.resolve()))
        yield self._piece(place, text, done, len(text))

    def _piece(self, place: Path, text: str, start: int, end: int) -> Piece:
        self.count += 1
        return Piece(place, _part(text, start, end))

    def _named(self, place: Path, match: re.Match[str]) -> Path | None:
        r"""The file: \ir beside the file that names it, \i also above that, since psql's directory is not known."""
        name = match["name"].strip("'")
        above = place.resolve().parent
        beside = (above,) if "r" in match["how"].removeprefix("include") else (above, *above.parents)
        for directory in beside if self.count < _MOST_PIECES else ():
            found = (directory / name).resolve()
            if any(found.is_relative_to(top) for top in self.tops) and found.is_file():
                return found
        return None


def _part(text: str, start: int, end: int) -> str:
    """The text up to `end`, blank up to `start`."""
    return text[:end] if not start else re.sub(r"[^\n]", " ", text[:start]) + text[start:end]
