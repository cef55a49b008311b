"""What tests of online operations share: a session in autocommit mode, and a way to end a run at a step."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import create_engine, pool

from pgarbiter.online.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def opened(conninfo: str) -> Iterator[Session]:
    """A session on that database."""
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=pool.NullPool
    ).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield Session(connection)


@pytest.fixture
def session(any_database: str) -> Iterator[Session]:
    """On each server in turn."""
    with opened(any_database) as found:
        yield found


@pytest.fixture
def another(any_database: str) -> Iterator[psycopg.Connection[Any]]:
    """Another session's connection, in autocommit mode: a writer, or someone who looks."""
    with psycopg.connect(any_database, autocommit=True) as connection:
        yield connection
