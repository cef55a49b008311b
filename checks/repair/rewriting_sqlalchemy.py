"""Edits of the arguments of SQLAlchemy's `on_conflict_do_update` and `on_conflict_do_nothing`."""

from __future__ import annotations

import ast
import re
from itertools import accumulate
from typing import TYPE_CHECKING

from .definitions import predicate_of
from .model import Edit, InferIndex, NameConstraint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..catalog.model import Index
    from .edits import Source
    from .model import Wanted

# Lines as Python counts them: LF, CR and CRLF end one, nothing else does.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_METHODS = ("on_conflict_do_update", "on_conflict_do_nothing")


def spellings(source: Source, offset: int, wanted: Wanted) -> Iterator[tuple[Edit, ...]]:
    """The keyword arguments that say the target, changed; none where they are given by position or by `**`."""
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError):
        return
    places = _Places(source.text)
    call = next((c for c in ast.walk(tree) if isinstance(c, ast.Call) and _named_at(c, places) == offset), None)
    if call is None or call.args or any(keyword.arg is None for keyword in call.keywords):
        return
    given = {str(keyword.arg): keyword for keyword in call.keywords}
    match wanted:
        case InferIndex(index):
            yield tuple(_inferring(index, given, call, tree, places))
        case NameConstraint(name):
            old = given.get("index_elements") or given.get("constraint")
            if old is not None and "index_where" not in given:
                yield (Edit(*places.of(old), f"constraint={name!r}"),)
        case _:
            return


class _Places:
    """Offsets in characters from ast's lines and UTF-8 columns."""

    def __init__(self, text: str) -> None:
        self._lines = _LINE.findall(text)
        self._starts = [0, *accumulate(len(line) for line in self._lines)]

    def at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def of(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        return (
            self.at(node.lineno, node.col_offset),
            self.at(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset),
        )


def _named_at(call: ast.Call, places: _Places) -> int | None:
    """Where the name of the called method stands."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _METHODS:
        return None
    return places.of(function)[1] - len(function.attr)


def _inferring(
    index: Index, given: dict[str, ast.keyword], call: ast.Call, tree: ast.Module, places: _Places
) -> Iterator[Edit]:
    text, imported = _text_of(tree, places)
    elements = ", ".join(_element(key.column, key.expression, text) for key in index.keys)
    predicate, said = predicate_of(index), f"index_elements=[{elements}]"
    where = "" if predicate is None else f"index_where={text}({predicate!r})"
    if where and "index_where" in given:
        yield Edit(*places.of(given["index_where"]), where)
    elif where:
        said = f"{said}, {where}"
    old = given.get("index_elements") or given.get("constraint")
    if old is not None:
        yield Edit(*places.of(old), said)
    else:
        opening = places.of(call.func)[1] + 1
        yield Edit(opening, opening, f"{said}, " if call.keywords else said)
    if imported is not None and (where or any(key.column is None for key in index.keys)):
        yield imported


def _element(column: str | None, expression: str | None, text: str) -> str:
    return repr(column) if column is not None else f"{text}({expression!r})"


def _text_of(tree: ast.Module, places: _Places) -> tuple[str, Edit | None]:
    """How the file calls sqlalchemy.text, and the import that it lacks."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in ("sqlalchemy", "sqlalchemy.sql"):
            named = next((alias for alias in node.names if alias.name == "text"), None)
            if named is not None:
                return named.asname or "text", None
        elif isinstance(node, ast.Import):
            module = next((alias for alias in node.names if alias.name == "sqlalchemy"), None)
            if module is not None:
                return f"{module.asname or 'sqlalchemy'}.text", None
    first = next((n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom) and not _is_future(n)), None)
    if first is None:
        return "text", None
    start = places.at(first.lineno, first.col_offset)
    return "text", Edit(start, start, "from sqlalchemy import text\n")


def _is_future(node: ast.Import | ast.ImportFrom) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"
