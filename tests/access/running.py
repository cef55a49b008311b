"""Runs a statement as a role in a savepoint, and tells what came of it in the words of the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.sql import SQL, Identifier

from pgarbiter.access.decide import decide
from pgarbiter.access.model import Result
from pgarbiter.model import Action, ColumnReference, InferenceClause, InferenceElement, QualifiedName, Write
from pgarbiter.sql import parse_writes

if TYPE_CHECKING:
    from pgarbiter.access.model import Access, Outcome
    from pgarbiter.catalog.read import Catalog

Connection = psycopg.Connection[Any]

ROWS = {Result.INSERTED: 1, Result.UPDATED: 1, Result.SKIPPED: 0}
# What PostgREST sends for a POST: QueryBuilder.hs, mutatePlanToQuery, with its counter of inserted rows.
_SOURCE = """
WITH pgrst_source AS (
 INSERT INTO "{schema}"."{table}"({columns}) SELECT {selected}
 FROM (SELECT %s::json AS json_data) pgrst_payload,
  LATERAL (SELECT {columns} FROM json_to_record(pgrst_payload.json_data) AS _({types})) pgrst_body
 WHERE set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) + 1)::text,
                  true) <> '0'
 {clause} RETURNING {returning})
SELECT count(*) FROM pgrst_source
"""
_MERGE = """ON CONFLICT("{key}") DO UPDATE SET {sets}
 WHERE set_config('pgrst.inserted', (coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0) - 1)::text,
                  true) <> '-1'"""


@dataclass(frozen=True)
class Statement:
    """A statement with the write that the model is given for it. `merges` as PostgREST does."""

    sql: str
    write: Write
    merges: bool = False
    counts: bool = False  # it gives the number of its rows


def plain(sql: str) -> Statement:
    """A statement as it stands, whose write is read off it."""
    (parsed,) = parse_writes(sql)
    return Statement(sql, parsed.write)


def postgrest(values: dict[str, str], key: str, *, merge: bool, returning: str = "1", table: str = "t") -> Statement:
    """What PostgREST makes of these columns (name: type), and the write that a scan finds for it."""
    columns = ", ".join(f'"{name}"' for name in values)
    clause = f'ON CONFLICT("{key}") DO NOTHING'
    if merge:
        clause = _MERGE.format(key=key, sets=", ".join(f'"{name}" = EXCLUDED."{name}"' for name in values))
    sql = _SOURCE.format(
        schema="public",
        table=table,
        columns=columns,
        selected=", ".join(f'pgrst_body."{name}"' for name in values),
        types=", ".join(f'"{name}" {kind}' for name, kind in values.items()),
        clause=clause,
        returning=returning,
    )
    write = Write(
        table=QualifiedName("public", table),
        target=InferenceClause((InferenceElement(key, key),)),
        action=Action.UPDATE if merge else Action.NOTHING,
        columns=tuple(values),
        set_columns=tuple(values) if merge else None,
        returning=None if returning == "1" else (ColumnReference(None, "*"),),
    )
    return Statement(sql, write, merges=merge, counts=True)


@dataclass(frozen=True)
class Answer:
    """What the server says: the error, or how many rows it has written."""

    sqlstate: str | None
    message: str | None
    rows: int


def run(connection: Connection, role: str, sql: str, parameters: tuple[object, ...] = (), *, counts: bool) -> Answer:
    """The server's answer to the statement, of which nothing stays."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(SQL("SET LOCAL ROLE {}").format(Identifier(role)))
            cursor = connection.execute(sql.encode(), parameters or None, prepare=False)
            row = cursor.fetchone() if counts else None
            return Answer(None, None, row[0] if row else cursor.rowcount)
    except psycopg.Error as error:
        return Answer(error.sqlstate, error.diag.message_primary, 0)


def decided(catalog: Catalog, role: str, statement: Statement) -> Access:
    """The model's decision."""
    assert statement.write.table is not None
    relation = catalog.resolve(statement.write.table)
    assert relation is not None
    return decide(statement.write, relation, catalog, role, merges=statement.merges)


def agrees(outcome: Outcome, answer: Answer) -> bool:
    """Whether the server did what the model had said."""
    if outcome.result is Result.REFUSED:
        return (answer.sqlstate, answer.message) == (outcome.sqlstate, outcome.message)
    if outcome.result is Result.DUPLICATE:
        return answer.sqlstate == outcome.sqlstate
    return answer.sqlstate is None and answer.rows == ROWS[outcome.result]
