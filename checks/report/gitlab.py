"""The findings as GitLab's Code Quality report: a JSON list that a merge request compares with the target branch's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..rules.model import Severity
from .page import visible
from .told import Teller

if TYPE_CHECKING:
    from typing import TextIO

    from .model import Report
    from .told import Told

# GitLab Docs, "Code Quality report format": info, minor, major, critical or blocker.
_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def write(report: Report, stream: TextIO, *, below: str = "") -> None:
    """Write the list in ASCII."""
    json.dump(build(report, below), stream, indent=2, ensure_ascii=True)
    stream.write("\n")


def build(report: Report, below: str = "") -> list[dict[str, Any]]:
    """The list, the most severe finding first."""
    return [_issue(each) for each in Teller(report, below).findings()]


def _issue(told: Told) -> dict[str, Any]:
    finding, place = told.finding, told.place
    return {
        "description": visible(told.advice),
        "check_name": finding.rule,
        "fingerprint": told.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": visible(place.path if place else told.nowhere),
            "lines": {"begin": place.line if place else 1},
        },
    }
