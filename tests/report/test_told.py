from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pgarbiter.report.told import Teller
from pgarbiter.rules.model import Severity

from .conftest import HOSTILE_PATH

if TYPE_CHECKING:
    from pgarbiter.report.model import Report
    from pgarbiter.report.told import Told


def _of(report: Report, code: str, below: str = "") -> list[Told]:
    return [told for told in Teller(report, below).findings() if told.finding.code == code]


def test_the_most_severe_findings_come_first(hostile: Report) -> None:
    told = Teller(hostile).findings()
    assert [each.finding.severity.rank for each in told] == sorted(f.severity.rank for f in hostile.findings)
    assert len(told) == len(hostile.findings)


def test_every_finding_has_a_name_of_its_own(hostile: Report) -> None:
    teller = Teller(hostile)
    names = [told.fingerprint for told in (*teller.findings(), *teller.suppressed())]
    assert len(set(names)) == len(names) == len(hostile.findings) + len(hostile.suppressed)


def test_a_name_stays_when_lines_move_messages_change_and_other_findings_go(hostile: Report) -> None:
    kept = hostile.findings[0]
    assert kept.span
    (before,) = (told for told in Teller(hostile).findings() if told.finding is kept)
    moved = replace(kept, span=replace(kept.span, line=90, end_line=92), severity=Severity.NOTE, effect="Other words.")
    (after,) = Teller(replace(hostile, findings=(moved,), suppressed=())).findings()
    assert after.fingerprint == before.fingerprint


def test_a_finding_has_the_same_name_when_it_is_suppressed(hostile: Report) -> None:
    first, *others = hostile.findings
    hushed = replace(hostile, findings=tuple(others), suppressed=((first, "baseline"),))
    assert Teller(hushed).suppressed()[0].fingerprint in {t.fingerprint for t in Teller(hostile).findings()}


def test_paths_are_told_from_the_root_of_the_repository(hostile: Report) -> None:
    (told,) = [told for told in Teller(hostile, "apps/web").findings() if told.site and told.site.id == "site-100"]
    assert told.place
    assert told.place[:4] == (f"apps/web/{HOSTILE_PATH}", 7, 9, 5)
    assert [(place.line, place.what) for place in told.related] == [(4, "the statement starts here")]


def test_evidence_names_lines_of_the_same_file_better_than_the_statement_does(hostile: Report) -> None:
    (found,) = [finding for finding in hostile.findings if finding.site == "site-100"]
    told = replace(found, related=("the lookup stands at line 4", "at line 5 of another file", "at line 99999999999"))
    (only,) = Teller(replace(hostile, findings=(told,))).findings()
    assert [(place.line, place.what) for place in only.related] == [
        (4, "the lookup stands at line 4"),
        (99999999999, "at line 99999999999"),
    ]


def test_what_is_in_the_database_stands_where_a_file_defines_it(hostile: Report) -> None:
    places = {told.site.id: told.place for told in Teller(hostile).findings() if told.site}
    assert places["site-102"]
    assert places["site-102"][:2] == ("db/f.sql", 12)
    assert places["site-101"] is None


def test_a_finding_about_the_catalog_stands_where_its_evidence_does(hostile: Report) -> None:
    catalog, nowhere, source = sorted(
        _of(hostile, "PGA501"), key=lambda t: ("file" in t.finding.message, t.place is None)
    )
    assert catalog.place
    assert (catalog.place.short, [place.short for place in catalog.related]) == ("src/save.ts:2", ["src/save.ts:3"])
    assert nowhere.place is None
    assert nowhere.about.startswith("in the database: index public.")
    assert source.place
    assert (source.place.short, source.about) == ("src/fallback.ts:3", "")


def test_a_schema_of_one_file_is_where_else_a_finding_about_the_catalog_stands(hostile: Report) -> None:
    assert hostile.schema
    one = replace(hostile, schema=replace(hostile.schema, source="sql:../db/schema.sql"))
    assert [t.place and t.place.short for t in _of(one, "PGA501", "apps/web")][1:2] == ["apps/db/schema.sql:1"]


@pytest.mark.parametrize(("below", "path"), [("", "../x.sql"), ("a", "../../x.sql"), ("", "/etc/x.sql"), ("", ".")])
def test_a_place_outside_of_the_repository_is_none(full: Report, below: str, path: str) -> None:
    assert list(Teller(full, below).at(path, 1)) == []
