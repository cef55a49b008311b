"""A live database as the schema source: connected to read only, its catalog read, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ..catalog.inside import read_inside
from ..catalog.read import OLDEST, declared_search_path, read_catalog
from ..catalog.stored import Inside
from ..errors import ServerError
from ..server.conninfo import without_driver
from .isolation import scrubbed
from .model import Loaded, SchemaInfo, ServerInfo
from .wire import first_line

if TYPE_CHECKING:
    from psycopg import Connection

    from ..settings import Settings

_CONNECT_SECONDS = "10"


def connect(url: str) -> Connection[Any]:
    """A read-only connection in autocommit mode.

    Raises ServerError, without the password, when the URL is wrong, the server does not answer or is too old.
    """
    url = without_driver(url)
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The message of libpq would hold the URL, and with it the password.
        raise ServerError("the database URL cannot be read", "Write it as postgresql://user@host:5432/name.") from None
    secret = str(given.get("password") or "")
    try:
        full = make_conninfo(url, connect_timeout=given.get("connect_timeout", _CONNECT_SECONDS))
        connection = psycopg.connect(full, autocommit=True, prepare_threshold=None, application_name="pgarbiter")
        _only_reading(connection)
    except psycopg.Error as error:
        message = scrubbed(first_line(str(error)))
        shown = message.replace(secret, "***") if secret else message
        raise ServerError(f"could not connect to the database: {shown}") from None
    if connection.info.server_version < OLDEST:
        version = connection.info.server_version
        connection.close()
        raise ServerError(
            f"server is too old: version {version // 10000}, wanted {OLDEST // 10000} or newer",
            "Point --database-url at PostgreSQL 14 or newer.",
        )
    return connection


def _only_reading(connection: Connection[Any]) -> None:
    try:
        connection.read_only = True
        connection.execute("SET default_transaction_read_only = on")
    except psycopg.Error:
        connection.close()
        raise


def load_live(connection: Connection[Any], settings: Settings) -> Loaded:
    """The catalog of a live database. Raises ServerError when it cannot be read."""
    path = settings.search_path or _search_path(connection)
    catalog = read_catalog(connection, search_path=path)
    version = (connection.info.parameter_status("server_version") or "").partition(" ")[0]
    name = connection.info.dbname
    notes = (f"schema source {settings.schema} was not loaded: a database URL was given",) if settings.schema else ()
    info = ServerInfo(version, "url", name)
    return Loaded(
        catalog, info, SchemaInfo("database-url", notes=notes), live=True, inside=_inside(connection, settings)
    )


def _search_path(connection: Connection[Any]) -> tuple[str, ...]:
    try:
        return declared_search_path(connection)
    except psycopg.Error as error:
        raise ServerError(f"could not read the catalog: {first_line(str(error))}") from None


def _inside(connection: Connection[Any], settings: Settings) -> Inside:
    if not settings.in_database:
        return Inside()
    try:
        return read_inside(connection)
    except psycopg.Error as error:
        raise ServerError(f"could not read the functions of the database: {first_line(str(error))}") from None
