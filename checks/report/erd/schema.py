"""The diagram of a schema, or of some of its tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ...wording import plural
from .model import Box, Diagram
from .relations import keys, lines, roots, row, tables

if TYPE_CHECKING:
    from collections.abc import Container

    from ...structure.model import Relation, Structure
    from ...structure.parts import Name


def of_structure(structure: Structure, chosen: Container[Name] | None = None) -> Diagram:
    """All tables with all columns, or the `chosen` ones, a partition standing for the whole that it is part of."""
    root_of = roots(structure)
    wanted = (
        None
        if chosen is None
        else {root_of.get(name, name) for name in (*tables(structure), *root_of) if name in chosen}
    )
    found = {name: table for name, table in tables(structure).items() if wanted is None or name in wanted}
    partitions = Counter(root_of.values())
    boxes = tuple(_box(name, table, partitions[name]) for name, table in sorted(found.items()))
    drawn = {line for table in found.values() for line in lines(table, root_of) if line.parent in found}
    return Diagram(boxes, tuple(sorted(drawn)))


def _box(name: Name, table: Relation, partitions: int) -> Box:
    of = keys(table)
    notes = (plural(partitions, "partition"),) if partitions else ()
    return Box(name, tuple(row(column, of) for column in table.columns), notes)
