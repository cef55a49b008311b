"""Write sites and their verdicts alone, for those who ask other questions than what is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import __version__
from .begun import listed, looking_inside, refuse_parts, root_of, scanned, with_database, with_roles
from .model import Scope, Status
from .report.model import Report
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .arbiter.model import BoundSite
    from .begun import Paths, Progress
    from .model import WriteSite
    from .schema.model import Loaded


def judged(
    paths: Paths, settings: Settings | None = None, *, progress: Progress | None = None
) -> tuple[Report, Loaded]:
    """The write sites below `paths` with their verdicts, by one schema, whose catalog goes with them; no findings.

    Raises SourceError, SchemaError or ServerError when sources, schema or server cannot be had, and SchemaError for a
    project of several databases of which none is chosen.
    """
    from . import schema
    from .arbiter.judge import judge
    from .binding import bind_all
    from .catalog.collector import paused
    from .shares import narrowed

    paths = listed(paths)
    root = root_of(paths)
    settings = settings or Settings()
    refuse_parts(settings, root)
    settings = looking_inside(narrowed(settings, root), paths)
    with paused(), schema.open(settings, root, judge=judge, progress=progress) as source:
        result = scanned(paths, settings, progress)
        sites, loaded = with_database(result.sites, source, settings)
        sites, loaded = with_roles(sites, loaded, settings, root)
        bounds = bind_all(sites, source, settings)
    found = replace(result, sites=sites)
    return Report(version=__version__, scan=found, bound=bounds, server=loaded.server, schema=loaded.schema), loaded


def judge_sites(sites: Sequence[WriteSite], settings: Settings, root: Path) -> tuple[tuple[BoundSite, ...], Loaded]:
    """Sites that no scan has found, judged by the one schema that the settings name, or that is detected at `root`.

    Raises SourceError, SchemaError or ServerError when schema or server cannot be had.
    """
    from . import schema
    from .binding import bind_all
    from .catalog.collector import paused
    from .shares import narrowed

    refuse_parts(settings, root)
    settings = replace(narrowed(settings, root), in_database=False)
    with paused(), schema.open(settings, root) as source:
        return bind_all(sites, source, settings), source.loaded


def judge_by(
    paths: Paths, sources: Sequence[str], settings: Settings, root: Path, *, progress: Progress | None = None
) -> tuple[tuple[BoundSite, ...] | None, ...]:
    """The write sites below `paths`, each judged by each of the sources; None for one that no statement can run in.

    Sources are those of `diff`, named from `root`. Sites are in the same order each time; tests, and migrations, which
    ran on a schema that is gone, are left out.

    Raises SourceError, SchemaError or ServerError when sources, schema or server cannot be had.
    """
    found = scanned(listed(paths), settings, progress).sites
    sites = [
        site
        for site in found
        if site.status is not Status.NOT_POSTGRES and site.scope not in (Scope.TEST, Scope.MIGRATION)
    ]
    return tuple(_judged_by(source, sites, settings, root) for source in sources)


def _judged_by(source: str, sites: Sequence[WriteSite], settings: Settings, root: Path) -> tuple[BoundSite, ...] | None:
    from . import schema
    from .binding import bind_all
    from .catalog.collector import paused
    from .settings import is_live, url_of

    source = settings.sources.get(source, source)
    if {"snapshot", "types"} & set(source.split(":")[:-1]):
        return None
    live = is_live(source)
    url = url_of(source) if live else None
    chosen = replace(settings, database_url=url, schema=None if live else source or None, in_database=False)
    with paused(), schema.open(chosen, root) as opened:
        return bind_all(sites, opened, chosen)
