"""Takes the owners out of a structure: those of a throwaway database say nothing about the source loaded into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Composite, Domain, Enum, Range, Relation, Routine

if TYPE_CHECKING:
    from .model import Acl, Structure

# What PUBLIC may use by default: no grants at all is then something else than the default (acldefault of acl.c).
_OPEN = (Composite, Domain, Enum, Range, Routine)


def without_owners(structure: Structure) -> Structure:
    """The structure as if nobody owned anything; what an owner granted to itself goes without saying."""
    objects = {
        kind: {identity: _ownerless(found) for identity, found in members.items()}
        for kind, members in structure.objects.items()
    }
    return structure._replace(objects=objects)


def _ownerless(found: Any) -> Any:
    owner = getattr(found, "owner", None)
    if owner is None:
        return found
    changed: dict[str, Any] = {"owner": ""}
    if getattr(found, "acl", None) is not None:
        changed["acl"] = _granted(found.acl, owner) or (() if isinstance(found, _OPEN) else None)
    if isinstance(found, Relation):
        changed["columns"] = tuple(
            column if column.acl is None else column._replace(acl=_granted(column.acl, owner) or None)
            for column in found.columns
        )
    return found._replace(**changed)


def _granted(acl: Acl, owner: str) -> Acl:
    return tuple(
        grant._replace(grantor="" if grant.grantor == owner else grant.grantor)
        for grant in acl or ()
        if grant.grantee != owner
    )
