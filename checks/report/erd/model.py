"""A diagram before it is drawn: boxes with rows, and lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...diff.model import Action
    from ...structure.parts import Name


class Row(NamedTuple):
    """A column of a table. `keys` are of "PK", "FK" and "UK"; `mark`: what happens to it in a diff."""

    name: str
    type: str
    keys: tuple[str, ...] = ()
    nullable: bool = False
    mark: Action | None = None


class Box(NamedTuple):
    """A table. `notes` stand below its rows: what is left out, or changed besides columns.

    `mark`: what happens to the table in a diff; None for one that is only near it.
    """

    name: Name
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    mark: Action | None = None


class Line(NamedTuple):
    """A foreign key from `child` to `parent` or, with `inherits`, that the child inherits from the parent.

    `optional`: a row of the child may have no parent; `unique`: a parent has one child at most.
    """

    name: str
    child: Name
    parent: Name
    columns: tuple[str, ...] = ()
    optional: bool = False
    unique: bool = False
    inherits: bool = False
    mark: Action | None = None


class Diagram(NamedTuple):
    """Boxes and lines, each sorted; lines are between boxes that are there. `left_out` boxes are too many to draw."""

    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    left_out: int = 0
