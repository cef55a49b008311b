"""A database with one object of every kind, and its structure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.structure.read import read_structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure

BASE = Path(__file__).with_name("base.sql").read_text("utf-8")


@pytest.fixture(scope="module", params=[18, 15])
def base(
    request: pytest.FixtureRequest, servers: Callable[[int], Server]
) -> Iterator[tuple[psycopg.Connection[Any], Structure]]:
    server = servers(request.param)
    database = server.create_database()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE)
        yield connection, read_structure(connection)
    server.drop_database(database)
