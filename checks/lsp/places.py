"""Places of a file as an editor counts them: lines from 0, columns in the code units that were agreed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from lsprotocol.types import Position, Range

from ..scan.sites import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Span
    from ..scan.sites import Lines


@dataclass(slots=True)
class Text:
    """The text of a file; `units` counts the code units of a string (UTF-16 unless the client asks for others)."""

    text: str
    units: Callable[[str], int]
    _lines: Lines | None = field(default=None, repr=False)

    @property
    def lines(self) -> Lines:
        """Where its lines begin: they end with LF, CR or CRLF, as in the protocol."""
        if self._lines is None:
            self._lines = lines_of(self.text)
        return self._lines

    def position(self, offset: int) -> Position:
        """The position of a character, of the end for one that lies behind it."""
        line, column = self.lines.at(min(max(offset, 0), len(self.text)))
        start = self.lines.starts[line - 1]
        return Position(line - 1, self.units(self.text[start : start + column - 1]))

    def offset(self, line: int, column: int) -> int:
        """The character at a line and column, which count from 1; the end of the text for a line that it lacks."""
        starts = self.lines.starts
        return min(starts[line - 1] + column - 1, len(self.text)) if line <= len(starts) else len(self.text)

    def line(self, number: int) -> str:
        """A line, counted from 1, without its end; empty for one that is not there."""
        starts = self.lines.starts
        if number > len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def range(self, span: Span) -> Range:
        """From the place of a span to the end of its first line, so that a long statement is not all underlined."""
        start = self.offset(span.line, span.column)
        end = self.offset(span.line, 1) + len(self.line(span.line).rstrip())
        return Range(self.position(start), self.position(max(end, start)))


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI; None for any other, and for one with a host or an impossible name."""
    parts = urlsplit(uri)
    path = unquote(parts.path, errors="surrogateescape")
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or not path.startswith("/") or "\0" in path:
        return None
    return Path(path)


def uri_of(path: Path) -> str:
    """The `file:` URI of an absolute path."""
    return path.as_uri()
