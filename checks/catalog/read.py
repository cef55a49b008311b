"""Reads the catalog of a database in one transaction, with raw rows in set queries."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from ..errors import ServerError
from .catalog import Catalog
from .collector import paused
from .locks import locked
from .queries import statements
from .rows import FetchedRows, Session

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from .rows import Row

    Connection = psycopg.Connection[Any]

__all__ = ["OLDEST", "Catalog", "declared_search_path", "read_catalog"]

OLDEST = 140000  # server_version_num of the oldest server whose catalogs the queries fit
LOCK_TIMEOUT_MS = 2000

_PER_DATABASE = ("domains", "collations", "opclasses", "methods", "versions")
_PER_RELATION = (
    "relations", "columns", "indexes", "constraints", "policies", "triggers", "rules", "views", "parents",
)  # fmt: skip
_BUILTIN = ("pg_catalog", "information_schema")


def declared_search_path(connection: Connection) -> tuple[str, ...]:
    """The schemas of the session's search_path that exist, in order, whether or not this role may use them.

    The server passes over those without USAGE (`current_schemas`); a role that only checks sees the path that the
    application's role would have. `pg_temp` and pg_catalog are left out as far as the setting leaves them out.
    """
    query = statements(connection.info.server_version)["declared"]
    with connection.cursor(row_factory=tuple_row) as cursor:
        return tuple(name for (name,) in cursor.execute(query.encode(), prepare=False))


def read_catalog(
    connection: Connection,
    *,
    search_path: Sequence[str] | None = None,
    own_transaction: bool = True,
    only: Collection[str] | None = None,
    lock_timeout_ms: int = LOCK_TIMEOUT_MS,
) -> Catalog:
    """The catalog of the database that `connection` is connected to, for all schemas but the system's.

    It is read in a REPEATABLE READ READ ONLY transaction of its own or, with `own_transaction=False`, in a savepoint of
    the caller's transaction which is rolled back to, so that no setting outlives it. No privilege beyond CONNECT is
    needed. `search_path` is recorded in place of the session's. `only` restricts it to relations of these names (in any
    schema) and to what they stand on.

    Raises ServerError if the server is older than version 14, refuses a query, or does not grant a lock within
    `lock_timeout_ms` milliseconds; the error then names the table and the process that holds it.
    """
    if connection.closed:
        raise ServerError("could not read the catalog: the connection is closed")
    version = connection.info.server_version
    if version < OLDEST:
        raise ServerError(
            f"server is too old: version {version // 10000}, wanted {OLDEST // 10000} or newer",
            "Point it at PostgreSQL 14 or newer.",
        )
    if own_transaction and connection.info.transaction_status != TransactionStatus.IDLE:
        raise ServerError("connection is in a transaction, the catalog is read in one of its own")
    queries = statements(version)
    try:
        with transaction(connection, own=own_transaction), paused():
            store = _fetch(connection, queries, only, lock_timeout_ms)
    except LockNotAvailable as error:
        raise locked(connection, queries["locks"], lock_timeout_ms) from error
    except psycopg.Error as error:
        raise ServerError(f"could not read the catalog: {error.diag.message_primary or error}") from error
    return Catalog(store, search_path)


@contextmanager
def transaction(connection: Connection, *, own: bool) -> Iterator[None]:
    """A REPEATABLE READ READ ONLY transaction of our own, or a savepoint in the caller's that is rolled back to."""
    if not own:
        with connection.transaction(force_rollback=True):
            yield
        return
    level, read_only = connection.isolation_level, connection.read_only
    connection.isolation_level, connection.read_only = psycopg.IsolationLevel.REPEATABLE_READ, True
    try:
        with connection.transaction():
            yield
    finally:
        if not connection.closed:
            connection.isolation_level, connection.read_only = level, read_only


def _fetch(
    connection: Connection, queries: dict[str, str], only: Collection[str] | None, lock_timeout_ms: int
) -> FetchedRows:
    def fetch(name: str, **parameters: object) -> list[Row]:
        # a cursor of its own each time: the settings change the encoding that a cursor has seen
        with psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
            return cursor.execute(queries[name].encode(), parameters or None, prepare=False).fetchall()

    ((database, user, path, temp_schema),) = fetch("session")
    fetch("settings", lock_timeout=f"{lock_timeout_ms}ms")
    schemas = fetch("schemas")
    system = [oid for oid, name, *_ in schemas if oid != temp_schema and (name.startswith("pg_") or name in _BUILTIN)]
    builtin = [oid for oid, name, *_ in schemas if name in _BUILTIN]
    wanted = None if only is None else [oid for (oid,) in fetch("wanted", names=list(only))]
    fetched = {name: fetch(name, system=system, only=wanted) for name in _PER_RELATION}
    fetched |= {name: fetch(name) for name in _PER_DATABASE}
    pairs = list({(row[3], row[4]) for row in fetched["columns"]})
    fetched["types"] = fetch("types", types=[oid for oid, _ in pairs], typmods=[typmod for _, typmod in pairs])
    fetched["system"] = fetch("system", builtin=builtin)
    fetched["schemas"] = schemas
    fetched["functions"] = fetch("functions", builtin=builtin)
    fetched["roles"] = _readable(connection, lambda: fetch("roles"))
    session = Session(connection.info.server_version, database, user, tuple(path), temp_schema)
    return FetchedRows(session, fetched)


def _readable(connection: Connection, read: Callable[[], list[Row]]) -> list[Row]:
    """The rows; none where a hardened server does not show them to this role."""
    try:
        with connection.transaction():
            return read()
    except InsufficientPrivilege:
        return []
