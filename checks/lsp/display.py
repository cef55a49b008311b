"""What the client is shown of each file: published once per change, withheld where its buffer is another text."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from .places import path_of, uri_of

if TYPE_CHECKING:
    from pathlib import Path

    from .server import Server

_END = re.compile(r"\r\n|\n|\r")  # of a line, in the protocol


@dataclass(frozen=True, slots=True)
class Document:
    """An open document: its URI as the client spells it, and what the buffer holds."""

    uri: str
    version: int
    text: str


class Display:
    """Diagnostics by path, under the names that the client has for its open documents."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: dict[Path, Document] = {}
        self._withheld: set[Path] = set()
        self.shown: set[Path] = set()

    def units(self, text: str) -> int:
        """The length of a text in the code units that client and server have agreed on."""
        units: int = self._server.workspace.position_codec.client_num_units(text)
        return units

    @property
    def open_files(self) -> tuple[Path, ...]:
        """The files that are open, which are shown also where there is nothing to say."""
        return tuple(self._open)

    def hold(self, document: Document) -> Path | None:
        """A document was opened or changed; its path, None for one that is no file."""
        path = path_of(document.uri)
        if path is not None:
            self._open[path] = document
        return path

    def close(self, uri: str) -> Path | None:
        """A document was closed; its path."""
        path = path_of(uri)
        if path is not None:
            self._open.pop(path, None)
        return path

    def document(self, path: Path) -> Document | None:
        """The open document of that path."""
        return self._open.get(path)

    def is_other(self, path: Path, text: str) -> bool:
        """Whether the file is open, and its buffer holds another text than that which was checked."""
        document = self.document(path)
        return document is not None and document.text != text

    def is_due(self, path: Path, text: str) -> bool:
        """Whether diagnostics were withheld, and the buffer is now what was checked."""
        return path in self._withheld and not self.is_other(path, text)

    def show(self, path: Path, text: str, diagnostics: list[lsp.Diagnostic]) -> None:
        """Publish what was found in that text, unless the client has another one before it: its places are not these.

        The client moves what it shows already along with what is typed; the next save brings the rest.
        """
        if diagnostics and self.is_other(path, text):
            self._withheld.add(path)
            return
        self._withheld.discard(path)
        document = self.document(path)
        self._server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(
                uri=uri_of(path) if document is None else document.uri,
                diagnostics=diagnostics,
                version=None if document is None else document.version,
            )
        )
        (self.shown.add if diagnostics else self.shown.discard)(path)


def saved_line(now: str, saved: str, line: int) -> int | None:
    """The line of the saved text that stands at a line (from 1) of the buffer; None for one that was edited."""
    if now == saved:
        return line
    buffer, file = _END.split(now), _END.split(saved)
    for block in difflib.SequenceMatcher(None, buffer, file, autojunk=False).get_matching_blocks():
        if block.a < line <= block.a + block.size:
            return line - block.a + block.b
    return None
