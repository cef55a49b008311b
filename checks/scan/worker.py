"""A process that reads and links portions of a tree for another: pickles come in on stdin and go out on stdout."""

from __future__ import annotations

import os
import pickle
import signal
import sys
from typing import TYPE_CHECKING

from ..pickling import dump
from .databases import Databases
from .kept import Entry, Kept, opened
from .portions import Portions
from .project import KEPT_BYTES, Project
from .reading import Reader
from .task import Learnt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .task import Task


def main() -> None:
    """Read a Task, then portions until there are no more; write a Linked for each of them, then a Learnt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it says when to end
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no pickle
    task: Task = pickle.load(sys.stdin.buffer)  # noqa: S301 - of the process that has started this one
    kept = _kept(task)
    before = _told(kept)
    project = Project(task.tree, None, kept, room=KEPT_BYTES // task.processes)
    portions = Portions(project, Reader(project), Databases(task.settings, task.tree.root))
    while (hits := pickle.load(sys.stdin.buffer)) is not None:  # noqa: S301 - as above
        dump(portions.portion(hits), out)
        out.flush()
    dump(_learnt(project, kept, before), out)
    out.flush()


def _kept(task: Task) -> Kept:
    """The cache as the other process sees it; it is only read here."""
    if task.unchanged is None:
        return Kept(None, ("", ""))
    kept = opened(*task.cache)
    for path in task.tree.paths:
        if path in task.unchanged and path in kept.entries:
            kept.entries[path].changed = False
        else:
            kept.entries[path] = Entry(0, 0, 0, 0, 0, None, dirty=False)
    return kept


def _told(kept: Kept) -> dict[str, tuple[str | None, str | None]]:
    return {path: (entry.facts, entry.answers) for path, entry in kept.entries.items()}


def _learnt(project: Project, kept: Kept, before: Mapping[str, tuple[str | None, str | None]]) -> Learnt:
    project.remember()
    return Learnt(
        failed=tuple(project.failed),
        left_out=frozenset(project.left_out),
        notes=tuple(project.notes),
        parsed=project.parsed,
        kept={path: known for path, known in _told(kept).items() if known != before.get(path)},
        sought=kept.sought,
        sealed=project.seals.found,
    )
