"""A table as its indexes see it: its own rows and those of its partitions, not those of tables that inherit from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import literal
from .model import OnlineError, Table

if TYPE_CHECKING:
    from .session import Session


def rows_of(session: Session, table: Table) -> str:
    """For FROM: the rows that a unique index of the table covers. Raises OnlineError where there is no such table."""
    kind = session.value(
        f"SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass({literal(str(table))})"
    )
    if kind is None:
        raise OnlineError(f'table "{table}" does not exist', "Correct its name, or pass schema=.")
    if _text(kind) not in ("r", "p"):
        raise OnlineError(f'"{table}" is no table', "Name the table that holds the rows.")
    return str(table) if _text(kind) == "p" else f"ONLY {table}"


def tree(session: Session, table: Table) -> tuple[str, ...]:
    """The table and, of a partitioned one, all partitions at all levels, qualified and quoted."""
    found = session.rows(
        "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)"
        f" FROM (SELECT {literal(str(table))}::regclass::oid"
        f" UNION SELECT relid FROM pg_catalog.pg_partition_tree({literal(str(table))}::regclass)) t(oid)"
        " JOIN pg_catalog.pg_class c ON c.oid = t.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') ORDER BY c.relkind <> 'p', 1"
    )
    return tuple(name for (name,) in found)


def family(session: Session, table: Table) -> tuple[Table, ...]:
    """The table, and those that inherit from it, at all levels; of a partitioned one itself alone, as `rows_of`."""
    found = session.rows(
        "WITH RECURSIVE below (oid) AS ("
        f"SELECT pg_catalog.to_regclass({literal(str(table))})::oid UNION SELECT i.inhrelid FROM below"
        " JOIN pg_catalog.pg_class p USING (oid) JOIN pg_catalog.pg_inherits i ON i.inhparent = below.oid"
        " WHERE p.relkind <> 'p')"
        " SELECT c.relname, n.nspname FROM below JOIN pg_catalog.pg_class c USING (oid)"
        f" JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE c.oid <> pg_catalog.to_regclass({literal(str(table))}) ORDER BY 2, 1"
    )
    return (table, *(Table(name, schema) for name, schema in found))


def primary_key(session: Session, table: Table) -> tuple[str, ...]:
    """The columns of the primary key, in its order, as exact names; empty if there is none that holds."""
    found = session.rows(
        "SELECT a.attname FROM pg_catalog.pg_index i"
        " CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, n)"
        " JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
        f" WHERE i.indrelid = {literal(str(table))}::regclass AND i.indisprimary AND i.indisvalid"
        " AND k.n <= i.indnkeyatts ORDER BY k.n"
    )
    return tuple(name for (name,) in found)


def _text(value: str | bytes) -> str:
    """A value of type "char", which drivers read as text or as bytes."""
    return value.decode() if isinstance(value, bytes) else value
