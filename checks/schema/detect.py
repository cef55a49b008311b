"""Which schema sources a repository holds, told by names and leading bytes; nothing of the project is ever run."""

from __future__ import annotations

import json
import os
from collections import deque
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import sqlc
from .order import sql_files
from .source import SourceKind, relative

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SKIPPED = frozenset({
    "node_modules", "bower_components", "vendor", "third_party", "venv", "site-packages", "__pycache__", "dist",
    "build", "target", "out", "coverage", "fixtures", "testdata", "examples", "__tests__", "tests", "test", "docs",
    "archive",
})  # fmt: skip
# Of migrations in a language of their own (db/schema.rb, Django, Laravel) only a database knows what they make.
HOW_TO_NAME_ONE = (
    "Name one with --schema sql:PATH, supabase:DIR or alembic:PATH, or with --database-url a database in which the "
    "project's own migrations have run."
)
_DEPTH = 8  # apps/orders/src/main/resources/db/migration
_MOST_DIRECTORIES = 20_000
_MIGRATIONS = frozenset({"migrations", "migration", "migrate"})
# What a directory of migrations for one of several engines is called, inside of one of those above or around it.
_OWN_NAMES = frozenset({"postgres", "postgresql", "pg", "pgsql", "cockroach", "cockroachdb"})
_OTHER_NAMES = {
    "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "sqlite3": "sqlite", "mssql": "sql server",
    "sqlserver": "sql server", "clickhouse": "clickhouse",
}  # fmt: skip
_DUMPS = ("structure.sql", "schema.sql")
_DUMPED = b"\n-- PostgreSQL database dump\n"
_DUMP_HEAD = 4_000
_HEAD = 20_000
_WHOLE = 1_000_000
_MOST_FILES = 500
_MOST_PLACES = 3
# What PostgreSQL's grammar refuses, and other engines' dumps and migrations always hold.
_OTHER_ENGINES = {
    "mysql": (b"ENGINE=", b"AUTO_INCREMENT", b"` (", b"`;"),
    "sqlite": (b"AUTOINCREMENT", b"PRAGMA ", b"WITHOUT ROWID"),
    "sql server": (b"NVARCHAR(", b"[dbo]", b"IDENTITY(1,1)"),
    "clickhouse": (b"MergeTree",),
}


