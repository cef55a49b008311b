"""A diff as steps: names first, then what is dropped, then what is made and altered, each where it works."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...structure import ddl
from ...structure.ddl import Maker, others, parts, tables
from ...structure.ddl.statement import Statement, order
from ...structure.definition import column_sql, qualified
from ...structure.model import PARTS, RELATIONS, TYPES, Enum, Kind, Relation
from ...structure.parts import Column, Part
from ..model import Action, Change, Subject
from . import columns, naming, objects, relations, swaps
from . import online as in_use
from .applied import applied, is_renamed_relation
from .drops import Drops
from .gone import Gone, gone
from .model import EXCLUSIVE, Plan, Step, Unwritten
from .unwritten import INVALID, PARENTLESS, misplaced, parentless, unwritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...structure.model import Structure
    from ...structure.parts import Name
    from ..model import Diff

_EARLY = (Kind.SCHEMA, Kind.EXTENSION)
_LATE = (Kind.PUBLICATION, Kind.EVENT_TRIGGER, Kind.DEFAULT_PRIVILEGES)
_WHOLE = (Kind.DOMAIN, Kind.RANGE, Kind.COMPOSITE)  # what of them is not written keeps the rest from being written
_ATTRIBUTES = {part: attribute for attribute, (part, _) in PARTS.items()}


def plan(diff: Diff, *, online: bool = False) -> Plan:
    """The steps from the old structure of the diff to the new one.

    `online`: with steps that leave tables in use while indexes are built and rows are checked, where there are such.
    """
    if any(side.structure.extent is not None and side.structure.extent.coarse for side in (diff.old, diff.new)):
        reason = "a source that tells no types says too little for a statement"
        return Plan((), tuple(Unwritten(change.subject, reason) for change in diff.changes))
    moved, changes = applied(diff)
    left_out = tuple(each for change in changes for each in unwritten(change, diff.old.structure, diff.new.structure))
    left_out += tuple(parentless(changes))
    skipped = {each.subject for each in left_out if each.subject.kind in _WHOLE or each.reason in (PARENTLESS, INVALID)}
    changes = tuple(change for change in changes if change.subject not in skipped)
    swapped, more = swaps.swapped(changes, moved)
    found = gone(
        moved, [change for change in changes if change.subject not in {each.subject for each in more}], swapped
    )
    left_out += tuple(misplaced(moved, diff.new.structure, _columns_made(changes, found), left_out))
    planner = _Planner(moved, diff.new.structure, found, swapped, online=online)
    planner.not_null = {
        (change.subject.identity, change.subject.name)
        for change in changes
        if change.subject.part is Part.COLUMN and any(each.name == "not_null" for each in change.properties)
    }
    named = [change for change in diff.changes if is_renamed_relation(change)]
    steps = (
        *planner.early(changes),
        *naming.renamed(named),
        *(step for change in changes if _of_table(change) for step in relations.left(change)),
        *planner.released(changes),
        *planner.dropped(Drops(moved, diff.new.structure, found).steps()),
        *_sorted(planner.made(changes)),
        *planner.late(changes),
    )
    return Plan(tuple(sorted(steps, key=lambda step: step.late)), (*left_out, *more))


def _columns_made(changes: Iterable[Change], found: Gone) -> dict[Subject, list[str]]:
    """Columns that are added, and made again, by their table."""
    made: dict[Subject, list[str]] = {}
    added = (change.subject for change in changes if change.action is Action.ADDED)
    for subject in (*added, *(each for each, again in found.dropped.items() if again)):
        if subject.part is Part.COLUMN:
            made.setdefault(subject._replace(part=None, name=None), []).append(subject.name or "")
    return made


def _of_table(change: Change) -> bool:
    return change.action is Action.CHANGED and change.subject.part is None and isinstance(change.new, Relation)


def _sorted(steps: Iterable[Step]) -> Iterator[Step]:
    given = list(steps)
    return (given[index] for index in order([(each.statement.makes, each.statement.mentioned()) for each in given]))


class _Planner:
    """Makes the steps of one diff."""

    def __init__(self, old: Structure, new: Structure, found: Gone, swapped: dict[Name, Enum], *, online: bool) -> None:
        self.online = online
        self.not_null: set[tuple[tuple[str, ...], str | None]] = set()
        self.old, self.new, self.gone, self.swapped = old, new, found, swapped
        self.version = old.server_version
        self.maker = Maker(new)

    def dropped(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The drops, as they are wanted."""
        for step in steps:
            relation = self.old.objects[step.subject.kind].get(step.subject.identity)
            yield in_use.dropped(step, relation) if self.online and isinstance(relation, Relation) else step

    def early(self, changes: Iterable[Change]) -> Iterator[Step]:
        """Schemas and extensions that come, and labels of enum types: whatever follows may use them."""
        for change in changes:
            kind = change.subject.kind
            if change.action is Action.ADDED and kind in _EARLY:
                yield from (Step(statement, change.subject) for statement in self.maker.object(kind, change.new))
            elif change.action is Action.CHANGED and isinstance(change.new, Enum):
                yield from self._labels(change)

    def _labels(self, change: Change) -> Iterator[Step]:
        if change.old.labels == change.new.labels or change.new[:2] in self.swapped:
            return
        for statement in objects.added_labels(change.old, change.new) or ():
            yield Step(statement, change.subject, transactional=False)

    def released(self, changes: Iterable[Change]) -> Iterator[Step]:
        """Sequences that would go along with the column that owns them, and columns that are no longer generated."""
        for change in changes:
            if change.action is Action.CHANGED and change.subject.part is Part.COLUMN:
                yield from columns.ungenerated(change)
            if change.subject.kind is not Kind.SEQUENCE or change.action is not Action.CHANGED:
                continue
            if change.old.owned_by and change.new.owned_by != change.old.owned_by:
                yield Step(others.owned(change.new._replace(owned_by=None)), change.subject)

    def made(self, changes: tuple[Change, ...]) -> Iterator[Step]:
        """Everything that is made, made again or altered, in the order of kinds; `_sorted` moves what needs more."""
        for change in changes:
            if change.action is Action.RENAMED:
                before = change.subject._replace(name=change.old.name)
                yield from () if before in self.gone.dropped else (naming.part_renamed(change),)
        yield from swaps.moved(self.swapped, self.maker, self.old)
        wanted = self._wanted(changes)
        objects_made = [(kind, found) for kind, found in wanted if kind not in (*_EARLY, *_LATE)]
        for kind, found in objects_made:
            yield from self._new(kind, found, self.maker.object(kind, found))
        yield from self._parts(changes, objects_made)
        finishes = (self.maker.attached, self.maker.linked, self.maker.guarded)
        for place, finish in enumerate(finishes):
            for kind, found in objects_made:
                if isinstance(found, Relation):
                    yield from self._new(kind, found, finish(kind, found))
            if not place:
                yield from (step for change in changes if _of_table(change) for step in relations.joined(change))
        yield from swaps.done(self.swapped)

    def _parts(self, changes: tuple[Change, ...], made: list[tuple[Kind, Any]]) -> Iterator[Step]:
        """What is altered, parts that come, and then what new relations have of keys."""
        ordinary = [change for change in changes if change.action is Action.CHANGED]
        for change in ordinary:
            if not self._goes(change.subject) and change.subject.kind not in _LATE:
                yield from self._changed(change)
        for table, column in self._defaults(ordinary):
            yield Step(parts.default(column, qualified(table[1])), _column(table, column), EXCLUSIVE)
        for subject in sorted(self._coming(changes), key=self._place):
            yield from self._again(subject)
        yield from self._identities(changes)
        for kind, found in made:
            if isinstance(found, Relation):
                yield from self._new(kind, found, self.maker.keyed(kind, found))

    def _identities(self, changes: Iterable[Change]) -> Iterator[Step]:
        """Replica identities that change, or whose index is made again; an index needs its columns NOT NULL first."""
        tables = {
            change.subject
            for change in changes
            if _of_table(change) and any(each.name == "replica_identity" for each in change.properties)
        }
        again = {each._replace(part=None, name=None) for each, remade in self.gone.dropped.items() if remade}
        for subject in sorted({*tables, *again}):
            found = self.new.objects[subject.kind].get(subject.identity)
            if isinstance(found, Relation) and subject.kind is Kind.TABLE and subject not in self.gone.dropped:
                by = found.replica_identity
                lost = by.startswith("index ") and any(
                    each in self.gone.dropped
                    for each in (
                        subject._replace(part=part, name=by.removeprefix("index "))
                        for part in (Part.INDEX, Part.CONSTRAINT)
                    )
                )
                if subject in tables or lost:
                    yield Step(ddl.replica_identity(found), subject, EXCLUSIVE)

    def _coming(self, changes: Iterable[Change]) -> Iterator[Subject]:
        """Parts that are made, and made again, of relations that are there all the while."""
        added = (change.subject for change in changes if change.action is Action.ADDED)
        again = (subject for subject, remade in self.gone.dropped.items() if remade)
        for subject in (*added, *again):
            if subject.part is not None and subject._replace(part=None, name=None) not in self.gone.dropped:
                yield subject

    def _goes(self, subject: Subject) -> bool:
        """Whether it is dropped, by itself or with its relation."""
        return subject in self.gone.dropped or subject._replace(part=None, name=None) in self.gone.dropped

    def _place(self, subject: Subject) -> tuple[int, tuple[str, ...], int, str]:
        """Columns first, in their order: whatever else comes may be about them."""
        found = self.new.objects.get(subject.kind, {}).get(subject.identity)
        names = [column.name for column in found.columns] if isinstance(found, Relation) else []
        column = subject.part is Part.COLUMN and subject.name in names
        place = names.index(subject.name) if column and subject.name else 0
        return _PLACES[subject.part] if subject.part else -1, subject.identity, place, subject.name or ""

    def _wanted(self, changes: Iterable[Change]) -> list[tuple[Kind, Any]]:
        """Whole objects that are made, and made again."""
        added = [change.subject for change in changes if change.action is Action.ADDED and change.subject.part is None]
        again = [
            subject
            for subject, remade in self.gone.dropped.items()
            if remade and subject.part is None and subject.identity in self.new.objects.get(subject.kind, {})
        ]
        subjects = sorted({*added, *again}, key=lambda one: (_KINDS[one.kind], one.identity))
        return [(one.kind, self.new.objects[one.kind][one.identity]) for one in subjects]

    def _new(self, kind: Kind, found: Any, statements: Iterable[Statement]) -> Iterator[Step]:
        subject = Subject(kind, tuple(found[: TYPES[kind][1]]))
        yield from (Step(statement, subject) for statement in statements)

    def _changed(self, change: Change) -> Iterator[Step]:
        """What is altered in place."""
        subject = change.subject
        match subject.part:
            case Part.COLUMN:
                default = (subject.kind, subject.identity, subject.name) in self.gone.defaults
                above = self._above(change)
                joins = self._joins(subject)
                for step in columns.altered(change, self.version, default=default, not_null=not above, joins=joins):
                    set_here = self.online and step.statement.sql.endswith(" SET NOT NULL")
                    table = (subject.identity[0], subject.identity[1])
                    yield from in_use.not_null(step, change.new, table, self.version) if set_here else (step,)
            case Part.CONSTRAINT:
                yield from relations.constraint(change)
            case Part.INDEX:
                yield from relations.index(change)
            case Part.TRIGGER | Part.RULE | Part.POLICY:
                yield from relations.guard(change)
            case _:
                yield from self._object_changed(change)

    def _above(self, change: Change) -> bool:
        """Whether a parent's column gets or loses NOT NULL too, and this one with it."""
        after = self.new.objects[change.subject.kind].get(change.subject.identity)
        inherits = change.new.inherited and not self._joins(change.subject)
        parents = after.parents if isinstance(after, Relation) and inherits else ()
        return any((parent, change.subject.name) in self.not_null for parent in parents)

    def _joins(self, subject: Subject) -> bool:
        """Whether the table gets another parent, or another place among its partitions."""
        before, after = (side.objects.get(subject.kind, {}).get(subject.identity) for side in (self.old, self.new))
        if not isinstance(before, Relation) or not isinstance(after, Relation):
            return False
        return (before.parents, before.bound) != (after.parents, after.bound)

    def _object_changed(self, change: Change) -> Iterator[Step]:
        kind, old, new = change.subject.kind, change.old, change.new
        lock = EXCLUSIVE if kind in RELATIONS else ""
        if kind is Kind.VIEW:
            if old.definition != new.definition:
                yield Step(tables.view(new, kind, replace=True), change.subject, EXCLUSIVE)
            yield from relations.view_options(change)
        elif isinstance(new, Relation):
            yield from relations.table(change)
        else:
            destroys = objects.destroyed(change)
            yield from (Step(each, change.subject, destroys=destroys) for each in objects.altered(change, self.version))
        for statement in objects.attributes(kind, old, new, self.version):
            yield Step(statement, change.subject, lock)

    def _defaults(self, changed: list[Change]) -> Iterator[tuple[tuple[Kind, Name], Column]]:
        """Columns whose default was dropped for something else, and whose changes do not set it anyway."""
        told = {(change.subject.kind, change.subject.identity, change.subject.name) for change in changed}
        for kind, table, name in sorted(self.gone.defaults - told):
            found = self.new.objects.get(kind, {}).get(table)
            for column in found.columns if isinstance(found, Relation) else ():
                whole = Subject(kind, table) in self.gone.dropped
                if column.name == name and column.default is not None and not whole:
                    yield (kind, table), column

    def _again(self, subject: Subject) -> Iterator[Step]:
        relation = self.new.objects.get(subject.kind, {}).get(subject.identity)
        if isinstance(relation, Relation) and subject.part is not None:
            members = getattr(relation, _ATTRIBUTES[subject.part])
            for found in members:
                if found.name == subject.name:
                    yield from self._part(subject, found)

    def _part(self, subject: Subject, found: Any) -> Iterator[Step]:
        """A part of a relation that is there already."""
        relation = self.new.objects[subject.kind][subject.identity]
        if not isinstance(relation, Relation):
            return
        joins = self._joins(subject)
        if subject.part is Part.COLUMN:
            yield from self._column(subject, found, relation, joins=joins)
        elif subject.part is not None:
            for place, (statement, lock) in enumerate(relations.made(subject.part, found, relation, joins=joins)):
                step = Step(statement, subject, lock)
                if place or subject.part not in (Part.CONSTRAINT, Part.INDEX):
                    yield step
                elif self.online:
                    yield from in_use.created(step, found, relation)
                else:
                    yield replace(step, part=found)

    def _column(self, subject: Subject, column: Column, relation: Relation, *, joins: bool) -> Iterator[Step]:
        handed_down = column.inherited and not column.local and not joins
        if handed_down or subject.kind not in (Kind.TABLE, Kind.FOREIGN_TABLE):
            return
        table = qualified(relation[:2])
        text = f"ALTER TABLE {table} ADD COLUMN {column_sql(column)}"
        if subject.kind is Kind.FOREIGN_TABLE:
            text += tables.foreign_options(column.foreign_options)
        yield Step(Statement(text, (relation[:2],)), subject, EXCLUSIVE, part=column)
        if column.not_null_constraint and not column.not_null_constraint.validated:
            yield Step(parts.add_not_null(column, table), subject, EXCLUSIVE)
        for statement in parts.attributes(column, table, self.version):
            yield Step(statement, subject, EXCLUSIVE)

    def late(self, changes: Iterable[Change]) -> Iterator[Step]:
        """What would see the other steps, or change what they make."""
        for kind, found in self._wanted(changes):
            if kind in _LATE:
                yield from self._new(kind, found, self.maker.object(kind, found))
        for change in changes:
            late = change.action is Action.CHANGED and change.subject.kind in _LATE
            if late and change.subject not in self.gone.dropped:
                yield from self._object_changed(change)


_KINDS = {kind: place for place, kind in enumerate(Kind)}
_PLACES = {part: place for place, part in enumerate(Part)}


def _column(table: tuple[Kind, Name], column: Column) -> Subject:
    return Subject(table[0], table[1], Part.COLUMN, column.name)
