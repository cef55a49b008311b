"""Which of several databases a file writes to, as the settings say."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

    from ..settings import Database, Settings

_KINDS = ("sql:", "supabase:")  # whose files are the schema source; of the others it is a program that makes it


@dataclass(frozen=True, slots=True)
class _Entry:
    database: Database
    globs: GitIgnoreSpec
    place: str | None  # of the schema source, absolute


class Databases:
    """The databases of the settings, asked by paths below one root."""

    def __init__(self, settings: Settings, root: Path) -> None:
        self._root = str(root.resolve())
        self._base = str((settings.base or root).resolve())
        self._entries = tuple(self._entry(database) for database in settings.database)
        self.of = cache(self._of)

    @property
    def told(self) -> tuple[str, ...]:
        """All that the answers depend on."""
        own = (f"{entry.database!r} at {entry.place!r}" for entry in self._entries)
        return self._root, self._base, *own

    def _entry(self, database: Database) -> _Entry:
        from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most runs never need it

        place = located(database.schema, Path(self._base), Path(self._root)) if database.schema else None
        own = place.partition(":")[2] if place is not None and place.startswith(_KINDS) else place
        alembic = place is not None and place.startswith("alembic:")
        absolute = None if own is None or alembic else os.path.normpath(os.path.join(self._root, own))  # noqa: PTH118
        return _Entry(database, GitIgnoreSpec.from_lines(database.paths), absolute)

    def _of(self, path: str) -> Database | None:
        """The first database whose `paths` match, else the first whose schema source holds the file, else None."""
        full = f"{self._root}/{path}"
        inside = full.startswith(self._base.rstrip("/") + "/")
        name = full[len(self._base.rstrip("/")) + 1 :] if inside else path
        named = next((entry for entry in self._entries if entry.globs.match_file(name)), None)
        holding = named or next((entry for entry in self._entries if _holds(entry.place, full)), None)
        return holding.database if holding is not None else None


def _holds(place: str | None, full: str) -> bool:
    return place is not None and (full == place or full.startswith(f"{place}/"))


def located(source: str, base: Path, root: Path) -> str:
    """A schema source whose path is relative to `base`, or to `root`, with a path relative to `root`.

    What stands at neither place is returned as it is: whoever opens it says so.
    """
    kind, colon, where = source.partition(":")
    kind, where = (kind + colon, where) if colon and kind in {"sql", "supabase", "alembic"} else ("", source)
    path, at, revision = where.rpartition("@") if kind == "alembic:" and "@" in where else (where, "", "")
    if not (base / path).exists():
        return source
    return f"{kind}{Path(os.path.relpath(base / path, root)).as_posix()}{at}{revision}"
