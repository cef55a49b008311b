"""Where a database stands: its revision, what is pending, what was left half done, what was taken out.

For what is left, the statements that take it away: a revision that goes on with it may be no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import errors

from ..online.index_state import BeingDropped, InProgress, state
from ..online.model import Table
from ..online.remains import remains
from ..wording import plural
from . import live
from .child import inspected
from .model import Left, Status

if TYPE_CHECKING:
    from pathlib import Path

    from ..online.session import Session
    from .live import Connection

# The newest entry of each operation; one that is done, or was done again later, is no news. It is the same operation
# when only what becomes of rows in the way was changed, as a first run that failed will have asked for.
_UNFINISHED = """
SELECT id, operation, target, step, state, detail, begun_at::timestamptz(0)::text, pid,
       EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.pid = last.pid AND a.backend_start <= last.begun_at)
FROM (
  SELECT DISTINCT ON (operation, target, what) * FROM (
    SELECT *, arguments
      - '{duplicates,keep,merge,children,rule,nulls,value,violations,orphans,unparsable}'::text[] AS what
    FROM pgarbiter_data.journal
  ) entries
  ORDER BY operation, target, what, id DESC
) last
WHERE state <> 'done' ORDER BY id
"""
_FORGET = "UPDATE pgarbiter_data.journal SET state = 'done', detail = 'given up' WHERE id = {};"
_QUARANTINED = """
SELECT rule, source, count(*) FILTER (WHERE restored_at IS NULL), count(restored_at),
       (min(taken_at) FILTER (WHERE restored_at IS NULL))::timestamptz(0)::text
FROM pgarbiter_data.quarantine GROUP BY rule, source ORDER BY rule, source
"""


def status(ini: Path, url: str, *, python: str | None = None) -> Status:
    """The status of the database at `url`, which is only read. Raises MigrateError."""
    found = inspected({**live.task(ini, url), "revision": "heads"}, python, live=True)
    with live.again(url) as connection, live.session(url, read_only=True) as session:
        connection.execute("SET default_transaction_read_only = on")
        return Status(
            live.described(connection),
            found.current,
            found.heads,
            found.pending,
            found.unknown,
            unfinished(connection),
            left(session),
            invalid(connection, session),
            tuple(f'"{name}" of {table}' for table, name in live.not_valid(connection)),
            _quarantined(connection),
        )


def invalid(connection: Connection, session: Session) -> tuple[Left, ...]:
    """Each INVALID index with what it is: being built by whom, or left behind."""
    return tuple(_invalid(session, each) for each in live.invalid(connection))


def left(session: Session) -> tuple[Left, ...]:
    """What unfinished online operations have left on tables, beside INVALID indexes."""
    return tuple(
        Left(each.what, () if each.pid else tuple(f"{statement};" for statement in each.remove), each.pid)
        for each in remains(session)
    )


def unfinished(connection: Connection) -> tuple[Left, ...]:
    """Each online operation that the journal has not seen to its end: its step, and how that ended."""
    found = []
    for number, operation, target, step, how, detail, begun, pid, running in _rows(connection, "journal", _UNFINISHED):
        begun_by = f"is at work in process {pid}" if running else "was cut off"
        told = f"failed: {detail}" if how == "failed" else begun_by
        forget = _FORGET.format(number)
        at_work = int(pid) if running and how != "failed" else None
        what = f'{operation} on {target}: step "{step}" {told} (begun {begun})'
        found.append(Left(what, () if at_work else (forget,), at_work))
    return tuple(found)


def _invalid(session: Session, index: live.InvalidIndex) -> Left:
    name = str(Table(index.name, index.schema))
    found = state(session, name)
    pid = found.pid if isinstance(found, InProgress | BeingDropped) else None
    return Left(f"{index} on {index.table} {found}", () if pid else (f"DROP INDEX CONCURRENTLY {name};",), pid)


def _quarantined(connection: Connection) -> tuple[str, ...]:
    return tuple(
        f"{plural(int(still), 'row')} of {source} by rule {rule}, since {since}"
        + (f"; {restored} more went back" if restored else "")
        for rule, source, still, restored, since in _rows(connection, "quarantine", _QUARANTINED)
        if still
    )


def _rows(connection: Connection, table: str, query: str) -> list[tuple[str, ...]]:
    """The rows of one of our tables; none where it is not there, or not ours to read."""
    question = (
        "SELECT CASE WHEN pg_catalog.to_regclass(%s) IS NULL THEN false"
        " ELSE pg_catalog.has_table_privilege(%s, 'SELECT') END"
    )
    name = f"pgarbiter_data.{table}"
    try:
        row = connection.execute(question, (name, name)).fetchone()
    except errors.InsufficientPrivilege:
        return []
    return connection.execute(query.encode()).fetchall() if row and row[0] else []
