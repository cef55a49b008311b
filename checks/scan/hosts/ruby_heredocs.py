"""Heredocs, whose text stands below the line that it is a part of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Text
from .nodes import extent_of, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value
    from .tree import Tree

_TAB = 8  # columns, as Ruby counts them


class Heredocs:
    """Which text belongs to which `<<~SQL` of a file."""

    def __init__(self, tree: Tree) -> None:
        self._bodies: dict[int, SgNode] = {}
        self._openings: dict[int, SgNode] = {}
        openings = tree.find_all("heredoc_beginning")
        for body in tree.find_all("heredoc_body"):
            opening = next((one for one in openings if _opens(one, body)), None)
            if opening is not None:
                openings.remove(opening)
                self._bodies[start(opening)] = body
                self._openings[start(body)] = opening

    def body(self, opening: SgNode) -> SgNode | None:
        """The text of a heredoc."""
        return self._bodies.get(start(opening))

    def opening(self, body: SgNode) -> SgNode | None:
        """Where a text is used."""
        return self._openings.get(start(body))


def _opens(opening: SgNode, body: SgNode) -> bool:
    closing = next((child for child in body.children() if child.kind() == "heredoc_end"), None)
    return closing is not None and start(opening) < start(body) and _tag(opening) == closing.text().strip()


def _tag(opening: SgNode) -> str:
    return opening.text().lstrip("<~-").strip("\"'`")


def pieces(opening: SgNode, body: SgNode, source: str, path: str, hole: Callable[[SgNode], Value]) -> list[Value]:
    """The parts of a heredoc as it is at run time: indentation stripped, escapes decoded, interpolations by `hole`."""
    begin = source.find("\n", *extent_of(body)) + 1
    closing = next(child for child in body.children() if child.kind() == "heredoc_end")
    end = source.rfind("\n", begin - 1, start(closing)) + 1
    plain = "'" in opening.text()
    holes = [] if plain else [child for child in body.children() if child.kind() == "interpolation"]
    indent = _indent(source, begin, end, holes) if opening.text().startswith("<<~") else 0
    parts: list[Value] = []
    for child in [*holes, None]:
        stop = end if child is None else start(child)
        if stop > begin:
            kept = _stripped(source, begin, stop, indent)
            parts.append(_spliced([decode(source, a, b, path, escapes=not plain) for a, b in kept], path))
        if child is not None:
            parts.append(hole(child))
            begin = extent_of(child)[1]
    return parts or [Text("", ((0, begin),), path)]


def _lines(source: str, begin: int, end: int) -> list[tuple[int, int]]:
    """The lines that start in a part of the source, as extents, line ends included."""
    found, at = [], begin
    while at < end:
        after = source.find("\n", at, end) + 1 or end
        found.append((at, after))
        at = after
    return found


def _indent(source: str, begin: int, end: int, holes: list[SgNode]) -> int:
    """How far the least indented line is, lines of nothing but blanks and those inside of interpolations left out."""
    inside = [extent_of(hole) for hole in holes]
    widths = [
        _width(source[a:b])
        for a, b in _lines(source, begin, end)
        if source[a:b].strip() and not any(x < a < y for x, y in inside)
    ]
    return min(widths, default=0)


def _width(line: str) -> int:
    width = 0
    for char in line:
        if char == "\t":
            width = (width // _TAB + 1) * _TAB
        elif char == " ":
            width += 1
        else:
            break
    return width


def _stripped(source: str, begin: int, end: int, indent: int) -> list[tuple[int, int]]:
    """The extents of a part that stay when each line that starts in it loses its indentation."""
    kept = []
    for at, after in _lines(source, begin, end):
        cut = at
        if at == 0 or source[at - 1] == "\n":
            while cut < after and source[cut] in " \t" and _width(source[at : cut + 1]) <= indent:
                cut += 1
        kept.append((cut, after))
    return kept


def _spliced(texts: list[Text], path: str) -> Text:
    """Texts one after the other, as one."""
    runs: list[tuple[int, int]] = []
    length = 0
    for text in texts:
        runs += [(length + at, offset) for at, offset in text.runs if text.text]
        length += len(text.text)
    return Text("".join(text.text for text in texts), tuple(runs), path)
