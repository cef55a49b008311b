"""A source file as characters with its encoding kept: edits by offset, and the unified diff of them."""

from __future__ import annotations

import codecs
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..scan.files import decode
from ..scan.sites import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .model import Edit

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_ODD = re.compile(r'[\x00-\x1f\x7f"\\]')
_MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "utf-8": codecs.BOM_UTF8}


@dataclass(frozen=True, slots=True)
class Source:
    """A file as the scanner decodes it; `mark` is its byte order mark, which is no part of `text`."""

    path: str
    text: str
    encoding: str
    mark: bytes

    @classmethod
    def of(cls, path: str, data: bytes) -> Source:
        """The file of these bytes."""
        text, note = decode(data)
        encoding, mark = next(((name, mark) for name, mark in _MARKS.items() if data.startswith(mark)), ("utf-8", b""))
        return cls(path, text, "latin-1" if note else encoding, mark)

    def offset(self, line: int, column: int) -> int:
        """The character at a line and column, which count from 1."""
        return lines_of(self.text).starts[line - 1] + column - 1

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """The bytes of the file with the edits made, everything else as it was."""
        return self.mark + _edited(self.text, edits).encode(self.encoding, "replace")

    def diff(self, edits: Iterable[Edit]) -> str:
        """A unified diff, as `git apply` reads it."""
        mark = "\ufeff" if self.mark else ""
        before, after = (_LINE.findall(mark + text) for text in (self.text, _edited(self.text, edits)))
        old, new = _header(f"a/{self.path}"), _header(f"b/{self.path}")
        return "".join(_whole(difflib.unified_diff(before, after, old, new)))


def _edited(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _whole(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _header(name: str) -> str:
    """A file's name as git writes it: quoted where it has odd characters, with a tab behind it where it has blanks."""
    if _ODD.search(name):
        return '"' + _ODD.sub(lambda found: f"\\{ord(found[0]):03o}", name) + '"'
    return f"{name}\t" if " " in name else name
