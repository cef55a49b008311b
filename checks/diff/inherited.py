"""What partitions and children have from their parents is told once, of the parent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..structure.parts import Part
from .model import Action, Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..structure.model import Relation
    from .model import Subject

_INHERITED = frozenset({Part.COLUMN, Part.CONSTRAINT, Part.INDEX, Part.TRIGGER})


def told_once(changes: Iterable[Change], relations: dict[tuple[str, ...], Relation]) -> Iterator[Change]:
    """The changes without those of a part that a parent's part of the same likeness has too.

    `relations` are those of the new structure and, where it lacks one, of the old one, by identity.
    """
    changes = tuple(changes)
    known = {(change.subject.identity, likeness(change)) for change in changes if change.subject.part in _INHERITED}
    for change in changes:
        if change.subject.part not in _INHERITED or not any(
            (parent, likeness(change)) in known for parent in _parents(change.subject, relations)
        ):
            yield change


def _parents(subject: Subject, relations: dict[tuple[str, ...], Relation]) -> Iterator[tuple[str, ...]]:
    relation = relations.get(subject.identity)
    yield from relation.parents if relation else ()


def likeness(change: Change) -> Any:
    """What a change of a part has in common with that of the part it inherits from: a column's name, the rest by value.

    Constraints and indexes of a partition have names of their own.
    """
    name = change.subject.name if change.subject.part in (Part.COLUMN, Part.TRIGGER) else None
    if change.action in (Action.ADDED, Action.REMOVED):
        found = change.new if change.action is Action.ADDED else change.old
        kind = getattr(found, "kind", None)
        columns = getattr(found, "columns", None) or tuple(key[:2] for key in getattr(found, "keys", ()))
        return change.action, change.subject.part, name, kind, columns
    values = tuple((each.name, each.old, each.new) for each in change.properties)
    return change.action, change.subject.part, name, values
