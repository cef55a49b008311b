"""Two structures compared: what is different, what it means, and how to get from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structure.model import Kind, Part, Relation
from . import renames
from .compare import compare
from .effects import with_effects
from .inherited import told_once
from .known import comparable
from .model import Diff, Side
from .renamed import renamed as as_renamed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..structure.model import Structure
    from .model import Change

__all__ = ["Diff", "difference"]

_KINDS = {kind: place for place, kind in enumerate(Kind)}
_PARTS = {None: 0} | {part: place for place, part in enumerate(Part, 1)}


def difference(
    old: tuple[str, Structure],
    new: tuple[str, Structure],
    *,
    detect_renames: bool = True,
    renamed: Mapping[str, str] | None = None,
) -> Diff:
    """Everything that is different on the way from `old` to `new`, each given with the name of its source.

    `renamed` maps old names to new ones, as `schema.table` or `schema.table.column`; with `detect_renames` what is
    alike in all but the name counts as renamed too.
    """
    before, after, notes = comparable(old[1], new[1])
    given = dict(renamed or {})
    found: list[renames.Rename] = []
    moved = before
    for step in (renames.relations, renames.columns):
        more = tuple(step(moved, after, given, detect=detect_renames))
        moved = as_renamed(moved, more)
        found += more
    changes = told_once(compare(moved, after), _relations(moved) | _relations(after))
    if detect_renames:
        changes = renames.parts(changes)
    told = sorted(with_effects((*map(renames.told, found), *changes)), key=_place)
    return Diff(Side(old[0], before), Side(new[0], after), tuple(told), notes=notes)


def _relations(structure: Structure) -> dict[tuple[str, ...], Relation]:
    return {
        identity: found
        for members in structure.objects.values()
        for identity, found in members.items()
        if isinstance(found, Relation)
    }


def _place(change: Change) -> tuple[int, tuple[str, ...], int]:
    """Kinds in the order of creation, names, the object before its parts; columns stay as they come."""
    subject = change.subject
    return _KINDS[subject.kind], subject.identity, _PARTS[subject.part]
