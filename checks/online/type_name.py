"""Types by the name that the catalog gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from .model import OnlineError

if TYPE_CHECKING:
    from .session import Session


def canonical(session: Session, written: str) -> str:
    """The type as format_type writes it, with its modifier. Raises OnlineError where there is no such type."""
    try:
        with session.transaction():
            session.run(f"CREATE TEMPORARY TABLE pgarbiter_type (found {written})")
            found: str = session.value(
                "SELECT pg_catalog.format_type(atttypid, atttypmod) FROM pg_catalog.pg_attribute"
                " WHERE attrelid = 'pg_temp.pgarbiter_type'::regclass AND attname = 'found'"
            )
            session.run("DROP TABLE pg_temp.pgarbiter_type")
    except DBAPIError as error:
        if session.lost:
            raise
        said = str(error.orig).splitlines()[0]
        raise OnlineError(f"{said}; nothing was changed", "Write the type as in CREATE TABLE.") from error
    return found
