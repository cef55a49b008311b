"""A role with all whose privileges it has, and what gives it a privilege."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from ..catalog.acl import PUBLIC, Privilege, grants
from ..errors import SchemaError

if TYPE_CHECKING:
    from ..catalog.catalog import Catalog
    from ..catalog.model import Schema

_MOST_NAMED = 12
_READ_ALL, _WRITE_ALL = "pg_read_all_data", "pg_write_all_data"
# What the two predefined roles give (pg_class_aclmask_ext and pg_namespace_aclmask of aclchk.c).
_BY_READING = frozenset({Privilege.SELECT})
_BY_WRITING = frozenset({Privilege.INSERT, Privilege.UPDATE})


@dataclass(frozen=True, slots=True)
class Actor:
    """A role; `roles` are the names of those whose privileges it has, by OID, its own first (has_privs_of_role)."""

    name: str
    superuser: bool
    bypasses_row_security: bool
    roles: dict[int, str]

    @property
    def names(self) -> frozenset[str]:
        """Of all whose privileges it has."""
        return frozenset(self.roles.values())

    def has_privileges_of(self, oid: int) -> bool:
        """Whether it has all privileges of that role."""
        return self.superuser or oid in self.roles

    def given(self, privilege: Privilege, acl: str | None, owner: int, what: str) -> str | None:
        """What gives it the privilege on an object of kind `what`, by its list of grants; None: nothing does."""
        if self.superuser:
            return f'"{self.name}" is a superuser'
        if acl is None:
            return f"owner {self._told(self.roles[owner])}" if owner in self.roles else None
        allowed = [grant.grantee for grant in grants(acl) if privilege in grant.privileges]
        known = [name for name in (*self.roles.values(), PUBLIC) if name in allowed]
        return f"grant on the {what} to {self._told(known[0])}" if known else None

    def may_call(self, acl: str | None, owner: int) -> bool:
        """Whether it may call a function; everybody may unless that was revoked (acldefault of acl.c)."""
        return acl is None or self.given(Privilege.EXECUTE, acl, owner, "function") is not None

    def may_use(self, schema: Schema) -> bool:
        """Whether it may look for names in a schema."""
        given = self.given(Privilege.USAGE, schema.acl, schema.owner, "schema")
        return (given or self.predefined(Privilege.USAGE, schema=True)) is not None

    def predefined(self, privilege: Privilege, *, schema: bool = False) -> str | None:
        """The same by one of the roles that may read, or write, everything."""
        for role, privileges in ((_READ_ALL, _BY_READING), (_WRITE_ALL, _BY_WRITING)):
            if role in self.names and (schema or privilege in privileges):
                return f'member of "{role}"'
        return None

    def _told(self, name: str) -> str:
        if name == PUBLIC:
            return "PUBLIC"
        return f'"{name}"' if name == self.name else f'"{name}", whose privileges "{self.name}" has'


def actor(catalog: Catalog, oid: int) -> Actor | None:
    """The role of that OID; None if the catalog does not have it."""
    roles = catalog.roles
    if oid not in roles:
        return None
    found: dict[int, str] = {}
    left = [oid]
    while left:
        one = left.pop(0)
        if one in roles and one not in found:
            found[one] = roles[one].name
            left.extend(roles[one].member_of)
    role = roles[oid]
    return Actor(role.name, role.superuser, role.superuser or role.bypasses_row_security, found)


def actor_named(catalog: Catalog, name: str) -> Actor | None:
    """The role of that name."""
    return next((actor(catalog, oid) for oid, role in catalog.roles.items() if role.name == name), None)


def require(catalog: Catalog, name: str) -> None:
    """Raise SchemaError, with the nearest name, for a role that a catalog does not have, if it has roles at all."""
    known = [role.name for role in catalog.roles.values()]
    if not known or name in known:
        return
    own = {one.lower(): one for one in known if not one.startswith("pg_")}
    near = get_close_matches(name.lower(), own, n=1)
    listed = [*own.values()][:_MOST_NAMED]
    more = f" and {len(own) - len(listed)} more" if len(own) > len(listed) else ""
    hint = f'Did you mean "{own[near[0]]}"?' if near else f"It has {', '.join(listed)}{more}."
    raise SchemaError(f'role "{name}" does not exist in the catalog', hint)
