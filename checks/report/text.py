"""The report for people: what is wrong, grouped by file, each with its effect and remedy, and a summary."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Status
from ..rules import evidence
from ..rules.model import Severity
from . import summary
from .essence import essence, sentence
from .page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from ..arbiter.model import Verdict
    from ..model import WriteSite
    from ..rules.model import Finding
    from .model import Report

COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}
_DIM = "dim"


def write(report: Report, stream: TextIO, *, explain_skipped: bool = False) -> None:
    """Write the report; in colour on a terminal, plain otherwise."""
    page = Page(stream)
    if report.bound is None:
        _sites(page, report.sites)
    else:
        _findings(page, report)
    if explain_skipped:
        _skipped(page, report)
    for text, style in summary.lines(report):
        page.line(text, style=style)


def _sites(page: Page, sites: Iterable[WriteSite]) -> None:
    """After `scan`: every site."""
    for place, group in groupby(sites, key=_file):
        page.line(place, style="bold")
        for site in group:
            page.line(f"{essence(site)}  [{site.client}]", indent=2, label=f"{site.span.line}:{site.span.column}  ")
            if site.status is not Status.RESOLVED:
                page.line(f"{site.status.replace('_', ' ')}: {site.reason or ''}".rstrip(": "), indent=6, style=_DIM)
        page.line()


def _findings(page: Page, report: Report) -> None:
    """After `check`: the sites that something is wrong with."""
    sites = {site.id: site for site in report.sites}
    verdicts = {bound.site.id: bound.verdict for bound in report.bound or ()}
    for place, in_file in groupby(report.findings, key=lambda f: (f.span.path if f.span else None) or "database"):
        page.line(place, style="bold underline")
        for key, group in groupby(in_file, key=lambda f: (f.site, f.span)):
            findings = list(group)
            site = sites.get(key[0] or "")
            if site:
                _headline(page, site, verdicts.get(site.id), findings)
            _group(page, findings)


def _headline(page: Page, site: WriteSite, verdict: Verdict | None, findings: list[Finding]) -> None:
    where = f"{site.span.path or site.object or 'database'}:{site.span.line}"
    page.line(f"{essence(site)}  [{site.client}]", indent=1, label=f"{where}  ", label_style="bold")
    said = sentence(verdict) if verdict else None
    if verdict and said and not (verdict.outcome is Outcome.UNKNOWN and findings):
        colour = "red" if verdict.outcome is Outcome.NO_MATCH else "green"
        page.line(said, indent=3, label="verdict  ", label_style=colour)
    if verdict and verdict.outcome is Outcome.NO_MATCH and verdict.candidates:
        page.line(evidence(verdict.candidates[0]), indent=3, label="nearest  ", label_style=_DIM)


def _group(page: Page, findings: list[Finding]) -> None:
    """All findings of one site; a line of evidence that two of them share is shown once."""
    shown: set[str] = set()
    for finding in findings:
        page.line()
        label = f"{finding.severity} {finding.code}  "
        page.line(finding.message, indent=3, label=label, label_style=COLOURS[finding.severity])
        page.line(finding.effect, indent=5, label="effect  ", label_style=_DIM)
        page.line(finding.remedy, indent=5, label="remedy  ", label_style="green")
        for related in finding.related:
            if related not in shown:
                page.line(related, indent=5, label="  ", style=_DIM)
            shown.add(related)
    page.line()


def _skipped(page: Page, report: Report) -> None:
    page.line("no write sites, though a trigger word stands there", style="bold")
    for skipped in report.scan.skipped:
        page.line(skipped.reason, indent=2, label=f"{skipped.path}:{skipped.line}  ", style=_DIM)
    page.line()


def _file(site: WriteSite) -> str:
    return site.span.path or site.object or "database"
