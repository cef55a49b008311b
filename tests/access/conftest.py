"""Tables and roles that each test finds as they were: what a module's SETUP makes, in a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server


@pytest.fixture(scope="module")
def held(each_server: Server, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection[Any]]:
    """A connection in a transaction that is rolled back, so that the server never sees the module's roles again."""
    conninfo = each_server.create_database()
    with psycopg.connect(conninfo) as connection:
        connection.execute(request.module.SETUP.encode())
        yield connection
        connection.rollback()
    each_server.drop_database(conninfo)


@pytest.fixture
def connection(held: psycopg.Connection[Any]) -> Iterator[psycopg.Connection[Any]]:
    """The same, with what one test does taken back."""
    with held.transaction(force_rollback=True):
        yield held
