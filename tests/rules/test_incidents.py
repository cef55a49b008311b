"""The two incidents that the examples are made of: the report says what the people of that night needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from pgarbiter.report import schema
from pgarbiter.report.json import build
from pgarbiter.rules.model import Severity
from pgarbiter.run import check
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pgarbiter.report.model import Report
    from pgarbiter.rules.model import Finding

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def accounts() -> Report:
    """Incident A, with the schema source that is detected."""
    return check([EXAMPLES / "business-accounts"], Settings(cache=False))


@pytest.fixture(scope="module")
def installations() -> Report:
    """Incident D."""
    source = f"sql:{EXAMPLES / 'oauth-installations' / 'db' / 'schema.sql'}"
    return check([EXAMPLES / "oauth-installations"], Settings(cache=False, schema=source))


def _of(report: Report, file: str) -> dict[str, Finding]:
    return {f.rule: f for f in report.findings if f.span and f.span.path == file and f.severity is not Severity.NOTE}


def test_incident_a_is_exactly_three_faults(accounts: Report) -> None:
    found = _of(accounts, "src/store-account.broken.js")
    assert set(found) == {"unknown-column", "no-arbiter-index", "not-null-not-covered"}
    assert found["unknown-column"].message.startswith('"page_id" and "page_name" are no columns')
    assert "onConflict: 'instagram_business_id'" in found["no-arbiter-index"].remedy
    composite = "ON public.instagram_business_accounts (user_id, instagram_business_id)"
    assert composite in found["no-arbiter-index"].remedy
    assert '"name" of "public.instagram_business_accounts"' in found["not-null-not-covered"].message
    assert "also when the row exists" in found["not-null-not-covered"].effect


def test_incident_a_rules_out_the_false_trails(accounts: Report) -> None:
    found = _of(accounts, "src/store-account.broken.js")
    evidence = " | ".join(line for finding in found.values() for line in finding.related)
    for trail in (
        "is there: not a missing table (PGRST205)",
        "absent from the table itself: NOTIFY pgrst, 'reload schema' changes nothing",
        "unique indexes are never in PostgREST's schema cache",
        "row security is on with 2 policies, but inference does not look at it",
        "BYPASSRLS (service_role)",
    ):
        assert trail in evidence
    assert "PGRST204" in found["unknown-column"].effect


def test_the_repaired_write_has_no_fault_but_the_hazard_that_nobody_noticed(accounts: Report) -> None:
    found = _of(accounts, "src/store-account.js")
    assert set(found) == {"tenant-takeover"}
    assert '"user_id" is overwritten on conflict' in found["tenant-takeover"].message


def test_incident_d_offers_the_predicate_and_the_full_index(installations: Report) -> None:
    found = _of(installations, "src/install.broken.js")
    assert set(found) == {"partial-index"}
    remedy = found["partial-index"].remedy
    assert "ON CONFLICT (location_id) WHERE location_id IS NOT NULL" in remedy
    assert "CREATE UNIQUE INDEX CONCURRENTLY ON public.hl_installations (location_id)" in remedy


def test_incident_d_select_then_write_is_a_race(installations: Report) -> None:
    found = _of(installations, "src/install.racy.js")
    assert set(found) == {"select-then-insert"}
    race = found["select-then-insert"]
    assert "23505" in race.effect
    assert "ON CONFLICT (location_id) WHERE location_id IS NOT NULL DO UPDATE" in race.remedy


def test_the_right_repairs_of_incident_d_are_clean(installations: Report) -> None:
    assert _of(installations, "src/install.js") == {}
    full = f"sql:{EXAMPLES / 'oauth-installations' / 'db' / 'repaired.sql'}"
    repaired = check(
        [EXAMPLES / "oauth-installations" / "src" / "install.broken.js"], Settings(cache=False, schema=full)
    )
    assert [f.rule for f in repaired.findings if f.severity is not Severity.NOTE] == []


def test_both_reports_are_valid_by_the_shipped_schema(accounts: Report, installations: Report) -> None:
    for report in (accounts, installations):
        jsonschema.validate(build(report, explain_skipped=True), schema.shipped())
