"""What a client does when its INSERT meets a row that its lookup did not see, in words that a rule can read."""

from __future__ import annotations

ANSWERED = "an INSERT that fails with 23505 is answered by another lookup"
_SINCE = "since "


def answered_since(release: str) -> str:
    """The same of a client that does so from a release on, where the project does not say which one it runs."""
    return f"{_SINCE}{release} {ANSWERED}; which release runs here is not known"


def is_answered(reason: str | None) -> bool:
    """Whether the client looks the row up again, in some releases at least."""
    return reason is not None and ANSWERED in reason


def release_of(reason: str | None) -> str | None:
    """From which release on it does, None where it does in any that the project can run."""
    before = (reason or "").partition(ANSWERED)[0].rpartition("; ")[2]
    return before.removeprefix(_SINCE).strip() if before.startswith(_SINCE) else None
