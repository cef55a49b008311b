"""Tokens live for 60 days, and can be exchanged for new ones as long as they live."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from errors import NotStoredError, log, whole
from graph import ApiError, Graph
from store import Connection, replace_token

AHEAD = timedelta(days=7)


class ExpiredError(Exception):
    """A token that died: only its user can get a new one."""


@dataclass(slots=True)
class TokensResult:
    """What became of the tokens that were due."""

    refreshed: int = 0
    failed: int = 0
    total: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)


def refresh_due(connection: Connection, graph: Graph, now: datetime) -> TokensResult:
    """Exchange all tokens that expire within 7 days; one that fails does not stop the others."""
    due = connection.execute(
        "SELECT id, ig_account_id, access_token, expires_at FROM user_tokens WHERE expires_at <= %s ORDER BY id",
        (now + AHEAD,),
    ).fetchall()
    result = TokensResult(total=len(due))
    for number, account, token, expires_at in due:
        new = ""
        try:
            new, expires_anew = _exchanged(graph, token, expires_at, now)
            replace_token(connection, number, token, new, expires_anew)
            result.refreshed += 1
        except (ApiError, ExpiredError, NotStoredError, LookupError, psycopg.Error) as error:
            told = whole(error, token, new)
            result.failed += 1
            result.errors.append({"ig_account_id": account, **told})
            log(f"the token of {account} is not refreshed", told)
    return result


def _exchanged(graph: Graph, token: str, expires_at: datetime, now: datetime) -> tuple[str, datetime]:
    """The new token, and when it expires."""
    if expires_at <= now:
        raise ExpiredError("the token has expired: its user has to connect the account again")
    answer = graph.refresh(token)
    return answer["access_token"], now + timedelta(seconds=answer["expires_in"])
