"""Hints at renames that are likely and not certain: something went and something like it came."""

from __future__ import annotations

import shlex
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from ..quoting import quoted
from ..structure.model import Kind
from ..structure.parts import Part
from .model import Action
from .renames import SIMILAR, similarity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..structure.model import Relation
    from ..structure.parts import Column
    from .model import Change

_SHARED = 0.6  # of the columns of two tables
_MOST = 50  # columns or tables on a side: among more, each is compared with all others, and no hint is a good one


def with_hints(changes: Iterable[Change]) -> Iterator[Change]:
    """The changes, with a sentence on what was removed where it may only have got another name."""
    changes = tuple(changes)
    hints: dict[int, str] = {}
    for gone, come in _groups(changes):
        if len(gone) <= _MOST and len(come) <= _MOST:
            hints.update(_hints(gone, come))
    for change in changes:
        yield replace(change, hint=hints[id(change)]) if id(change) in hints else change


def _groups(changes: tuple[Change, ...]) -> Iterator[tuple[list[Change], list[Change]]]:
    """Tables of the database, and columns of each table, that went and that came."""
    found: defaultdict[object, tuple[list[Change], list[Change]]] = defaultdict(lambda: ([], []))
    for change in changes:
        subject = change.subject
        if change.action not in (Action.ADDED, Action.REMOVED) or subject.kind is not Kind.TABLE:
            continue
        if subject.part in (None, Part.COLUMN):
            side = found[subject.identity if subject.part else None]
            side[change.action is Action.ADDED].append(change)
    yield from found.values()


def _hints(gone: list[Change], come: list[Change]) -> Iterator[tuple[int, str]]:
    """For each that went the most similar that came, if it is nobody else's."""
    scores = sorted(((score, i, k) for i, one in enumerate(gone) for k, two in enumerate(come)
                     if (score := _score(one, two, alone=len(gone) == len(come) == 1))), reverse=True)  # fmt: skip
    taken: tuple[set[int], set[int]] = (set(), set())
    for _, i, k in scores:
        if i not in taken[0] and k not in taken[1]:
            taken[0].add(i)
            taken[1].add(k)
            yield id(gone[i]), _sentence(gone[i], come[k])


def _score(one: Change, two: Change, *, alone: bool) -> float:
    """How likely it is, 0 for not at all: columns of one type with similar names, tables with common columns."""
    similar = similarity(_name(one), _name(two))
    if one.subject.part is Part.COLUMN:
        before: Column = one.old
        after: Column = two.new
        if before.type != after.type or bool(before.generated) != bool(after.generated):
            return 0
        return similar if similar >= SIMILAR else SIMILAR * alone
    shared = _shared(one.old, two.new)
    return shared + similar if shared >= _SHARED else 0


def _shared(one: Relation, two: Relation) -> float:
    """The share of their columns that both have."""
    before = {(column.name, column.type) for column in one.columns}
    after = {(column.name, column.type) for column in two.columns}
    return len(before & after) / max(len(before | after), 1)


def _name(change: Change) -> str:
    return change.subject.name or change.subject.identity[1]


def _sentence(gone: Change, come: Change) -> str:
    old, new = gone.subject, come.subject
    if old.part is Part.COLUMN:
        written = ".".join(map(quoted, (*old.identity, old.name or ""))), quoted(new.name or "")
    else:
        written = ".".join(map(quoted, old.identity)), ".".join(map(quoted, new.identity))
    return f"If it became {written[1]}, say so with --rename {shlex.quote('='.join(written))}."
