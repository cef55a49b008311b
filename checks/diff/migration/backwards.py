"""A diff the other way round."""

from __future__ import annotations

from dataclasses import replace

from .. import difference
from ..model import Action, Diff
from .applied import is_renamed_relation


def backwards(diff: Diff) -> Diff:
    """The changes that take those of the diff back, and no others."""
    named = [change for change in diff.changes if is_renamed_relation(change)]
    given: dict[tuple[str, ...], tuple[str, ...]] = {}
    tables = {tuple(change.new): tuple(change.old) for change in named if change.subject.part is None}
    given.update(tables)
    for change in named:
        if change.subject.part is not None:
            given[*change.subject.identity, change.new] = (
                *tables.get(change.subject.identity, change.subject.identity),
                change.old,
            )
    found = difference(
        (diff.new.name, diff.new.structure),
        (diff.old.name, diff.old.structure),
        detect_renames=False,
        renamed=given,
    )
    if not diff.ignored:
        return found
    told = {
        change.subject._replace(identity=tables.get(change.subject.identity, change.subject.identity))
        for change in diff.changes
    }
    kept = (change for change in found.changes if change.subject in told or change.action is Action.RENAMED)
    return replace(found, changes=tuple(kept))
