"""Takes the owners out of a structure: those of a throwaway database say nothing about the source loaded into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .model import Composite, DefaultPrivileges, Domain, Enum, Kind, Range, Relation, Routine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Object, Structure
    from .parts import Grant

# What PUBLIC may use by default: no grants at all is then something else than the default (acldefault of acl.c).
_OPEN = (Composite, Domain, Enum, Range, Routine)


def without_owners(structure: Structure) -> Structure:
    """The structure as if nobody owned anything; what an owner granted to itself goes without saying."""
    objects = {
        kind: {identity: _ownerless(found) for identity, found in members.items()}
        for kind, members in structure.objects.items()
    }
    privileges = _default_privileges(structure)
    objects[Kind.DEFAULT_PRIVILEGES] = dict(sorted(privileges.items()))
    return structure._replace(objects=objects)


def _default_privileges(structure: Structure) -> dict[tuple[str, ...], Object]:
    """Those of roles that own something here become nobody's; where that makes two into one, it has the grants of both.

    ALTER DEFAULT PRIVILEGES without FOR ROLE is for whoever runs it, as the owner of a new object is.
    """
    owners = {getattr(found, "owner", "") for members in structure.objects.values() for found in members.values()}
    made: dict[tuple[str, ...], Object] = {}
    for found in structure.objects.get(Kind.DEFAULT_PRIVILEGES, {}).values():
        if not isinstance(found, DefaultPrivileges):
            continue
        role = "" if found.role in owners else found.role
        acl = _granted(found.acl, found.role)
        identity = (role, found.schema, found.objects)
        before = made.get(identity)
        if isinstance(before, DefaultPrivileges):
            acl = tuple(sorted({*(before.acl or ()), *acl}))
        made[identity] = DefaultPrivileges(*identity, acl)
    return made


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


def _granted(acl: Iterable[Grant] | None, owner: str) -> tuple[Grant, ...]:
    return tuple(
        grant._replace(grantor="" if grant.grantor == owner else grant.grantor)
        for grant in acl or ()
        if grant.grantee != owner
    )
