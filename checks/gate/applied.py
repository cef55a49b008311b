"""Which files of migrations a live database has had, as the table of their runner says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from ..schema.source import SourceKind
from ..wording import plural
from .files import History, history
from .model import GateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from psycopg import Connection

    from ..schema.source import Source
    from .files import Migration

    Had = Callable[[Migration, frozenset[str], Source], bool]

_TABLES = """
SELECT n.nspname, c.relname, array_agg(a.attname::text)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%s)
GROUP BY 1, 2 ORDER BY 1, 2
"""
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Runner:
    """A tool of migrations: its table with columns that tell it, a question for what has run, and how a file is known.

    `told` reads the answer's rows, of one text each; `{}` in `question` is the table.
    """

    name: str
    table: str
    columns: frozenset[str]
    question: str
    had: Had


def _by_number(migration: Migration, rows: frozenset[str], _: Source) -> bool:
    """By the number that the file's name begins with, without what stands between its digits."""
    return _number(migration.label) in {_number(row) for row in rows}


def _up_to(migration: Migration, rows: frozenset[str], _: Source) -> bool:
    """The table holds the newest number alone."""
    own, last = _number(migration.label), max((_number(row) or 0 for row in rows), default=0)
    return own is not None and own <= last


def _by_name(migration: Migration, rows: frozenset[str], _: Source) -> bool:
    return migration.name in rows


def _by_script(migration: Migration, rows: frozenset[str], _: Source) -> bool:
    """By the file's name with its ending, perhaps below a directory."""
    name = Path(migration.path).name
    return any(row == name or row.endswith(f"/{name}") for row in rows)


def _by_time(migration: Migration, rows: frozenset[str], source: Source) -> bool:
    """By the time in drizzle's journal: it runs what is newer than the newest row."""
    last = max((int(row) for row in rows), default=-1)
    try:
        entries = json.loads((source.path / "meta" / "_journal.json").read_text("utf-8"))["entries"]
        return any(entry["tag"] == migration.name and int(entry["when"]) <= last for entry in entries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GateError(f'the journal of "{source.name}" cannot be read: {error}') from None


def _number(text: str) -> int | None:
    digits = re.sub("[^0-9]", "", text)
    return int(digits) if digits else None


_RUNNERS = (
    Runner("Prisma", "_prisma_migrations", frozenset({"migration_name", "finished_at", "rolled_back_at"}),
           "SELECT migration_name FROM {} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL", _by_name),
    Runner("Drizzle", "__drizzle_migrations", frozenset({"hash", "created_at"}),
           "SELECT created_at::text FROM {} WHERE created_at IS NOT NULL", _by_time),
    Runner("Flyway", "flyway_schema_history", frozenset({"script", "success"}),
           "SELECT script FROM {} WHERE success", _by_script),
    Runner("goose", "goose_db_version", frozenset({"id", "version_id", "is_applied"}),
           "SELECT version_id::text FROM (SELECT DISTINCT ON (version_id) version_id, is_applied FROM {}"
           " ORDER BY version_id, id DESC) newest WHERE is_applied", _by_number),
    Runner("sqlx", "_sqlx_migrations", frozenset({"version", "success"}),
           "SELECT version::text FROM {} WHERE success", _by_number),
    Runner("Diesel", "__diesel_schema_migrations", frozenset({"version", "run_on"}),
           "SELECT version FROM {}", _by_number),
    Runner("node-pg-migrate", "pgmigrations", frozenset({"name", "run_on"}), "SELECT name FROM {}", _by_name),
    Runner("Atlas", "atlas_schema_revisions", frozenset({"version", "executed_at"}),
           "SELECT version FROM {}", _by_number),
    Runner("golang-migrate", "schema_migrations", frozenset({"version", "dirty"}),
           "SELECT version::text FROM {} WHERE NOT dirty", _up_to),
    Runner("supabase", "schema_migrations", frozenset({"version", "statements"}),
           "SELECT version FROM {}", _by_number),
    Runner("a tool of migrations", "schema_migrations", frozenset({"version"}),
           "SELECT version::text FROM {}", _by_number),
)  # fmt: skip


def applied(connection: Connection[Any], source: Source, found: Sequence[Migration]) -> tuple[str, History]:
    """The runner, and which of its files have run and which are pending.

    Raises GateError where no table says so, or it may not be read.
    """
    read = list(_read(connection, source, found))
    if not read:
        raise GateError(
            "the database does not say which migrations it has had: no table of a known runner is there",
            "Leave --database-url out, and the schema of --base stands for the database.",
        )
    # Of several tables that of which most files are: an extension or a service may keep its own.
    runner, rows, had = max(read, key=lambda one: len(one[2]))
    done = [each for each in found if each.path in had]
    told = history(done, found)
    unknown = _beyond(runner, rows, found)
    return runner.name, History(told.before, told.pending, (*told.notes, *unknown))


def _read(
    connection: Connection[Any], source: Source, found: Sequence[Migration]
) -> Iterator[tuple[Runner, frozenset[str], frozenset[str]]]:
    names = sorted({each.table for each in _RUNNERS})
    for place, table, columns in connection.execute(_TABLES.encode(), (names,)).fetchall():
        runner = next((each for each in _RUNNERS if each.table == table and each.columns <= set(columns)), None)
        if runner is None or (source.kind is SourceKind.SUPABASE and place != "supabase_migrations"):
            continue
        question = sql.SQL(runner.question).format(sql.Identifier(place, table))  # pyright: ignore[reportArgumentType] - a constant of ours
        try:
            rows = frozenset(str(row[0]) for row in connection.execute(question).fetchall())
        except psycopg.Error as error:
            said = error.diag.message_primary or "it cannot be read"
            raise GateError(f'table "{place}.{table}", in which {runner.name} keeps what it has run: {said}') from None
        yield runner, rows, frozenset(each.path for each in found if runner.had(each, rows, source))


def _beyond(runner: Runner, rows: frozenset[str], found: Sequence[Migration]) -> Iterator[str]:
    """What the database has had, and no file is."""
    if runner.had is _by_number:
        known = {_number(each.label) for each in found}
        left = sorted((row for row in rows if _number(row) not in known and _number(row)), key=_sorted)
    elif runner.had is _by_name:
        left = sorted(rows - {each.name for each in found})
    else:
        left = []
    if left:
        rest = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
        yield (
            f"The database has had {plural(len(left), 'migration')} that the source does not have: "
            f"{', '.join(left[:_SHOWN])}{rest}."
        )


def _sorted(row: str) -> tuple[int, str]:
    return _number(row) or 0, row
