"""Says who holds the table that the catalog could not be read for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from ..errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence


def locked(connection: psycopg.Connection[Any], query: str, timeout_ms: int) -> ServerError:
    """The error for a lock that was not granted in time, after the reading transaction was rolled back.

    Several tables may be locked: those that have an expression to print were waited for (see locks.sql), the others
    only matter when there is no such table.
    """
    found = _locks(connection, query)
    opened = [row for row in found if row[3]] or found
    waited = f"could not read the catalog: waited {timeout_ms} ms for"
    if not opened:
        return ServerError(f"{waited} a table that was locked", "Try again.")
    tables = list(dict.fromkeys(f'"{schema}.{name}"' for schema, name, *_ in opened))
    return ServerError(
        f"{waited} {'table' if len(tables) == 1 else 'tables'} {', '.join(tables)}, locked by {_holders(opened)}",
        "A migration is at work there, or waits to begin; try again when it is done.",
    )


def _locks(connection: psycopg.Connection[Any], query: str) -> list[tuple[str, str, int | None, bool]]:
    try:
        with connection.transaction(force_rollback=True), psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
            return cursor.execute(query.encode(), prepare=False).fetchall()
    except psycopg.Error:
        return []  # the lock is what there is to report, not that its holder could not be found


def _holders(rows: Sequence[tuple[str, str, int | None, bool]]) -> str:
    pids = list(dict.fromkeys(pid for _, _, pid, _ in rows))
    return ", ".join("a prepared transaction" if pid is None else f"process {pid}" for pid in pids)
