"""One spelling for each instant: the API's own differ by metric and by version."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(text: str) -> datetime:
    """The instant that an ISO 8601 text names; one without a zone is UTC. Raises ValueError for any other text."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def normalised(text: str) -> str:
    """Its one spelling, in UTC: "2025-06-02T07:00:00+00:00"."""
    return instant(text).isoformat()
