"""What single runners of migrations do otherwise than by number: Flyway's kinds of files, and Atlas's checkpoints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..sql.migrations import version_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# Versioned, baseline and repeatable migrations (Flyway documentation, "Migrations").
_FLYWAY = re.compile(r"(?:(?P<version>[VB][0-9]+(?:[._][0-9]+)*)|R)__.+\.sql")
_BEFORE = ("beforeMigrate", "beforeRepeatables")
_AFTER = ("afterVersioned", "afterMigrate")
_CHECKPOINT = re.compile(rb"^--[ \t]*atlas:checkpoint\b", re.MULTILINE)
_HEAD = 2_000  # bytes in which a directive of a file stands


def flyway(directory: Path) -> list[Path]:
    """The files that Flyway would run for a new database, also from directories below; none where it is not used.

    A new database begins with the newest baseline, and what is not newer than that is left out. Callbacks that have
    anything to do with every migration, or with another command, are left out.
    """
    if not any(found["version"] for found in map(_FLYWAY.fullmatch, _names(directory.glob("*.sql"))) if found):
        return []
    files = sorted(path for path in directory.rglob("*.sql") if path.is_file())
    kinds = {kind: [path for path in files if path.name.startswith(kind) and _is(path)] for kind in "BVR"}
    baseline = max(kinds["B"], key=_version, default=None)
    versioned = [path for path in kinds["V"] if baseline is None or _version(path) > _version(baseline)]
    return [
        *_callbacks(files, _BEFORE),
        *([baseline] if baseline else ()),
        *sorted(versioned, key=_version),
        *sorted(kinds["R"], key=lambda path: path.name),
        *_callbacks(files, _AFTER),
    ]


def since_checkpoint(files: Sequence[Path]) -> list[Path]:
    """The files of a directory of Atlas from its newest checkpoint on, which holds what all before it have made."""
    marked = [number for number, path in enumerate(files) if _CHECKPOINT.search(_head(path))]
    return list(files[marked[-1] :]) if marked else list(files)


def _is(path: Path) -> bool:
    return _FLYWAY.fullmatch(path.name) is not None


def _names(paths: Iterable[Path]) -> Iterable[str]:
    return (path.name for path in paths)


def _version(path: Path) -> tuple[int, ...]:
    return version_key(path.name[1:])[1]


def _callbacks(files: Iterable[Path], events: Iterable[str]) -> list[Path]:
    """The scripts of these events, `afterMigrate.sql` as well as `afterMigrate__vacuum.sql`."""
    named = [(path.stem.partition("__")[0], path) for path in files]
    return [path for event in events for name, path in named if name == event]


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError:
        return b""
