"""Reads the SQL that a database holds: functions, rules, jobs of pg_cron, and statements that it has executed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.errors import LockNotAvailable
from psycopg.rows import tuple_row
from psycopg.sql import Identifier

from ..model import Origin
from .queries import statements
from .read import LOCK_TIMEOUT_MS, transaction
from .stored import Inside, Signature, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .rows import Row

    Connection = psycopg.Connection[Any]

# What a platform keeps for itself: functions of these schemas that belong to these roles.
_PLATFORMS = (
    "auth", "storage", "realtime", "_realtime", "vault", "graphql", "graphql_public", "net", "pgmq", "pgsodium",
    "supabase_functions", "supabase_migrations", "pgbouncer", "extensions",
)  # fmt: skip
_OWNERS = (
    "supabase_admin", "supabase_auth_admin", "supabase_storage_admin", "supabase_realtime_admin",
    "supabase_functions_admin", "rdsadmin", "cloudsqladmin", "azuresu",
)  # fmt: skip
_MOST_STATEMENTS = 10_000
_LONGEST_STATEMENT = 50_000  # characters; a longer one is an INSERT of thousands of rows, of which shorter ones ran too
_HIDDEN = "<insufficient privilege>"


def read_inside(connection: Connection, *, lock_timeout_ms: int = LOCK_TIMEOUT_MS) -> Inside:
    """The texts of the database that `connection`, which is in no transaction, is connected to.

    They are read in one REPEATABLE READ READ ONLY transaction. What this role may not read, or what is locked for
    longer than `lock_timeout_ms` milliseconds, is said in the notes: only a lost connection raises (psycopg.Error).
    """
    reader = _Reader(connection, statements(connection.info.server_version))
    with transaction(connection, own=True):
        reader.rows("settings", {"lock_timeout": f"{lock_timeout_ms}ms"})
        stored = (*reader.part("functions", _routines), *reader.part("rules", _rules))
        stored += (*reader.part("cron.job", _jobs), *reader.part("pg_stat_statements", _statements))
    return Inside(stored, tuple(reader.notes))


class _Reader:
    def __init__(self, connection: Connection, queries: Mapping[str, str]) -> None:
        self.connection = connection
        self.queries = queries
        self.notes: list[str] = []

    def rows(
        self, name: str, parameters: Mapping[str, object] | None = None, view: Identifier | None = None
    ) -> list[Row]:
        text = self.queries[name]
        if view is not None:
            text = text.replace("{view}", view.as_string(self.connection).replace("%", "%%"))
        # A cursor of its own each time: the settings change the encoding that a cursor has seen.
        with psycopg.Cursor(self.connection, row_factory=tuple_row) as cursor:
            return cursor.execute(text.encode(), parameters or {}, prepare=False).fetchall()

    def part(self, what: str, read: Callable[[_Reader], Iterator[Stored]]) -> tuple[Stored, ...]:
        """What `read` gives; nothing, and a note, when the server refuses it."""
        try:
            with self.connection.transaction():
                return tuple(read(self))
        except LockNotAvailable:
            self.notes.append(f"{what} of the database could not be read: a table that they name is locked")
        except psycopg.Error as error:
            if self.connection.closed:
                raise
            said = error.diag.message_primary or str(error)
            self.notes.append(f"{what} of the database could not be read: {said}")
        return ()


def _routines(reader: _Reader) -> Iterator[Stored]:
    chosen = {"platforms": list(_PLATFORMS), "owners": list(_OWNERS)}
    for row in reader.rows("routines", chosen):
        name, schema, short, types, language, definition, text, deparsed, fired, definer, owner, acl = row
        yield Stored(
            origin=Origin.TRIGGER if fired else Origin.FUNCTION,
            object=name,
            language=language,
            definition=definition,
            start=_body_start(definition, text, deparsed=deparsed),
            text=text,
            signature=Signature(schema, short, tuple(types)),
            deparsed=deparsed,
            attached=tuple(fired),
            runs_as=definer,
            owner=owner,
            acl=acl,
        )
    for name, is_extension, number in reader.rows("apart", chosen):
        of = f'extension "{name}"' if is_extension else f'the platform\'s schema "{name}"'
        many = "1 function that can write was" if number == 1 else f"{number} functions that can write were"
        reader.notes.append(f"{many} left out as part of {of}")


def _body_start(definition: str, text: str, *, deparsed: bool) -> int:
    """Where a body begins in what pg_get_functiondef gives: it ends with the body, and the tag of its quotes."""
    written = definition.rstrip("\n")
    if deparsed:
        return max(len(written) - len(text.rstrip("\n")), 0)
    tag = len(written) - written.rindex("$", 0, -1) if written.endswith("$") else 0
    return max(len(written) - tag - len(text), 0)


def _rules(reader: _Reader) -> Iterator[Stored]:
    for rule, schema, table, name, disabled, text, owner in reader.rows("ruletexts"):
        shown = f"{name} (disabled)" if disabled else name
        signature = Signature(schema, rule, table=table)
        yield Stored(Origin.RULE, shown, "sql", text, 0, text, signature, deparsed=True, runs_as=owner)


def _jobs(reader: _Reader) -> Iterator[Stored]:
    for readable, own_only in reader.rows("cron"):
        if not readable:
            reader.notes.append("jobs of pg_cron were not read: permission denied for cron.job")
            return
        if own_only:
            reader.notes.append("of pg_cron's jobs only those of this role were read: others are hidden from it")
        rows = reader.rows("jobs")
        for number, name, command, active, user in rows:
            if active:
                yield Stored(Origin.CRON, name or str(number), "sql", command, 0, command, runs_as=user)
        if idle := sum(not row[3] for row in rows):
            what = "1 job of pg_cron that can write was" if idle == 1 else f"{idle} jobs of pg_cron that can write were"
            reader.notes.append(f"{what} left out: not active")


def _statements(reader: _Reader) -> Iterator[Stored]:
    for schema, readable in reader.rows("statistics"):
        if not readable:
            reader.notes.append("pg_stat_statements was not read: permission denied")
            return
        view = Identifier(schema, "pg_stat_statements")
        rows = reader.rows("executed", {"longest": _LONGEST_STATEMENT, "most": _MOST_STATEMENTS}, view)
        for text, number, count in rows:
            if text == _HIDDEN:
                why = "are hidden from this role, which is no member of pg_read_all_stats"
                reader.notes.append(f"{count} texts in pg_stat_statements {why}")
            else:
                yield Stored(Origin.STATEMENTS, str(number), "sql", text, 0, text)
        if len(rows) == _MOST_STATEMENTS:
            reader.notes.append(f"of pg_stat_statements only {_MOST_STATEMENTS} texts were read")
        ((longer,),) = reader.rows("longer", {"longest": _LONGEST_STATEMENT}, view)
        if longer:
            reader.notes.append(f"{longer} statements of pg_stat_statements were not read: too long")
