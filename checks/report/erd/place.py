"""Where the boxes and lines of a diagram stand: sizes from the texts, places and routes from the layout library."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import graphlay

from ..page import visible

if TYPE_CHECKING:
    from .model import Box, Diagram, Line, Row

# Pixels. A character of a monospaced font of 12 px is 7.2 to 7.4 px wide.
CHARACTER, ROW, HEAD, PADDING, KEY = 7.4, 20, 30, 10, 30
_LONGEST_NAME, _LONGEST_TYPE, _MARGIN = 36, 26, 16
_OPTIONS = {
    "spacing": {"layer_gap": 72.0, "node_gap": 28.0, "isolated_gap": 28.0, "isolated_max_columns": 5, "stub": 20.0},
    "routing": {"style": "orthogonal"},
}


class Cell(NamedTuple):
    """A row of a box as it is shown; `y` is its middle, in pixels below the top of the box."""

    row: Row
    name: str
    type: str
    y: float


class Placed(NamedTuple):
    """A box with its upper left corner and its size in pixels, and the texts that fit in; notes have their middle."""

    box: Box
    title: str
    cells: tuple[Cell, ...]
    notes: tuple[tuple[str, float], ...]
    x: float
    y: float
    width: float
    height: float


class Routed(NamedTuple):
    """A line with its corners in pixels, from the parent to the child."""

    line: Line
    points: tuple[tuple[float, float], ...]


class Drawing(NamedTuple):
    """A diagram with everything in its place, from (0, 0) to (width, height)."""

    boxes: tuple[Placed, ...]
    lines: tuple[Routed, ...]
    width: float
    height: float


def placed(diagram: Diagram) -> Drawing:
    """The diagram laid out: what is referred to stands to the left of what refers to it."""
    if not diagram.boxes:
        return Drawing((), (), 0, 0)
    graph = graphlay.Graph()
    sized = [_sized(box) for box in diagram.boxes]
    for each in sized:
        graph.node(each.box.name, width=each.width, height=each.height, label="")
    for line in diagram.lines:
        graph.edge(line.parent, line.child)
    found = graphlay.layout(graph, options=_OPTIONS)
    left, top = found.bounds["min"]["x"] - _MARGIN, found.bounds["min"]["y"] - _MARGIN
    boxes = tuple(
        each._replace(
            x=round(node["center"]["x"] - left - each.width / 2, 1),
            y=round(node["center"]["y"] - top - each.height / 2, 1),
        )
        for each, node in zip(sized, found.nodes, strict=True)
    )
    lines = tuple(
        Routed(line, tuple((round(point["x"] - left, 1), round(point["y"] - top, 1)) for point in edge["points"]))
        for line, edge in zip(diagram.lines, found.edges, strict=True)
    )
    right, bottom = found.bounds["max"]["x"], found.bounds["max"]["y"]
    return Drawing(boxes, lines, round(right - left + _MARGIN, 1), round(bottom - top + _MARGIN, 1))


def _sized(box: Box) -> Placed:
    title = shortened(".".join(box.name), _LONGEST_NAME + _LONGEST_TYPE)
    cells = tuple(
        Cell(row, shortened(row.name, _LONGEST_NAME), shortened(row.type, _LONGEST_TYPE), HEAD + ROW * (count + 0.5))
        for count, row in enumerate(box.rows)
    )
    notes = tuple((note, HEAD + ROW * (len(cells) + count + 0.5)) for count, note in enumerate(box.notes))
    names = max((columns(cell.name) for cell in cells), default=0)
    types = max((columns(cell.type) for cell in cells), default=0)
    texts = max((columns(note) for note, _ in notes), default=0)
    width = max((max(names + types + 4, texts) * CHARACTER + KEY), (columns(title) + 3) * CHARACTER) + 2 * PADDING
    height = HEAD + ROW * (len(cells) + len(notes)) + (6 if cells or notes else 0)
    return Placed(box, title, cells, notes, 0, 0, round(width), height)


def shortened(text: str, most: int) -> str:
    """The text with what cannot be printed spelled out, cut to `most` characters with an ellipsis."""
    shown = visible(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def columns(text: str) -> int:
    """How many columns of a monospaced font the text takes: East Asian characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
