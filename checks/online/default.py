"""The default of a column that changes its type: what it becomes, and what it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .attributes import columns, regclass
from .model import OnlineError

if TYPE_CHECKING:
    from .attributes import Column
    from .conversion import Conversion
    from .session import Session

# The comment of a column that was swapped out says whose it is, and what its default was.
MARK = "pgarbiter: former values, replaced by a change of type"
_WITH = f"{MARK}; the default was "


def mark(was: Column) -> str:
    """The comment for the old column."""
    return f"{_WITH}{was.default}" if was.default else MARK


def comment(session: Session, conversion: Conversion, name: str) -> str | None:
    """The comment of a column of the table, None where column or comment is not there."""
    found = columns(session, conversion.table).get(name)
    if found is None:
        return None
    said: str | None = session.value(f"SELECT pg_catalog.col_description({regclass(conversion.table)}, {found.number})")
    return said


def carried_default(session: Session, conversion: Conversion, was: Column) -> str | None:
    """The default of the new column; None where the old one has none.

    A constant is converted as values are. Raises OnlineError for an expression when values are not converted by a cast.
    """
    if was.default is None:
        return None
    if conversion.using is None:
        return was.default if _is_assignable(session, was, conversion) else f"CAST({was.default} AS {conversion.type})"
    constant = session.value(
        f"SELECT adbin::text LIKE '{{CONST %' FROM pg_catalog.pg_attrdef WHERE adrelid = {regclass(conversion.table)}"
        f" AND adnum = {was.number}"
    )
    value = _converted(session, conversion.using, was, was.default) if constant else None
    if value is None:
        raise OnlineError(
            f'the default of column "{was.name}" of "{conversion.table}", {was.default}, cannot be carried over to type'
            f" {conversion.type}; nothing was changed",
            f"Run ALTER TABLE {conversion.table} ALTER COLUMN {was} DROP DEFAULT in a revision before, and set another"
            " one in one behind.",
        )
    former = _former(session, conversion, was)
    return former or f"{literal(value)}::{conversion.type}"


def _is_assignable(session: Session, was: Column, conversion: Conversion) -> bool:
    """Whether a value of the old type may stand where the new one is wanted, without a cast being written."""
    return bool(
        session.value(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_cast WHERE castcontext IN ('i', 'a')"
            f" AND castsource = pg_catalog.to_regtype({literal(was.type)})"
            f" AND casttarget = pg_catalog.to_regtype({literal(conversion.type)}))"
        )
    )


def _former(session: Session, conversion: Conversion, was: Column) -> str | None:
    """The default that the column with former values had, where it still means the value of today's."""
    said = comment(session, conversion, conversion.kept) if conversion.kept else None
    if said is None or not said.startswith(_WITH) or conversion.forward is None:
        return None
    former = said.removeprefix(_WITH)
    same = session.value(f"SELECT ({conversion.forward}) = {was.default} FROM (SELECT {former} AS {was}) pgarbiter_row")
    return former if same else None


def _converted(session: Session, using: str, was: Column, value: str) -> str | None:
    found: str | None = session.value(
        f"SELECT ({using})::text FROM (SELECT {value} AS {quoted(was.name)}) pgarbiter_row"
    )
    return found
