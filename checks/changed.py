"""What a commit changes: the files that are judged, or the whole project when its schema is among them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SchemaError, SourceError
from .scan.grounds import repository_of
from .schema.detect import detect, once
from .schema.source import SourceKind, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from .report.model import Report
    from .schema.source import Source
    from .settings import Settings

_OF_REVISIONS = frozenset(("alembic", "migrations", "versions"))  # directories that hold what alembic.ini points to


def ground() -> Path:
    """The repository that the working directory is in, where hooks run; outside of one the directory itself."""
    here = Path.cwd()
    return repository_of(here) or here


def changed_files(paths: Sequence[Path], root: Path, settings: Settings) -> tuple[str, ...] | None:
    """The files as the report names them; None when the schema is among them, since that may break any statement.

    Raises SourceError for a path that does not exist, is a directory, or is not below the root.
    """
    names = []
    for path in paths:
        place = path.resolve()
        if not place.is_file():
            raise SourceError(f'path "{path}" is no file', "With --changed, name the files that a commit changes.")
        if not place.is_relative_to(root):
            raise SourceError(f'path "{path}" is not in "{root}"', "Run pgarbiter in the repository of the files.")
        names.append(place.relative_to(root).as_posix())
    with once():
        places = tuple(_sources(settings, root))
    if any(_makes(source, root / name) for source in places for name in names):
        return None
    return tuple(sorted(set(names)))


def of_files(report: Report, files: Collection[str]) -> Report:
    """The report without findings that stand in no file of the change: they are about the database as it is."""
    kept = (one for one in report.findings if one.span is not None and one.span.path in files)
    return replace(report, findings=tuple(kept))


def _sources(settings: Settings, root: Path) -> Iterator[Source]:
    """Every schema source that a run of the whole project may load; none of a live database."""
    named = [settings.schema, *(one.schema for one in settings.database)]
    found = [one for one in named if one is not None]
    if not found and settings.database_url is None:
        found = list(_detected(root))
    for text in found:
        try:
            yield parse(text, root)
        except SchemaError:
            continue  # told by the run itself


def _detected(root: Path) -> Iterator[str]:
    from .proposal import parts  # noqa: PLC0415 - only of a project that names none

    default, databases = parts(root)
    yield from (one.schema for one in databases if one.schema is not None)
    first = default or detect(root).source
    if first is not None:
        yield first


def _makes(source: Source, path: Path) -> bool:
    """Whether the file is a part of the source, or of the program that makes it."""
    place = source.path.resolve()
    if path == place or (place.is_dir() and not source.kind.runs_code and path.is_relative_to(place)):
        return True
    if source.kind is SourceKind.MODELS:
        return path.suffix == ".py" and path.is_relative_to(place)
    if source.kind is not SourceKind.ALEMBIC or not path.is_relative_to(place.parent):
        return False
    return not _OF_REVISIONS.isdisjoint(path.relative_to(place.parent).parts[:-1])
