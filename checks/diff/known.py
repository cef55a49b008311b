"""What two sources both know: the rest of their structures is made alike before they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structure.model import RELATIONS, Relation, Structure
from ..structure.owners import without_owners
from .compare import NOT_NULL_ROWS
from .unmodelled import by_name_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..structure.model import Column, Object


def comparable(old: Structure, new: Structure) -> tuple[Structure, Structure, tuple[str, ...]]:
    """The two structures without what only one of them knows, and a sentence on each kind of thing left out."""
    notes: list[str] = []
    if not (old.owners and new.owners):
        old, new = without_owners(old), without_owners(new)
        notes.append(
            "Owners were not compared: a source that is loaded into a throwaway database belongs to whoever loads it."
        )
    if (old.server_version < NOT_NULL_ROWS) != (new.server_version < NOT_NULL_ROWS):
        old, new = _without_not_nulls(old), _without_not_nulls(new)
        notes.append("The constraints behind NOT NULL were not compared: servers have them since version 18.")
    return old, new, (*notes, *by_name_only(old, new))


def _without_not_nulls(structure: Structure) -> Structure:
    objects = dict(structure.objects)
    for kind in RELATIONS:
        objects[kind] = {identity: _nullable(found) for identity, found in objects.get(kind, {}).items()}
    return structure._replace(objects=objects)


def _nullable(found: Object) -> Object:
    return found._replace(columns=tuple(_plain(found.columns))) if isinstance(found, Relation) else found


def _plain(columns: tuple[Column, ...]) -> Iterator[Column]:
    for column in columns:
        yield column if column.not_null_constraint is None else column._replace(not_null_constraint=None)
