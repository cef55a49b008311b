"""The changes that a diff tells, with those it tells of parents only: what partitions and children inherit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...structure.model import Relation
from ...structure.parts import Part
from .. import renames
from ..compare import compare
from ..inherited import likeness
from ..model import Action
from ..renamed import renamed
from ..renames import Rename

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...structure.model import Structure
    from ..model import Change, Diff

_PARTS = (Part.CONSTRAINT, Part.INDEX)


def is_renamed_relation(change: Change) -> bool:
    """Whether a relation or a column got another name."""
    return change.action is Action.RENAMED and change.subject.part not in _PARTS


def applied(diff: Diff) -> tuple[Structure, tuple[Change, ...]]:
    """The old structure with its new names, and the changes that are left from there on."""
    moved = diff.old.structure
    named = [change for change in diff.changes if is_renamed_relation(change)]
    for part in (None, Part.COLUMN):
        moved = renamed(moved, [_rename(change) for change in named if change.subject.part is part])
    found = tuple(compare(moved, diff.new.structure))
    if any(change.action is Action.RENAMED and change.subject.part in _PARTS for change in diff.changes):
        found = tuple(renames.parts(found))
    return moved, tuple(_told(diff, moved, found))


def _rename(change: Change) -> Rename:
    return Rename(change.subject.kind, (change.subject.identity[0], change.subject.identity[1]), change.old, change.new)


def _told(diff: Diff, moved: Structure, found: tuple[Change, ...]) -> Iterator[Change]:
    """Those that the diff tells itself or of a parent; what was ignored is in neither."""
    told = {(change.action, change.subject): change for change in diff.changes}
    likenesses = {(change.subject.identity, likeness(change)) for change in diff.changes if change.subject.part}
    parents = {**_parents(moved), **_parents(diff.new.structure)}

    def inherited(identity: tuple[str, ...], like: Any) -> bool:
        above = parents.get(identity, ())
        return any((parent, like) in likenesses or inherited(parent, like) for parent in above)

    for change in found:
        known = told.get((change.action, change.subject))
        if known is not None:
            yield known
        elif change.subject.part and inherited(change.subject.identity, likeness(change)):
            yield change


def _parents(structure: Structure) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    return {
        identity: found.parents
        for members in structure.objects.values()
        for identity, found in members.items()
        if isinstance(found, Relation) and found.parents
    }
