"""The live database: connections of our own to it, the lock that keeps other runs out, and what its catalog says."""

from __future__ import annotations

import secrets
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import create_engine, pool

from ..errors import ServerError
from ..online.limits import limits
from ..online.session import Session
from ..server import conninfo
from .model import MigrateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Connection = psycopg.Connection[Any]

_KEY = "pg_catalog.hashtextextended('pgarbiter migrate', 0)"
_POLL_S = 0.5
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
_LIMITS = "SET lock_timeout = '10s'; SET statement_timeout = '60s'"
_UNREACHED = (
    "Nothing was changed. See that the server runs and that host, port, role, password and database of the URL are"
    " right, then run the same command again."
)
_INVALID = """
SELECT n.nspname, c.relname, t.relname, i.indisready, i.indislive
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' ORDER BY 1, 2
"""
_NOT_VALID = """
SELECT pg_catalog.format('%I', n.nspname) || '.' || pg_catalog.format('%I', t.relname), c.conname
FROM pg_catalog.pg_constraint c
JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE NOT c.convalidated AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2
"""
_HOLDER = f"""
SELECT l.pid, a.application_name, COALESCE(a.client_addr::text, 'this host'), a.backend_start::timestamptz(0)::text
FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = {_KEY}
"""  # noqa: S608 - a constant of ours


@dataclass(frozen=True, slots=True)
class InvalidIndex:
    """An index with indisvalid false, which is no partitioned parent."""

    schema: str
    name: str
    table: str
    ready: bool
    live: bool

    def __str__(self) -> str:
        return f'"{self.schema}"."{self.name}"' if self.schema != "public" else f'"{self.name}"'


def task(ini: Path, url: str) -> dict[str, Any]:
    """What a child is told in order to work on the live database."""
    given = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    with reached(), conninfo.connect(url) as connection:  # libpq knows what the URL leaves out
        info = connection.info
        target = {"host": info.host, "port": str(info.port), "user": info.user, "dbname": info.dbname}
        target["password"] = info.password
    token = f"pgarbiter migrate {secrets.token_hex(4)}"
    bounds = limits()
    return {
        "ini": str(ini.resolve()),
        "target": {**target, **given},
        "token": token,
        "lock_timeout_ms": bounds.lock_timeout_ms,
        "patience_s": bounds.patience_s,
    }


def described(connection: Connection) -> str:
    """The database and where it is, without anything secret: "shop on db.example:5432"."""
    info = connection.info
    where = "a local socket" if info.host.startswith("/") else info.host
    return f"{info.dbname} on {where}:{info.port}"


def version(connection: Connection) -> str:
    """As people write it: "18.4"."""
    return (connection.info.parameter_status("server_version") or "").partition(" ")[0]


@contextmanager
def session(url: str, *, read_only: bool) -> Iterator[Session]:
    """A session for what takes SQLAlchemy's connections. `read_only`: the server refuses whatever would write."""

    def connect() -> Connection:
        made = conninfo.connect(url)
        if read_only:
            made.execute("SET default_transaction_read_only = on")
        return made

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=pool.NullPool)
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield Session(connection)


@contextmanager
def alone(url: str, waiting: Callable[[str], None]) -> Iterator[Connection]:
    """The connection that holds this database's lock on migrations.

    Polled: a session that waits for an advisory lock holds a snapshot, for which a concurrent build would wait.
    `waiting` is told once who holds it. Raises MigrateError when the patience ends.
    """
    with reached():
        connected = _connected(url)
    with connected as connection:
        end = time.monotonic() + limits().patience_s
        said = False
        while not _value(connection, f"SELECT pg_catalog.pg_try_advisory_lock({_KEY})"):
            holder = _holder(connection)
            if time.monotonic() > end:
                raise MigrateError(
                    f"another run has been migrating this database for more than {limits().patience_s} s: {holder};"
                    " this one has changed nothing",
                    "Wait for its end, then run the same command again; `pgarbiter migrate status` shows where it is.",
                )
            if not said:
                waiting(f"another run migrates this database ({holder}); waiting for its end")
                said = True
            time.sleep(_POLL_S)
        try:
            yield connection
        finally:
            with suppress(psycopg.Error):  # the connection is gone, and the lock with it
                connection.execute(f"SELECT pg_catalog.pg_advisory_unlock({_KEY})")


def invalid(connection: Connection) -> tuple[InvalidIndex, ...]:
    """All INVALID indexes but partitioned parents, which are INVALID until their last partition is attached."""
    return tuple(InvalidIndex(*row) for row in connection.execute(_INVALID))


def not_valid(connection: Connection) -> tuple[tuple[str, str], ...]:
    """Table and name of all constraints that are NOT VALID."""
    return tuple((row[0], row[1]) for row in connection.execute(_NOT_VALID))


def stamped(connection: Connection, table: str, schema: str | None) -> tuple[str, ...]:
    """The revisions of the database, from the version table that env.py names; none if there is no such table.

    Raises MigrateError when the role may not read it.
    """
    name = sql.Identifier(*((schema, table) if schema else (table,)))
    try:
        rows = connection.execute(sql.SQL("SELECT version_num FROM {} ORDER BY 1").format(name)).fetchall()
    except errors.UndefinedTable:
        return ()
    except errors.InsufficientPrivilege:
        shown = f'"{schema}"."{table}"' if schema else f'"{table}"'
        raise MigrateError(
            f'role "{connection.info.user}" may not read {shown}; nothing was changed',
            f"Grant it: GRANT SELECT ON {shown} TO {connection.info.user};",
        ) from None
    return tuple(row[0] for row in rows)


def again(url: str) -> Connection:
    """Another connection to the same database, which only looks: it waits for nothing longer than its limits."""
    connection = _connected(url)
    connection.execute(_LIMITS)
    return connection


@contextmanager
def reached() -> Iterator[None]:
    """Says what to do when no connection can be had at all: nothing has been changed then."""
    try:
        yield
    except ServerError as error:
        raise ServerError(error.message, error.hint or _UNREACHED) from None


def _connected(url: str) -> Connection:
    """A connection that finds out within two minutes that its server, or the way to it, is gone."""
    given = conninfo_to_dict(url)
    return conninfo.connect(make_conninfo(url, **{key: value for key, value in _ALIVE.items() if key not in given}))


def _holder(connection: Connection) -> str:
    row = connection.execute(_HOLDER.encode()).fetchone()
    if row is None:
        return "it has just ended"
    pid, name, where, since = row
    return f"process {pid}, {name or 'unnamed'}, from {where}, since {since}"


def _value(connection: Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None
