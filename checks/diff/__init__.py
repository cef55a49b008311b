"""Two structures compared: what is different, what it means, and how to get from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..structure.model import Kind, Relation
from ..structure.parts import Part
from . import renames
from .bookkeeping import without_bookkeeping
from .compare import compare
from .effects import with_effects
from .ignore import without_ignored
from .inherited import told_once
from .known import comparable
from .likely import with_hints
from .model import Diff, Side
from .renamed import renamed as as_renamed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..structure.model import Structure
    from .ignore import IgnoreRule
    from .model import Change

__all__ = ["Diff", "difference"]

_COLUMN = 3  # schema, table and column
_KINDS = {kind: place for place, kind in enumerate(Kind)}
_PARTS = {None: 0} | {part: place for place, part in enumerate(Part, 1)}


def difference(
    old: tuple[str, Structure],
    new: tuple[str, Structure],
    *,
    detect_renames: bool = True,
    renamed: Mapping[tuple[str, ...], tuple[str, ...]] | None = None,
    ignore: Iterable[IgnoreRule] = (),
) -> Diff:
    """Everything that is different on the way from `old` to `new`, each given with the name of its source.

    `renamed` maps old names of tables and columns to new ones (`named.py`); with `detect_renames` what is alike in all
    but the name counts as renamed too. `ignore` takes changes out, which are counted.
    """
    if any(side.extent is not None and side.extent.coarse for _, side in (old, new)):
        detect_renames = False  # columns without types are all alike
    before, after, notes = comparable(old[1], new[1])
    notes = (*(f"{name}: {note}" for name, side in (old, new) for note in side.notes), *notes)
    before, after, kept_by_tools = without_bookkeeping(before, after)
    moved, found, idle = _renamed(before, after, dict(renamed or {}), detect=detect_renames)
    changes = told_once(compare(moved, after), _relations(moved) | _relations(after))
    if detect_renames:
        changes = with_hints(renames.parts(changes))
    kept = without_ignored((*map(renames.told, found), *changes), ignore)
    told = tuple(sorted(with_effects(kept.changes, after), key=_place))
    notes = tuple(dict.fromkeys((*notes, *kept_by_tools, *idle, *kept.notes)))
    return Diff(Side(old[0], before), Side(new[0], after), told, ignored=kept.ignored, notes=notes)


def _renamed(
    old: Structure, new: Structure, given: renames.Given, *, detect: bool
) -> tuple[Structure, tuple[renames.Rename, ...], tuple[str, ...]]:
    """The old structure with its new names, the renames, and a sentence on each one given that names nothing."""
    tables = tuple(renames.relations(old, new, given, detect=detect))
    old = as_renamed(old, tables)
    moved: dict[tuple[str, ...], tuple[str, ...]] = {tuple(one.old): tuple(one.new) for one in tables}
    inside = {(*moved.get(one[:-1], one[:-1]), one[-1]): two for one, two in given.items() if len(one) == _COLUMN}
    columns = tuple(renames.columns(old, new, inside, detect=detect))
    return as_renamed(old, columns), (*tables, *columns), tuple(renames.idle(given, (*tables, *columns)))


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
