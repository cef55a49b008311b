"""`pytest --pgarbiter`: options and the fixture; all else is imported only when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["pgarbiter_database_url", "pytest_addoption", "pytest_configure"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the command line, and those of the ini file, which have no dashes."""
    group = parser.getgroup("pgarbiter", "write sites and their arbiter indexes")
    group.addoption("--pgarbiter", action="store_true", help="one test for each upsert of the application")
    group.addoption("--pgarbiter-database-url", metavar="URL", help="the live database that decides, only read")
    parser.addini("pgarbiter_database_url", "the live database that decides: a URL, or env:NAME", default="")
    parser.addini("pgarbiter_fixture", "a fixture that gives it: a URL, connection, engine or container", default="")
    parser.addini("pgarbiter_paths", "where the application is [default: the root directory]", type="paths", default=[])
    parser.addini("pgarbiter_role", "the role that runs the statements [default: those of the settings]", default="")
    parser.addini("pgarbiter_fail_on", "error, warning or note [default: that of the settings, or error]", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Take part only when asked to. Raises UsageError for settings that cannot be read."""
    if config.getoption("pgarbiter"):
        from .pytest_items import Sites  # noqa: PLC0415 - every pytest run imports this module

        sites = Sites(config)
        sites.prepare()
        config.pluginmanager.register(sites, "pgarbiter-sites")


@pytest.fixture
def pgarbiter_database_url(request: pytest.FixtureRequest) -> object:
    """The database that decides, to be overridden: a URL, a psycopg connection, a SQLAlchemy engine or a container.

    By default that of the fixture that the ini file names, or its URL; None: the schema source of the settings.
    """
    name: str = request.config.getini("pgarbiter_fixture")
    if name:
        found: object = request.getfixturevalue(name)
        return found
    url: str | Sequence[str] = request.config.getini("pgarbiter_database_url")
    return url or None
