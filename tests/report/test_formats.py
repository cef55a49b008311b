"""What all formats have in common: the same bytes, no control character, nothing of this machine."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from pgarbiter.cli import check, scan
from pgarbiter.report import FORMATS, SCAN_FORMATS, write
from pgarbiter.scan.model import ScanResult

if TYPE_CHECKING:
    from pgarbiter.report.model import Report


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


@pytest.mark.parametrize("format_", FORMATS)
def test_no_write_site_is_a_report_too(format_: str, full: Report) -> None:
    nothing = replace(full, scan=ScanResult(()), bound=(), findings=(), suppressed=())
    assert _written(nothing, format_)


def test_commands_offer_what_can_be_written() -> None:
    assert check.FORMATS == FORMATS
    assert scan.FORMATS == SCAN_FORMATS
