"""A schema source opened: its catalog at once, from the cache if it can be, and a connection to it when asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from .. import server as servers
from .. import sql
from ..catalog.inside import read_inside
from ..catalog.read import read_catalog
from ..errors import SchemaError, ServerError
from ..server import binaries
from ..server.server import MINOR_VERSIONS
from . import cache
from .detect import HOW_TO_NAME_ONE, detect
from .extensions import Extensions, needs
from .live import connect, load_live
from .loading import LoadedFiles, Loader
from .model import Loaded, SchemaInfo, ServerInfo
from .newer import named as named_by
from .newer import newer_programs
from .newer import told as told_newer
from .order import SourceFile, left_out, read_files
from .owner import Place, copied_to, prepare
from .platforms import supabase
from .revisions import contents, interpreter, load_revisions
from .session import Session
from .source import Source, SourceKind, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from psycopg import Connection

    from ..catalog.read import Catalog
    from ..server import Server
    from ..settings import Settings
    from .loading import Judge

    Progress = Callable[[str, int, int], None]


_SYNTAX_ERROR = "42601"


@dataclass(frozen=True, slots=True)
class _Filled:
    """A server with the database that holds a schema source, what loading it gave, and notes of its platform."""

    server: Server
    place: Place
    result: LoadedFiles
    notes: tuple[str, ...]


@dataclass(slots=True)
class OpenSchema:
    """A loaded schema source; made by `open`, which closes it."""

    settings: Settings
    root: Path
    judge: Judge | None
    progress: Progress | None
    _stack: ExitStack = field(default_factory=ExitStack)
    _loaded: Loaded | None = None
    _connection: Connection[Any] | None = None
    _loading: tuple[Server, Place] | None = None
    _ahead: Future[Loaded] | None = None

    def begin(self) -> None:
        """Load the source; a live catalog, which is a wait for its server, in a thread while the caller goes on."""
        if self.settings.database_url is None:
            self._loaded = self._load()
        else:
            self._ahead = self._stack.enter_context(ThreadPoolExecutor(1)).submit(self._load)

    @property
    def loaded(self) -> Loaded:
        """The catalog with its provenance. Raises SchemaError or ServerError."""
        if self._loaded is None:
            self._loaded = self._load() if self._ahead is None else self._ahead.result()
        return self._loaded

    @contextmanager
    def connection(self) -> Iterator[Connection[Any]]:
        """The connection to the loaded database, in autocommit mode, kept for the next time.

        Starts a server and loads again if it must. Raises SchemaError or ServerError.
        """
        loaded = self.loaded
        if self._connection is None:
            self._load_anew(judge=None)
        if self._connection is None:
            raise SchemaError(f'schema source "{loaded.schema.source}" has no connection')
        yield self._connection

    def files(self) -> tuple[SourceFile, ...]:
        """The SQL files of the schema source, in their order; with a live database, of a source beside it, if any."""
        try:
            source, _ = _source(self.settings, self.root)
            return () if source.kind is SourceKind.ALEMBIC else read_files(source, self.root)
        except SchemaError:
            return ()  # of a live database: its catalog does without

    @contextmanager
    def copied(self) -> Iterator[str]:
        """The owner's connection string to a copy of the loaded database, to try things out; dropped at the end.

        Starts a server and loads again if it must. Raises SchemaError for a live database, which is never written.
        """
        if self.settings.database_url is not None:
            raise SchemaError("a live database is not copied")
        if self._loading is None:
            self._load_anew(judge=None)
        if self._loading is None or self._connection is None:
            raise SchemaError("the schema source has no database to copy")
        server, place = self._loading
        self._connection.close()  # a database that somebody is connected to is no template
        try:
            copy = server.create_database(str(conninfo_to_dict(place.owner)["dbname"]))
            try:
                yield copied_to(place, copy)
            finally:
                server.drop_database(copy)
        finally:
            self._connection = self._stack.enter_context(_connect(place.owner))

    def close(self) -> None:
        """Close the connection and end the server."""
        self._stack.close()

    def _load(self) -> Loaded:
        if self.settings.database_url is not None:
            self._connection = self._stack.enter_context(connect(self.settings.database_url))
            return load_live(self._connection, self.settings)
        source, _ = _source(self.settings, self.root)
        name = cache.key(self._key(source)) if self.settings.cache else None
        if name and (kept := cache.read(name, self.settings.cache_dir)):
            return kept
        loaded = self._load_anew(judge=self.judge)
        if name:
            cache.write(name, loaded, self.settings.cache_dir)
        return loaded

    def _load_anew(self, *, judge: Judge | None) -> Loaded:
        source, notes = _source(self.settings, self.root)
        files = () if source.kind is SourceKind.ALEMBIC else read_files(source, self.root)
        unread, newer = left_out(source, files, self.root), newer_programs(source, files, self.root)
        filled = self._stack.enter_context(self._filled(source, files, judge))
        server, place, result, more = filled.server, filled.place, filled.result, filled.notes
        self._connection = self._stack.enter_context(_connect(place.owner))
        self._loading = (server, place)
        catalog = read_catalog(self._connection, search_path=self.settings.search_path)
        info = SchemaInfo(
            source.name,
            result.statements,
            result.statements - len(result.failed),
            result.failed,
            (*notes, *_told_left_out(unread), *told_newer(newer), *more, *result.notes),
        )
        told = _server_info(self._connection, server)
        incomplete = (*result.incomplete, *_touched(unread, catalog), *named_by(newer, catalog))
        inside = read_inside(self._connection)
        return Loaded(catalog, told, info, live=False, incomplete=incomplete, judged=result.judged, inside=inside)

    @contextmanager
    def _filled(self, source: Source, files: tuple[SourceFile, ...], judge: Judge | None) -> Iterator[_Filled]:
        """The source on a server; on a later one of those installed, if its grammar takes more of the statements."""
        with ExitStack() as first, ExitStack() as later:
            found, other = self._on_server(first, source, files, judge), later
            if self.settings.server == "auto" and any(one.sqlstate == _SYNTAX_ERROR for one in found.result.failed):
                with suppress(ServerError):
                    major = found.server.version // MINOR_VERSIONS
                    second = self._on_server(later, source, files, judge, above=major)
                    if len(second.result.failed) < len(found.result.failed):
                        found, other = second, first
            other.close()
            yield found

    def _on_server(
        self,
        stack: ExitStack,
        source: Source,
        files: tuple[SourceFile, ...],
        judge: Judge | None,
        above: int = 0,
    ) -> _Filled:
        settings = self.settings
        server = stack.enter_context(
            servers.start(
                settings.server,
                image=settings.server_image,
                needs=needs(file.text for file in files),
                create_roles=settings.create_roles,
                above=above,
            )
        )
        with server.roles_tracked():
            place = prepare(server, superuser=settings.superuser)
            return _Filled(server, place, *self._fill(source, files, place, judge))

    def _fill(
        self, source: Source, files: tuple[SourceFile, ...], place: Place, judge: Judge | None
    ) -> tuple[LoadedFiles, tuple[str, ...]]:
        if source.kind is SourceKind.ALEMBIC:
            return load_revisions(source, place, self.settings.python), ()
        session = Session(place.owner)
        try:
            extensions = Extensions(session, place.as_admin if place.admin else None)
            notes: tuple[str, ...] = ()
            if source.kind is SourceKind.SUPABASE:
                notes = tuple(supabase.provide(place, session, extensions, [file.text for file in files]))
            loader = Loader(place, session, extensions, judge, self._told)
            return loader.load(files), notes
        finally:
            session.close()

    def _told(self, done: int, total: int) -> None:
        if self.progress:
            self.progress("load", done, total)

    def _key(self, source: Source) -> Iterator[tuple[str, bytes]]:
        """Everything that the loaded catalog depends on."""
        settings = self.settings
        yield "source", f"{source.name} {source.revision} {source.path.resolve()}".encode()
        options = (settings.superuser, settings.create_roles, settings.search_path, self.judge is None)
        yield "options", repr(options).encode()
        yield "server", _server_key(settings).encode()
        if source.kind is SourceKind.ALEMBIC:
            yield "python", interpreter(source.path, settings.python).encode()
            yield from contents(source.path)
        else:
            files = read_files(source, self.root)
            others = (*left_out(source, files, self.root), *newer_programs(source, files, self.root))
            unread = ((f"left out {file.path}", file.text) for file in others)
            texts = (*unread, *((file.path, file.text) for file in files))
            yield from ((name, text.encode("utf-8", "surrogatepass")) for name, text in texts)


def _told_left_out(unread: tuple[SourceFile, ...]) -> tuple[str, ...]:
    where = f"{len(unread)}, first {unread[0].path}" if unread else ""
    return (f"SQL files in deeper directories were not loaded: {where}",) if unread else ()


def _touched(unread: tuple[SourceFile, ...], catalog: Catalog) -> Iterator[tuple[str, str]]:
    """The relations that files which were not loaded are about: what is known of them may not be all."""
    for file in unread:
        for statement in sql.split(file.text):
            touched = sql.touched(statement.text)
            for name in (*touched.relations, *touched.creates):
                if (relation := catalog.resolve(name)) is not None:
                    yield relation.qualified_name, f"{file.path}, which changes it, was not loaded"


def _source(settings: Settings, root: Path) -> tuple[Source, tuple[str, ...]]:
    """The source that was asked for, else the one that is detected, and notes on what else was seen."""
    if settings.schema is not None:
        return parse(settings.schema, root), ()
    detection = detect(root)
    if detection.source is None:
        raise SchemaError(
            "no schema source was found" + "".join(f"; {note}" for note in detection.notes),
            HOW_TO_NAME_ONE,
        )
    return parse(detection.source, root), detection.notes


def _server_key(settings: Settings) -> str:
    """Which server a load would take, told without starting one."""
    if settings.server == "docker":
        return f"docker {settings.server_image}"
    if settings.server not in ("auto", "embedded", "local"):
        with connect(settings.server) as connection:
            return f"url {connection.info.server_version} {connection.info.user}"
    installed = (
        *(binaries.embedded() if settings.server != "local" else ()),
        *(binaries.local() if settings.server != "embedded" else ()),
    )
    return " ".join((settings.server, *(f"{each.kind} {each.version}" for each in installed)))


def _connect(conninfo: str) -> Connection[Any]:
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


def _server_info(connection: Connection[Any], server: Server) -> ServerInfo:
    version = (connection.info.parameter_status("server_version") or "").partition(" ")[0]
    # The database's own name is random, and reports are the same for the same input.
    return ServerInfo(version, str(server.kind), "throwaway")
