"""The Instagram API, or rather what it answered once: recorded JSON in its place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class ApiError(Exception):
    """The API's own error: its message and its code."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]


class Graph:
    """The recorded answers of a directory: connections, insights and refreshed tokens."""

    def __init__(self, recorded: Path) -> None:
        self._recorded = {path.stem: json.loads(path.read_text("utf-8")) for path in recorded.glob("*.json")}

    def connections(self) -> list[dict[str, Any]]:
        """Who connected which account: user_id, ig_account_id, access_token, expires_in (seconds)."""
        found: list[dict[str, Any]] = self._recorded["connections"]
        return found

    def insights(self, account: str, metric: str, token: str) -> dict[str, Any]:
        """One metric of an account by itself: metrics of different types (time_series, total_value) fail together."""
        if not token:
            raise ApiError({"code": 190, "message": "Invalid OAuth access token"})
        answers = self._recorded["insights"].get(account, {})
        return _told(answers.get(metric, {"error": {"code": 100, "message": f"Unsupported metric {metric}"}}))

    def refresh(self, token: str) -> dict[str, Any]:
        """A new token for one that is still good: access_token, expires_in (seconds)."""
        return _told(self._recorded["refreshes"].get(token, {"error": {"code": 190, "message": "Session has expired"}}))


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise ApiError(answer["error"])
    return answer
