"""Types: the name that the catalog gives them, and what it says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from .model import OnlineError, literal

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


def is_safe(session: Session, old: str, new: str) -> bool:
    """Whether any value of the old type is one of the new type, by an implicit cast: integer to bigint."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_cast JOIN pg_catalog.pg_type o ON o.oid = castsource"
            " JOIN pg_catalog.pg_type n ON n.oid = casttarget WHERE castcontext = 'i' AND o.typcategory = 'N'"
            " AND n.typcategory = 'N' AND n.oid IN ('int4'::regtype, 'int8'::regtype)"
            f" AND o.oid = pg_catalog.to_regtype({literal(old)}) AND n.oid = pg_catalog.to_regtype({literal(new)}))"
        )
    )


def is_date(session: Session, type_: str) -> bool:
    """Whether it is a date or a time, no interval."""
    return bool(
        session.value(
            "SELECT typcategory = 'D' AND typtype = 'b' FROM pg_catalog.pg_type"
            f" WHERE oid = pg_catalog.to_regtype({literal(type_)})"
        )
    )
