"""The diagram of what a diff changes: the changed tables, what they refer to and what refers to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from ...diff.model import Action
from ...structure.parts import Column, Constraint, Part
from ...wording import plural
from .model import Box, Diagram, Row
from .relations import KINDS, keys, line, lines, roots, row, tables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...diff.model import Change, Diff
    from ...structure.model import Relation
    from ...structure.parts import Name
    from .model import Line

MOST = 60  # boxes that an eye can follow
_ROWS = 16  # of a table that is new or gone as a whole
_ONE_SIDED = {Action.ADDED, Action.REMOVED}


def of_diff(diff: Diff, most: int = MOST) -> Diagram:
    """At most `most` tables: the changed ones, those of the worst severity first, then their neighbours."""
    return _Neighbourhood(diff).drawn(most)


class _Neighbourhood:
    """The tables of both sides, under their new names, and what happens to each."""

    def __init__(self, diff: Diff) -> None:
        by_table = _by_table(diff)
        before, after = tables(diff.old.structure), tables(diff.new.structure)
        renamed = {change.old for changes in by_table.values() for change in changes if _is_renamed(change)}
        self.tables = {name: table for name, table in before.items() if name not in renamed} | after
        whole_of = roots(diff.old.structure) | roots(diff.new.structure)
        self.root_of = {name: root for name, root in whole_of.items() if name not in self.tables}
        self.changes = {name: changes for name, changes in by_table.items() if name in self.tables}
        self.partitions: defaultdict[Name, list[Change]] = defaultdict(list)
        for name, changes in by_table.items():
            if (root := self.root_of.get(name)) in self.tables:
                self.partitions[root].append(min(changes, key=_rank))
        self.lines = set(self._lines())

    def drawn(self, most: int) -> Diagram:
        near = sorted(self._near())
        worst = {name: min(map(_rank, self._all(name))) for name in self.changes.keys() | self.partitions.keys()}
        changed = sorted(worst, key=lambda name: (worst[name], name))
        chosen = set((*changed, *near)[:most])
        boxes = tuple(self._box(name) for name in sorted(chosen))
        between = sorted((each for each in self.lines if {each.child, each.parent} <= chosen), key=lambda one: one[:4])
        return Diagram(boxes, tuple(between), len(changed) + len(near) - len(chosen))

    def _all(self, name: Name) -> tuple[Change, ...]:
        return (*self.changes.get(name, ()), *self.partitions.get(name, ()))

    def _near(self) -> set[Name]:
        ends = [(each.child, each.parent) for each in self.lines]
        near = {two for one, two in ends if one in self.changes} | {one for one, two in ends if two in self.changes}
        return {name for name in near if name in self.tables} - self.changes.keys() - self.partitions.keys()

    def _lines(self) -> Iterator[Line]:
        """Those of today and those that are gone, each with what happens to it."""
        marks = dict(self._marks())
        for name, table in self.tables.items():
            whole = _whole(self.changes.get(name, ()))
            for each in lines(table, self.root_of):
                yield each._replace(mark=(whole if whole in _ONE_SIDED else None) or marks.get((name, each.name)))
        for name, changes in self.changes.items():
            for change in changes:
                if change.action is Action.REMOVED and _is_foreign_key(change.old):
                    yield line(self.tables[name], change.old, self.root_of)._replace(mark=Action.REMOVED)

    def _marks(self) -> Iterator[tuple[tuple[Name, str], Action]]:
        for name, changes in self.changes.items():
            for change in changes:
                if change.subject.part is Part.CONSTRAINT and change.action is not Action.REMOVED:
                    yield (name, change.subject.name or ""), change.action

    def _box(self, name: Name) -> Box:
        table, changes = self.tables[name], self.changes.get(name, ())
        whole = _whole(changes)
        rows = tuple(_rows(table, changes, self._drawn_columns(name)))
        if whole in _ONE_SIDED:
            rows = rows[:_ROWS]
        hidden = len(table.columns) - sum(each.mark is not Action.REMOVED or whole is not None for each in rows)
        notes = [f"… {plural(hidden, 'more column')}"] if hidden > 0 else []
        if divided := self.partitions.get(name):
            notes.append(f"± {plural(len(divided), 'partition')}")
        mark = whole or (Action.CHANGED if self._all(name) else None)
        return Box(name, rows, (*notes, *_besides(changes)), mark)

    def _drawn_columns(self, name: Name) -> set[str]:
        return {column for each in self.lines if each.child == name for column in each.columns}


def _by_table(diff: Diff) -> dict[Name, list[Change]]:
    found: defaultdict[Name, list[Change]] = defaultdict(list)
    for change in diff.changes:
        if change.subject.kind in KINDS:
            schema, name = change.subject.identity
            found[schema, name].append(change)
    return found


def _is_renamed(change: Change) -> bool:
    return change.action is Action.RENAMED and change.subject.part is None


def _rank(change: Change) -> int:
    return change.severity.rank


def _is_foreign_key(found: object) -> bool:
    return isinstance(found, Constraint) and found.kind == "foreign key"


def _whole(changes: Iterable[Change]) -> Action | None:
    """What happens to the table as a whole: it comes, goes or gets another name."""
    for change in changes:
        if change.subject.part is None and change.action is not Action.CHANGED:
            return change.action
    return None


def _rows(table: Relation, changes: Iterable[Change], linked: set[str]) -> Iterator[Row]:
    """Changed columns and those in keys; all columns of a table that is new or gone."""
    whole, of = _whole(changes), keys(table)
    marks = {change.subject.name: change.action for change in changes if change.subject.part is Part.COLUMN}
    for column in table.columns:
        mark = marks.get(column.name) or (whole if whole in _ONE_SIDED else None)
        if mark or column.name in linked or "PK" in of.get(column.name, ()):
            yield row(column, of)._replace(mark=mark)
    for change in changes:
        if isinstance(change.old, Column) and change.action is Action.REMOVED:
            yield row(change.old, {})._replace(mark=Action.REMOVED)


def _besides(changes: Iterable[Change]) -> Iterator[str]:
    """What else of the table is changed: "2 indexes", "1 policy"."""
    counts = Counter(change.subject.part for change in changes)
    for part in Part:
        if part is not Part.COLUMN and counts[part]:
            yield f"± {plural(counts[part], part)}"
