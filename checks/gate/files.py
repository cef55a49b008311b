"""Which files of SQL migrations are pending: those that the new tree has and the old one has not, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import sql
from ..schema.source import SourceKind
from ..sql.migrations import version_key
from ..wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..schema.order import SourceFile
    from ..schema.source import Source

_STEPS = ("migration.sql", "up.sql")  # of directories that are one migration each
_NAMES = frozenset({"migrations", "migration", "migrate"})
_REPEATABLE = re.compile(r"R__.+\.sql")  # of Flyway: run again whenever it is another text
_LONGEST = 24  # characters of the head of a column
_SHOWN = 3  # files in a note


@dataclass(frozen=True, slots=True)
class Migration:
    """A file of migrations, with those that it includes; `path` from the root, `name` without its directory."""

    path: str
    pieces: tuple[SourceFile, ...]

    @property
    def name(self) -> str:
        """The file's name, or that of the directory that is one migration."""
        path = Path(self.path)
        return path.parent.name if path.name in _STEPS else path.name.removesuffix(".sql").removesuffix(".up")

    @property
    def label(self) -> str:
        """The number that the name begins with, else its beginning."""
        number = re.match(r"[Vv]?[0-9][0-9._-]*(?=[_-]|$)", self.name)
        return (number[0].rstrip("._-") if number else self.name)[:_LONGEST]

    @property
    def statements(self) -> tuple[str, ...]:
        """Its statements, however they are spaced."""
        texts = (statement.text for piece in self.pieces for statement in sql.split(piece.text))
        return tuple(" ".join(text.split()) for text in texts)


@dataclass(frozen=True, slots=True)
class History:
    """The migrations that have run, those that are pending, and sentences on what has become of old ones."""

    before: tuple[Migration, ...]
    pending: tuple[Migration, ...]
    notes: tuple[str, ...] = ()


def is_history(source: Source) -> bool:
    """Whether files of that source are run once each: migrations, not files that say how the schema is."""
    if source.kind is SourceKind.SUPABASE:
        return source.path.is_dir()
    path = source.path
    if source.kind is not SourceKind.SQL or not path.is_dir():
        return False
    if (path / "meta" / "_journal.json").is_file() or any(any(path.glob(f"*/{name}")) for name in _STEPS):
        return True
    names = [each.relative_to(path).as_posix() for each in path.rglob("*.sql")]
    numbered = sum(version_key(name)[0] == 0 for name in names)
    return bool(names) and (path.resolve().name in _NAMES or 2 * numbered > len(names))


def migrations(files: Iterable[SourceFile]) -> tuple[Migration, ...]:
    """The files of a source, those that one includes together with it."""
    groups: list[list[SourceFile]] = []
    for file in files:
        if groups and (file.follows or file.path == groups[-1][0].path):
            groups[-1].append(file)
        else:
            groups.append([file])
    return tuple(Migration(group[0].path, tuple(group)) for group in groups)


def history(old: Sequence[Migration], new: Sequence[Migration]) -> History:
    """What a database at `old` has had, and what of `new` it will run."""
    known = {each.path: each for each in old}
    there = {each.path: each for each in new}
    gone = [each for each in old if each.path not in there]
    moved = dict(_moved(gone, [each for each in new if each.path not in known]))
    edited = [each for each in new if each.path in known and _differ(known[each.path], each)]
    again = [each for each in edited if _REPEATABLE.fullmatch(Path(each.path).name)]
    pending = tuple(each for each in new if (each.path not in known and each.path not in moved) or each in again)
    notes = (
        *_told_moved(moved),
        *told("migration", "was edited", "were edited", [each.path for each in edited if each not in again]),
        *told("migration", "is gone", "are gone", [each.path for each in gone if each.path not in moved.values()]),
        *_late([each for each in pending if each not in again], old),
    )
    return History(tuple(old), pending, notes)


def _differ(old: Migration, new: Migration) -> bool:
    return old.pieces != new.pieces and old.statements != new.statements


def _moved(gone: Sequence[Migration], new: Sequence[Migration]) -> Iterator[tuple[str, str]]:
    """New and former path of files that have another name and the same statements."""
    by_text = {each.statements: each.path for each in gone if each.statements}
    for each in new:
        if (former := by_text.pop(each.statements, None)) is not None:
            yield each.path, former


def _told_moved(moved: dict[str, str]) -> Iterator[str]:
    if moved:
        pairs = [f"{former} is now {path}" for path, former in moved.items()]
        yield (
            f"Migrations with the same statements under another name are taken as run already: {_some(pairs)}. "
            "A runner that goes by names runs them again."
        )


def told(noun: str, one: str, many: str, paths: Sequence[str]) -> Iterator[str]:
    """A sentence on old files that are not what they were, if there are any."""
    if paths:
        what = f"{plural(len(paths), noun)} of the base {one if len(paths) == 1 else many}"
        yield (
            f"{what}: {_some(paths)}. What has run does not run again, so the schema is judged as the base made it; "
            "some runners refuse to go on."
        )


def _late(pending: Sequence[Migration], old: Sequence[Migration]) -> Iterator[str]:
    """Pending files that stand before one that has run already."""
    newest = max((version_key(each.name) for each in old), default=None)
    late = [each.path for each in pending if newest and version_key(each.name) < newest]
    if late:
        yield (
            f"{plural(len(late), 'pending migration')} in the middle of those that have run: {_some(late)}. "
            "Judged as run after them; some runners refuse that."
        )


def _some(texts: Sequence[str]) -> str:
    rest = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
