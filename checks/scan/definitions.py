"""Which definitions of functions in migrations are live: the last one of each, the others are history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..sql.definitions import Configured, Defined, Dropped, Moved, Signature, read_definitions
from ..sql.markers import up_part
from ..sql.migrations import undoes, version_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NESTED = frozenset({"migration.sql", "up.sql", "down.sql"})  # the one file of a directory for each migration


@dataclass(frozen=True, slots=True)
class Definition:
    """A function of one file, from character `start` up to `end`.

    `ended` is the path and offset of what replaced or dropped it, None for a live one, `dropped` tells the two apart.
    `configured`: a later ALTER FUNCTION sets `search_path` in place of its own.
    """

    start: int
    end: int
    ended: tuple[str, int] | None = None
    dropped: bool = False
    configured: bool = False
    search_path: tuple[str, ...] | None = None


def source_of(path: str) -> str:
    """The directory that is one schema source with this file of migrations."""
    directory, _, name = path.rpartition("/")
    return directory.rpartition("/")[0] if name.casefold() in _NESTED else directory


def definitions_of(source: str, texts: Mapping[str, str]) -> dict[str, tuple[Definition, ...]]:
    """The functions of the files of one schema source, by path, in source order; files that undo hold none.

    Files count in the order of their runner, as CREATE OR REPLACE, DROP and ALTER FUNCTION would be executed.
    """
    lead = f"{source}/" if source else ""
    names = {path.removeprefix(lead): path for path in texts}
    history = _History()
    for name in sorted((name for name in names if not undoes(name)), key=version_key):
        history.apply(names[name], up_part(texts[names[name]]))
    return {path: tuple(history.found[key] for key in keys) for path, keys in history.files.items()}


class _History:
    def __init__(self) -> None:
        self.found: dict[tuple[str, int], Definition] = {}
        self.files: dict[str, list[tuple[str, int]]] = {}
        self._live: dict[Signature, tuple[str, int]] = {}

    def apply(self, path: str, text: str) -> None:
        for event in read_definitions(text):
            match event:
                case Defined(signature, start, end):
                    self._end(self._meant(signature), (path, start), dropped=False)
                    self.found[path, start] = Definition(start, end)
                    self.files.setdefault(path, []).append((path, start))
                    self._live[signature] = path, start
                case Dropped(str(schema), start):
                    inside = [one for one in self._live if one.schema == schema]
                    self._end(inside, (path, start), dropped=True)
                case Dropped(Signature() as signature, start):
                    self._end(self._meant(signature), (path, start), dropped=True)
                case Moved(signature, schema, name):
                    for one in self._meant(signature):
                        moved = replace(one, schema=schema or one.schema, name=name or one.name)
                        self._live[moved] = self._live.pop(one)
                case Configured(signature, search_path):
                    for one in self._meant(signature):
                        key = self._live[one]
                        self.found[key] = replace(self.found[key], configured=True, search_path=search_path)

    def _meant(self, signature: Signature) -> list[Signature]:
        return [one for one in self._live if signature.covers(one)]

    def _end(self, signatures: Iterable[Signature], by: tuple[str, int], *, dropped: bool) -> None:
        for signature in signatures:
            key = self._live.pop(signature)
            self.found[key] = replace(self.found[key], ended=by, dropped=dropped)
