"""What all formats have in common: the same bytes, no control character, nothing of this machine."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pgarbiter.cli import check, scan
from pgarbiter.model import QualifiedName, Span
from pgarbiter.report import FORMATS, SCAN_FORMATS, write
from pgarbiter.scan.model import ScanResult

from .oasis import sarif_schema
from .test_gitlab import SCHEMA as CODE_QUALITY

if TYPE_CHECKING:
    from pgarbiter.report.model import Report

# As they come from a catalog or a source file, and from a file system.
NAMES = st.text(st.characters(exclude_categories=("Cs",)))
PATHS = st.binary(min_size=1).filter(lambda name: not set(name) & {0}).map(os.fsdecode)


def _written(report: Report, format_: str) -> str:
    stream = StringIO()
    write(report, format_, stream, below="apps/web", detailed=True, explain_skipped=True)
    return stream.getvalue()


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_report_gives_the_same_bytes_without_control_characters(format_: str, hostile: Report) -> None:
    text = _written(hostile, format_)
    assert text == _written(hostile, format_)
    assert not any(ord(char) < 0x20 and char != "\n" for char in text)
    assert "\u202e" not in text


def _many(report: Report, number: int) -> Report:
    """As many sites in as many files, with a finding each."""
    (bound, *_), (finding, *_) = report.bound or (), report.findings
    sites = [
        replace(bound.site, id=f"site-{i}", span=replace(bound.site.span, path=f"src/{i}.ts")) for i in range(number)
    ]
    return replace(
        report,
        scan=replace(report.scan, sites=tuple(sites)),
        bound=tuple(replace(bound, site=site) for site in sites),
        findings=tuple(replace(finding, site=site.id, span=site.span) for site in sites),
    )


@pytest.mark.parametrize("format_", FORMATS)
def test_thousands_of_findings_take_seconds(format_: str, full: Report) -> None:
    report = _many(full, 2500)
    start = time.process_time()
    assert _written(report, format_)
    assert time.process_time() - start < 4  # a tenth of it on an idle machine; comparing each with each takes more


@pytest.mark.parametrize("format_", FORMATS)
def test_no_write_site_is_a_report_too(format_: str, full: Report) -> None:
    nothing = replace(full, scan=ScanResult(()), bound=(), findings=(), suppressed=())
    assert _written(nothing, format_)


def test_commands_offer_what_can_be_written() -> None:
    assert check.FORMATS == FORMATS
    assert scan.FORMATS == SCAN_FORMATS


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, path=PATHS)
@example(name="]]>\ufffe\U0001f600", path="a:b")
@example(name="{{ 1 }}", path="\udcff")
def test_every_format_is_valid_whatever_names_there_are(name: str, path: str, full: Report) -> None:
    assert full.bound
    bound = full.bound[0]
    span = Span(path, 3, 1, 4)
    site = replace(
        bound.site, span=span, client=name, sql=name, write=replace(bound.site.write, table=QualifiedName(name, name))
    )
    told = replace(full.findings[0], message=name, effect=name, remedy=name, related=(name, f"at {path}:3"), span=span)
    catalog = replace(told, site=None, span=None, object=name)
    report = replace(
        full,
        scan=replace(full.scan, sites=(site,)),
        bound=(replace(bound, site=site),),
        findings=(told, catalog),
        suppressed=((told, "comment"),),
        reasons=(name,),
    )
    texts = {format_: _written(report, format_) for format_ in FORMATS}
    jsonschema.validate(json.loads(texts["sarif"]), sarif_schema())
    jsonschema.validate(json.loads(texts["gitlab"]), CODE_QUALITY)
    assert ET.fromstring(texts["junit"].encode("utf-8")).get("failures") == "2"
    assert [line.startswith("::") for line in texts["github"].split("\n")] == [False, True, True, False]
    HTMLParser().feed(texts["html"])
    assert texts["html"].encode("utf-8").count(b"<script>") == 1
    assert texts["markdown"].encode("utf-8").count(b"<details>") == 3
