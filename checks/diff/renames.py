"""What was renamed: an object that went and one that came, alike in all but the name, and no third like them.

They are applied to the old structure before it is compared (`renamed.py`), so that what only follows from them is no
change of its own.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, TypeVar

from ..structure.model import Kind, Relation
from ..structure.parts import Column, Constraint, Index, Part
from .model import Action, Change, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from ..structure.model import Structure
    from ..structure.parts import Column, Index, Name

_Found = TypeVar("_Found")
Given = dict[tuple[str, ...], tuple[str, ...]]  # old names by new ones: (schema, table) or (schema, table, column)
RENAMED = (Kind.TABLE, Kind.FOREIGN_TABLE, Kind.MATERIALIZED_VIEW)
_PARTS = (Part.CONSTRAINT, Part.INDEX)
SIMILAR = 0.6  # of the letters of two names
_ENOUGH = 3  # columns
_COLUMN = 3  # schema, table and column


@dataclass(frozen=True, slots=True)
class Rename:
    """A relation's or, with `columns`, its column's old and new name; `table` is the relation's new name."""

    kind: Kind
    table: Name
    old: str | Name
    new: str | Name


def told(rename: Rename) -> Change:
    """The entry of a diff for it."""
    subject = Subject(rename.kind, rename.table)
    if isinstance(rename.old, str) and isinstance(rename.new, str):
        subject = subject._replace(part=Part.COLUMN, name=rename.new)
    return Change(Action.RENAMED, subject, rename.old, rename.new)


def relations(old: Structure, new: Structure, given: Given, *, detect: bool) -> Iterator[Rename]:
    """Relations that were renamed or moved: those that the user names and, to `detect`, those alike."""
    for kind in RENAMED:
        before, after = old.objects.get(kind, {}), new.objects.get(kind, {})
        gone = {identity: found for identity, found in before.items() if identity not in after}
        come = {identity: found for identity, found in after.items() if identity not in before}
        for one, two in _pairs(gone, come, _alike if detect else None, given):
            yield Rename(kind, (two[0], two[1]), (one[0], one[1]), (two[0], two[1]))


def columns(old: Structure, new: Structure, given: Given, *, detect: bool) -> Iterator[Rename]:
    """Columns that were renamed, of relations that both have: those that the user names and those alike."""
    for kind in RENAMED:
        for identity, before in old.objects.get(kind, {}).items():
            after = new.objects.get(kind, {}).get(identity)
            if isinstance(before, Relation) and isinstance(after, Relation) and before.columns != after.columns:
                own = {one[-1]: two[-1] for one, two in given.items() if one[:-1] == identity}
                for one, two in _columns(before, after, own, detect=detect):
                    yield Rename(kind, (before.schema, before.name), one, two)


def idle(given: Given, found: Iterable[Rename]) -> Iterator[str]:
    """A sentence on each rename that the user names and that is none."""
    tables, columns = set[tuple[Any, ...]](), set[tuple[Any, ...]]()
    for each in found:
        if isinstance(each.old, str):
            columns.add((each.old, each.new))
        else:
            tables.add((each.old, each.new))
    for one, two in given.items():
        known = (one, two) in tables or (len(one) == _COLUMN and (one[-1], two[-1]) in columns)
        if not known:
            told = f'"{".".join(one)}" to "{".".join(two)}"'
            yield f"The rename of {told} is none here: the old name has to go, and the new one to come."


def _columns(old: Relation, new: Relation, given: dict[str, str], *, detect: bool) -> Iterator[tuple[str, str]]:
    before, after = {one.name: one for one in old.columns}, {one.name: one for one in new.columns}
    gone = {name: found for name, found in before.items() if name not in after}
    come = {name: found for name, found in after.items() if name not in before}
    for one, two in _pairs(gone, come, _column_alike if detect else None, given):
        if given.get(one) == two or _in_place(list(before), one, list(after), two):
            yield one, two


def _in_place(before: list[str], old: str, after: list[str], new: str) -> bool:
    """Whether the new name stands where the old one stood, as RENAME leaves it.

    ADD puts a column at the end: there the two names have to be similar.
    """
    one, two = before.index(old), after.index(new)
    both = set(before) & set(after)
    if [name for name in before[:one] if name in both] != [name for name in after[:two] if name in both]:
        return False
    return any(name in both for name in after[two:]) or similarity(old, new) >= SIMILAR


def similarity(one: str, two: str) -> float:
    """How much two names have in common, from 0 to 1."""
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def _pairs(
    gone: dict[Any, _Found], come: dict[Any, _Found], alike: Callable[[Any], Hashable] | None, given: dict[Any, Any]
) -> Iterator[tuple[Any, Any]]:
    """Pairs of keys: those given, then those whose values are alike and like no other that went or came."""
    gone, come = dict(gone), dict(come)
    for one, two in given.items():
        if one in gone and two in come:
            del gone[one], come[two]
            yield one, two
    if alike is None:
        return
    sides: tuple[defaultdict[Hashable, list[Any]], ...] = (defaultdict(list), defaultdict(list))
    for side, found in zip(sides, (gone, come), strict=True):
        for key, value in found.items():
            side[alike(value)].append(key)
    for likeness, keys in sides[0].items():
        others = sides[1].get(likeness, [])
        if likeness is not None and len(keys) == len(others) == 1:
            yield keys[0], others[0]


def _alike(relation: Relation) -> Hashable:
    """What a rename leaves as it is. Many tables have one column alone, or an id and a name: three are a likeness."""
    if len(relation.columns) < _ENOUGH:
        return None
    return tuple(column._replace(comment=None, acl=None, not_null_constraint=None) for column in relation.columns)


def _column_alike(column: Column) -> Hashable:
    return column._replace(name="", not_null_constraint=None)


def parts(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes with constraints and indexes that only got another name told as renamed."""
    changes = tuple(changes)
    sides: dict[Action, defaultdict[Hashable, list[Change]]] = {
        Action.REMOVED: defaultdict(list),
        Action.ADDED: defaultdict(list),
    }
    for change in changes:
        if change.subject.part in _PARTS and change.action in sides:
            found = change.old if change.action is Action.REMOVED else change.new
            sides[change.action][change.subject._replace(name=None), _nameless(found)].append(change)
    renamed: dict[int, Change | None] = {}
    for likeness, gone in sides[Action.REMOVED].items():
        come = sides[Action.ADDED].get(likeness, [])
        if len(gone) == len(come) == 1:
            renamed[id(gone[0])] = None
            renamed[id(come[0])] = Change(Action.RENAMED, come[0].subject, gone[0].old, come[0].new)
    for change in changes:
        kept = renamed.get(id(change), change)
        if kept is not None:
            yield kept


def _nameless(found: Constraint | Index) -> Hashable:
    if isinstance(found, Constraint):
        return found._replace(name="", using_index=found.using_index and found.using_index._replace(name=""))
    return found._replace(name="")
