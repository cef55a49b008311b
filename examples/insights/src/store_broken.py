"""The writes as they stood: nothing is verified, and an instant is stored as it happens to be spelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from store import Connection, Insight


def save_insight(connection: Connection, insight: Insight) -> None:
    """One row for each spelling: where `end_time` is text, the same instant in two spellings is two rows."""
    connection.execute(
        """
        INSERT INTO instagram_insights (user_id, ig_account_id, metric, value, end_time, fetched_at)
        VALUES (%s, %s, %s, %s, %s, now())
        ON CONFLICT (ig_account_id, metric, end_time)
        DO UPDATE SET value = EXCLUDED.value, fetched_at = EXCLUDED.fetched_at
        """,
        (insight.user_id, insight.ig_account_id, insight.metric, insight.value, insight.end_time),
    )


def save_token(connection: Connection, user_id: str, account: str, token: str, expires_at: datetime) -> None:
    """Fails with 42P10 on every call: two users may have connected one account, and the constraint says so."""
    connection.execute(
        """
        INSERT INTO user_tokens (user_id, ig_account_id, access_token, expires_at) VALUES (%s, %s, %s, %s)
        ON CONFLICT (ig_account_id)
        DO UPDATE SET access_token = EXCLUDED.access_token, expires_at = EXCLUDED.expires_at
        """,
        (user_id, account, token, expires_at),
    )
