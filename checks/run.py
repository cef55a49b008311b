"""The pipeline: scan, read the catalog, bind, infer, check, report."""

from __future__ import annotations

import os
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import SourceError
from .report.model import Report
from .scan import scan as scan_sources
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from psycopg import Connection

    from .arbiter.model import BoundSite
    from .arbiter.verdict import Asks
    from .model import WriteSite
    from .scan.model import ScanResult
    from .schema.opening import OpenSchema

    Paths = str | Path | Sequence[str | Path]
    Progress = Callable[[str, int, int], None]


def scan(paths: Paths, settings: Settings | None = None, *, progress: Progress | None = None) -> Report:
    """All write sites below `paths` (one or several), judged by nobody.

    Raises SourceError for a path that does not exist or settings that cannot be read.
    """
    return Report(version=__version__, scan=_scan(_listed(paths), settings or Settings(), progress))


def check(
    paths: Paths,
    settings: Settings | None = None,
    *,
    only_line: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """All write sites below `paths` (one or several), each with a verdict about its conflict clause, and the findings.

    `only_line` keeps the sites whose statement covers that line (of a single file).

    Raises SourceError, SchemaError or ServerError when sources, schema or server cannot be had.
    """
    from . import rules, schema
    from .arbiter.judge import judge
    from .catalog.collector import paused

    paths, settings = _listed(paths), settings or Settings()
    with paused(), schema.open(settings, root_of(paths), judge=judge, progress=progress) as source:
        result = _scan(paths, settings, progress)
        if only_line is not None:
            sites = tuple(s for s in result.sites if s.statement_line <= only_line <= s.span.end_line)
            result = replace(result, sites=sites)
        bounds = _bound(result.sites, source, settings)
        loaded = source.loaded
        checked = rules.check_all(bounds, loaded, settings)
    return Report(
        version=__version__,
        scan=result,
        bound=bounds,
        server=loaded.server,
        schema=loaded.schema,
        findings=checked.findings,
        suppressed=tuple((finding, "settings") for finding in checked.ignored),
    )


def _bound(sites: Sequence[WriteSite], source: OpenSchema, settings: Settings) -> tuple[BoundSite, ...]:
    """Each site with its relation and verdict; a planner is asked only where the catalog cannot tell."""
    from .arbiter.asking import InTurn
    from .arbiter.bind import bind
    from .arbiter.judge import merge_judged
    from .arbiter.oracle import Oracle
    from .arbiter.twin import Twin

    loaded = source.loaded
    with ExitStack() as stack:
        asked: Asks = stack.enter_context(Oracle(source.connection))
        if loaded.live:  # whose role may not be allowed to ask
            asked = InTurn(asked, Twin(_throwaway(stack, settings), loaded.catalog.version))
        bound = (bind(site, loaded, oracle=asked, exposed_schema=settings.exposed_schema) for site in sites)
        return tuple(merge_judged(site, loaded) for site in bound)


def _throwaway(stack: ExitStack, settings: Settings) -> Callable[[], AbstractContextManager[Connection[Any]]]:
    """Connections to one empty database, whose server starts with the first and ends with `stack`."""

    @cache
    def connection() -> Connection[Any]:
        import psycopg

        from .server import start

        server = stack.enter_context(start(settings.server, image=settings.server_image))
        return stack.enter_context(psycopg.connect(server.create_database(), autocommit=True))

    return lambda: nullcontext(connection())


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


def _listed(paths: Paths) -> tuple[Path, ...]:
    return (Path(paths),) if isinstance(paths, str | Path) else tuple(Path(path) for path in paths)


def _scan(paths: Sequence[Path], settings: Settings, progress: Progress | None) -> ScanResult:
    told = (lambda done, total: progress("scan", done, total)) if progress else None
    return scan_sources(list(paths) or [Path()], settings, progress=told)
