"""The pipeline: scan, read the catalog, bind, infer, check, report or repair."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import __version__
from .errors import SchemaError, SourceError
from .model import Scope, Status
from .report.model import JudgedBy, Report
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from .arbiter.model import BoundSite
    from .catalog.read import Catalog
    from .model import WriteSite
    from .repair.model import Repairs
    from .repair.request import Request
    from .repair.trial import Judgement, Trial
    from .scan.model import Remark, ScanResult
    from .schema.model import Loaded
    from .schema.opening import OpenSchema
    from .settled import Updated
    from .shares import Share
    from .suppress import Entry

    Paths = str | Path | Sequence[str | Path]
    Progress = Callable[[str, int, int], None]


def scan(
    paths: Paths, settings: Settings | None = None, *, explain: bool = False, progress: Progress | None = None
) -> Report:
    """All write sites below `paths` (one or several), judged by nobody; `explain` also every hit that is none.

    Raises SourceError for a path that does not exist or settings that cannot be read.
    """
    return Report(version=__version__, scan=_scan(_listed(paths), settings or Settings(), progress, explain=explain))


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

    paths = _listed(paths)
    settings = _looking_inside(settings or Settings(), paths, only_line)
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

    paths = _listed(paths)
    settings = _looking_inside(settings, paths)
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
    detected = None if settings.database else _of_parts(settings, root_of(paths))
    if only_line is not None or explain:
        return _found_anew(paths, settings, detected, only_line=only_line, explain=explain, progress=progress)
    from . import earlier

    def asked() -> earlier.Question | None:
        return earlier.question(paths, detected or settings, root_of(paths), guessed=detected is not None)

    now = asked()
    known = earlier.report(now) if now is not None else None
    if known is not None:
        return known
    found = _found_anew(paths, settings, detected, progress=progress)
    if now is not None:
        earlier.keep(now, asked(), found)
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
        scanned = _on_line(_scan(paths, settings, progress, explain=explain), only_line)
        return _check_each(scanned, settings, root_of(paths), progress, guessed=detected is not None)
    settings = narrowed(settings, root_of(paths))
    with paused(), schema.open(settings, root_of(paths), judge=judge, progress=progress) as source:
        result = _on_line(_scan(paths, settings, progress, explain=explain), only_line)
        sites, loaded = _with_database(result.sites, source, settings)
        sites, loaded = _with_roles(sites, loaded, settings, root_of(paths), asked_for=only_line is not None)
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

    paths = _listed(paths)
    root = root_of(paths)
    settings = settings or Settings()
    _refuse_parts(settings, root)
    settings = _looking_inside(narrowed(settings, root), paths)
    with paused(), schema.open(settings, root, judge=judge, progress=progress) as source:
        result = _scan(paths, settings, progress)
        sites, loaded = _with_database(result.sites, source, settings)
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

    _refuse_parts(settings, root)
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
    found = _scan(_listed(paths), settings, progress).sites
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


def _of_parts(settings: Settings, root: Path) -> Settings | None:
    """The settings for a project of which several parts have a schema of their own, when no schema is asked for."""
    from .proposal import parts

    if settings.schema is not None or settings.database_url is not None:
        return None
    default, found = parts(root)
    return replace(settings, schema=default, database=found, base=root) if found else None


def _refuse_parts(settings: Settings, root: Path) -> None:
    """Raise SchemaError where nobody says which of several schemas is to be repaired."""
    if not settings.database and (detected := _of_parts(settings, root)) is not None:
        names = ", ".join(one.name for one in detected.database)
        raise SchemaError(
            f"several parts of the project have a schema of their own: {names}",
            "Let pgarbiter init write them down, then choose one with --database.",
        )


def _looking_inside(settings: Settings, paths: Sequence[Path], only_line: int | None = None) -> Settings:
    """Sites inside the database are looked at unless only files are, or nobody wants them."""
    wanted = settings.in_database
    if wanted is None:
        wanted = not paths or any(path.is_dir() for path in paths)
    return replace(settings, in_database=wanted and only_line is None)


def _with_database(
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


def _with_roles(
    sites: tuple[WriteSite, ...], loaded: Loaded, settings: Settings, root: Path, *, asked_for: bool = False
) -> tuple[tuple[WriteSite, ...], Loaded]:
    """The sites with the roles that run them, and what was loaded, with a note on sites that have none."""
    if settings.role is None:
        return sites, loaded
    from .access.whose import assigned, left_alone

    found = assigned(sites, settings, root, loaded, asked_for=asked_for)
    noted = replace(loaded.schema, notes=(*loaded.schema.notes, *left_alone(found, settings)))
    return found, replace(loaded, schema=noted)


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
        sites, loaded = _with_database(share.sites, source, share.settings, share.name)
        sites, loaded = _with_roles(sites, loaded, share.settings, root)
        return bind_all(sites, source, share.settings), loaded


def repair(
    paths: Paths, request: Request, settings: Settings | None = None, *, progress: Progress | None = None
) -> Repairs:
    """What cures the findings below `paths`, with the revisions of what was chosen, written unless it is a dry run.

    Raises SourceError, SchemaError or ServerError when sources, schema or server cannot be had, and SourceError when
    the revisions cannot be written. A live database is only read.
    """
    from . import rules, schema
    from .arbiter.judge import judge
    from .binding import bind_all
    from .catalog.collector import paused
    from .repair.choice import choose
    from .repair.counting import counted
    from .repair.outcome import Delivery, deliver
    from .repair.patching import Patcher
    from .repair.plan import Planner
    from .repair.trial import Judgement
    from .shares import narrowed

    paths = _listed(paths)
    root = root_of(paths)
    settings = settings or Settings()
    _refuse_parts(settings, root)
    settings = _looking_inside(narrowed(settings, root), paths)
    url = settings.database_url
    with paused(), schema.open(settings, root, judge=judge, progress=progress) as source, ExitStack() as stack:
        sites, _ = _with_database(_scan(paths, settings, progress).sites, source, settings)

        def judged(sites: Sequence[WriteSite]) -> Judgement:
            bounds = bind_all(sites, source, settings)
            return Judgement(source.loaded, bounds, rules.check(bounds, source.loaded, settings))

        now = judged(sites)
        planner = Planner(
            now,
            judged,
            _trial(stack, now, source, settings, root),
            Patcher(paths, root, settings),
            request.policy,
            counted=lambda operation: () if url is None else counted(url, operation),
        )
        proposals = choose(planner.proposals(request.wanted(now.findings)), request.choice)
        ini = request.ini or _ini_of(settings, source, root)
        if ini is None and request.head is not None:
            raise SourceError(
                f'--head "{request.head}" names a revision, and there is no Alembic project',
                "Name its alembic.ini: --versions-of PATH; or leave --head out.",
            )
        return deliver(planner, proposals, Delivery(ini, request.head, request.dry_run))


def _trial(stack: ExitStack, now: Judgement, source: OpenSchema, settings: Settings, root: Path) -> Trial:
    """Where changes are tried: copies of the schema source; for a live database without one, its tables rebuilt."""
    from . import rules, schema
    from .binding import bind_all
    from .repair.rebuilt import Rebuilt
    from .repair.trial import Judgement, Trial

    if not source.loaded.live:
        return Trial(now, settings, source.copied)
    if settings.schema is None:
        return Rebuilt(now, settings, _empty(settings))
    other = replace(settings, database_url=None)
    opened = stack.enter_context(schema.open(other, root))
    bounds = bind_all([bound.site for bound in now.bounds], opened, other)
    before = Judgement(opened.loaded, bounds, rules.check(bounds, opened.loaded, other))
    return Trial(before, other, opened.copied)


def _empty(settings: Settings) -> Callable[[], AbstractContextManager[str]]:
    """A throwaway server of its own each time, since most runs need none, with the connection string of a database."""

    @contextmanager
    def opened() -> Iterator[str]:
        from .server import start

        with start(settings.server, image=settings.server_image) as server:
            yield server.create_database()

    return opened


def _ini_of(settings: Settings, source: OpenSchema, root: Path) -> Path | None:
    """The alembic.ini of the schema source; for a live database without a source the one beside the code, if any."""
    from .schema.source import SourceKind, parse

    name = settings.schema or (None if source.loaded.live else source.loaded.schema.source)
    if name is not None:
        found = parse(name, root)
        return found.path if found.kind is SourceKind.ALEMBIC else None
    return root / "alembic.ini" if (root / "alembic.ini").is_file() else None


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


def _scan(paths: Sequence[Path], settings: Settings, progress: Progress | None, *, explain: bool = False) -> ScanResult:
    from .scan import scan as scan_sources

    told = (lambda done, total: progress("scan", done, total)) if progress else None
    return scan_sources(list(paths) or [Path()], settings, progress=told, explain=explain, whole=True)
