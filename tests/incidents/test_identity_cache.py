"""Incident B: every participant shown as unknown; identities without an account, and several of one participant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Incident

EXAMPLE = "identity-cache"
REPAIRED = f"{EXAMPLE}/src/identities.ts"
CACHED = "SELECT id FROM instagram_user_cache"
REMOVED = (
    "SELECT (primary_key->>'id')::bigint FROM pgarbiter_data.quarantine WHERE kind = 'removed' AND restored_at IS NULL"
)
TOLD = "SELECT ig_account_id || ' ' || ig_user_id FROM instagram_user_cache"
TAKEN = "SELECT row_data->>'ig_account_id' || ' ' || (row_data->>'ig_user_id') FROM pgarbiter_data.quarantine"


def test_the_cache_is_mended_under_four_writers(incident: Incident) -> None:
    # The check finds that the upsert of the day after has no arbiter yet.
    assert incident.check(REPAIRED) == (1, ["no-arbiter-index"])
    with incident.writers(EXAMPLE, "broken"):
        pass  # adds rows without an account
    before = set(incident.rows(CACHED))
    assert incident.rows(f"{TOLD} WHERE ig_account_id IS NULL")

    # Four writers look, then write, at full speed, while duplicates go and the unique index and NOT NULL come.
    with incident.writers(EXAMPLE, "racy") as load:
        incident.up("0014_cache_account_not_null")
    incident.tell(load)

    # None failed but those that were duplicates; what was told "stored" is there; every row is in its place or kept.
    assert set(load.failed) <= {"23505"}
    assert load.keys <= {name for (name,) in [*incident.rows(TOLD), *incident.rows(TAKEN)]}
    assert before <= {*incident.rows(CACHED), *incident.rows(REMOVED)}
    ((total, without, pairs),) = incident.rows(
        "SELECT count(*), count(*) FILTER (WHERE ig_account_id IS NULL), count(DISTINCT (ig_account_id, ig_user_id))"
        " FROM instagram_user_cache"
    )
    assert (without, pairs) == (0, total)

    # The check is clean, and one statement caches an identity.
    assert incident.check(REPAIRED) == (0, [])
    with incident.writers(EXAMPLE) as load:
        pass
    assert load.failed == {}

    # The way back brings every row that was taken out.
    incident.down("0012_installations_company")
    assert before <= set(incident.rows(CACHED))
