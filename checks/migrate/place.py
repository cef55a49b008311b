"""A throwaway database in which the same scripts have been run as in the live one."""

from __future__ import annotations

import re
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from .. import server as servers
from ..schema import revisions
from ..schema.extensions import Extensions
from ..schema.owner import prepare
from ..schema.platforms import supabase
from ..schema.session import Session
from ..server import binaries, cluster
from ..server.signals import terminable
from . import failure, live

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..schema.owner import Place
    from ..server import Server
    from ..settings import Settings
    from .live import Connection
    from .model import Event

_ROLES = "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' AND NOT rolsuper AND NOT rolreplication"
_PLATFORM = """
SELECT pg_catalog.to_regclass('auth.users') IS NOT NULL AND pg_catalog.to_regrole('authenticated') IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Throwaway:
    """An empty database of ours. `task` is what a child is told of it."""

    task: dict[str, Any]
    connection: Connection
    version: str
    notes: tuple[str, ...]

    def brought(self, event: Event, connection: Connection, ini: Path) -> tuple[str, ...]:
        """The revisions of the live database, to answer a child's "script" event; made ready for its version table.

        Raises MigrateError for revisions that the scripts do not have.
        """
        table, schema = event["version_table"], event["version_schema"]
        current = live.stamped(connection, table, schema)
        known = {each["revision"] for each in event["pending"]}
        if unknown := tuple(each for each in current if each not in known):
            raise failure.unknown(unknown, ini)
        if schema:
            self.connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        return current


@contextmanager
def throwaway(ini: Path, connection: Connection, settings: Settings) -> Iterator[Throwaway]:
    """A throwaway database on a server of the live one's major if there is one, at no revision yet.

    `connection` is to the live database, and only read. Raises ServerError and MigrateError.
    """
    with ExitStack() as stack:
        host = stack.enter_context(_server(connection, settings))
        stack.enter_context(host.roles_tracked())
        place = prepare(host, superuser=False)
        notes = [*_platform(ini, place, connection), *_roles(ini, place, connection)]
        task, more = revisions.task_for(ini, place, _texts(ini, connection))
        own = stack.enter_context(psycopg.connect(place.owner, autocommit=True, prepare_threshold=None))
        yield Throwaway(task, own, live.version(own), (*notes, *more))


@contextmanager
def _server(connection: Connection, settings: Settings) -> Iterator[Server]:
    """By its major where programs of that are here: catalogs of other majors say some things otherwise."""
    major = connection.info.server_version // 10000
    here = (*binaries.embedded(), *binaries.local()) if settings.server == "auto" else ()
    fitting = next((each for each in here if each.major == major), None)
    if fitting is None:
        with servers.start(settings.server, image=settings.server_image, create_roles=settings.create_roles) as server:
            yield server
    else:
        with terminable(), cluster.run(fitting) as server:
            yield server


def _texts(ini: Path, connection: Connection) -> Iterator[bytes]:
    """The scripts, and the extensions that the live database has: others would make the scripts take another way."""
    top = ini.resolve().parent
    for name, data in revisions.contents(ini):
        if any((top / name).is_relative_to(place) for place in _script_places(ini)):
            yield data
    for (extension,) in connection.execute("SELECT extname FROM pg_catalog.pg_extension").fetchall():
        yield f'create extension "{extension}";'.encode()


def _script_places(ini: Path) -> tuple[Path, ...]:
    """Where alembic.ini says the scripts are; around it where it names a package, or several places."""
    top = ini.resolve().parent
    parser = ConfigParser(defaults={"here": str(top)})
    try:
        parser.read_string(ini.read_text("utf-8"))
        place = top / parser.get("alembic", "script_location")
    except (OSError, ValueError, ConfigParserError):
        return (top,)
    several = parser.has_option("alembic", "version_locations")
    return (top,) if several or not place.is_dir() else (place.resolve(),)


def _platform(ini: Path, place: Place, connection: Connection) -> Iterator[str]:
    """What Supabase provides, when the live database has it."""
    row = connection.execute(_PLATFORM.encode()).fetchone()
    if row and row[0]:
        session = Session(place.owner)
        try:
            texts = [data.decode("utf-8", "replace") for _, data in revisions.contents(ini)]
            extensions = Extensions(session, place.as_admin if place.admin else None)
            yield from supabase.provide(place, session, extensions, texts)
        finally:
            session.close()


def _roles(ini: Path, place: Place, connection: Connection) -> Iterator[str]:
    """Roles of the live server that the scripts name, as words of their own; some the throwaway server has itself."""
    text = b"\n".join(data for _, data in revisions.contents(ini))
    with psycopg.connect(place.owner, autocommit=True) as own:
        there = {name for (name,) in own.execute("SELECT rolname FROM pg_catalog.pg_roles")}
    for (name,) in connection.execute(_ROLES.encode()).fetchall():
        named = re.search(rb"(?<![\w$])" + re.escape(name.encode()) + rb"(?![\w$])", text)
        if named and name not in there and not place.create_role(name):
            yield f'role "{name}" could not be made in the throwaway database'
