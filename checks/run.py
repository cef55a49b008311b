"""The pipeline: scan, read the catalog, bind, infer, check, report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from . import __version__
from .begun import listed, looking_inside, of_parts, root_of, scanned, with_database, with_roles
from .report.model import JudgedBy, Report
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from . import earlier
    from .arbiter.model import BoundSite
    from .begun import Paths, Progress
    from .catalog.read import Catalog
    from .model import WriteSite
    from .scan.model import Remark, ScanResult
    from .schema.model import Loaded
    from .settled import Updated
    from .shares import Share
    from .suppress import Entry


def scan(
    paths: Paths, settings: Settings | None = None, *, explain: bool = False, progress: Progress | None = None
) -> Report:
    """All write sites below `paths` (one or several), judged by nobody; `explain` also every hit that is none.

    Raises SourceError for a path that does not exist or settings that cannot be read.
    """
    return Report(version=__version__, scan=scanned(listed(paths), settings or Settings(), progress, explain=explain))


def check(
    paths: Paths,
    settings: Settings | None = None,
    *,
    only_line: int | None = None,
    explain: bool = False,
    progress: Progress | None = None,
) -> Report:
    """All write sites below `paths` (one or several), each with a verdict about its conflict clause, and the findings.

    `only_line` keeps the sites whose statement covers that line (of a single file); `explain` has every hit of a
    trigger word explained that is no site.

    Raises SourceError, SchemaError or ServerError when sources, schema or server cannot be had.
    """
    from .changed import of_files
    from .settled import Asked, baseline_of, settled

    paths = listed(paths)
    settings = looking_inside(settings or Settings(), paths, only_line)
    entries = baseline_of(settings)
    in_part = only_line is not None or settings.changed is not None
    found = _found(paths, settings, only_line=only_line, explain=explain, progress=progress)
    report = settled(found, Asked(paths, root_of(paths), settings, in_part=in_part), entries)
    return report if settings.changed is None else of_files(report, settings.changed)


def update_baseline(
    paths: Paths, settings: Settings, entries: Sequence[Entry], *, progress: Progress | None = None
) -> tuple[Updated, Report]:
    """The baseline of today for one with these entries, and the report of all that was found, baseline or not.

    Raises SourceError, SchemaError or ServerError as `check` does.
    """
    from .settled import Asked, settled, update

    paths = listed(paths)
    settings = looking_inside(settings, paths)
    found = _found(paths, settings, progress=progress)
    asked = Asked(paths, root_of(paths), settings)
    return update(found, asked, entries), settled(found, asked, None)


def _found(
    paths: Sequence[Path],
    settings: Settings,
    *,
    only_line: int | None = None,
    explain: bool = False,
    progress: Progress | None = None,
) -> Report:
    """All that is found, with what rules that are not chosen would say as suppressed."""
    from . import earlier
    from .schema.detect import once

    def asked() -> earlier.Question | None:
        return earlier.question(paths, detected or settings, root_of(paths), guessed=detected is not None)

    with once():
        detected = None if settings.database else of_parts(settings, root_of(paths))
        in_part = only_line is not None or explain
        now = None if in_part else asked()
        if now is not None and (known := earlier.report(now)) is not None:
            return known
        found = _found_anew(paths, settings, detected, only_line=only_line, explain=explain, progress=progress)
    if now is not None:
        earlier.keep(now, asked(), found)  # asked once more of the tree as it is at the end
    return found


def _found_anew(
    paths: Sequence[Path],
    settings: Settings,
    detected: Settings | None,
    *,
    only_line: int | None = None,
    explain: bool = False,
    progress: Progress | None = None,
) -> Report:
    """The same, whatever an earlier run has found; `detected`: the settings for parts with schemas of their own."""
    from . import rules, schema
    from .arbiter.judge import judge
    from .binding import bind_all
    from .catalog.collector import paused
    from .shares import narrowed

    settings = detected or settings
    if settings.database and settings.only_database is None:
        result = _on_line(scanned(paths, settings, progress, explain=explain), only_line)
        return _check_each(result, settings, root_of(paths), progress, guessed=detected is not None)
    settings = narrowed(settings, root_of(paths))
    with paused(), schema.open(settings, root_of(paths), judge=judge, progress=progress) as source:
        result = _on_line(scanned(paths, settings, progress, explain=explain), only_line)
        sites, loaded = with_database(result.sites, source, settings)
        sites, loaded = with_roles(sites, loaded, settings, root_of(paths), asked_for=only_line is not None)
        result = replace(result, sites=sites, remarks=(*result.remarks, *_remarks(loaded, sites)))
        bounds = bind_all(result.sites, source, settings)
        checked = rules.check_all(bounds, loaded, settings).joined(rules.check_sources(result, settings))
    return Report(
        version=__version__,
        scan=result,
        bound=bounds,
        server=loaded.server,
        schema=loaded.schema,
        findings=checked.findings,
        suppressed=tuple((finding, "settings") for finding in checked.ignored),
        access=checked.access,
    )


def _remarks(loaded: Loaded, sites: Iterable[WriteSite]) -> tuple[Remark, ...]:
    """What comments say to this program in what holds a site inside the database; others are those of files."""
    from .inside.remarks import remarks

    holders = {site.span.inside for site in sites if site.span.path is None}
    return tuple(remark for remark in remarks(loaded.inside) if remark.inside in holders) if holders else ()


def _on_line(result: ScanResult, line: int | None) -> ScanResult:
    if line is None:
        return result
    return replace(result, sites=tuple(s for s in result.sites if s.statement_line <= line <= s.span.end_line))


def _check_each(
    result: ScanResult, settings: Settings, root: Path, progress: Progress | None, *, guessed: bool = False
) -> Report:
    """The sites of each database judged by that database, one after the other: no two servers at a time.

    `guessed`: nobody has said which database the other files write to.
    """
    from . import rules
    from .shares import doubted, shares

    judged: list[JudgedBy] = []
    bounds: dict[str, BoundSite] = {}
    inside: list[Remark] = []
    checked = rules.check_sources(result, settings)
    catalogs: dict[str, Catalog | None] = {}
    for share in shares(result.sites, settings, root, guessed=guessed):
        bound, loaded = _judged(share, root, progress)
        if share.name is None and guessed:
            bound = tuple(doubted(one, catalogs) for one in bound)
        elif share.name is not None and share.source != settings.schema:
            catalogs[share.name] = loaded.catalog if share.sites else None
        bounds.update((one.site.id, one) for one in bound)
        inside += _remarks(loaded, (one.site for one in bound))
        checked = checked.joined(rules.check_all(bound, loaded, share.settings or settings))
        if share.name or share.settings:
            judged.append(JudgedBy(share.name, share.dialect, loaded.server, loaded.schema))
    default = next((one for one in judged if one.name is None), None)
    files = [bounds.pop(site.id) for site in result.sites if site.id in bounds]
    bound_sites = (*files, *bounds.values())  # what is left is inside the databases
    return Report(
        version=__version__,
        scan=replace(
            result, sites=tuple(one.site for one in bound_sites), remarks=(*result.remarks, *dict.fromkeys(inside))
        ),
        bound=bound_sites,
        server=default.server if default else None,
        schema=default.schema if default else None,
        findings=checked.findings,
        suppressed=tuple((finding, "settings") for finding in checked.ignored),
        access=checked.access,
        databases=tuple(judged),
    )


def _judged(share: Share, root: Path, progress: Progress | None) -> tuple[tuple[BoundSite, ...], Loaded]:
    """The sites of one database with their verdicts, and what they were judged by."""
    from . import schema
    from .arbiter.judge import judge
    from .binding import bind_all
    from .catalog.collector import paused
    from .shares import bound_to_nothing

    if share.settings is None or not share.sites:
        return bound_to_nothing(share)
    with paused(), schema.open(share.settings, root, judge=judge, progress=progress) as source:
        sites, loaded = with_database(share.sites, source, share.settings, share.name)
        sites, loaded = with_roles(sites, loaded, share.settings, root)
        return bind_all(sites, source, share.settings), loaded
