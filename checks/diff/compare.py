"""Compares two structures, object by object; what is equal costs one comparison of tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..structure.model import PARTS, RELATIONS, TYPES, Kind
from ..structure.parts import Part
from .model import Action, Change, Property, Subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..structure.model import Relation, Structure

NOT_NULL_ROWS = 180000  # the first server that has a constraint for NOT NULL
ORDER = "column_order"


def compare(old: Structure, new: Structure) -> Iterator[Change]:
    """Every change from `old` to `new`, in the order of kinds and names."""
    for kind in Kind:
        yield from _objects(kind, old.objects.get(kind, {}), new.objects.get(kind, {}))


def _objects(kind: Kind, old: Mapping[tuple[str, ...], Any], new: Mapping[tuple[str, ...], Any]) -> Iterator[Change]:
    for identity in sorted(old.keys() | new.keys()):
        before, after = old.get(identity), new.get(identity)
        subject = Subject(kind, identity)
        if before is None:
            yield Change(Action.ADDED, subject, None, after)
        elif after is None:
            yield Change(Action.REMOVED, subject, before, None)
        elif before != after:
            yield from _object(subject, before, after)


def _object(subject: Subject, old: Any, new: Any) -> Iterator[Change]:
    own = tuple(properties(old, new, skip=TYPES[subject.kind][1]))
    if subject.kind in RELATIONS:
        own = (*(each for each in own if each.name not in PARTS), *_order(old, new))
    if own:
        yield Change(Action.CHANGED, subject, old, new, own)
    if subject.kind in RELATIONS:
        for attribute, (part, _) in PARTS.items():
            before, after = getattr(old, attribute), getattr(new, attribute)
            if before != after:
                yield from _parts(subject, part, before, after)


def _parts(subject: Subject, part: Part, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[Change]:
    before, after = {one.name: one for one in old}, {one.name: one for one in new}
    # Columns in the order in which the new table has them, all else by name.
    names = dict.fromkeys([*before, *after]) if part is Part.COLUMN else sorted(before.keys() | after.keys())
    for name in names:
        about = subject._replace(part=part, name=name)
        one, two = before.get(name), after.get(name)
        if one is None:
            yield Change(Action.ADDED, about, None, two)
        elif two is None:
            yield Change(Action.REMOVED, about, one, None)
        elif found := tuple(properties(one, two, skip=1)):
            yield Change(Action.CHANGED, about, one, two, found)


def properties(old: Any, new: Any, *, skip: int = 0, prefix: str = "") -> Iterator[Property]:
    """The fields in which two named tuples of one type differ, those of a field that is one itself by their own name.

    The first `skip` fields are the identity.
    """
    for name, before, after in list(zip(old._fields, old, new, strict=True))[skip:]:
        if before == after:
            continue
        if type(before) is type(after) and hasattr(before, "_fields"):
            yield from properties(before, after, prefix=f"{prefix}{name}.")
        else:
            yield Property(prefix + name, before, after)


def _order(old: Relation, new: Relation) -> Iterator[Property]:
    """The order of the columns that both have, if it differs."""
    before = [column.name for column in old.columns]
    after = [column.name for column in new.columns]
    both = set(before) & set(after)
    one, two = [name for name in before if name in both], [name for name in after if name in both]
    if one != two:
        yield Property(ORDER, tuple(one), tuple(two))
