"""Text names places as the reader's terminal opens them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pgarbiter.report.model import Report
from pgarbiter.report.seen import seen_from
from pgarbiter.rules.model import Finding, Severity
from pgarbiter.scan import scan
from pgarbiter.schema.model import LoadFailure, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def report(tmp_path: Path) -> Report:
    (tmp_path / "a.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    found = scan([tmp_path], Settings(cache=False))
    finding = Finding(
        rule="no-arbiter-index",
        code="PGA101",
        severity=Severity.ERROR,
        site=found.sites[0].id,
        span=found.sites[0].span,
        message="m",
        effect="e",
        remedy="r",
        related=("written at a.sql:1, b.sql:1", "12:30"),
    )
    schema = SchemaInfo("sql:db/../schema.sql", failed=(LoadFailure("schema.sql", 3, "42601", "syntax error", ()),))
    return Report("0", found, (), ServerInfo("18", "x", "y"), schema, (finding,), ((finding, "baseline"),))


def test_every_place_is_told_from_the_working_directory(report: Report) -> None:
    seen = seen_from(report, "src/")
    (finding,) = seen.findings
    assert seen.sites[0].span.place == finding.place == seen.suppressed[0][0].place == "src/a.sql:1"
    assert finding.related == ("written at src/a.sql:1, b.sql:1", "12:30"), "only known places are touched"
    assert seen.schema
    assert seen.schema.source == "sql:src/schema.sql"
    assert seen.schema.failed[0].path == "src/schema.sql"


def test_nothing_changes_where_the_root_is_the_working_directory(report: Report) -> None:
    assert seen_from(report, "") is report


def test_a_live_database_keeps_its_name(report: Report) -> None:
    live = replace(report, schema=SchemaInfo("database-url"))
    seen = seen_from(live, "../")
    assert seen.schema
    assert seen.schema.source == "database-url"
    assert seen.sites[0].span.place == "../a.sql:1"
