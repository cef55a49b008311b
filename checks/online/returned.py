"""Whether rows that were put back are what they were: triggers, generated columns and narrower types make others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .relation import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .columns import Column
    from .model import Table
    from .session import Session

Place = tuple[int, str]  # tableoid and ctid


class AlteredError(Exception):
    """What came back is not what was put away; the message says of one row which columns, and what may be why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows as quarantine holds them: the SQL of each column's value, in its type of today without length or precision.

    `rows` is the FROM item that gives them.
    """

    columns: tuple[Column, ...]
    values: tuple[str, ...]
    rows: str

    def each(self) -> Iterable[tuple[Column, str]]:
        """Column and value."""
        return zip(self.columns, self.values, strict=True)

    def as_row(self) -> str:
        """SQL for the row as text, by the output functions: no difference is hidden, and every type has one."""
        return _text(f"({value})::{column.type}" for column, value in self.each())

    def fits(self) -> str:
        """SQL for whether no value loses anything in the length or precision of today."""
        return " AND ".join(_fits(column, value) for column, value in self.each() if column.narrow) or "true"


def refuse_altered(session: Session, table: Table, stored: Stored, places: Sequence[Place]) -> None:
    """Compare the rows at `places`, just inserted, with what was stored; as a whole, since they may have no key.

    Raises AlteredError; the transaction is to be rolled back then.
    """
    if not places or not stored.columns:
        return
    now = _text(f"pgarbiter_t.{quoted(column.name)}" for column in stored.columns)
    differing = session.value(
        f"WITH stored AS MATERIALIZED (SELECT {stored.as_row()} AS pgarbiter_row, {stored.fits()} AS fits"
        f" FROM {stored.rows})"
        " SELECT (SELECT count(*) FROM stored WHERE NOT fits) + (SELECT count(*) FROM"
        f" (SELECT pgarbiter_row FROM stored EXCEPT ALL SELECT {now} FROM {_at(session, table, places)}) s)"
    )
    if differing:
        raise AlteredError(_altered(session, table, stored, places))


def refuse_diverted(session: Session, table: Table) -> None:
    """Raise AlteredError where a rule takes what is inserted to some other place."""
    rules = session.rows(
        "SELECT rulename FROM pg_catalog.pg_rewrite WHERE is_instead AND ev_type = '3' AND ev_enabled IN ('O', 'A')"
        f" AND ev_class = {literal(str(table))}::regclass ORDER BY 1"
    )
    if rules:
        raise AlteredError(f"{_named('rule', rules)} does something else instead")


def _altered(session: Session, table: Table, stored: Stored, places: Sequence[Place]) -> str:
    if len(places) > 1:
        return "rows come back altered"  # which one, and how, is told when they are tried one by one
    same = ", ".join(_same(column, value) for column, value in stored.each())
    found = session.rows(f"SELECT {same} FROM {stored.rows} CROSS JOIN {_at(session, table, places)}")
    if not found:
        return "a trigger keeps it out"
    altered = [column for column, unchanged in zip(stored.columns, found[0], strict=True) if not unchanged]
    names = ", ".join(f'"{column.name}"' for column in altered)
    noun = "columns" if len(altered) > 1 else "column"
    return f"{noun} {names} would come back altered, {_why(session, altered, places)}"


def _why(session: Session, altered: Sequence[Column], places: Sequence[Place]) -> str:
    triggers = session.rows(
        "SELECT tgname FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        f" AND tgtype & 4 <> 0 AND tgrelid = {places[0][0]} ORDER BY 1"
    )
    why = [f'since "{column.name}" is generated' for column in altered if column.generated]
    why += [f'since the type of "{column.name}" is {column.type}' for column in altered if column.narrow]
    why += [f"perhaps by {_named('trigger', triggers)}"] if triggers else []
    return ", ".join(why) or "by whatever the table does on INSERT"


def _same(column: Column, value: str) -> str:
    now = f"pgarbiter_t.{quoted(column.name)}"
    same = f"{_text([f'({value})::{column.type}'])} = {_text([now])}"
    return f"({same} AND {_fits(column, value)})" if column.narrow else same


def _fits(column: Column, value: str) -> str:
    return f"({value}) IS NOT DISTINCT FROM ({value})::{column.type}"


def _at(session: Session, table: Table, places: Sequence[Place]) -> str:
    parts, tids = ", ".join(str(part) for part, _ in places), ", ".join(literal(tid) for _, tid in places)
    return (
        f"(SELECT pgarbiter_r.* FROM unnest(ARRAY[{parts}]::oid[], ARRAY[{tids}]::tid[]) p (part, tid)"
        f" JOIN {rows_of(session, table)} AS pgarbiter_r ON pgarbiter_r.tableoid = p.part AND pgarbiter_r.ctid = p.tid)"
        " AS pgarbiter_t"
    )


def _text(values: Iterable[str]) -> str:
    return f"ROW({', '.join(values)})::text"


def _named(noun: str, names: Sequence[tuple[str]]) -> str:
    shown = " or ".join(f'"{name}"' for (name,) in names)
    return f"{noun} {shown}"
