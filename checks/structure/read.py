"""Reads the structure of a database in one transaction, with raw rows in set queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.pq import TransactionStatus

from ..catalog.collector import paused
from ..catalog.locks import locked
from ..catalog.queries import statements
from ..catalog.read import LOCK_TIMEOUT_MS, OLDEST, transaction
from ..errors import ServerError
from . import queries as own
from .build import structure
from .fetch import fetching

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Structure

    Connection = psycopg.Connection[Any]


def read_structure(
    connection: Connection,
    *,
    own_transaction: bool = True,
    lock_timeout_ms: int = LOCK_TIMEOUT_MS,
    besides: Iterable[tuple[int, int]] = (),
) -> Structure:
    """The structure of the database that `connection` is connected to, without what extensions own.

    It is read in a REPEATABLE READ READ ONLY transaction of its own or, with `own_transaction=False`, in a savepoint of
    the caller's transaction which is rolled back to. No privilege beyond CONNECT is needed. `besides` are objects, by
    their classid and objid as in pg_depend, that are left out as what extensions own is.

    Raises ServerError if the server is older than version 14, refuses a query, or does not grant a lock within
    `lock_timeout_ms` milliseconds; the error then names the table and the process that holds it.
    """
    version = connection.info.server_version
    if version < OLDEST:
        raise ServerError(
            f"server is too old: version {version // 10000}, wanted {OLDEST // 10000} or newer",
            "Point it at PostgreSQL 14 or newer.",
        )
    if own_transaction and connection.info.transaction_status != TransactionStatus.IDLE:
        raise ServerError("connection is in a transaction, the structure is read in one of its own")
    try:
        with transaction(connection, own=own_transaction), paused(), fetching(connection, lock_timeout_ms) as rows:
            return structure(version, rows, besides)
    except LockNotAvailable as error:
        raise locked(connection, statements(version, own.__name__)["locks"], lock_timeout_ms) from error
    except psycopg.Error as error:
        raise ServerError(f"could not read the structure: {error.diag.message_primary or error}") from error
    except UnicodeDecodeError as error:
        raise ServerError("could not read the structure: a name or a text in it is not UTF-8") from error
