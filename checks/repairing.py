"""From findings to what cures them: the pipeline of `pgarbiter repair`."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from .begun import listed, looking_inside, refuse_parts, root_of, scanned, with_database, with_roles
from .errors import SourceError
from .settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from .begun import Paths, Progress
    from .model import WriteSite
    from .repair.model import Repairs
    from .repair.request import Request
    from .repair.trial import Judgement, Trial
    from .schema.opening import OpenSchema


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

    paths = listed(paths)
    root = root_of(paths)
    settings = settings or Settings()
    refuse_parts(settings, root)
    settings = looking_inside(narrowed(settings, root), paths)
    url = settings.database_url
    with paused(), schema.open(settings, root, judge=judge, progress=progress) as source, ExitStack() as stack:
        sites, loaded = with_database(scanned(paths, settings, progress).sites, source, settings)
        sites, _ = with_roles(sites, loaded, settings, root)

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
        delivery = Delivery(_ini_for(request, settings, source, root), request.head, request.dry_run)
        return deliver(planner, proposals, delivery)


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


def _ini_for(request: Request, settings: Settings, source: OpenSchema, root: Path) -> Path | None:
    """The Alembic project that revisions are written for. Raises SourceError where a revision is named and none is."""
    ini = request.ini or _ini_of(settings, source, root)
    if ini is None and request.head is not None:
        raise SourceError(
            f'--head "{request.head}" names a revision, and there is no Alembic project',
            "Name its alembic.ini: --versions-of PATH; or leave --head out.",
        )
    return ini


def _ini_of(settings: Settings, source: OpenSchema, root: Path) -> Path | None:
    """The alembic.ini of the schema source; for a live database without a source the one beside the code, if any."""
    from .schema.source import SourceKind, parse

    name = settings.schema or (None if source.loaded.live else source.loaded.schema.source)
    if name is not None:
        found = parse(name, root)
        return found.path if found.kind is SourceKind.ALEMBIC else None
    return root / "alembic.ini" if (root / "alembic.ini").is_file() else None
