"""Tables and their foreign keys as rows, boxes and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...structure.model import Kind, Relation
from .model import Line, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ...structure.model import Structure
    from ...structure.parts import Column, Constraint, Name

KINDS = (Kind.TABLE, Kind.FOREIGN_TABLE)
_KEYS = {"primary key": "PK", "foreign key": "FK", "unique": "UK"}


def tables(structure: Structure) -> dict[Name, Relation]:
    """Every table and foreign table but partitions, whose columns and keys are those of what they are part of."""
    return {
        (found.schema, found.name): found
        for kind in KINDS
        for found in structure.objects.get(kind, {}).values()
        if isinstance(found, Relation) and found.bound is None
    }


def roots(structure: Structure) -> dict[Name, Name]:
    """Of each partition, the table that is divided."""
    parts = {
        (found.schema, found.name): found.parents[0]
        for kind in KINDS
        for found in structure.objects.get(kind, {}).values()
        if isinstance(found, Relation) and found.bound is not None and found.parents
    }
    return {name: _root(name, parts) for name in parts}


def _root(name: Name, parts: Mapping[Name, Name]) -> Name:
    while name in parts:
        name = parts[name]
    return name


def keys(relation: Relation) -> dict[str, tuple[str, ...]]:
    """Of each column in a key, which kinds of key it is in: PK, FK, UK, in this order."""
    found: dict[str, set[str]] = {}
    for constraint in relation.constraints:
        if constraint.kind in _KEYS:
            for column in constraint.columns:
                found.setdefault(column, set()).add(_KEYS[constraint.kind])
    for index in relation.indexes:
        if index.unique and index.predicate is None:
            for key in index.keys:
                found.setdefault(key.key, set()).add("UK")
    order = ("PK", "FK", "UK")
    return {column: tuple(key for key in order if key in kinds) for column, kinds in found.items()}


def row(column: Column, of: Mapping[str, tuple[str, ...]]) -> Row:
    """The row of a column, with its keys."""
    return Row(column.name, column.type, of.get(column.name, ()), nullable=not column.not_null)


def lines(relation: Relation, root_of: Mapping[Name, Name]) -> Iterator[Line]:
    """What the table refers to and what it inherits from; a reference to a partition leads to the whole."""
    child = (relation.schema, relation.name)
    for constraint in relation.constraints:
        if constraint.kind == "foreign key" and constraint.references is not None:
            yield line(relation, constraint, root_of)
    for parent in relation.parents:
        yield Line("", child, root_of.get(parent, parent), inherits=True)


def line(relation: Relation, constraint: Constraint, root_of: Mapping[Name, Name]) -> Line:
    """A foreign key of the table as a line."""
    assert constraint.references is not None  # noqa: S101 - a foreign key references something
    nullable = {column.name for column in relation.columns if not column.not_null}
    return Line(
        constraint.name,
        (relation.schema, relation.name),
        root_of.get(constraint.references, constraint.references),
        constraint.columns,
        optional=not nullable.isdisjoint(constraint.columns),
        unique=any(set(key) <= set(constraint.columns) for key in _unique(relation)),
    )


def _unique(relation: Relation) -> Iterator[tuple[str, ...]]:
    """The lists of columns that no two rows agree on."""
    for constraint in relation.constraints:
        if constraint.kind in ("primary key", "unique"):
            yield constraint.columns
    for index in relation.indexes:
        if (
            index.unique
            and index.valid
            and index.predicate is None
            and not any(key.is_expression for key in index.keys)
        ):
            yield tuple(key.key for key in index.keys)
