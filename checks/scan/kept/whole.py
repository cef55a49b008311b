"""The result of a whole run, kept for the next one, which most often meets the very same tree.

What names mean across files depends on files that hold no trigger word, on files that are not there, and on settings
files of the project. No list of them is kept: a result holds as long as no file of the tree has changed at all.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from ..files import is_too_large
from .codec import decoded, encoded
from .store import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..databases import Databases
    from ..model import ScanResult
    from ..project import Project


class Seals:
    """What was read of files of no language, of which nothing else is kept, as digests."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def note(self, path: str, data: bytes | None, reason: str = "") -> None:
        """A file's contents, or why there are none."""
        self.add({path: _seal(data, reason)})

    def add(self, more: Mapping[str, str]) -> None:
        """What another process has read; of what was read differently no run will read the like."""
        for path, seal in more.items():
            if self.found.setdefault(path, seal) != seal:
                self.found[path] = "changed meanwhile"

    def are_as(self, others: Mapping[str, str], root: Path) -> bool:
        """Whether those files hold now what they did."""
        return all(_seal(*_contents(root / path, path)) == seal for path, seal in others.items())


def _seal(data: bytes | None, reason: str) -> str:
    return f"nothing: {reason}" if data is None else digest(data).hex()


def _contents(place: Path, path: str) -> tuple[bytes | None, str]:
    try:
        return (None, "") if is_too_large(path, place.stat().st_size) else (place.read_bytes(), "")
    except OSError as error:
        return None, error.strerror or str(error)


def question_of(project: Project, databases: Databases, only: str | None) -> bytes:
    """What a run is asked, besides the contents of the files: their names, and what the settings say of them.

    To be asked when each file was looked at, and before the first name is followed to another.
    """
    failed = [(note.path, note.reason) for note in project.failed]
    known = [path for path in project.tree.paths if path in project.kept.entries]
    tree = project.tree
    asked = None if tree.asked is None else sorted(tree.asked)
    part = [tree.lead, tree.address, tree.files_only, asked]
    return digest(json.dumps([tree.paths, known, failed, databases.told, only, part]).encode())


def earlier_result(project: Project, question: bytes) -> ScanResult | None:
    """What the last run has said, if it was asked the same of the same."""
    kept = project.kept
    if question not in kept.results or project.edited or not kept.is_as_it_was:
        return None
    others, result = json.loads(kept.results[question])
    found: ScanResult | None = decoded(result) if project.seals.are_as(others, project.tree.root) else None
    return found


def keep_result(project: Project, question: bytes, result: ScanResult) -> None:
    """For the next run. What was found in files that hold something else is nobody else's."""
    if project.kept.place is None or project.edited:
        return
    with contextlib.suppress(TypeError, RecursionError):  # of a result that cannot be written
        project.kept.concluded[question] = json.dumps([project.seals.found, encoded(result)])
