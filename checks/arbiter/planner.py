"""One question to a planner: EXPLAIN of a rebuilt statement under a generic plan, read only and rolled back."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql as psql
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from ..errors import PgArbiterError
from .answers import Answer, Arbiters, NoAnswer, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..catalog.model import Relation

    Connection = psycopg.Connection[Any]

GENERIC_PLAN_OPTION = 160000  # EXPLAIN (GENERIC_PLAN) from here on
LOCK_TIMEOUT_MS = 2000
TIMEOUT_MS = 5000
# What parser and planner say of a conflict clause itself; anything else is no answer.
_OF_THE_CLAUSE = frozenset(
    ("42P10", "42704", "42809", "0A000", "42703", "42702", "42P01", "42883", "42804", "42725", "42803", "42P20",
     "22P02", "22003", "22007", "22008", "55000", "42846", "42601", "42P22", "42P21")
)  # fmt: skip
_NO_PRIVILEGE = "42501"
_NAME = "pgarbiter_probe"
_FROM_PREPARED = f"FROM pg_catalog.pg_prepared_statements WHERE name = '{_NAME}'"


def put(connection: Connection, text: str, relation: Relation, search_path: Sequence[str]) -> Answer:
    """EXPLAIN a probe in a savepoint that is rolled back to, READ ONLY, with short time limits.

    Raises PgArbiterError if the connection's transaction has failed.
    """
    path = ", ".join(psql.Identifier(schema).as_string(connection) for schema in search_path) or "''"
    try:
        with rolled_back(connection), psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
            _run(cursor, f"SET LOCAL search_path = {path}")
            _run(cursor, f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
            _run(cursor, f"SET LOCAL statement_timeout = {TIMEOUT_MS}")
            return Arbiters(tuple(_arbiters(_plan(cursor, text, connection.info.server_version))))
    except psycopg.Error as error:
        return _refusal(error, relation)
    finally:
        _forget(connection)


def _refusal(error: psycopg.Error, relation: Relation) -> Answer:
    message = error.diag.message_primary or str(error)
    # Privileges on the table are checked after planning: inference has passed. USAGE of the schema comes before.
    if error.sqlstate == _NO_PRIVILEGE and message.endswith(f" {relation.name}"):
        return Arbiters(())
    if error.sqlstate in _OF_THE_CLAUSE:
        return Refusal(error.sqlstate, message)
    return NoAnswer(message)


@contextmanager
def rolled_back(connection: Connection) -> Iterator[None]:
    """A savepoint (or a transaction, if there is none) in which nothing can be written, and that leaves no trace.

    Raises PgArbiterError if the transaction has already failed.
    """
    if connection.info.transaction_status == TransactionStatus.INERROR:
        raise PgArbiterError(
            "the connection's transaction has failed", "Roll it back before you ask about a statement."
        )
    with connection.transaction(force_rollback=True):
        with psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
            _run(cursor, "SET LOCAL transaction_read_only = on")
        yield


def _run(cursor: psycopg.Cursor[Any], text: str) -> None:
    """A statement of ours, by the simple protocol: `$1` in it is not psycopg's."""
    cursor.execute(text.encode(cursor.connection.info.encoding), prepare=False)


def _plan(cursor: psycopg.Cursor[Any], text: str, version: int) -> Any:
    """The generic plan of a probe as EXPLAIN's JSON."""
    if version >= GENERIC_PLAN_OPTION:
        _run(cursor, f"EXPLAIN (GENERIC_PLAN, COSTS OFF, FORMAT JSON) {text}")
        return _json(cursor)
    _run(cursor, f"PREPARE {_NAME} AS {text}")
    _run(cursor, "SET LOCAL plan_cache_mode = force_generic_plan")
    _run(cursor, f"SELECT pg_catalog.cardinality(parameter_types) {_FROM_PREPARED}")
    row = cursor.fetchone()
    nulls = ", ".join(["NULL"] * (row[0] if row else 0))
    _run(cursor, f"EXPLAIN (COSTS OFF, FORMAT JSON) EXECUTE {_NAME}{f'({nulls})' if nulls else ''}")
    return _json(cursor)


def _forget(connection: Connection) -> None:
    """Drop the prepared statement of `_plan`, which outlives the rollback."""
    if connection.closed or connection.info.server_version >= GENERIC_PLAN_OPTION:
        return
    if connection.info.transaction_status == TransactionStatus.INERROR:
        return
    with connection.transaction(), psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
        _run(cursor, f"SELECT {_FROM_PREPARED}")
        if cursor.fetchone() is not None:
            _run(cursor, f"DEALLOCATE {_NAME}")


def _json(cursor: psycopg.Cursor[Any]) -> Any:
    row = cursor.fetchone()
    document = row[0] if row else []
    return json.loads(document) if isinstance(document, str) else document


def _arbiters(node: Any) -> Iterator[str]:
    """The arbiter indexes of every ModifyTable node of a plan, in the order of EXPLAIN."""
    if isinstance(node, list):
        for item in node:
            yield from _arbiters(item)
    elif isinstance(node, dict):
        yield from node.get("Conflict Arbiter Indexes", ())
        for value in node.values():
            yield from _arbiters(value) if isinstance(value, dict | list) else ()
