"""A connection of SQLAlchemy in autocommit mode, whatever its driver: statements as text, transactions by hand."""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import OperationalError, PendingRollbackError

from ..quoting import literal
from .model import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, CursorResult
    from sqlalchemy.exc import DBAPIError


class Session:
    """Wraps a `sqlalchemy.Connection` whose isolation level is AUTOCOMMIT."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def version(self) -> int:
        """server_version_num."""
        return int(self.value("SELECT pg_catalog.current_setting('server_version_num')"))

    @property
    def lost(self) -> bool:
        """Whether the connection is gone: nothing can be run any more."""
        return self._connection.invalidated or self._connection.closed

    def run(self, statement: str) -> int:
        """Run one statement; the number of rows it touched, 0 for what touches none. Raises DBAPIError."""
        return max(self._sent(statement).rowcount, 0)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query. Raises DBAPIError."""
        return [tuple(row) for row in self._sent(statement)]

    def value(self, statement: str) -> Any:
        """The first column of the only row, None if there is no row. Raises DBAPIError."""
        found = self.rows(statement)
        return found[0][0] if found else None

    def _sent(self, statement: str) -> CursorResult[Any]:
        """SQLAlchemy's error for whatever follows the loss of a connection is none of the database."""
        try:
            # Sent as it is: a "%" in it is no parameter. Told with each statement, since options that the connection
            # is given stay with it, and the next revision's "%" would reach the server doubled.
            return self._connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        except PendingRollbackError as error:
            raise OperationalError(statement, None, ConnectionError("the connection was lost")) from error

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One transaction; rolled back when the block raises."""
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            if not self.lost:
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    def resolve(self, table: Table) -> Table | None:
        """The table with its schema, as the search_path finds it; None if it is not there."""
        found = self.rows(
            "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
            " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            f" WHERE c.oid = pg_catalog.to_regclass({literal(str(table))})"
        )
        return Table(found[0][1], found[0][0]) if found else None


def document(value: Any) -> Any:
    """An object or array of type json or jsonb, which some drivers read and others give as text."""
    return json.loads(value) if isinstance(value, str) else value


def sqlstate(error: DBAPIError) -> str | None:
    """The SQLSTATE of an error, by whichever name its driver gives it; None when the connection was lost."""
    original: Any = error.orig
    return getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
