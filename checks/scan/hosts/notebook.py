"""Notebooks of Jupyter as modules: the Python of all code cells as one text, every place one of the JSON file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from ..literals import decode
from ..values import Text
from .embedded import Embedded, put_together
from .nodes import extent_of, items
from .python import PythonModule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Value

_MAGIC = re.compile(r"^[ \t]*[%!]", re.MULTILINE)
_SQL = re.compile(r"\A\s*%%sql\b[^\n]*")
_OTHER = re.compile(r"\A\s*%%(?!time\b|timeit\b|capture\b)\w+")


class NotebookModule(Embedded):
    """One notebook."""

    def __init__(self, file: SourceFile) -> None:
        cells = list(_cells(file))
        self._sql = [text for text in cells if _SQL.match(text.text)]
        end = Text("\n", (), file.path)
        python = [part for text in cells if _OTHER.match(text.text) is None for part in (_runnable(text), end)]
        super().__init__(file, "python", put_together(python, file.path), PythonModule)

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """Those of Python, and the cells that are SQL."""
        yield from super().strings(pattern)
        matches = re.compile(pattern).search
        for text in self._sql:
            lead = _SQL.match(text.text)
            if lead is not None and matches(text.text):
                yield _blanked(text, lead.end())

    def told(self, offset: int) -> str:
        """What stands there, for an account of what is no write."""
        inside = any(text.runs and text.runs[0][1] <= offset <= text.runs[-1][1] + 1 for text in self._sql)
        begin, end = self.extent
        known = inside or begin <= offset < end
        return "in no statement of a code cell that writes" if known else "not in a code cell"


def _cells(file: SourceFile) -> Iterator[Text]:
    """The sources of the code cells."""
    root = SgRoot(file.text, "json").root()
    document = next(iter(items(root)), None)
    for cell in _values(document, "cells"):
        kind = next(iter(_pairs(cell, "cell_type")), None)
        if kind is not None and kind.text() == '"code"':
            pieces = [_decoded(node, file) for node in _values(cell, "source")]
            yield put_together(pieces, file.path)


def _pairs(node: SgNode | None, name: str) -> Iterator[SgNode]:
    for pair in items(node) if node is not None and node.kind() == "object" else ():
        key, value = pair.field("key"), pair.field("value")
        if key is not None and value is not None and key.text() == f'"{name}"':
            yield value


def _values(node: SgNode | None, name: str) -> Iterator[SgNode]:
    """The items of a list under that key, or the one value."""
    for value in _pairs(node, name):
        yield from items(value) if value.kind() == "array" else [value]


def _decoded(node: SgNode, file: SourceFile) -> Text:
    if node.kind() != "string":
        return Text("", (), file.path)
    begin, end = extent_of(node)
    return decode(file.text, begin + 1, end - 1, file.path)


def _runnable(text: Text) -> Text:
    """Python alone: lines that are for the notebook or a shell become comments."""
    return Text(_MAGIC.sub(lambda match: match[0][:-1] + "#", text.text), text.runs, text.path)


def _blanked(text: Text, end: int) -> Text:
    return Text(" " * end + text.text[end:], text.runs, text.path)
