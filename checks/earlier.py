"""The report of an earlier run, for a run in which nothing that it depends on has changed.

A report depends on the code, on the settings, on which files there are and what they hold, and on the schema source.
Files of a language are known by size, inode and times; what else was read of the tree as well; the schema source,
which may lie elsewhere, by its contents. A live database is read each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import sys
import tempfile
import time
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .cachedir import directory as cache_directory
from .catalog.collector import paused
from .errors import PgArbiterError
from .pickling import dumped, loaded
from .scan.files import tree_of
from .scan.grounds import project_of
from .scan.languages import language_of
from .schema.naming import key_parts, source_of
from .shares import narrowed, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from .report.model import Report
    from .settings import Settings

_MAGIC = b"pgarbiter report 2\n"
_MOST_FILES = 64
_OWN_SERVERS = ("auto", "embedded", "local", "docker")
# What is applied to a report afterwards, or changes how it is made and not what it says.
_LATER = frozenset({
    "baseline", "per_path_ignores", "fail_on", "max_unresolved", "max_unknown", "cache", "cache_dir", "jobs", "diff",
    "sources",
})  # fmt: skip
_TICK = 100_000_000  # nanoseconds: more than the clocks of file systems with fine times
_COARSE_TICK = 2_100_000_000  # of those that count whole seconds, or two
_SECOND = 1_000_000_000
_PACKAGE = Path(__file__).resolve().parent

_Stat = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Question:
    """What a run is asked, and of what; `place` is where its answer is kept, `root` that of the whole project.

    `latest`: when the last file was changed, `asked`: when that was looked at, in nanoseconds.
    """

    place: Path
    root: Path
    digest: bytes
    latest: int
    asked: int


def question(paths: Sequence[Path], settings: Settings, root: Path, *, guessed: bool) -> Question | None:
    """The question of a run of one directory by schema sources; None for another run, or without a cache.

    `guessed`: the databases are those that the parts of the project seem to have.
    """
    directory = cache_directory(settings.cache_dir) if settings.cache else None
    if directory is None or len(paths) > 1 or not all(path.is_dir() for path in paths):
        return None
    asked = time.time_ns()
    try:
        told = hashlib.sha256()
        for part in (*_code(), *_settings(settings), str(guessed), *_schemas(settings, root)):
            told.update(f"{len(part)} ".encode() + (part if isinstance(part, bytes) else os.fsencode(part)))
        latest = 0
        for part, changed in _tree(settings, paths):
            told.update(os.fsencode(part))
            latest = max(latest, changed)
    except (PgArbiterError, OSError, UnicodeError):
        return None  # whoever needs it says what is wrong
    name = hashlib.sha256(os.fsencode("\n".join((str(root), *_settings(settings))))).hexdigest()[:32]
    return Question(directory / "reports" / name, project_of(root), told.digest(), latest, asked)


def _code() -> Iterator[str]:
    """What tells one state of the code, and of the libraries beside it, from another."""
    yield sys.version
    for place in sorted({str(Path(module.__file__).parents[1]) for module in _beside() if module.__file__}):
        yield f"{place} {os.stat(place).st_mtime_ns}"  # noqa: PTH116 - an installed or removed library changes it
    for folder, folders, names in os.walk(_PACKAGE):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        for name in sorted(names):
            status = os.stat(f"{folder}/{name}")  # noqa: PTH116 - a Path each is too slow
            yield f"{folder}/{name} {status.st_size} {status.st_mtime_ns}"


def _beside() -> Iterator[ModuleType]:
    return (module for name in ("click", "pathspec", "typing_extensions") if (module := sys.modules.get(name)))


def _settings(settings: Settings) -> tuple[str, ...]:
    return tuple(f"{f.name}={getattr(settings, f.name)!r}" for f in fields(settings) if f.name not in _LATER)


def _schemas(settings: Settings, root: Path) -> Iterator[str | bytes]:
    """What the schemas depend on by which the sites are judged. Raises PgArbiterError for one that is live."""
    if settings.database and settings.only_database is None:
        judged = [one for one in settings.database if one.dialect == "postgres" and (one.schema or one.url_env)]
        chosen = [settings_for(one, settings, root) for one in judged]
        chosen += [replace(settings, database=())] if settings.schema or settings.database_url else []
    else:
        chosen = [narrowed(settings, root)]
    for one in chosen:
        if one.database_url is not None or one.server not in _OWN_SERVERS:
            raise PgArbiterError("a live server is asked each time")
        source, notes = source_of(one, root)
        yield from notes
        for name, data in key_parts(source, one, root, "", judged=True):
            yield name
            yield hashlib.sha256(data).digest()


def _tree(settings: Settings, paths: Sequence[Path]) -> Iterator[tuple[str, int]]:
    """The names of all files, with what tells whether those of a language have changed, and when they last did.

    Of the whole project: what names mean in a part of it stands anywhere.
    """
    tree = tree_of(paths, settings, whole=True)
    yield f"{tree.left_out} {tree.unread} {tree.lead} {tree.address} {sorted(tree.asked or ())}\n", 0
    for path in tree.paths:
        if language_of(path) is None:
            yield f"{path}\n", 0
        else:
            status = _status(tree.root, path)
            yield f"{path} {status}\n", max(status[1:3]) if status else 0


def _status(root: Path, path: str) -> _Stat | None:
    try:
        found = os.stat(f"{root}/{path}")  # noqa: PTH116 - as above
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def report(asked: Question) -> Report | None:
    """What an earlier run has answered to the same question; None if there is none that can be trusted."""
    try:
        with asked.place.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            data = file.read()
        head = len(_MAGIC)
        if not data.startswith(_MAGIC) or data[head : head + 32] != asked.digest:
            return None
        body = data[head + 64 :]
        if hashlib.sha256(body).digest() != data[head + 32 : head + 64]:
            return None
        with paused():
            found, others = loaded(body)
        if any(_status(asked.root, path) != status for path, status in others):
            return None
        os.utime(asked.place)
    except (OSError, ValueError, TypeError, AttributeError, EOFError, ImportError, pickle.UnpicklingError):
        return None
    answer: Report = found
    return answer


def keep(asked: Question, again: Question | None, found: Report) -> None:
    """Keep the answer for the next run, whole or not at all; a cache that cannot be written is no error.

    `again`: the question as it is now, at the end of the run. What has changed meanwhile, or so shortly before that the
    clock cannot tell, is not kept.
    """
    others = [(path, _status(asked.root, path)) for path in found.scan.sealed]
    latest = max(asked.latest, *(max(status[1:3]) for _, status in others if status), 0)
    young = latest > asked.asked - (_TICK if latest % _SECOND else _COARSE_TICK)
    if again is None or again.digest != asked.digest or young or found.scan.trouble is not None:
        return
    with contextlib.suppress(OSError, pickle.PicklingError, TypeError, AttributeError, RecursionError):
        body = dumped((found, others))
        _written(asked.place, _MAGIC + asked.digest + hashlib.sha256(body).digest() + body)


def _written(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, partial = tempfile.mkstemp(dir=place.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(partial).replace(place)
    finally:
        Path(partial).unlink(missing_ok=True)
    known = sorted(((path.stat().st_mtime, path) for path in place.parent.iterdir()), reverse=True)
    for _, path in known[_MOST_FILES:]:
        path.unlink(missing_ok=True)
