"""A database with one object of every kind, and its structure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.structure.read import read_structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure

BASE = Path(__file__).with_name("base.sql").read_text("utf-8")


@pytest.fixture(scope="module")
def base(each_server: Server) -> Iterator[tuple[psycopg.Connection[Any], Structure]]:
    database = each_server.create_database()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE)
        yield connection, read_structure(connection)
    each_server.drop_database(database)
