"""Incident A: no account could be stored; the write names a pair of columns that has no unique index."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Incident

EXAMPLE = "business-accounts"
BROKEN, REPAIRED = f"{EXAMPLE}/src/store-account.broken.js", f"{EXAMPLE}/src/store-account.js"
ACCOUNTS = "SELECT user_id, instagram_business_id FROM instagram_business_accounts"


def test_accounts_are_mended_under_four_writers(incident: Incident) -> None:
    # The check finds the three faults that were taken for a stale schema cache.
    assert incident.check(BROKEN) == (1, ["no-arbiter-index", "not-null-not-covered", "unknown-column"])
    before = set(incident.rows(ACCOUNTS))
    tokens = incident.rows("SELECT access_token_encrypted FROM instagram_credentials")

    # Four writers store accounts at full speed while the pair gets its unique constraint.
    with incident.writers(EXAMPLE) as load:
        incident.up("0010_accounts_policies")
    incident.tell(load)

    # No write failed, and none of those that were told "stored" is missing.
    assert load.failed == {}
    assert len(load.keys) > 0
    assert load.keys <= {
        name for (name,) in incident.rows("SELECT instagram_business_id FROM instagram_business_accounts")
    }
    assert before <= set(incident.rows(ACCOUNTS))
    assert set(tokens) <= set(incident.rows("SELECT access_token_encrypted FROM instagram_credentials"))

    # The pair has its arbiter now; columns that do not exist are for the application to leave out.
    assert incident.check(BROKEN) == (1, ["not-null-not-covered", "unknown-column"])
    assert incident.check(REPAIRED) == (0, [])
    with incident.writers(EXAMPLE) as load:
        pass
    assert load.failed == {}
