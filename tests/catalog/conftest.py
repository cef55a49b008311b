"""A connection to an empty database on each of the servers that the catalog is tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def connection(any_database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(any_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def connection18(database: str) -> Iterator[psycopg.Connection[Any]]:
    """For what older servers do not have."""
    with psycopg.connect(database, autocommit=True) as connection:
        assert connection.info.server_version >= 180000
        yield connection
