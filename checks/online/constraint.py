"""Constraints of a table by name: what the catalog says, and whether it is the one that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import DBAPIError

from ..quoting import literal, quoted
from .attributes import regclass
from .model import OnlineError, Table
from .session import sqlstate

if TYPE_CHECKING:
    from .session import Session


class Constraint(NamedTuple):
    """A constraint. `kind` is contype, `definition` as pg_get_constraintdef writes it, without NOT VALID."""

    name: str
    kind: str
    validated: bool
    definition: str


_SELECTED = (
    "SELECT conname, contype::text, convalidated,"
    " pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(oid), ' NOT VALID$', '')"
    " FROM pg_catalog.pg_constraint"
)


def constraint(session: Session, table: Table, name: str) -> Constraint | None:
    """The constraint of that name, if there is one."""
    found = session.rows(f"{_SELECTED} WHERE conrelid = {regclass(table)} AND conname = {literal(name)}")
    return Constraint(*found[0]) if found else None


def not_null(session: Session, table: Table, column: str) -> Constraint | None:
    """The NOT NULL constraint of the column; PostgreSQL 18 keeps it as a constraint, older ones as a flag alone."""
    found = session.rows(
        f"{_SELECTED} WHERE conrelid = {regclass(table)} AND contype = 'n' AND conkey = ARRAY[("
        f"SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = {regclass(table)}"
        f" AND attname = {literal(column)})]"
    )
    return Constraint(*found[0]) if found else None


def is_valid(session: Session, table: Table, name: str) -> bool:
    """Whether the constraint is there and all rows are known to keep it."""
    found = constraint(session, table, name)
    return found is not None and found.validated


def has_check(session: Session, table: Table, name: str, condition: str) -> bool:
    """Whether CHECK (`condition`) is there under that name, validated or not.

    Raises OnlineError when the name is taken by another constraint.
    """
    found = constraint(session, table, name)
    if found is None:
        return False
    # A session that may not write cannot ask what the server makes of the condition: there the name has to do.
    if session.value("SELECT pg_catalog.current_setting('transaction_read_only')") == "on":
        return True
    wanted = _written(session, table, name, condition)
    if found.definition != wanted:
        raise taken(table, found, wanted)
    return True


def taken(table: Table, found: Constraint, wanted: str) -> OnlineError:
    """The name belongs to something else."""
    return OnlineError(
        f'constraint "{found.name}" of "{table}" is {found.definition}, wanted {wanted}; nothing was changed',
        "Choose another name=..., or drop that constraint first.",
    )


def condition_of(session: Session, table: Table, condition: str) -> str:
    """The condition as the server writes it, in parentheses: columns are not qualified. Raises OnlineError for none."""
    if session.value("SELECT pg_catalog.current_setting('transaction_read_only')") == "on":
        return f"({condition})"
    try:
        written = _written(session, table, "pgarbiter", condition)
    except DBAPIError as error:
        if (sqlstate(error) or "")[:2] not in ("0A", "22", "42"):
            raise
        said = str(error.orig).splitlines()[0]
        raise OnlineError(
            f'({condition}) can be no CHECK of "{table}": {said}; nothing was changed', "Mend the condition."
        ) from error
    return written.removeprefix("CHECK ").removesuffix(" NO INHERIT")


def _written(session: Session, table: Table, name: str, condition: str) -> str:
    """CHECK (`condition`) as the server writes it, asked of an empty table of the same name and columns."""
    copy = f"pg_temp.{quoted(table.name)}"
    with session.transaction():
        session.run(f"CREATE TEMPORARY TABLE {quoted(table.name)} (LIKE {table})")
        session.run(f"ALTER TABLE {copy} ADD CONSTRAINT {quoted(name)} CHECK ({condition})")
        written: str = session.value(
            "SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint"
            f" WHERE conrelid = {literal(copy)}::regclass AND conname = {literal(name)}"
        )
        session.run(f"DROP TABLE {copy}")
    return written
