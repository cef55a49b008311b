"""Servers and databases for all tests: one server per major and session, one empty database per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet

from pgarbiter.server import Server, binaries, cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Binaries

MAJORS = (18, 15)


def _found(major: int) -> Binaries:
    """The programs of one major: the embedded ones before the local ones."""
    for each in (*binaries.embedded(), *binaries.local()):
        if each.major == major:
            return each
    pytest.skip(f"needs the programs of PostgreSQL {major}: neither embedded nor local ones are here")


@pytest.fixture(scope="session")
def server18() -> Iterator[Server]:
    with cluster.run(_found(18)) as server:
        yield server


@pytest.fixture(scope="session")
def server15() -> Iterator[Server]:
    with cluster.run(_found(15)) as server:
        yield server


@pytest.fixture(scope="session")
def server(server18: Server) -> Server:
    return server18


@pytest.fixture
def database(server18: Server) -> Iterator[str]:
    """Connection string of a new empty database on PostgreSQL 18."""
    yield from _database(server18)


@pytest.fixture
def database15(server15: Server) -> Iterator[str]:
    """Connection string of a new empty database on PostgreSQL 15."""
    yield from _database(server15)


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def any_server(request: pytest.FixtureRequest) -> Server:
    """Each server in turn; `@pytest.mark.pg(">= 16")` leaves out the majors that do not fit."""
    wanted = ",".join(mark.args[0] for mark in request.node.iter_markers("pg"))
    if str(request.param) not in SpecifierSet(wanted):
        pytest.skip(f"is for PostgreSQL {wanted}")
    server: Server = request.getfixturevalue(f"server{request.param}")
    return server


@pytest.fixture
def any_database(any_server: Server) -> Iterator[str]:
    """Connection string of a new empty database on each server in turn."""
    yield from _database(any_server)


def _database(server: Server) -> Iterator[str]:
    conninfo = server.create_database()
    yield conninfo
    server.drop_database(conninfo)
