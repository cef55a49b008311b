"""A schema source opened: its catalog at once, from the cache if it can be, and a connection to it when asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from .. import sql
from ..catalog.inside import read_inside
from ..catalog.read import read_catalog
from ..errors import SchemaError
from . import cache
from .api import exposed_beside, without_reload
from .filling import files_of, filled
from .live import connect, load_live
from .model import Loaded, SchemaInfo, ServerInfo
from .naming import key_parts, source_of
from .newer import named as named_by
from .newer import newer_programs
from .newer import told as told_newer
from .order import SourceFile, left_out, read_files
from .owner import copied_to
from .platforms import Platform
from .rights import unloaded
from .source import relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from psycopg import Connection

    from ..catalog.read import Catalog
    from ..server import Server
    from ..settings import Settings
    from .filling import Filled
    from .loading import Judge
    from .owner import Place
    from .source import Source

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Filling:
    """A schema source in its throwaway database. `unread`: files that were left out; `newer`: what a dump lacks."""

    source: Source
    filled: Filled
    unread: tuple[SourceFile, ...]
    newer: tuple[SourceFile, ...]
    info: SchemaInfo


@dataclass(slots=True)
class OpenSchema:
    """A loaded schema source; made by `open`, which closes it."""

    settings: Settings
    root: Path
    judge: Judge | None
    progress: Progress | None
    commit: str = ""  # "git:REV:" of a source that lies in a commit
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
        if self._ahead is not None or self._connection is None:
            loaded = self.loaded  # of a live database: connected to in a thread
            if self._connection is None and not loaded.live:
                self.fill()
        with self._connected() as connection:
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[Connection[Any]]:
        if self._connection is None:
            raise SchemaError("the schema source has no connection")
        yield self._connection

    def files(self) -> tuple[SourceFile, ...]:
        """The SQL files of the schema source, in their order; with a live database, of a source beside it, if any."""
        try:
            source, _ = source_of(self.settings, self.root)
            return () if source.kind.runs_code else read_files(source, self.root)
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
            self.fill()
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
            return self._with_exposed(load_live(self._connection, self.settings))
        source, _ = source_of(self.settings, self.root)
        name = (
            cache.key(key_parts(source, self.settings, self.root, self.commit, judged=self.judge is not None))
            if self.settings.cache
            else None
        )
        if name and (kept := cache.read(name, self.settings.cache_dir)):
            return self._with_exposed(kept, source.path)
        loaded = self._load_anew(judge=self.judge)
        if name:
            cache.write(name, loaded, self.settings.cache_dir)
        return self._with_exposed(loaded, source.path)

    def _with_exposed(self, loaded: Loaded, path: Path | None = None) -> Loaded:
        """With what the configuration beside the source at `path` says."""
        found = exposed_beside(self.root, path)
        if found is None:
            return loaded
        told = replace(loaded.schema, exposed=found[1], exposed_by=relative(found[0], self.root))
        return replace(loaded, schema=told)

    def fill(self, judge: Judge | None = None) -> Filling:
        """Load the source into a database, and connect to it; its catalog is not read.

        Raises SchemaError or ServerError.
        """
        source, notes = source_of(self.settings, self.root)
        files = files_of(source, self.settings, self.root)
        unread, newer = left_out(source, files, self.root), newer_programs(source, files, self.root)
        found = self._stack.enter_context(filled(self.settings, source, files, judge, self._told))
        self._connection = self._stack.enter_context(_connect(found.place.owner))
        self._loading = (found.server, found.place)
        result = found.result
        info = SchemaInfo(
            self.commit + source.name,
            result.statements,
            result.statements - len(result.failed),
            result.failed,
            (*notes, *_told_left_out(unread), *told_newer(newer), *found.notes, *result.notes),
            () if source.kind.runs_code or found.platform is Platform.SUPABASE else without_reload(files),
        )
        return Filling(source, found, unread, newer, info)

    def _load_anew(self, *, judge: Judge | None) -> Loaded:
        filling = self.fill(judge)
        result = filling.filled.result
        with self._connected() as connection:
            catalog = read_catalog(connection, search_path=self.settings.search_path)
            told = _server_info(connection, filling.filled.server)
            inside = read_inside(connection)
        incomplete = (*result.incomplete, *_touched(filling.unread, catalog), *named_by(filling.newer, catalog))
        return Loaded(
            catalog,
            told,
            filling.info,
            live=False,
            incomplete=incomplete,
            judged=result.judged,
            inside=inside,
            rights=tuple(unloaded(result)),
        )

    def _told(self, done: int, total: int) -> None:
        if self.progress:
            self.progress("load", done, total)


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


def _connect(conninfo: str) -> Connection[Any]:
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


def _server_info(connection: Connection[Any], server: Server) -> ServerInfo:
    version = (connection.info.parameter_status("server_version") or "").partition(" ")[0]
    # The database's own name is random, and reports are the same for the same input.
    return ServerInfo(version, str(server.kind), "throwaway")
