"""A schema source loaded anew into a throwaway server, and what its catalog says then."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from .. import sql
from ..catalog.inside import read_inside
from ..catalog.read import read_catalog
from .api import without_reload
from .filling import files_of, filled
from .model import Loaded, SchemaInfo, ServerInfo
from .newer import named as named_by
from .newer import newer_programs
from .newer import told as told_newer
from .order import left_out
from .owner import copied_to
from .platforms import Platform
from .rights import unloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from psycopg import Connection

    from ..catalog.read import Catalog
    from ..server import Server
    from ..settings import Settings
    from .filling import Filled
    from .loading import Judge
    from .order import SourceFile
    from .owner import Place
    from .source import Source


@dataclass(frozen=True, slots=True)
class Filling:
    """A schema source in its throwaway database. `unread`: files that were left out; `newer`: what a dump lacks."""

    source: Source
    filled: Filled
    unread: tuple[SourceFile, ...]
    newer: tuple[SourceFile, ...]
    info: SchemaInfo


@contextmanager
def filling_of(
    source: Source, settings: Settings, root: Path, judge: Judge | None, told: Callable[[int, int], None]
) -> Iterator[Filling]:
    """The source loaded into a database of its own, whose server ends with the block; its catalog is not read.

    Raises SchemaError or ServerError.
    """
    files = files_of(source, settings, root)
    unread, newer = left_out(source, files, root), newer_programs(source, files, root)
    with filled(settings, source, files, judge, told) as found:
        result = found.result
        info = SchemaInfo(
            source.name,
            result.statements,
            result.statements - len(result.failed),
            result.failed,
            (*_told_left_out(unread), *told_newer(newer), *found.notes, *result.notes),
            () if source.kind.runs_code or found.platform is Platform.SUPABASE else without_reload(files),
        )
        yield Filling(source, found, unread, newer, info)


def loaded_of(filling: Filling, connection: Connection[Any], settings: Settings) -> Loaded:
    """What is to be known of the source, its catalog read on a connection to its database."""
    result = filling.filled.result
    catalog = read_catalog(connection, search_path=settings.search_path)
    incomplete = (*result.incomplete, *_touched(filling.unread, catalog), *named_by(filling.newer, catalog))
    return Loaded(
        catalog,
        _server_info(connection, filling.filled.server),
        filling.info,
        live=False,
        incomplete=incomplete,
        judged=result.judged,
        inside=read_inside(connection),
        rights=tuple(unloaded(result)),
    )


def connected(conninfo: str) -> Connection[Any]:
    """A connection in autocommit mode that prepares nothing."""
    return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)


@contextmanager
def copy_of(server: Server, place: Place) -> Iterator[str]:
    """The owner's connection string to a copy of a database that nobody is connected to; dropped at the end."""
    copy = server.create_database(str(conninfo_to_dict(place.owner)["dbname"]))
    try:
        yield copied_to(place, copy)
    finally:
        server.drop_database(copy)


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


def _server_info(connection: Connection[Any], server: Server) -> ServerInfo:
    version = (connection.info.parameter_status("server_version") or "").partition(" ")[0]
    # The database's own name is random, and reports are the same for the same input.
    return ServerInfo(version, str(server.kind), "throwaway")
