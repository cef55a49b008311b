from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from junitparser import Failure, JUnitXml, Skipped

from pgarbiter.arbiter.model import Outcome
from pgarbiter.report import write
from pgarbiter.rules.model import Severity

if TYPE_CHECKING:
    from junitparser import TestCase

    from pgarbiter.model import Span
    from pgarbiter.report.model import Report


def _cases(report: Report, fail_on: Severity = Severity.ERROR) -> dict[tuple[str, str], TestCase]:
    """By class name and name, which no two cases share."""
    stream = StringIO()
    write(report, "junit", stream, fail_on=fail_on, below="apps/web")
    document = JUnitXml.fromstring(stream.getvalue().encode())  # type: ignore[no-untyped-call]
    cases = [case for suite in document for case in suite]
    found = {(case.classname or "", case.name or ""): case for case in cases}
    assert len(found) == len(cases) == document.tests
    return found


def test_there_is_a_case_for_each_write_site_and_each_other_finding(hostile: Report) -> None:
    cases = _cases(hostile)
    others = [finding for finding in hostile.findings if finding.site is None]
    assert len(cases) == len(hostile.bound or ()) + len(others) + len(hostile.scan.failed)
    case = cases["apps/web/src/save.ts", "upsert into accounts on (user_id, external_id)"]
    assert "at apps/web/src/save.ts:1\n" in (case.system_out or "")
    assert case.result[0].text.startswith("apps/web/src/save.ts:1: error PGA101 no-arbiter-index: ")


def test_a_case_keeps_its_name_when_lines_are_added_above_it(hostile: Report) -> None:
    def lower(span: Span | None) -> Span | None:
        return span and replace(span, line=span.line + 1000, end_line=span.end_line + 1000)

    sites = {site.id: replace(site, span=lower(site.span) or site.span) for site in hostile.sites}
    edited = replace(
        hostile,
        scan=replace(hostile.scan, sites=tuple(sites.values())),
        bound=tuple(replace(bound, site=sites[bound.site.id]) for bound in hostile.bound or ()),
        findings=tuple(replace(finding, span=lower(finding.span)) for finding in hostile.findings),
    )
    assert _cases(edited).keys() == _cases(hostile).keys()


@pytest.mark.parametrize(("fail_on", "failures"), [("error", 4), ("warning", 8), ("note", 9)])
def test_a_finding_fails_its_case_from_a_severity_on(hostile: Report, fail_on: str, failures: int) -> None:
    found = [case for case in _cases(hostile, Severity(fail_on)).values() if Failure in map(type, case.result)]
    assert len(found) == failures
    assert all(case.result[0].text for case in found)


def test_a_milder_finding_is_output(hostile: Report) -> None:
    case = _cases(hostile)["apps/web/src/fallback.ts", "PGA501 redundant-index"]
    assert case.is_passed
    assert "apps/web/src/fallback.ts:3: warning PGA501 redundant-index: in a file" in (case.system_out or "")


def test_what_cannot_be_told_is_skipped_with_the_reason(full: Report) -> None:
    cases = _cases(full)
    skipped = {case.result[0].message for case in cases.values() if Skipped in map(type, case.result)}
    assert "cannot tell: not in the schema source" in skipped
    assert {"unresolved: the table is computed at run time", "not postgres: mysql2 is imported"} & skipped
    assert "not valid UTF-8" in skipped


def test_an_unknown_verdict_is_no_failure_unless_it_is_asked_for(full: Report) -> None:
    assert full.bound
    site = next(bound.site for bound in full.bound if bound.verdict.outcome is Outcome.UNKNOWN)
    told = replace(full.findings[0], site=site.id, severity=Severity.NOTE, span=site.span)
    report = replace(full, findings=(told,))
    place = f"at apps/web/src/save.ts:{site.span.line}\n"
    for fail_on, kind in ((Severity.ERROR, Skipped), (Severity.NOTE, Failure)):
        (case,) = [case for case in _cases(report, fail_on).values() if place in f"{case.system_out}\n"]
        assert type(case.result[0]) is kind


def test_a_file_that_nobody_could_read_is_an_error(hostile: Report) -> None:
    stream = StringIO()
    write(hostile, "junit", stream)
    root = ET.fromstring(stream.getvalue().encode())
    assert [root.get("errors"), root.get("failures")] == ["1", "4"]
    assert "left out by baseline: PGA101 baseline" in "".join(root.itertext())
