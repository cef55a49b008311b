"""A diagram as SVG: a file of its own that follows the reader's choice of light or dark, or a part of a page."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING, NamedTuple

from ..colours import DARK, LIGHT
from ..page import visible
from ..rendering import rendered
from .place import HEAD, KEY, PADDING, ROW, placed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...structure.parts import Name
    from .model import Diagram, Line
    from .place import Routed

    Point = tuple[float, float]

_ROUND, _FOOT, _HALF, _BAR, _RING = 6.0, 11.0, 6.0, 7.0, 15.0  # pixels


class Drawn(NamedTuple):
    """A line as paths: the line itself and the signs at its ends; `ring` is the middle of the sign for "or none"."""

    line: Line
    title: str
    path: str
    signs: str
    ring: Point | None


def svg(diagram: Diagram, title: str, links: Mapping[Name, str] | None = None, *, alone: bool = True) -> str:
    """The diagram; `links` leads from tables to addresses, `alone` brings the colours with it."""
    drawing = placed(diagram)
    return rendered(
        "erd.svg.j2",
        title=visible(title),
        drawing=drawing,
        lines=[_drawn(each) for each in drawing.lines],
        links=links or {},
        alone=alone,
        light=LIGHT,
        dark=DARK,
        left_out=diagram.left_out,
        sizes={"head": HEAD, "row": ROW, "padding": PADDING, "key": KEY},
    )


def _drawn(routed: Routed) -> Drawn:
    line, points = routed.line, routed.points
    at_parent, at_child = _outward(points[0], points[1]), _outward(points[-1], points[-2])
    signs = _bar(points[0], at_parent)
    signs += _bar(points[-1], at_child) if line.unique else _foot(points[-1], at_child)
    ring = _moved(points[0], at_parent, _RING) if line.optional else None
    return Drawn(line, _title(line), _path(points), "" if line.inherits else signs, ring)


def _title(line: Line) -> str:
    child, parent = ".".join(line.child), ".".join(line.parent)
    if line.inherits:
        return visible(f"{child} inherits from {parent}")
    return visible(f"{child} ({', '.join(line.columns)}) references {parent}: {line.name}")


def _outward(end: Point, towards: Point) -> Point:
    """The unit vector from the end of a line to its next corner."""
    across, down = towards[0] - end[0], towards[1] - end[1]
    length = hypot(across, down) or 1.0
    return across / length, down / length


def _moved(point: Point, by: Point, times: float, aside: float = 0.0) -> Point:
    return round(point[0] + by[0] * times - by[1] * aside, 1), round(point[1] + by[1] * times + by[0] * aside, 1)


def _bar(end: Point, out: Point) -> str:
    """Exactly one."""
    return _stroke(_moved(end, out, _BAR, _HALF), _moved(end, out, _BAR, -_HALF))


def _foot(end: Point, out: Point) -> str:
    """Many: a crow's foot."""
    apex = _moved(end, out, _FOOT)
    return _stroke(_moved(end, out, 0, _HALF), apex, _moved(end, out, 0, -_HALF))


def _stroke(*points: Point) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)


def _path(points: tuple[Point, ...]) -> str:
    """A line through the points, with round corners."""
    path = f"M{points[0][0]:g},{points[0][1]:g}"
    for before, (corner, after) in zip(points, pairwise(points[1:]), strict=False):
        back, on = _outward(corner, before), _outward(corner, after)
        room = min(_ROUND, _length(before, corner) / 2, _length(corner, after) / 2)
        start, end = _moved(corner, back, room), _moved(corner, on, room)
        path += f"L{start[0]:g},{start[1]:g}Q{corner[0]:g},{corner[1]:g} {end[0]:g},{end[1]:g}"
    return path + f"L{points[-1][0]:g},{points[-1][1]:g}"


def _length(one: Point, two: Point) -> float:
    return hypot(two[0] - one[0], two[1] - one[1])
