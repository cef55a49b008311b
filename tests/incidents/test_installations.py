"""Incident D: every install of a location failed with 42P10, since its unique index is partial."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Incident

EXAMPLE = "oauth-installations"
BROKEN = f"{EXAMPLE}/src/install.broken.js"


def test_installations_are_mended_under_four_writers(incident: Incident) -> None:
    # The check finds what every install of that night died of.
    assert incident.check(BROKEN) == (1, ["partial-index"])
    with incident.writers(EXAMPLE, "broken") as load:
        pass
    assert set(load.failed) == {"42P10"}
    before = set(incident.rows("SELECT location_id, company_id FROM hl_installations"))

    # Four writers install at full speed while the partial indexes are replaced by full ones.
    with incident.writers(EXAMPLE) as load:
        incident.up("0012_installations_company")

    incident.tell(load)

    # No write failed, and none of those that were told "stored" is missing.
    assert load.failed == {}
    stored = "SELECT CASE WHEN location_id IS NULL THEN 'agency ' || company_id ELSE 'location ' || location_id END"
    assert load.keys <= {name for (name,) in incident.rows(f"{stored} FROM hl_installations")}
    assert before <= set(incident.rows("SELECT location_id, company_id FROM hl_installations"))

    # The check is clean, and the statement that failed on every call works as it stands.
    assert incident.check(BROKEN) == (0, [])
    with incident.writers(EXAMPLE, "broken") as load:
        pass
    assert load.failed == {}
