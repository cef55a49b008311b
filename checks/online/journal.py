"""The journal: which steps ran in this database, when, and how many rows they touched; and its schema."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from .model import OnlineError
from .session import sqlstate

if TYPE_CHECKING:
    from .model import Operation
    from .session import Session

# In a schema of its own: PostgREST does not expose it, and nobody but its owner may look into it. Not called as a role
# could be, whose search_path would have it first ("$user").
SCHEMA = "pgarbiter_data"
_TABLES = {
    "journal": f"""\
CREATE TABLE IF NOT EXISTS {SCHEMA}.journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    operation text NOT NULL,
    target text NOT NULL,
    arguments jsonb NOT NULL,
    step text NOT NULL,
    state text NOT NULL CHECK (state IN ('begun', 'done', 'failed')),
    rows_touched bigint NOT NULL DEFAULT 0,
    rows_total bigint,
    pid integer NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
    detail text,
    begun_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    ended_at timestamptz
)""",
    "quarantine": f"""\
CREATE TABLE IF NOT EXISTS {SCHEMA}.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL,
    rule text NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('removed', 'changed', 'child')),
    primary_key jsonb,
    row_data jsonb NOT NULL,
    row_text text,
    kept_key jsonb,
    written jsonb,
    taken_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    restored_at timestamptz,
    left_because text
)""",
}
_RACED = ("23505", "42P06", "42P07", "XX000")  # two sessions made the same thing, or its catalog row, at once


def prepare(session: Session) -> None:
    """Make schema and tables where they are missing.

    Raises OnlineError when the role may not make them, or not write to them.
    """
    try:
        if session.value(f"SELECT pg_catalog.to_regnamespace('{SCHEMA}')") is None:
            _made(session, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        for name, statement in _TABLES.items():
            if session.value(f"SELECT pg_catalog.to_regclass('{SCHEMA}.{name}')") is None:
                _made(session, statement)
        allowed = session.value(
            "SELECT bool_and(pg_catalog.has_table_privilege(t, p))"
            f" FROM unnest(ARRAY['{SCHEMA}.journal', '{SCHEMA}.quarantine']) t,"
            " unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) p"
        )
    except DBAPIError as error:
        if sqlstate(error) != "42501":
            raise
        allowed = False
    if not allowed:
        role = session.value("SELECT current_user")
        raise OnlineError(
            f'role "{role}" may not make or write the tables of schema "{SCHEMA}"; nothing was changed',
            f"Grant it CREATE on the database, or have its owner run: CREATE SCHEMA {SCHEMA} AUTHORIZATION {role};",
        )


def _made(session: Session, statement: str) -> None:
    for last in (False, True):
        try:
            session.run(statement)
        except DBAPIError as error:
            if last or sqlstate(error) not in _RACED:
                raise
        else:
            return


class Journal:
    """Writes what one run of one operation does; each entry is committed on its own. `run_id` is a UUID's text."""

    def __init__(self, session: Session, operation: Operation, run_id: str | None = None) -> None:
        self.run_id = run_id or str(uuid.uuid4())
        self._session = session
        self._fixed = ", ".join(
            literal(text)
            for text in (
                self.run_id,
                operation.directive,
                str(operation.table),
                json.dumps(operation.arguments(), default=str),
            )
        )

    def begin(self, step: str) -> int:
        """Note that a step begins; the number of the entry."""
        found: int = self._session.value(
            f"INSERT INTO {SCHEMA}.journal (run_id, operation, target, arguments, step, state)"
            f" VALUES ({self._fixed}, {literal(step)}, 'begun') RETURNING id"
        )
        return found

    def progress(self, entry: int, done: int, total: int | None) -> None:
        """Note how many rows of how many are through."""
        shown = "NULL" if total is None else str(total)
        self._session.run(f"UPDATE {SCHEMA}.journal SET rows_touched = {done}, rows_total = {shown} WHERE id = {entry}")

    def end(self, entry: int, state: str, rows: int, detail: str | None = None) -> None:
        """Note how a step ended: "done" or "failed"."""
        told = "NULL" if detail is None else literal(detail)
        self._session.run(
            f"UPDATE {SCHEMA}.journal SET state = '{state}', rows_touched = {rows}, detail = {told},"
            f" ended_at = pg_catalog.clock_timestamp() WHERE id = {entry}"
        )
