"""A schema source opened: its catalog at once, from the cache if it can be, and a connection to it when asked for."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import SchemaError
from . import cache
from .api import exposed_beside
from .naming import key_parts, source_of
from .order import read_files
from .source import relative

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from psycopg import Connection

    from ..server import Server
    from ..settings import Settings
    from .anew import Filling
    from .loading import Judge
    from .model import Loaded
    from .order import SourceFile
    from .owner import Place

    Progress = Callable[[str, int, int], None]


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
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - of a schema source none is needed

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
        from .anew import connected, copy_of  # noqa: PLC0415 - a catalog in the cache needs no driver

        self._connection.close()  # a database that somebody is connected to is no template
        try:
            with copy_of(server, place) as copy:
                yield copy
        finally:
            self._connection = self._stack.enter_context(connected(place.owner))

    def close(self) -> None:
        """Close the connection and end the server."""
        self._stack.close()

    def _load(self) -> Loaded:
        if self.settings.database_url is not None:
            from .live import connect, load_live  # noqa: PLC0415 - a catalog in the cache needs no driver

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
        from .anew import connected, filling_of  # noqa: PLC0415 - a catalog in the cache needs no driver

        source, notes = source_of(self.settings, self.root)
        found = self._stack.enter_context(filling_of(source, self.settings, self.root, judge, self._told))
        self._connection = self._stack.enter_context(connected(found.filled.place.owner))
        self._loading = (found.filled.server, found.filled.place)
        info = replace(found.info, source=self.commit + found.info.source, notes=(*notes, *found.info.notes))
        return replace(found, info=info)

    def _load_anew(self, *, judge: Judge | None) -> Loaded:
        from .anew import loaded_of  # noqa: PLC0415 - as above

        filling = self.fill(judge)
        with self._connected() as connection:
            return loaded_of(filling, connection, self.settings)

    def _told(self, done: int, total: int) -> None:
        if self.progress:
            self.progress("load", done, total)
