"""What operations that were not finished have left in a database, and the statements that take it away; read-only.

An operation that is run again goes on with it and takes it away itself. This is for one that was given up: its revision
is gone, or says something else now. Helper indexes are known by their names, so that one whose name had to be cut is
not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .add_column import MARK as FILLING
from .index_state import Valid, state
from .journal import SCHEMA
from .model import Table
from .names import derived_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .session import Session

# Functions and triggers of ours; of a partitioned table the one at the top.
_FUNCTIONS = f"""
SELECT DISTINCT ON (p.oid) p.proname, p.oid::regprocedure::text, pg_catalog.obj_description(p.oid, 'pg_proc'),
       c.relname, s.nspname
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace AND n.nspname = '{SCHEMA}'
LEFT JOIN pg_catalog.pg_trigger t ON t.tgfoid = p.oid
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
LEFT JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
WHERE p.proname ~ '^(pgarbiter_guard|fill|convert)_[0-9a-f]+$' ORDER BY p.oid, c.relispartition, 4, 5
"""
_HELPERS = """
SELECT i.relname, t.relname, n.nspname FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE x.indisvalid AND NOT x.indisunique AND pg_catalog.right(i.relname, 10) = '_pgarbiter' ORDER BY 3, 1
"""
_FILLING = f"""
SELECT a.attname, c.relname, n.nspname FROM pg_catalog.pg_description d
JOIN pg_catalog.pg_attribute a ON a.attrelid = d.objoid AND a.attnum = d.objsubid
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE d.classoid = 'pg_catalog.pg_class'::regclass AND d.description = {literal(FILLING)} ORDER BY 3, 2, 1
"""
_AT_WORK = """
SELECT l.pid FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
AND ((l.classid::bigint << 32) | l.objid::bigint) = pg_catalog.hashtextextended({key}, 0)
"""


@dataclass(frozen=True, slots=True)
class Remain:
    """Something of ours. `remove`: statements that take it away; `pid`: the process that is at work on its table."""

    what: str
    remove: tuple[str, ...]
    pid: int | None = None


def remains(session: Session) -> tuple[Remain, ...]:
    """Guards, helper indexes, shadow columns with what fills them, columns that are half filled."""
    return (*_functions(session), *_helpers(session), *_columns(session))


def at_work(session: Session, table: Table) -> int | None:
    """The process that runs an operation on the table now."""
    found: int | None = session.value(_AT_WORK.format(key=literal(f"pgarbiter {table}")))
    return found


def _functions(session: Session) -> Iterator[Remain]:
    found = session.rows(_FUNCTIONS)
    filled = {name.partition("_")[2] for name, _, _, table, _ in found if name.startswith("fill_") and table}
    for name, function, comment, table, schema in found:
        on = Table(table, schema) if table else None
        drop = f"DROP FUNCTION {function} CASCADE"
        if name.startswith("pgarbiter_guard_"):
            what = f"a guard on {on}: it {comment} against new duplicates" if on else f"the function {function}"
            yield _remain(session, on, what, drop)
        elif name.startswith("fill_") and on:
            yield _remain(session, on, *_shadow(session, on, drop, name))
        elif name.partition("_")[2] not in filled:
            yield _remain(session, on, f"the function {function} of a change of type", drop)


def _shadow(session: Session, table: Table, drop: str, name: str) -> tuple[str, ...]:
    """What is there of a change of type before its swap: the old column is in use, the shadow column is ours."""
    convert = f"DROP FUNCTION {SCHEMA}.convert_{name.partition('_')[2]} CASCADE"
    names = [
        row[0]
        for row in session.rows(
            f"SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = {literal(str(table))}::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
    ]
    shadows = [quoted(shadow) for each in names if (shadow := derived_name(each, "pgarbiter")) in names]
    what = f"a shadow column on {table} with the trigger that fills it: {', '.join(shadows)}"
    return (what, drop, *(f"ALTER TABLE {table} DROP COLUMN IF EXISTS {shadow}" for shadow in shadows), convert)


def _helpers(session: Session) -> Iterator[Remain]:
    for index, name, schema in session.rows(_HELPERS):
        table = Table(name, schema)
        if isinstance(state(session, table.beside(index)), Valid):
            what = f"a helper index on {table}: {quoted(index)}"
            yield _remain(session, table, what, f"DROP INDEX CONCURRENTLY {table.beside(index)}")


def _columns(session: Session) -> Iterator[Remain]:
    for column, name, schema in session.rows(_FILLING):
        table = Table(name, schema)
        what = f"a column on {table} that is not filled with its default yet: {quoted(column)}"
        yield _remain(session, table, what, f"ALTER TABLE {table} DROP COLUMN {quoted(column)}")


def _remain(session: Session, table: Table | None, what: str, *remove: str) -> Remain:
    return Remain(what, remove, at_work(session, table) if table else None)
