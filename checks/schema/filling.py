"""A schema source put into a database of its own: its preamble, its platform, its files or its program."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import server as servers
from ..errors import ServerError
from ..server.server import MINOR_VERSIONS
from .extensions import Extensions, needs
from .loading import LoadedFiles, Loader
from .models import compiled
from .order import SourceFile, preamble, read_files
from .owner import Place, prepare
from .platforms import Platform, supabase, timescale
from .revisions import load_revisions
from .session import Session
from .source import Source, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from ..server import Server
    from ..settings import Settings
    from .loading import Judge

_SYNTAX_ERROR = "42601"


@dataclass(frozen=True, slots=True)
class Filled:
    """A server with the database that holds a schema source, what loading it gave, and notes of its platform."""

    server: Server
    place: Place
    result: LoadedFiles
    notes: tuple[str, ...]
    platform: Platform | None  # None: nobody has said


def files_of(source: Source, settings: Settings, root: Path) -> tuple[SourceFile, ...]:
    """The SQL of a source in order; models give one file, revisions none. Raises SchemaError."""
    match source.kind:
        case SourceKind.ALEMBIC:
            return ()
        case SourceKind.MODELS:
            return compiled(source, settings.python)
        case _:
            return read_files(source, root)


def platform_of(source: Source, settings: Settings) -> Platform | None:
    """The platform that was asked for, else the one that the source names, if it names one."""
    if settings.platform is not None:
        return Platform(settings.platform)
    return Platform.SUPABASE if source.kind is SourceKind.SUPABASE else None


@contextmanager
def filled(
    settings: Settings,
    source: Source,
    files: tuple[SourceFile, ...],
    judge: Judge | None,
    told: Callable[[int, int], None],
) -> Iterator[Filled]:
    """The source on a server; on a later one of those installed, if its grammar takes more of the statements."""
    filler = _Filler(settings, source, files, judge, told)
    with ExitStack() as first, ExitStack() as later:
        found, other = filler.on_server(first), later
        if settings.server == "auto" and any(one.sqlstate == _SYNTAX_ERROR for one in found.result.failed):
            with suppress(ServerError):
                second = filler.on_server(later, above=found.server.version // MINOR_VERSIONS)
                if len(second.result.failed) < len(found.result.failed):
                    found, other = second, first
        other.close()
        yield found


@dataclass(frozen=True, slots=True)
class _Filler:
    settings: Settings
    source: Source
    files: tuple[SourceFile, ...]
    judge: Judge | None
    told: Callable[[int, int], None]

    def on_server(self, stack: ExitStack, above: int = 0) -> Filled:
        settings = self.settings
        before = preamble(settings)
        server = stack.enter_context(
            servers.start(
                settings.server,
                image=settings.server_image,
                needs=needs(file.text for file in (*before, *self.files)),
                create_roles=settings.create_roles,
                above=above,
            )
        )
        with server.roles_tracked():
            place = prepare(server, superuser=settings.superuser)
            platform = platform_of(self.source, settings)
            result, notes = self._fill(place, platform, before)
            return Filled(server, place, result, notes, platform)

    def _fill(
        self, place: Place, platform: Platform | None, before: tuple[SourceFile, ...]
    ) -> tuple[LoadedFiles, tuple[str, ...]]:
        session = Session(place.owner)
        try:
            extensions = Extensions(session, place.as_admin if place.admin else None)
            notes: list[str] = []
            texts = [file.text for file in (*before, *self.files)]
            if platform is Platform.SUPABASE:
                notes += supabase.provide(place, session, extensions, texts)
            elif platform is Platform.TIMESCALE:
                notes += timescale.provide(session, extensions)
            if before:
                found = Loader(place, session, extensions).load(before)
                notes += (f"preamble {one.path}:{one.line} did not load: {one.message}" for one in found.failed)
            if self.source.kind is not SourceKind.ALEMBIC:
                result = Loader(place, session, extensions, self.judge, self.told).load(self.files)
                return replace(result, stand_ins=extensions.stand_ins()), tuple(notes)
        finally:
            session.close()
        result = load_revisions(self.source, place, self.settings.python)
        return replace(result, stand_ins=(*extensions.stand_ins(), *result.stand_ins)), tuple(notes)