@dataclass(frozen=True, slots=True)
class Detection:
    """The source to take ("supabase:supabase/migrations"), None if there is none, and what else was seen."""

    source: str | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A schema source as it is named in settings, and the directory that it lies in, relative to the root.

    `engine`: the other database that it is for. `runs_code`: only a program of the project can load it.
    """

    source: str
    directory: str
    engine: str | None = None
    runs_code: bool = False


@dataclass(frozen=True, slots=True, order=True)
class _Found:
    rank: int
    depth: int
    path: Path
    kind: SourceKind


_seen: ContextVar[dict[Path, tuple[_Found, ...]] | None] = ContextVar("_seen", default=None)


def detect(root: Path) -> Detection:
    """The best schema source at or a few levels below `root`, else below the nearest directory of its repository."""
    best = Detection(None)
    for top in (root, *_repository_above(root)):
        found = _detect(top, root)
        if found.source:
            return found
        best = best if best.notes else found
    return best


def candidates(root: Path) -> tuple[Candidate, ...]:
    """Every schema source at or below `root`, the best first."""
    return tuple(_candidate(found, root) for found in _ranked(root))


def _candidate(found: _Found, root: Path) -> Candidate:
    where = relative(found.path, root)
    directory = where if found.path.is_dir() else relative(found.path.parent, root)
    if found.kind is SourceKind.ALEMBIC:
        return Candidate(f"alembic:{where}", directory, runs_code=True)
    if engine := _other_engine(found.path):
        return Candidate(f"sql:{where}", directory, engine)
    return Candidate(f"{_kind(found)}:{where}", directory)


def _repository_above(root: Path) -> tuple[Path, ...]:
    """The directories above `root` up to that of its repository, nearest first; none outside a repository."""
    places = (root.resolve(), *root.resolve().parents)
    top = next((number for number, place in enumerate(places) if (place / ".git").exists()), 0)
    return places[1 : top + 1]


def _detect(top: Path, root: Path) -> Detection:
    usable: list[_Found] = []
    notes: list[str] = []
    sources = _ranked(top)
    for found in sources:
        where = relative(found.path, root)
        if found.kind is SourceKind.ALEMBIC:
            notes.append(
                f"{where} was found but not run: --schema alembic:{where} loads its revisions in a child process"
            )
        elif engine := _other_engine(found.path):
            notes.append(f"{where} was left out: it is for {engine}")
        else:
            usable.append(found)
    if not usable:
        notes += _other_places(top, root, {found.path for found in sources})
    names = [f"{_kind(found)}:{relative(found.path, root)}" for found in usable]
    notes += [f"{name} was found but not taken: --schema {name} takes it instead" for name in names[1:]]
    return Detection(names[0] if names else None, tuple(notes))


@contextmanager
def once() -> Iterator[None]:
    """Inside of it a directory is looked through once: a run asks more than one question about the same tree.

    Inside of another one it begins anew.
    """
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def _ranked(top: Path) -> tuple[_Found, ...]:
    """The sources at or below `top`, each once, the best first."""
    seen = _seen.get()
    if seen is None:
        return _looked_for(top)
    if top not in seen:
        seen[top] = _looked_for(top)
    return seen[top]


def _looked_for(top: Path) -> tuple[_Found, ...]:
    best: dict[Path, _Found] = {}
    for found in sorted(_sources(top)):
        best.setdefault(found.path, found)
    return tuple(best.values())


def _sources(top: Path) -> Iterator[_Found]:
    """Every source at or below `top`; what lies inside a source is part of it."""
    queue = deque([(top, 0)])
    seen = 0
    while queue and seen < _MOST_DIRECTORIES:
        directory, depth = queue.popleft()
        seen += 1
        files, directories = _entries(directory)
        found = tuple(_here(directory, depth, files, directories))
        yield from found
        if depth < _DEPTH and not any(source.path == directory for source in found):
            queue.extend((directory / name, depth + 1) for name in directories if not _skipped(name))


def _other_places(top: Path, root: Path, known: set[Path]) -> Iterator[str]:
    """Directories of SQL files that create tables, those that create most first: whether they are all, nobody says.

    `known`: the sources, which are not looked into again.
    """
    found: list[tuple[int, str]] = []
    queue = deque([(top, 0)])
    seen = 0
    while queue and seen < _MOST_DIRECTORIES:
        directory, depth = queue.popleft()
        seen += 1
        files, directories = _entries(directory)
        heads = [_head(directory / name).lower() for name in sorted(files)[:_MOST_FILES] if name.endswith(".sql")]
        if (tables := sum(head.count(b"create table") for head in heads)) and not _other_engine(directory):
            found.append((-tables, relative(directory, root)))
        inner = [directory / name for name in directories if not _skipped(name)] if depth < _DEPTH else []
        queue.extend((path, depth + 1) for path in inner if path not in known)
    for _, where in sorted(found)[:_MOST_PLACES]:
        yield f"SQL files in {where} create tables: --schema sql:{where} takes them"


def _entries(directory: Path) -> tuple[set[str], list[str]]:
    try:
        with os.scandir(directory) as entries:
            listed = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return set(), []
    return {name for name, is_dir in listed if not is_dir}, sorted(name for name, is_dir in listed if is_dir)


def _skipped(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED


def _here(directory: Path, depth: int, files: set[str], directories: list[str]) -> Iterator[_Found]:
    # What is called otherwise than it reads, "." or a link, is the first directory alone.
    place = directory.resolve() if depth <= 1 else directory
    has_sql = any(name.endswith(".sql") for name in files)
    for name in sorted(sqlc.NAMES & files):
        yield from (_Found(5, depth, path, SourceKind.SQL) for path in sqlc.schemas(directory / name))
    if "alembic.ini" in files:
        yield _Found(9, depth, directory / "alembic.ini", SourceKind.ALEMBIC)
    if place.name == "migrations" and place.parent.name == "supabase" and has_sql:
        yield _Found(0, depth, directory, SourceKind.SUPABASE)
    elif "migration_lock.toml" in files and any((directory / name / "migration.sql").is_file() for name in directories):
        yield _Found(1, depth, directory, SourceKind.SQL)
    elif has_sql and "meta" in directories and (directory / "meta" / "_journal.json").is_file():
        yield _Found(2, depth, directory, SourceKind.SQL)
    elif _is_migrations(place, files, directories) and sql_files(directory):
        yield _Found(4, depth, directory, SourceKind.SQL)
    else:
        yield from _written_out(directory, depth, files, directories)


def _written_out(directory: Path, depth: int, files: set[str], directories: list[str]) -> Iterator[_Found]:
    """What says how the schema is, not how it became so: a dump, or a directory with a file for each table."""
    for name in (name for name in _DUMPS if name in files and _makes_tables(directory / name)):
        yield _Found(3 if name == _DUMPS[0] else 5, depth, directory / name, SourceKind.SQL)
    others = sorted(name for name in files if name.endswith(".sql") and name not in _DUMPS)
    for name in (name for name in others if _DUMPED in _head(directory / name, _DUMP_HEAD)):
        yield _Found(6, depth, directory / name, SourceKind.SQL)
    tables = list((directory / "tables").glob("*.sql")) if "tables" in directories else []
    if others or set(_DUMPS) & files or 2 * sum(map(_makes_tables, tables)) <= len(tables):
        return
    beside = any(next((directory / name).glob("*.sql"), None) for name in directories if name != "tables")
    yield _Found(7, depth, directory if beside else directory / "tables", SourceKind.SQL)


def _makes_tables(path: Path) -> bool:
    text = _head(path, _WHOLE).lower()
    return b"create table" in text or text.startswith(b"\\i") or b"\n\\i" in text


def _is_migrations(place: Path, files: set[str], directories: list[str]) -> bool:
    """Whether a runner applies what lies here: by its name, and no dump alone, which stands above the migrations."""
    name = place.name.casefold()
    one_of_several = (name in _OWN_NAMES or name in _OTHER_NAMES) and place.parent.name in _MIGRATIONS
    if place.name not in _MIGRATIONS and not one_of_several:
        return False
    return _has_nested(place, directories) or any(n.endswith(".sql") and n not in _DUMPS for n in files)


def _has_nested(directory: Path, names: list[str]) -> bool:
    return any((directory / name / inner).is_file() for name in names for inner in ("up.sql", "migration.sql"))


def _other_engine(path: Path) -> str | None:
    """The engine that a source is for when its own words say that it is not PostgreSQL."""
    for lock, read in (("migration_lock.toml", _prisma_provider), ("meta/_journal.json", _drizzle_dialect)):
        if (path / lock).is_file() and (engine := read(path / lock)):
            return None if engine.startswith(("postgres", "cockroach")) else engine
    place = path.resolve()
    for name in (place.name.casefold(), place.parent.name.casefold()) if path.is_dir() else ():
        if name in _OWN_NAMES or name in _OTHER_NAMES:
            return _OTHER_NAMES.get(name)
    places = [path] if path.is_file() else sql_files(path)
    for place in places[:20]:
        head = _head(place)
        for engine, signs in _OTHER_ENGINES.items():
            if sum(sign in head for sign in signs) > (engine == "mysql"):
                return engine
    return None


def _kind(found: _Found) -> SourceKind:
    """SUPABASE also for plain SQL that stands on what only that platform has and does not make it itself."""
    if found.kind is not SourceKind.SQL:
        return found.kind
    places = [found.path] if found.path.is_file() else sql_files(found.path)
    text = b"\n".join(_head(place, _WHOLE) for place in places[:_MOST_FILES]).lower()
    makes = any(
        sign in text for sign in (b"create schema auth", b"create schema if not exists auth", b"table auth.users")
    )
    needs = any(sign in text for sign in (b"auth.uid()", b"references auth.users", b" on auth.users"))
    return SourceKind.SUPABASE if needs and not makes else SourceKind.SQL


def _head(path: Path, size: int = _HEAD) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError:
        return b""


def _prisma_provider(lock: Path) -> str | None:
    line = next(
        (line for line in _head(lock).decode("utf-8", "replace").splitlines() if line.startswith("provider")), ""
    )
    return line.partition("=")[2].strip().strip("\"'") or None


def _drizzle_dialect(journal: Path) -> str | None:
    try:
        dialect = json.loads(journal.read_bytes()).get("dialect")
    except (OSError, ValueError, AttributeError):
        return None
    # Before version 6 of the journal PostgreSQL was written "pg".
    return {"pg": "postgresql"}.get(dialect, dialect) if isinstance(dialect, str) else None
