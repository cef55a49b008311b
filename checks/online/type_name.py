"""Types: the name that the catalog gives them, and what it says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from .attributes import columns
from .model import OnlineError, Table

if TYPE_CHECKING:
    from .session import Session

INTEGERS = ("smallint", "integer", "bigint")


def canonical(session: Session, written: str) -> str:
    """The type as the catalog names it, with schema and modifier. Raises OnlineError where there is no such type."""
    try:
        with session.transaction():
            session.run(f"CREATE TEMPORARY TABLE pgarbiter_type (found {written})")
            found = columns(session, Table("pgarbiter_type", "pg_temp"))["found"].type
            session.run("DROP TABLE pg_temp.pgarbiter_type")
    except DBAPIError as error:
        if session.lost:
            raise
        said = str(error.orig).splitlines()[0]
        raise OnlineError(f"{said}; nothing was changed", "Write the type as in CREATE TABLE.") from error
    return found


def refuse_constrained(session: Session, type_: str) -> None:
    """Raise OnlineError for a domain with constraints: PostgreSQL adds a column of one by a rewrite under lock."""
    constrained = session.value(
        "WITH RECURSIVE base (oid) AS ("
        f"SELECT pg_catalog.to_regtype({literal(type_)})::pg_catalog.oid"
        " UNION SELECT typbasetype FROM base JOIN pg_catalog.pg_type t USING (oid) WHERE t.typtype = 'd')"
        " SELECT EXISTS (SELECT FROM base JOIN pg_catalog.pg_type t USING (oid) WHERE t.typtype = 'd' AND (t.typnotnull"
        " OR EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE contypid = t.oid)))"
    )
    if constrained:
        raise OnlineError(
            f"type {type_} is a domain with constraints, a column of which cannot be added without a rewrite of the"
            " table; nothing was changed",
            "Use the type that the domain is over, and give the column the constraints by op.add_check_online.",
        )


def refuse_collation(session: Session, table: Table, column: str, written: str) -> None:
    """Raise OnlineError where a collation would be lost: that of the column, or one that is `written` with the type."""
    with session.transaction():
        session.run(f"CREATE TEMPORARY TABLE pgarbiter_type (found {written})")
        found = session.value(
            "SELECT CASE WHEN a.attcollation <> t.typcollation THEN o.collname"
            " WHEN b.attcollation <> n.typcollation THEN c.collname END"
            " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
            " JOIN pg_catalog.pg_attribute b ON b.attrelid = 'pg_temp.pgarbiter_type'::regclass AND b.attname = 'found'"
            " JOIN pg_catalog.pg_type n ON n.oid = b.atttypid JOIN pg_catalog.pg_collation c ON c.oid = b.attcollation"
            " LEFT JOIN pg_catalog.pg_collation o ON o.oid = a.attcollation"
            f" WHERE a.attrelid = pg_catalog.to_regclass({literal(str(table))}) AND a.attname = {literal(column)}"
        )
        session.run("DROP TABLE pg_temp.pgarbiter_type")
    if found is not None:
        raise OnlineError(
            f'collation "{found}" of column "{column}" of "{table}" would not be that of the new column;'
            " nothing was changed",
            "Use ALTER TABLE ... ALTER COLUMN ... TYPE ... COLLATE in a maintenance window.",
        )


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
