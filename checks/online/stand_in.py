"""Whether what names a column still fits when it has another type: tried on temporary tables that hide the real ones.

What the server prints leaves out the schema of a table that the search_path finds. A temporary table of its name is
found first when the text is read again, so the text is tried as it is, and nothing of it reaches the real tables.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from .model import OnlineError, Table
from .session import sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conversion import Conversion
    from .session import Session

_FITS_NOT = ("0A", "22", "42")  # feature not supported, data exception, syntax error or access rule violation


class _Undone(Exception):  # noqa: N818 - no error, but the way to roll a transaction back
    pass


@contextmanager
def stand_in(session: Session, conversion: Conversion, schemas: tuple[str, ...] = ()) -> Iterator[Callable[[], None]]:
    """A transaction that is rolled back, in which names of the table's schema and of `schemas` are printed bare.

    The function that it gives makes an empty copy of the table which hides it, where the column has the new type.
    """
    table = conversion.table
    path = ", ".join(("pg_temp", *(quoted(each) for each in dict.fromkeys((table.schema or "public", *schemas)))))

    def hide() -> None:
        copy = Table(table.name, "pg_temp")
        session.run(f"CREATE TEMPORARY TABLE {quoted(table.name)} (LIKE {table} INCLUDING INDEXES)")
        session.run(f"ALTER TABLE {copy} DROP COLUMN IF EXISTS {quoted(conversion.shadow)}")
        session.run(f"ALTER TABLE {copy} ALTER COLUMN {quoted(conversion.column)} TYPE {conversion.type} USING NULL")

    with suppress(_Undone), session.transaction():
        former = session.value("SELECT pg_catalog.current_setting('search_path')")
        session.rows(f"SELECT pg_catalog.set_config('search_path', {literal(f'{path}, {former}')}, true)")
        yield hide
        raise _Undone


@contextmanager
def fitting(session: Session, conversion: Conversion, what: str) -> Iterator[None]:
    """Raise OnlineError for what the server refuses in the block. `what`: what does not fit, for the message."""
    try:
        yield
    except DBAPIError as error:
        if session.lost or (sqlstate(error) or "")[:2] not in _FITS_NOT:
            raise
        raise OnlineError(
            f'{what}, which names column "{conversion.column}" of "{conversion.table}", does not fit type'
            f" {conversion.type}: {str(error.orig).splitlines()[0]}; nothing was changed",
            "Drop it in a revision before, and make it again in one behind.",
        ) from error
