"""Servers and databases for all tests: one server per major and session, one empty database per test.

PGARBITER_TEST_MAJORS=14,16 runs the tests that take any server, and only those, on these majors (`make test-matrix`).
"""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet

from pgarbiter.server import Server, cluster

from .majors import installed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pgarbiter.server import Binaries

# A job that a shell runs in the background ignores Ctrl-C, and so would the programs that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

CHOSEN = os.environ.get("PGARBITER_TEST_MAJORS")
MAJORS = tuple(int(major) for major in CHOSEN.split(",")) if CHOSEN else (18, 15)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With majors chosen, what runs on one major alone has nothing new to tell."""
    if CHOSEN:
        on_any = [item for item in items if {"any_server", "each_server"} & {*getattr(item, "fixturenames", ())}]
        config.hook.pytest_deselected(items=list({*items} - {*on_any}))
        items[:] = on_any


def _found(major: int) -> Binaries:
    if found := installed(major):
        return found
    pytest.skip(f"needs the programs of PostgreSQL {major}: neither embedded nor local nor fetched ones are here")


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[int], Server]]:
    """The server of a major, started when it is first asked for."""
    running: dict[int, Server] = {}
    with ExitStack() as stack:

        def get(major: int) -> Server:
            if major not in running:
                running[major] = stack.enter_context(cluster.run(_found(major)))
            return running[major]

        yield get


@pytest.fixture(scope="session")
def server18(servers: Callable[[int], Server]) -> Server:
    return servers(18)


@pytest.fixture(scope="session")
def server15(servers: Callable[[int], Server]) -> Server:
    return servers(15)


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
    get: Callable[[int], Server] = request.getfixturevalue("servers")
    return get(request.param)


@pytest.fixture(scope="session", params=MAJORS, ids=lambda major: f"pg{major}")
def each_server(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Server:
    """Each server in turn, for what is set up once for many tests."""
    return servers(request.param)


@pytest.fixture
def any_database(any_server: Server) -> Iterator[str]:
    """Connection string of a new empty database on each server in turn."""
    yield from _database(any_server)


def _database(server: Server) -> Iterator[str]:
    conninfo = server.create_database()
    yield conninfo
    server.drop_database(conninfo)
