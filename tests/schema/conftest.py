"""Loads texts into a database of their own on a server of the session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.catalog.read import read_catalog
from pgarbiter.schema.extensions import Extensions
from pgarbiter.schema.loading import LoadedFiles, Loader
from pgarbiter.schema.order import SourceFile
from pgarbiter.schema.owner import Place, prepare
from pgarbiter.schema.session import Session
from pgarbiter.settings import Settings
from pgarbiter.sql.markers import up_part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pgarbiter.catalog.catalog import Catalog
    from pgarbiter.server import Server


@dataclass
class Filled:
    place: Place
    result: LoadedFiles

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.place.owner, autocommit=True) as connection:
            return connection.execute(question).fetchall()

    @property
    def catalog(self) -> Catalog:
        with psycopg.connect(self.place.owner, autocommit=True) as connection:
            return read_catalog(connection)

    @property
    def incomplete(self) -> set[str]:
        return {name for name, _ in self.result.incomplete}

    @property
    def failed(self) -> list[tuple[str, int, str | None]]:
        return [(failure.path, failure.line, failure.sqlstate) for failure in self.result.failed]


Fill = "Callable[..., Filled]"


def filled(server: Server, *texts: str, judge: Any = None) -> Filled:
    place = prepare(server, superuser=False)
    session = Session(place.owner)
    try:
        files = [SourceFile(f"{number}.sql", up_part(text)) for number, text in enumerate(texts, 1)]
        extensions = Extensions(session, place.as_admin if place.admin else None)
        return Filled(place, Loader(place, session, extensions, judge).load(files))
    finally:
        session.close()


@pytest.fixture(scope="session")
def server_settings(server18: Server) -> Settings:
    """Settings by which schema sources are loaded on the server of the session: a server for each takes a second."""
    given = conninfo_to_dict(server18.conninfo("postgres"))
    place = f"host={quote(str(given['host']), safe='')}&port={given['port']}"
    return Settings(server=f"postgresql://{given['user']}@/postgres?{place}", create_roles=True)


@pytest.fixture
def fill(server18: Server) -> Callable[..., Filled]:
    """Load texts as files 1.sql, 2.sql, ... into a new database on PostgreSQL 18."""
    return lambda *texts, **options: filled(server18, *texts, **options)


@pytest.fixture
def fill_any(any_server: Server) -> Callable[..., Filled]:
    """The same on each server in turn."""
    return lambda *texts, **options: filled(any_server, *texts, **options)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    return
