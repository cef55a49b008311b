"""The columns of a table, as far as putting rows away and back depends on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Table
    from .session import Session


@dataclass(frozen=True, slots=True)
class Column:
    """`type` as in a cast. `generated`: computed, so never written. `plain`: of a built-in type or an enum.

    `identity`: GENERATED ALWAYS AS IDENTITY. `loose`: the type without its length or precision, as which nothing of a
    value is lost.
    """

    name: str
    type: str
    generated: bool
    identity: bool
    plain: bool
    loose: str

    @property
    def narrow(self) -> bool:
        """Whether the type has a length or a precision."""
        return self.type != self.loose


def columns(session: Session, table: Table) -> tuple[Column, ...]:
    """The columns in their order, without dropped ones; types qualified."""
    path = session.value("SELECT pg_catalog.current_setting('search_path')")
    session.rows("SELECT pg_catalog.set_config('search_path', '', false)")
    try:
        found = session.rows(
            "SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attgenerated <> '',"
            " a.attidentity = 'a', coalesce(e.oid, t.oid) < 16384 OR coalesce(e.typtype, t.typtype) = 'e',"
            " CASE WHEN a.atttypmod = -1 THEN pg_catalog.format_type(a.atttypid, a.atttypmod)"
            " ELSE pg_catalog.format_type(a.atttypid, -1) END"
            " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
            " LEFT JOIN pg_catalog.pg_type e ON t.typcategory = 'A' AND e.oid = t.typelem"
            f" WHERE a.attrelid = {literal(str(table))}::regclass AND a.attnum > 0 AND NOT a.attisdropped"
            " ORDER BY a.attnum"
        )
    finally:
        session.rows(f"SELECT pg_catalog.set_config('search_path', {literal(path)}, false)")
    return tuple(Column(*each) for each in found)


def row_values(row: tuple[str, ...], alias: str) -> str:
    """ROW(alias.a, alias.b)::record, to be compared as it is stored (`*=`)."""
    return f"ROW({', '.join(f'{alias}.{quoted(name)}' for name in row)})::record"


def from_json(value: str, alias: str, read: Sequence[Column]) -> str:
    """FROM item: these columns of an object, and no others, whose domain could forbid the NULL that they would get."""
    listed = ", ".join(f"{quoted(each.name)} {each.type}" for each in read)
    return f"pg_catalog.jsonb_to_record({value}) AS {alias}({listed})"


def as_json(names: tuple[str, ...], alias: str) -> str:
    """SQL for an object of these columns; NULL for none. Chained, since a function takes 100 arguments at most."""
    parts = [f"pg_catalog.jsonb_build_object({literal(name)}, {alias}.{quoted(name)})" for name in names]
    return " || ".join(parts) or "NULL::jsonb"
