"""What two sources both know: the rest of their structures is made alike before they are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..structure.model import RELATIONS, Relation, Structure
from .compare import NOT_NULL_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..structure.model import Acl, Column, Object


def comparable(old: Structure, new: Structure) -> tuple[Structure, Structure, tuple[str, ...]]:
    """The two structures without what only one of them knows, and a sentence on each kind of thing left out."""
    notes: list[str] = []
    if not (old.owners and new.owners):
        old, new = _without_owners(old), _without_owners(new)
        notes.append(
            "Owners were not compared: a source that is loaded into a throwaway database belongs to whoever loads it."
        )
    if (old.server_version < NOT_NULL_ROWS) != (new.server_version < NOT_NULL_ROWS):
        old, new = _without_not_nulls(old), _without_not_nulls(new)
        notes.append("The constraints behind NOT NULL were not compared: servers have them since version 18.")
    return old, new, tuple(notes)


def _without_owners(structure: Structure) -> Structure:
    objects = {
        kind: {identity: _ownerless(found) for identity, found in members.items()}
        for kind, members in structure.objects.items()
    }
    return structure._replace(objects=objects)


def _ownerless(found: Any) -> Any:
    """An object as if nobody owned it; what its owner granted to itself goes without saying."""
    owner = getattr(found, "owner", None)
    if owner is None:
        return found
    changed: dict[str, Any] = {"owner": ""}
    if getattr(found, "acl", None) is not None:
        changed["acl"] = _granted(found.acl, owner)
    if hasattr(found, "columns"):
        changed["columns"] = tuple(
            column if column.acl is None else column._replace(acl=_granted(column.acl, owner))
            for column in found.columns
        )
    return found._replace(**changed)


def _granted(acl: Acl, owner: str) -> Acl:
    left = tuple(
        grant._replace(grantor="" if grant.grantor == owner else grant.grantor)
        for grant in acl or ()
        if grant.grantee != owner
    )
    return left or None


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
