"""Writes to the database, each verified: the error, then the data, then the number of rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from errors import NotStoredError
from psycopg.types.json import Jsonb
from spelling import instant, normalised

if TYPE_CHECKING:
    from datetime import datetime

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Insight:
    """One value of one metric, and the end of the period that it is for, as the API spells it."""

    user_id: str
    ig_account_id: str
    metric: str
    value: int
    end_time: str
    metadata: dict[str, Any] = field(default_factory=dict)


def connect(url: str) -> Connection:
    """Each statement is a transaction: one that fails leaves the others alone.

    Nothing is prepared on the server, where a statement keeps the types that it was prepared with: the conversion of a
    column under it would make every later execution fail.
    """
    return psycopg.connect(url, autocommit=True, prepare_threshold=None)


def save_insight(connection: Connection, insight: Insight) -> None:
    """Store it: one row for each account, metric and instant. Raises psycopg.Error or NotStoredError."""
    cursor = connection.execute(
        """
        INSERT INTO instagram_insights (user_id, ig_account_id, metric, value, end_time, metadata, fetched_at)
        VALUES (%s, %s, %s, %s, %s, %s, now())
        ON CONFLICT (ig_account_id, metric, end_time)
        DO UPDATE SET value = EXCLUDED.value, metadata = EXCLUDED.metadata, fetched_at = EXCLUDED.fetched_at
        RETURNING value, end_time::timestamptz
        """,
        (
            insight.user_id,
            insight.ig_account_id,
            insight.metric,
            insight.value,
            normalised(insight.end_time),
            Jsonb(insight.metadata),
        ),
    )
    _verify(cursor, (insight.value, instant(insight.end_time)), f"{insight.metric} of {insight.ig_account_id}")


def save_token(connection: Connection, user_id: str, account: str, token: str, expires_at: datetime) -> None:
    """Store the token of a user for an account. Raises psycopg.Error or NotStoredError."""
    cursor = connection.execute(
        """
        INSERT INTO user_tokens (user_id, ig_account_id, access_token, expires_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (user_id, ig_account_id)
        DO UPDATE SET access_token = EXCLUDED.access_token, expires_at = EXCLUDED.expires_at
        RETURNING access_token, expires_at
        """,
        (user_id, account, token, expires_at),
    )
    _verify(cursor, (token, expires_at), f"the token of {account}")


def replace_token(connection: Connection, number: int, old: str, new: str, expires_at: datetime) -> None:
    """Put a refreshed token in the place of the old one, unless another run was first: then NotStoredError."""
    cursor = connection.execute(
        """
        UPDATE user_tokens SET access_token = %s, expires_at = %s, refreshed_at = now()
        WHERE id = %s AND access_token = %s
        RETURNING access_token, expires_at
        """,
        (new, expires_at, number, old),
    )
    _verify(cursor, (new, expires_at), "the refreshed token")


def begin_log(connection: Connection, account: str) -> int:
    """A row for a run that begins: one that never ends stays "running". Returns its id."""
    cursor = connection.execute(
        "INSERT INTO instagram_sync_logs (ig_account_id, status) VALUES (%s, 'running') RETURNING id", (account,)
    )
    found = cursor.fetchone()
    if found is None:
        raise NotStoredError("the sync log has no row for this run")
    number: int = found[0]
    return number


def end_log(connection: Connection, number: int, status: str, stored: int, errors: list[dict[str, Any]]) -> None:
    """The sum of the run goes into its row."""
    cursor = connection.execute(
        """
        UPDATE instagram_sync_logs SET finished_at = now(), status = %s, stored = %s, failed = %s, errors = %s
        WHERE id = %s RETURNING status, stored
        """,
        (status, stored, len(errors), Jsonb(errors), number),
    )
    _verify(cursor, (status, stored), f"sync log {number}")


def _verify(cursor: psycopg.Cursor[tuple[Any, ...]], sent: tuple[Any, ...], what: str) -> None:
    """An error was raised before; now the data, then the number of rows."""
    found = cursor.fetchone()
    if found is None:
        raise NotStoredError(f"{what} is not stored: no row came back")
    if found != sent:
        raise NotStoredError(f"{what} is not stored as sent")
    if cursor.rowcount != 1:
        raise NotStoredError(f"{what} is stored in {cursor.rowcount} rows")
