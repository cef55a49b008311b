"""A structure as the statements that create it, in an order that works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import quoted
from ..definition import qualified
from ..model import RELATIONS, ROUTINES, Kind, Relation, Sequence
from . import others, parts, privileges, tables
from .statement import Statement, ordered
from .tables import NOT_NULL_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import DefaultPrivileges, Structure
    from ..parts import Name

__all__ = ["NOT_NULL_ROWS", "SESSION", "Maker", "Statement", "create", "ordered"]

# What the statements need of the session: bodies of functions may name what comes later (as pg_dump sets it).
SESSION = ("SET check_function_bodies = false", "SET search_path = ''")

_TABLES = (Kind.TABLE, Kind.FOREIGN_TABLE)
_VIEWS = (Kind.VIEW, Kind.MATERIALIZED_VIEW)
_FIRST = (Kind.SCHEMA, Kind.EXTENSION)
_LAST = (Kind.PUBLICATION, Kind.EVENT_TRIGGER, Kind.DEFAULT_PRIVILEGES)
_MADE_BY_INITDB = "public"


def create(structure: Structure) -> list[Statement]:
    """Statements that make everything in the structure in an empty database, whose session is as in SESSION."""
    maker = Maker(structure)
    members = [(kind, found) for kind in Kind for found in structure.objects.get(kind, {}).values()]
    first = [each for kind, found in members if kind in _FIRST for each in maker.object(kind, found)]
    last = [each for kind, found in members if kind in _LAST for each in maker.object(kind, found)]
    middle = [each for kind, found in members if kind not in (*_FIRST, *_LAST) for each in maker.object(kind, found)]
    for finish in (maker.keyed, maker.attached, maker.linked, maker.guarded):
        middle += [
            each for kind, found in members if kind in RELATIONS and isinstance(found, Relation)
            for each in finish(kind, found)
        ]  # fmt: skip
    return [*first, *ordered(middle), *ordered(last)]


class Maker:
    """Makes the statements of the objects of one structure."""

    def __init__(self, structure: Structure) -> None:
        self.version = structure.server_version
        self.structure = structure
        routines = frozenset(
            (identity[0], identity[1]) for kind in ROUTINES for identity in structure.objects.get(kind, {})
        )
        self.tables = tables.Tables(self.relation, routines, self.version)

    def relation(self, name: Name) -> Relation | None:
        """The relation of that name."""
        for kind in RELATIONS:
            found = self.structure.objects.get(kind, {}).get(name)
            if isinstance(found, Relation):
                return found
        return None

    def object(self, kind: Kind, found: object) -> Iterator[Statement]:
        """What makes the object with its owner, privileges and comment; of a relation, also its columns."""
        if isinstance(found, Relation):
            yield from self._relation(kind, found)
        elif kind is Kind.DEFAULT_PRIVILEGES:
            yield from default_privileges(None, found, self.version)  # type: ignore[arg-type]
        elif kind is not Kind.OTHER:
            if not (kind is Kind.SCHEMA and found.name == _MADE_BY_INITDB):  # type: ignore[attr-defined]
                yield from others.create(kind, found)  # type: ignore[arg-type]
            yield from others.attributes(kind, found, self.version)  # type: ignore[arg-type]
            if isinstance(found, Sequence) and found.owned_by:
                yield others.owned(found)

    def _relation(self, kind: Kind, found: Relation) -> Iterator[Statement]:
        name = qualified(found[:2])
        if kind in _VIEWS:
            yield tables.view(found, kind)
        else:
            yield from self.tables.create(found, kind)
        yield from others.attributes(kind, found, self.version)
        for column in found.columns:
            if kind is Kind.VIEW and column.default is not None:
                yield Statement(f"ALTER VIEW {name} ALTER COLUMN {quoted(column.name)} SET DEFAULT {column.default}")
            yield from parts.attributes(column, name, self.version)

    def keyed(self, kind: Kind, found: Relation) -> Iterator[Statement]:
        """Indexes, and what constraints and indexes have besides."""
        name = qualified(found[:2])
        for constraint in found.constraints:
            if tables.own(constraint, found):
                attributes = parts.constraint_attributes(constraint, found[:2], name)
                yield from attributes if constraint.kind != "foreign key" else ()
        for index in found.indexes:
            yield parts.add_index(index, found[:2], only=found.partition_key is not None)
            yield from parts.index_attributes(index, found[:2], name)
        yield from self._identity(kind, found)

    def _identity(self, kind: Kind, found: Relation) -> Iterator[Statement]:
        if kind in _TABLES and found.replica_identity != "default":
            yield replica_identity(found)

    def attached(self, kind: Kind, found: Relation) -> Iterator[Statement]:
        """ATTACH PARTITION."""
        if kind in _TABLES:
            yield from self.tables.attached(found)

    def linked(self, _kind: Kind, found: Relation) -> Iterator[Statement]:
        """Foreign keys."""
        name = qualified(found[:2])
        for constraint in found.constraints:
            if constraint.kind == "foreign key" and tables.own(constraint, found):
                yield parts.add_constraint(constraint, name)
                yield from parts.constraint_attributes(constraint, found[:2], name)

    def guarded(self, _kind: Kind, found: Relation) -> Iterator[Statement]:
        """Triggers, rules, policies and row security."""
        name = qualified(found[:2])
        for trigger in found.triggers:
            if not trigger.inherited:
                yield from parts.trigger(trigger, name)
        for rule in found.rules:
            yield from parts.rule(rule, name)
        for policy in found.policies:
            yield from parts.policy(policy, found[:2], name)
        if found.row_security:
            yield Statement(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        if found.force_row_security:
            yield Statement(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")


def replica_identity(table: Relation) -> Statement:
    """ALTER TABLE ... REPLICA IDENTITY, which needs the index that it names."""
    kind, _, index = table.replica_identity.partition(" ")
    what = f"USING INDEX {quoted(index)}" if index else kind.upper()
    name = qualified(table[:2])
    needs = f"{name} {quoted(table.schema)}.{quoted(index)}" if index else name
    return Statement(f"ALTER TABLE ONLY {name} REPLICA IDENTITY {what}", needs=needs)


def default_privileges(
    old: DefaultPrivileges | None, new: DefaultPrivileges | None, version: int
) -> Iterator[Statement]:
    """ALTER DEFAULT PRIVILEGES. For one schema they add to those for all: nothing is there by default."""
    about = new or old
    if about is None:
        return
    where = f" IN SCHEMA {quoted(about.schema)}" if about.schema else ""
    role = f" FOR ROLE {quoted(about.role)}" if about.role else ""
    before = f"ALTER DEFAULT PRIVILEGES{role}{where} "
    usual = () if about.schema else None
    one, two = old.acl if old else usual, new.acl if new else usual
    word = about.objects.upper()
    yield from privileges.grants(one, two, word, "", "" if about.schema else about.role, version=version, before=before)
