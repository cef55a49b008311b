"""Names in a parse tree: qualified ones, and those that a hole makes unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import QualifiedName
from .walk import texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .parser import Node

# The characters around a hole's index (holes.py). The scanner takes both as letters of an identifier, so a hole
# survives parsing inside any name; a long name may be cut off after the first.
_HOLE_MARKS = ("\ue000", "\ue001")


def is_unknown(name: str) -> bool:
    """Whether a part of the name is only known at run time."""
    return any(mark in name for mark in _HOLE_MARKS)


def unknown_names(node: Node) -> bool:
    """Whether anything below the node is only known at run time."""
    return any(is_unknown(text) for text in texts(node))


def qualified(parts: Sequence[str]) -> QualifiedName:
    """A dotted name; of `database.schema.name` the database is left out."""
    return QualifiedName(parts[-2] if len(parts) > 1 else None, parts[-1])


def relation_name(relation: Node) -> QualifiedName | None:
    """The name of a RangeVar, None when a hole is in it."""
    return None if is_unknown(relation.schemaname) else table_name(relation)


def table_name(relation: Node) -> QualifiedName | None:
    """The name of a RangeVar, None when a hole is in that of the table; without a schema when a hole is in that."""
    if is_unknown(relation.relname):
        return None
    return QualifiedName(None if is_unknown(relation.schemaname) else relation.schemaname or None, relation.relname)
