"""Which changes the server makes in place, and which need the object dropped and made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...structure.model import Kind
from ...structure.parts import Part

if TYPE_CHECKING:
    from ...structure.model import Relation
    from ...structure.parts import Column, Policy
    from ..model import Change

SET_EXPRESSION = 170000  # the first server that has ALTER COLUMN ... SET EXPRESSION
_ENFORCEABLE = 180000  # the first server that can alter whether a foreign key is enforced
# Properties that another object of that kind is needed for.
_REMADE: dict[Kind | Part, frozenset[str]] = {
    Part.TRIGGER: frozenset({"definition", "inherited"}),
    Part.RULE: frozenset({"definition"}),
    Part.POLICY: frozenset({"command", "permissive"}),
    Kind.STATISTICS: frozenset({"definition", "table"}),
    Kind.EVENT_TRIGGER: frozenset({"event", "function", "tags"}),
    Kind.PUBLICATION: frozenset({"all_tables"}),
    Kind.MATERIALIZED_VIEW: frozenset({"definition", "access_method"}),
    Kind.AGGREGATE: frozenset({"definition", "result"}),
    Kind.RANGE: frozenset({"subtype", "opclass", "collation", "canonical", "difference", "multirange"}),
    Kind.DOMAIN: frozenset({"type", "collation"}),
}
_INDEX = frozenset({"comment", "options", "tablespace", "clustered", "parent"})  # the last by ATTACH and DETACH
_STATES = frozenset({"valid", "ready", "live"})  # of an index: no statement sets them


def in_place(change: Change, version: int) -> bool:  # noqa: PLR0911 - one line for each kind
    """Whether ALTER, COMMENT or CREATE OR REPLACE is enough on a server of that version."""
    what = change.subject.part or change.subject.kind
    names = {each.name for each in change.properties}
    if what in _REMADE and names & _REMADE[what]:
        return False
    match what:
        case Part.INDEX:
            return names - _STATES <= _INDEX | _statistics(change) and not (names & _STATES and change.new.valid)
        case Part.CONSTRAINT:
            return _constraint(change, names, version)
        case Part.COLUMN:
            return not regenerated(change.old, change.new, version)
        case Part.POLICY:
            return _policy(change.old, change.new)
        case Kind.VIEW:
            return same_head(change.old, change.new)
        case Kind.FUNCTION | Kind.PROCEDURE:
            return "result" not in names and _signature(change.old.definition) == _signature(change.new.definition)
        case _:
            return True


def _statistics(change: Change) -> frozenset[str]:
    """The keys, if only their statistics targets differ."""
    one, two = ([key._replace(statistics=None) for key in side.keys] for side in (change.old, change.new))
    return frozenset({"keys"}) if one == two else frozenset()


def _constraint(change: Change, names: set[str], version: int) -> bool:
    own = {"comment", "parent", "local"} | {f"using_index.{name}" for name in _INDEX}
    if change.new.validated and change.new.enforced:
        own.add("validated")
    if change.new.kind == "foreign key":
        own |= {"deferrable", "deferred"}
        own |= {"enforced", "validated"} if version >= _ENFORCEABLE and "enforced" in names else set()
    if "enforced" in names and change.new.kind != "foreign key":
        return False
    return names <= own


def regenerated(old: Column, new: Column, version: int) -> bool:
    """Whether the column has to be dropped and added, since it is to be generated in a way that cannot be set."""
    if not new.generated:
        return False
    return new.generated != old.generated or (new.default != old.default and version < SET_EXPRESSION)


def _policy(old: Policy, new: Policy) -> bool:
    """ALTER POLICY can set an expression and change it, but take none away."""
    return not ((old.using and not new.using) or (old.check and not new.check))


def same_head(old: Relation, new: Relation) -> bool:
    """Whether the new view has the columns of the old one first, so that CREATE OR REPLACE takes it."""

    def shapes(view: Relation) -> list[Any]:
        return [(column.name, column.type, column.collation) for column in view.columns]

    before, after = shapes(old), shapes(new)
    return after[: len(before)] == before


def _signature(definition: str) -> str:
    """What stands before LANGUAGE: name, arguments with defaults, and result (pg_get_functiondef)."""
    return definition.partition("\n LANGUAGE")[0]
