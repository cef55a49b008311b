"""What the catalog says of one table's columns, of its primary key, and of the tables that hold its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .model import OnlineError, Table

if TYPE_CHECKING:
    from .session import Session

# PostgreSQL 18 sets attnotnull for a NOT NULL that is NOT VALID too: the truth is in pg_constraint.
_PROVEN = """\
a.attnotnull AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint n WHERE n.conrelid = a.attrelid
  AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum] AND NOT n.convalidated)"""
# format_type leaves the schema out where the search_path finds the type: it has to mean the same under any other.
_TYPE = """\
CASE WHEN s.nspname = 'pg_catalog' OR NOT pg_catalog.pg_type_is_visible(b.oid) THEN ''
  ELSE pg_catalog.quote_ident(s.nspname) || '.' END || pg_catalog.format_type(a.atttypid, a.atttypmod)"""
_TYPES = """\
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = CASE t.typsubscript WHEN 'pg_catalog.array_subscript_handler'::regproc
  THEN t.typelem ELSE t.oid END
JOIN pg_catalog.pg_namespace s ON s.oid = b.typnamespace"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `not_null`: every row is known to have a value, so a NOT NULL that is not validated does not count.

    `type` is as format_type writes it, with its schema if that is not pg_catalog; `default` is the expression;
    `identity` and `generated` are the catalog's codes.
    """

    name: str
    number: int
    type: str
    not_null: bool
    default: str | None
    identity: str
    generated: str

    def __str__(self) -> str:
        """Quoted where needed."""
        return quoted(self.name)


def regclass(table: Table) -> str:
    """SQL for the table's oid; NULL where the table is not there."""
    return f"pg_catalog.to_regclass({literal(str(table))})"


def columns(session: Session, table: Table) -> dict[str, Column]:
    """All columns by name, in their order."""
    found = session.rows(
        f"SELECT a.attname, a.attnum, {_TYPE},"
        f" {_PROVEN}, pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text"
        f" FROM pg_catalog.pg_attribute a {_TYPES}"
        " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        f" WHERE a.attrelid = {regclass(table)} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
    )
    return {row[0]: Column(*row) for row in found}


def column(session: Session, table: Table, name: str) -> Column:
    """One column. Raises OnlineError when it is not there."""
    found = columns(session, table)
    if name not in found:
        raise OnlineError(
            f'column "{name}" of "{table}" does not exist; nothing was changed',
            f"Name one of its columns: {', '.join(found)}.",
        )
    return found[name]


def leaves(session: Session, table: Table) -> tuple[Table, ...]:
    """The tables that hold the rows: itself, its partitions at all levels, its inheritance children.

    Raises OnlineError when one of them is a foreign table.
    """
    found = session.rows(
        "WITH RECURSIVE tree (oid) AS ("
        f"SELECT {regclass(table)}::pg_catalog.oid"
        " UNION SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)"
        " SELECT n.nspname, c.relname, c.relkind::text FROM tree JOIN pg_catalog.pg_class c USING (oid)"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind <> 'p' ORDER BY 1, 2"
    )
    for schema, name, kind in found:
        if kind == "f":
            raise OnlineError(
                f'"{Table(name, schema)}", a part of "{table}", is a foreign table',
                "Do this on the server that holds it, or detach it first.",
            )
    return tuple(Table(name, schema) for schema, name, _ in found)


def primary_key(session: Session, table: Table) -> tuple[Column, ...]:
    """The columns of the primary key in its order; empty when there is none."""
    known = columns(session, table)
    found = session.rows(
        "SELECT a.attname FROM pg_catalog.pg_index i"
        " CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, place)"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
        f" WHERE i.indrelid = {regclass(table)} AND i.indisprimary AND i.indisvalid AND k.place <= i.indnkeyatts"
        " ORDER BY k.place"
    )
    return tuple(known[name] for (name,) in found)
