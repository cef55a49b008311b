"""Incident C: metrics of one instant in several rows, since the end of their period was stored as it was spelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Incident

EXAMPLE = "insights"
REPAIRED = f"{EXAMPLE}/src/store.py"
STORED = "SELECT id FROM instagram_insights"
REMOVED = (
    "SELECT (primary_key->>'id')::bigint FROM pgarbiter_data.quarantine WHERE kind = 'removed' AND restored_at IS NULL"
)
TOLD = """
SELECT concat_ws(' ', ig_account_id, metric, to_char(end_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'))
FROM instagram_insights
"""
INSTANTS = "SELECT count(*), count(DISTINCT (ig_account_id, metric, end_time::timestamptz)) FROM instagram_insights"


def test_insights_are_mended_under_four_writers(incident: Incident) -> None:
    # The check finds that the fetcher of the day after writes a column that is not there yet.
    assert incident.check(REPAIRED) == (1, ["unknown-column"])
    with incident.writers(EXAMPLE, "broken"):
        pass  # adds second spellings
    before = set(incident.rows(STORED))

    # Four writers store every spelling at full speed while texts become instants, and those that meet become one row.
    with incident.writers(EXAMPLE, "broken") as load:
        incident.up("0018_insights_policies")
    incident.tell(load)

    # None failed but those that were duplicates; what was told "stored" is there; every row is in its place or kept.
    assert set(load.failed) <= {"23505"}
    assert load.keys <= {name for (name,) in incident.rows(TOLD)}
    assert before <= {*incident.rows(STORED), *incident.rows(REMOVED)}
    ((total, instants),) = incident.rows(INSTANTS)
    assert instants == total

    # The check is clean, and the fetcher stores each instant once.
    assert incident.check(REPAIRED) == (0, [])
    with incident.writers(EXAMPLE) as load:
        pass
    assert load.failed == {}

    # The way back brings every row that was taken out.
    incident.down("0015_insights_metadata")
    assert before <= set(incident.rows(STORED))
