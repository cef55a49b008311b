"""What every run begins with: its root, the scan, the settings for it, and the sites inside the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SchemaError, SourceError

if TYPE_CHECKING:
    from .model import WriteSite
    from .scan.model import ScanResult
    from .schema.model import Loaded
    from .schema.opening import OpenSchema
    from .settings import Settings

Paths = str | Path | Sequence[str | Path]
Progress = Callable[[str, int, int], None]


def root_of(paths: Sequence[Path]) -> Path:
    """The directory that report paths are relative to: the one path, or what several have in common.

    Raises SourceError for a path that does not exist.
    """
    chosen = [path.resolve() for path in paths] or [Path.cwd()]
    for path, asked in zip(chosen, paths, strict=False):
        if not path.exists():
            raise SourceError(f'path "{asked}" does not exist')
    common = Path(os.path.commonpath([str(path) for path in chosen]))
    return common if common.is_dir() else common.parent


def listed(paths: Paths) -> tuple[Path, ...]:
    """One path or several as a tuple."""
    return (Path(paths),) if isinstance(paths, str | Path) else tuple(Path(path) for path in paths)


def scanned(
    paths: Sequence[Path], settings: Settings, progress: Progress | None, *, explain: bool = False
) -> ScanResult:
    """What the scan of these paths gives, with names looked up in the whole project. Raises SourceError."""
    from .scan import scan as scan_sources

    told = (lambda done, total: progress("scan", done, total)) if progress else None
    return scan_sources(list(paths) or [Path()], settings, progress=told, explain=explain, whole=True)


def of_parts(settings: Settings, root: Path) -> Settings | None:
    """The settings for a project of which several parts have a schema of their own, when no schema is asked for."""
    from .proposal import parts

    if settings.schema is not None or settings.database_url is not None:
        return None
    default, found = parts(root)
    return replace(settings, schema=default, database=found, base=root) if found else None


def refuse_parts(settings: Settings, root: Path) -> None:
    """Raise SchemaError where nobody says which of several schemas is to be repaired."""
    if not settings.database and (detected := of_parts(settings, root)) is not None:
        names = ", ".join(one.name for one in detected.database)
        raise SchemaError(
            f"several parts of the project have a schema of their own: {names}",
            "Let pgarbiter init write them down, then choose one with --database.",
        )


def looking_inside(settings: Settings, paths: Sequence[Path], only_line: int | None = None) -> Settings:
    """Sites inside the database are looked at unless only files are, or nobody wants them."""
    wanted = settings.in_database
    if wanted is None:
        wanted = not paths or any(path.is_dir() for path in paths)
    return replace(settings, in_database=wanted and only_line is None)


def with_database(
    sites: tuple[WriteSite, ...], source: OpenSchema, settings: Settings, name: str | None = None
) -> tuple[tuple[WriteSite, ...], Loaded]:
    """The sites with those inside the database of that name, and what was loaded, with notes on what was not read."""
    from .inside import joined

    loaded = source.loaded
    if not settings.in_database:
        return sites, loaded
    found = joined(sites, source, name)
    noted = replace(loaded.schema, notes=(*loaded.schema.notes, *found.notes))
    return found.sites, replace(loaded, schema=noted)


def with_roles(
    sites: tuple[WriteSite, ...], loaded: Loaded, settings: Settings, root: Path, *, asked_for: bool = False
) -> tuple[tuple[WriteSite, ...], Loaded]:
    """The sites with the roles that run them, and what was loaded, with a note on sites that have none."""
    if settings.role is None:
        return sites, loaded
    from .access.whose import assigned, left_alone

    found = assigned(sites, settings, root, loaded, asked_for=asked_for)
    noted = replace(loaded.schema, notes=(*loaded.schema.notes, *left_alone(found, settings)))
    return found, replace(loaded, schema=noted)
