"""Repair judges sites by the roles of the settings, as check does, and contradicts none of its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter import check
from pgarbiter.repair.request import Request
from pgarbiter.repairing import repair
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = "CREATE ROLE app; CREATE TABLE t (k int PRIMARY KEY, name text); GRANT SELECT, INSERT ON t TO app;\n"
APP = "cursor.execute(\"INSERT INTO t (k, name) VALUES (1, 'a') ON CONFLICT (k) DO UPDATE SET name = 'b'\")\n"


def test_a_missing_grant_is_found_and_nothing_is_offered_for_it(tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text(SCHEMA)
    (tmp_path / "app.py").write_text(f"import psycopg\n{APP}")
    settings = Settings(schema="sql:schema.sql", role="app")
    found = [finding.code for finding in check(tmp_path, settings).findings if finding.code == "PGA401"]
    repairs = repair(tmp_path, Request(dry_run=True), settings)
    told = {proposal.finding.code: [one.why for one in proposal.not_offered] for proposal in repairs.proposals}
    assert found == ["PGA401"]
    assert told["PGA401"] == [
        "no revision grants anything: the remedy of the finding is the GRANT, for whoever may give it"
    ]
