"""Findings as diagnostics: the words of the text report at the place of the write site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol.types import (
    CodeDescription,
    Diagnostic,
    DiagnosticRelatedInformation,
    DiagnosticSeverity,
    Location,
    Position,
    Range,
)

from ..report.page import visible
from ..rules.model import Severity
from .pages import page_of
from .places import Text, uri_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from .folder import Checked, Placed

SOURCE = "pgarbiter"
SEVERITIES = {
    Severity.ERROR: DiagnosticSeverity.Error,
    Severity.WARNING: DiagnosticSeverity.Warning,
    Severity.NOTE: DiagnosticSeverity.Information,
}


def diagnostics(checked: Checked, path: str, root: Path, units: Callable[[str], int]) -> list[Diagnostic]:
    """The diagnostics of one file; a second place is told with those that have one. `units` as for Text."""
    text = Text(checked.texts.get(path, ""), units)
    return [
        Diagnostic(
            range=text.range(placed.span),
            severity=SEVERITIES[placed.finding.severity],
            code=placed.finding.code,
            code_description=CodeDescription(href)
            if (href := page_of(placed.finding.code, checked.settings))
            else None,
            source=SOURCE,
            message=message(placed),
            related_information=_related(placed, checked, root, text) or None,
            data={"rule": placed.finding.rule},
        )
        for placed in checked.findings.get(path, ())
    ]


def message(placed: Placed) -> str:
    """The condition, what it costs, what to do, and the lines of evidence."""
    finding = placed.finding
    lines = [finding.message, f"effect: {finding.effect}", f"remedy: {finding.remedy}"]
    lines += [f"- {line}" for line in finding.related]
    if placed.bound is not None and placed.bound.site.span.path is None:
        lines.append(f"- found in the database: {placed.bound.site.span.inside or placed.bound.site.object}")
    return "\n".join(visible(line) for line in lines)


def _related(placed: Placed, checked: Checked, root: Path, text: Text) -> list[DiagnosticRelatedInformation]:
    """Where the statement begins, if not where the finding stands; editors make links of these."""
    return [
        DiagnosticRelatedInformation(Location(uri_of(root / path), at), said)
        for path, at, said in _places(placed, checked, text)
    ]


def _places(placed: Placed, checked: Checked, text: Text) -> Iterator[tuple[str, Range, str]]:
    site = placed.bound.site if placed.bound is not None else None
    if site is not None and site.span.path == placed.span.path and site.statement_line < placed.span.line:
        yield str(placed.span.path), _line(text, site.statement_line), "it begins here"
    if site is not None and site.span.path is not None and site.defined is not None:
        path = str(site.defined.path)
        there = Text(checked.texts.get(path, ""), text.units)
        yield path, _line(there, site.defined.line), "the same statement is defined here"


def _line(text: Text, number: int) -> Range:
    line = text.line(number)
    start = len(line) - len(line.lstrip())
    before, whole = text.units(line[:start]), text.units(line.rstrip())
    return Range(Position(number - 1, before), Position(number - 1, max(before, whole)))


def overlapping(placed: Sequence[Placed], lines: range) -> Iterator[Placed]:
    """The findings whose statement covers one of these lines, which count from 1."""
    for one in placed:
        first, last = extent(one)
        if first < lines.stop and lines.start <= last:
            yield one


def extent(placed: Placed) -> tuple[int, int]:
    """The first and the last line of the statement, where it stands in the file that shows the finding."""
    site = placed.bound.site if placed.bound is not None else None
    if site is None or site.span.path != placed.span.path:
        return placed.span.line, placed.span.end_line
    return min(site.statement_line, placed.span.line), placed.span.end_line
