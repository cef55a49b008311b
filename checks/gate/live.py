"""The states of a live database: its own catalog first, then the source from where the database is."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .. import schema
from ..catalog.inside import read_inside
from ..catalog.read import declared_search_path, read_catalog
from ..migrate.place import throwaway
from ..schema.isolation import interpreter
from ..schema.live import connect, load_live
from ..schema.model import Loaded, SchemaInfo, ServerInfo
from ..schema.order import read_files
from ..schema.source import SourceKind
from . import files
from .applied import applied
from .model import State
from .states import Moment, Steps, of_files, source_in

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from psycopg import Connection

    from ..migrate.place import Throwaway
    from ..schema.source import Source
    from ..settings import Settings
    from .states import Telling
    from .trees import Tree


def of_database(url: str, text: str, new: Tree, settings: Settings, telling: Telling) -> Generator[Moment, None, None]:
    """The live catalog; the source as far as the database has had it; then after each pending revision of it.

    Raises ServerError, SchemaError, GateError and MigrateError. The database is only read.
    """
    source = source_in(new, text)
    with connect(url) as connection:
        here = replace(settings, database_url=url, schema=None, in_database=True)
        loaded = load_live(connection, here)
        telling.source = f"database {connection.info.dbname}, then {source.name}"
        several = source.kind is SourceKind.ALEMBIC or files.is_history(source)
        yield Moment(State("before", "before"), loaded, _Same(connection), live=several)
        path = settings.search_path or tuple(declared_search_path(connection))
        chosen = replace(settings, database_url=None, search_path=path, in_database=False)
        if source.kind is SourceKind.ALEMBIC:
            yield from _of_alembic(source, connection, new, chosen, telling)
        elif several:
            found = files.migrations(read_files(source, new.root))
            runner, told = applied(connection, source, found)
            telling.notes += (f"{runner} says what the database has had.", *told.notes)
            yield from of_files(source, told.before, told.pending, chosen, telling)
        else:
            with schema.open(replace(chosen, schema=text), new.root) as opened:
                yield Moment(State("end", "end"), opened.loaded, opened.connection)


class _Same:
    """A connection for as long as it is wanted, which is not closed then."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection

    @contextmanager
    def __call__(self) -> Iterator[Connection[Any]]:
        yield self._connection


def _of_alembic(
    source: Source, connection: Connection[Any], new: Tree, settings: Settings, telling: Telling
) -> Generator[Moment, None, None]:
    directory = new.beside / source.path.resolve().parent.relative_to(new.root.resolve())
    python = interpreter(directory, settings.python)
    with throwaway(source.path, connection, settings) as place:
        telling.notes += place.notes
        steps = Steps(
            place.task, source.revision, python, telling, lambda event: place.brought(event, connection, source.path)
        )
        for state in steps.states(brought=True):
            yield _moment(state, place, settings)


def _moment(state: State, place: Throwaway, settings: Settings) -> Moment:
    catalog = read_catalog(place.connection, search_path=settings.search_path)
    server, inside = ServerInfo(place.version, "", "throwaway"), read_inside(place.connection)
    loaded = Loaded(catalog, server, SchemaInfo("alembic"), live=False, inside=inside)
    return Moment(state, loaded, _Same(place.connection))
