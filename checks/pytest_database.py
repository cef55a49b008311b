"""From what a fixture gives to a connection string: a URL, a connection, an engine or a container."""

from __future__ import annotations

from typing import Any

from .errors import SourceError


def url_of(given: Any) -> str | None:
    """The connection string of what a fixture has given; None stays None.

    Raises SourceError for a thing that is none, of which only the type is told: it may hold a password.
    """
    from . import settings  # noqa: PLC0415 - it needs what pydantic brings

    if given is None or given == "":
        return None
    for form in (_of_container, _of_engine, _of_psycopg):
        if (found := form(given)) is not None:
            return found
    if isinstance(given, str) and settings.is_live(given):
        return settings.url_of(given)
    kind = "a text that is no URL" if isinstance(given, str) else f"a {type(given).__name__}"
    raise SourceError(
        f"the fixture of the database gives {kind}",
        "Let it give a postgresql:// URL, a psycopg connection, a SQLAlchemy engine or a container of testcontainers.",
    )


def _of_container(given: Any) -> str | None:
    """A PostgresContainer of testcontainers."""
    ask = getattr(given, "get_connection_url", None)
    return str(ask()) if callable(ask) else None


def _of_engine(given: Any) -> str | None:
    """An Engine or a URL of SQLAlchemy."""
    write = getattr(getattr(given, "url", given), "render_as_string", None)
    return str(write(hide_password=False)) if callable(write) else None


def _of_psycopg(given: Any) -> str | None:
    """A connection of psycopg, as pytest-postgresql gives it; another one is opened to the same database."""
    info = getattr(given, "info", None)
    if info is None or not hasattr(info, "dbname"):
        return None
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    parts = {"host": info.host, "port": info.port, "user": info.user, "password": info.password, "dbname": info.dbname}
    return make_conninfo(**{key: value for key, value in parts.items() if value})
