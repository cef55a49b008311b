"""What a change costs, told from the change alone: data that are lost, locks that others wait for, or nothing.

The locks are those of PostgreSQL's documentation ("ALTER TABLE", "CREATE INDEX", "Explicit Locking"). A change that
holds one only while the catalog is written is no `LOCKS`; whoever makes it should set lock_timeout all the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..structure.definition import qualified
from ..structure.model import RELATIONS, Domain, Kind, Relation
from ..structure.parts import Part
from . import column_effects
from .model import Action, Effect, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..structure.model import Enum, Structure
    from ..structure.parts import Constraint, Index, IndexKey
    from .model import Change, Property

    Rule = Callable[[Change], Iterator[Effect]]

LOCKS, DESTRUCTIVE, CHANGE, COSMETIC = Severity.LOCKS, Severity.DESTRUCTIVE, Severity.CHANGE, Severity.COSMETIC
# Of any object or part: no statement gives another result.
_COSMETIC = {
    **dict.fromkeys(("comment", "statistics", "target", "clustered"), ""),
    **dict.fromkeys(("storage", "compression"), "the values that are there keep theirs"),
    "column_order": "statements without a list of columns see another order",
}
_BUILT = (
    "builds an index while it holds ACCESS EXCLUSIVE on the table; CREATE INDEX CONCURRENTLY and USING INDEX do not"
)
_INDEXED = "holds SHARE on the table while it is built, so that writes wait; CREATE INDEX CONCURRENTLY does not"
_INVALID = "an invalid index serves no query and no ON CONFLICT"
_CHECKED = "reads the whole table while it holds ACCESS EXCLUSIVE; NOT VALID and VALIDATE CONSTRAINT do not"
_REFERENCED = (
    "reads the whole table while it holds SHARE ROW EXCLUSIVE on both, so that writes wait;"
    " NOT VALID and VALIDATE CONSTRAINT do not"
)
# Properties of a constraint that ALTER or VALIDATE CONSTRAINT change without building or checking it under a lock.
_IN_PLACE = {"validated", "comment", "local", "parent"} | {
    f"using_index.{name}" for name in ("clustered", "comment", "options", "parent", "statistics")
}
_IN_PLACE_OF_FOREIGN_KEYS = _IN_PLACE | {"deferrable", "deferred"}
_IN_PLACE_OF_INDEXES = {"options", "comment", "clustered", "parent", "ready", "live", "statistics"}


def with_effects(changes: Iterable[Change], new: Structure) -> Iterator[Change]:
    """The changes on the way to `new`, each with what it does."""
    partitioned = {
        identity
        for identity, found in new.objects.get(Kind.TABLE, {}).items()
        if isinstance(found, Relation) and found.partition_key
    }
    checked = {
        qualified((found.schema, found.name))
        for found in new.objects.get(Kind.DOMAIN, {}).values()
        if isinstance(found, Domain) and (found.not_null or found.constraints)
    }
    for change in changes:
        effects = effects_of(change)
        if change.subject.part in (Part.INDEX, Part.CONSTRAINT) and change.subject.identity in partitioned:
            # CONCURRENTLY and NOT VALID are not for all that a partitioned table may have: no way around is told.
            effects = tuple(effect._replace(text=effect.text.partition(";")[0]) for effect in effects)
        elif _adds_column(change) and change.new.type in checked:
            effects = (Effect(LOCKS, f"{column_effects.REWRITE}: its type is a domain with constraints"),)
        yield replace(change, effects=effects)


def _adds_column(change: Change) -> bool:
    subject = change.subject
    return change.action is Action.ADDED and subject.kind is Kind.TABLE and subject.part is Part.COLUMN


def effects_of(change: Change) -> tuple[Effect, ...]:
    """What the change does, the worst first; at least one effect, whose text may be empty."""
    found = tuple(dict.fromkeys(sorted(_effects(change), key=lambda effect: effect.severity.rank)))
    told = tuple(effect for effect in found if effect.text)
    # A harmless property beside a harmful one says nothing more.
    return told if told and told[0].severity is found[0].severity else (*found[:1], *told) or (Effect(CHANGE, ""),)


def _effects(change: Change) -> Iterator[Effect]:
    what = change.subject.part or change.subject.kind
    if change.action is Action.CHANGED:
        for each in change.properties:
            yield from _property(change, each)
        if what in _CHANGED:
            yield from _CHANGED[what](change)
    elif (rule := _RULES.get((change.action, what))) is not None:
        yield from rule(change) if callable(rule) else (rule,)


def _property(change: Change, each: Property) -> Iterator[Effect]:
    """What another value of a property does, where that is told by its name."""
    what = change.subject.part or change.subject.kind
    last = each.name.rpartition(".")[2]
    if last in _COSMETIC or what is Kind.STATISTICS:
        yield Effect(COSMETIC, _COSMETIC.get(last, ""))
    elif what is Part.COLUMN:
        yield from column_effects.changed(change, each)
    elif (
        change.subject.kind in RELATIONS
        and change.subject.part is None
        and (known := _PROPERTIES.get((each.name, bool(each.new)))) is not None
    ):
        yield known
    else:
        yield Effect(CHANGE, "")


def _constraint_added(change: Change) -> Iterator[Effect]:
    constraint: Constraint = change.new
    if constraint.kind in ("primary key", "unique", "exclude"):
        yield Effect(LOCKS, _BUILT if constraint.kind != "exclude" else _BUILT.partition(";")[0])
    elif constraint.validated and constraint.enforced:
        yield Effect(LOCKS, _REFERENCED if constraint.kind == "foreign key" else _CHECKED)


def _constraint_changed(change: Change) -> Iterator[Effect]:
    in_place = _IN_PLACE_OF_FOREIGN_KEYS if change.new.kind == "foreign key" else _IN_PLACE
    if not {each.name for each in change.properties} <= in_place:
        yield from _constraint_added(change)


def _index_changed(change: Change) -> Iterator[Effect]:
    names = {each.name for each in change.properties}
    if names == {"tablespace"}:
        yield Effect(LOCKS, "is copied under ACCESS EXCLUSIVE; REINDEX CONCURRENTLY is not")
    elif "valid" in names and not change.new.valid:
        yield Effect(CHANGE, _INVALID)
    elif not names <= _IN_PLACE_OF_INDEXES and not (names == {"keys"} and _keys(change.old) == _keys(change.new)):
        yield Effect(LOCKS, _INDEXED)


def _keys(index: Index) -> list[IndexKey]:
    """The keys but for statistics targets, which are set in place."""
    return [key._replace(statistics=None) for key in index.keys]


def _index_added(change: Change) -> Iterator[Effect]:
    yield Effect(LOCKS, _INDEXED) if change.new.valid else Effect(CHANGE, _INVALID)


def _index_removed(change: Change) -> Iterator[Effect]:
    if change.old.unique and change.old.valid:
        yield Effect(CHANGE, "duplicates are no longer refused")


def _constraint_removed(change: Change) -> Iterator[Effect]:
    if change.old.enforced:
        yield Effect(CHANGE, "rows that it refuses can be stored")


def _enum_changed(change: Change) -> Iterator[Effect]:
    old: Enum = change.old
    new: Enum = change.new
    gone = [label for label in old.labels if label not in new.labels]
    other = [(one, two) for one, two in zip(old.labels, new.labels, strict=False) if one != two]
    if len(gone) == len(other) == 1 and len(old.labels) == len(new.labels):
        before, after = other[0]
        renamed = f'unless it was renamed to "{after}" (ALTER TYPE ... RENAME VALUE)'
        yield Effect(DESTRUCTIVE, f'rows can no longer hold "{before}", {renamed}')
    elif gone:
        lost = ", ".join(f'"{label}"' for label in gone)
        yield Effect(DESTRUCTIVE, f"rows can no longer hold {lost}, and the type has to be made anew")
    elif [label for label in new.labels if label in old.labels] != list(old.labels):
        yield Effect(LOCKS, "another order needs a new type, for which the tables that use it are rewritten")


def _domain_changed(change: Change) -> Iterator[Effect]:
    names = {each.name for each in change.properties}
    if names & {"type", "collation"}:
        yield Effect(
            LOCKS, "has to be made anew, for which the tables that use it are rewritten under ACCESS EXCLUSIVE"
        )
    elif set(change.new.constraints) - set(change.old.constraints) or change.new.not_null > change.old.not_null:
        yield Effect(LOCKS, "reads every table that uses it while it holds SHARE on them, so that writes wait")


def _composite_changed(change: Change) -> Iterator[Effect]:
    if gone := {each.name for each in change.old.attributes} - {each.name for each in change.new.attributes}:
        lost = ", ".join(f'"{name}"' for name in sorted(gone))
        yield Effect(DESTRUCTIVE, f"drops {lost} of every value of the type")


_PROPERTIES: dict[tuple[str, bool], Effect] = {  # of objects, by name and whether the new value is something
    ("persistence", True): Effect(LOCKS, "rewrites the table under ACCESS EXCLUSIVE"),
    ("access_method", True): Effect(LOCKS, "rewrites the table under ACCESS EXCLUSIVE"),
    ("access_method", False): Effect(LOCKS, "rewrites the table under ACCESS EXCLUSIVE"),
    ("tablespace", True): Effect(LOCKS, "copies the table under ACCESS EXCLUSIVE"),
    ("tablespace", False): Effect(LOCKS, "copies the table under ACCESS EXCLUSIVE"),
    ("partition_key", True): Effect(LOCKS, "a table with another key has to be made, and the rows copied"),
    ("partition_key", False): Effect(LOCKS, "a plain table has to be made, and the rows copied"),
    ("bound", True): Effect(LOCKS, "reads the partition under ACCESS EXCLUSIVE, unless a CHECK constraint proves it"),
    ("bound", False): Effect(CHANGE, "its rows are no longer those of the partitioned table"),
    ("row_security", True): Effect(CHANGE, "rows that no policy allows are not seen, except by the owner"),
    ("row_security", False): Effect(CHANGE, "policies no longer apply: every row is seen"),
    ("replica_identity", True): Effect(CHANGE, "subscribers get other old values"),
}
_USED = (
    Kind.VIEW,
    Kind.MATERIALIZED_VIEW,
    Kind.FOREIGN_TABLE,
    Kind.FUNCTION,
    Kind.PROCEDURE,
    Kind.AGGREGATE,
)
_RULES: dict[tuple[Action, Kind | Part], Effect | Rule] = {
    **{(Action.REMOVED, kind): Effect(CHANGE, "statements that use it fail") for kind in _USED},
    (Action.REMOVED, Kind.TABLE): Effect(DESTRUCTIVE, "drops the table with its rows"),
    (Action.REMOVED, Kind.EXTENSION): Effect(DESTRUCTIVE, "drops everything that belongs to the extension"),
    (Action.REMOVED, Kind.SEQUENCE): Effect(DESTRUCTIVE, "drops the sequence with its position"),
    (Action.REMOVED, Kind.STATISTICS): Effect(COSMETIC, "the planner estimates without them"),
    (Action.ADDED, Kind.STATISTICS): Effect(COSMETIC, "the planner has them after ANALYZE"),
    (Action.RENAMED, Kind.TABLE): Effect(CHANGE, "statements that use the old name fail"),
    (Action.RENAMED, Part.COLUMN): Effect(CHANGE, "statements that use the old name fail"),
    (Action.RENAMED, Part.INDEX): Effect(COSMETIC, ""),
    (Action.RENAMED, Part.CONSTRAINT): Effect(CHANGE, "ON CONFLICT ON CONSTRAINT needs the new name"),
    (Action.ADDED, Part.COLUMN): column_effects.added,
    (Action.REMOVED, Part.COLUMN): column_effects.removed,
    (Action.ADDED, Part.CONSTRAINT): _constraint_added,
    (Action.REMOVED, Part.CONSTRAINT): _constraint_removed,
    (Action.ADDED, Part.INDEX): _index_added,
    (Action.REMOVED, Part.INDEX): _index_removed,
}
_CHANGED: dict[Kind | Part, Rule] = {
    Part.CONSTRAINT: _constraint_changed,
    Part.INDEX: _index_changed,
    Kind.ENUM: _enum_changed,
    Kind.DOMAIN: _domain_changed,
    Kind.COMPOSITE: _composite_changed,
}
