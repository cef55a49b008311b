"""Connection strings: opened, and kept out of every message."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ..errors import ServerError

_DRIVER = re.compile(r"^postgres(?:ql)?(?:\+\w+)?://", re.ASCII)
_SECRETS = ("password", "sslpassword", "sslkey", "passfile")


def is_url(text: str) -> bool:
    """Whether a text means a PostgreSQL server by its URL; SQLAlchemy's `postgresql+driver://` counts."""
    return _DRIVER.match(text) is not None


def without_driver(url: str) -> str:
    """The URL as libpq reads it, where SQLAlchemy's names a driver."""
    return _DRIVER.sub("postgresql://", url)


def normal(url: str) -> str:
    """The URL as a libpq connection string, with a limit on the time to connect.

    Raises ServerError, which shows nothing of the URL: a password with an unquoted character may stand anywhere in it.
    """
    try:
        wanted = without_driver(url)
        limit = {} if "connect_timeout" in conninfo_to_dict(wanted) else {"connect_timeout": 10}
        return make_conninfo(wanted, **limit)
    except psycopg.ProgrammingError:
        raise ServerError(
            "could not read the server's URL",
            "Write postgresql://user:password@host:port/dbname, with special characters of the password %-encoded.",
        ) from None


def connect(conninfo: str) -> psycopg.Connection[Any]:
    """An autocommit connection. Raises ServerError without any secret of the connection string."""
    try:
        return psycopg.connect(conninfo, autocommit=True, prepare_threshold=None, application_name="pgarbiter")
    except psycopg.Error as error:
        raise ServerError(f"could not connect: {reason(error, conninfo)}") from None


def reason(error: psycopg.Error, conninfo: str) -> str:
    """What the server or libpq says, on one line, without the secrets of `conninfo`."""
    told = " ".join((error.diag.message_primary or str(error)).split())
    values = conninfo_to_dict(conninfo)
    for secret in sorted((str(values[key]) for key in _SECRETS if values.get(key)), key=len, reverse=True):
        told = told.replace(secret, "***")
    return told
