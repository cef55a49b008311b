"""The report for people: what is wrong, grouped by file, each with its effect and remedy, and a summary."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Status
from ..rules import evidence
from ..rules.model import Severity
from . import notes, summary
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


def write(report: Report, stream: TextIO, *, explain_skipped: bool = False, detailed: bool = False) -> None:
    """Write the report, in colour on a terminal; `detailed` shows clean sites too, and all candidates of each."""
    page = Page(stream)
    if report.bound is None:
        _sites(page, report.sites)
    else:
        _checked(page, report, detailed=detailed)
    if explain_skipped:
        _skipped(page, report)
    if detailed:
        _suppressed(page, report)
    for text, style in summary.lines(report):
        page.line(text, style=style)


def _sites(page: Page, sites: Iterable[WriteSite]) -> None:
    """After `scan`: every site."""
    for place, group in groupby(sites, key=_file):
        page.line(place, style="bold")
        for site in group:
            page.line(f"{essence(site)}  [{_client(site)}]", indent=2, label=f"{site.span.line}:{site.span.column}  ")
            if site.status is not Status.RESOLVED:
                page.line(f"{site.status.replace('_', ' ')}: {site.reason or ''}".rstrip(": "), indent=6, style=_DIM)
        page.line()


def _checked(page: Page, report: Report, *, detailed: bool) -> None:
    """After `check`: the sites that something is wrong with, or all of them."""
    quiet = frozenset[str | None]() if detailed else notes.condensed(report.findings)
    findings: dict[str | None, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.site].append(finding)
    told = findings.keys() - quiet
    for bound in (bound for bound in report.bound or () if detailed or bound.site.id in told):
        page.line(
            f"{essence(bound.site)}  [{_client(bound.site)}]", label=f"{_place(bound.site)}  ", label_style="bold"
        )
        shown_lines = decision(page, bound.verdict, findings[bound.site.id], detailed=detailed)
        if detailed and (access := report.access.get(bound.site.id)) is not None:
            from .access import write as write_access  # noqa: PLC0415 - most runs name no role

            write_access(page, access)
        _group(page, findings[bound.site.id], shown_lines)
        page.line()
    if None not in quiet:
        _elsewhere(page, findings[None])
    if quiet:
        notes.write(page, (f for f in report.findings if f.site in quiet), {s.id: s for s in report.sites})


def decision(page: Page, verdict: Verdict, findings: list[Finding], *, detailed: bool) -> set[str]:
    """The verdict in one sentence unless a finding says it, and the nearest index or all candidates; returns those."""
    said = sentence(verdict)
    # A finding says it: in the same words, or with the name of the table when it cannot be told.
    told = any(f.message == said or (verdict.outcome is Outcome.UNKNOWN and f.rule == "cannot-tell") for f in findings)
    if said and not told:
        colours = {Outcome.MATCH: "green", Outcome.NO_MATCH: "red"}
        page.line(said, indent=2, label="verdict  ", label_style=colours.get(verdict.outcome, "yellow"))
    if verdict.outcome is Outcome.MATCH:
        return set()
    candidates = [evidence(c) for c in (verdict.candidates if detailed else verdict.candidates[:1])]
    for number, candidate in enumerate(candidates if detailed or not _named(verdict, findings) else ()):
        page.line(candidate, indent=2, label="         " if number else "nearest  ", label_style=_DIM)
    return {*candidates, *((said,) if said else ())}


def _named(verdict: Verdict, findings: list[Finding]) -> bool:
    """A finding is about the nearest index already."""
    return any(f'"{c.index.name}"' in f.message for c in verdict.candidates[:1] for f in findings)


def _group(page: Page, findings: list[Finding], shown: set[str]) -> None:
    """All findings of one site; a line of evidence that stands there already is not shown again."""
    for finding in findings:
        page.line(
            finding.message,
            indent=2,
            label=f"{finding.severity} {finding.code}  ",
            label_style=COLOURS[finding.severity],
        )
        page.line(finding.effect, indent=4, label="effect  ", label_style=_DIM)
        page.line(finding.remedy, indent=4, label="remedy  ", label_style="green")
        for related in finding.related:
            if related not in shown:
                page.line(related, indent=4, label="      - ", label_style=_DIM, style=_DIM)
            shown.add(related)


def _elsewhere(page: Page, findings: list[Finding]) -> None:
    """Findings that are about no write site: at a place of a file, or about an object of the database."""
    for place, group in groupby(findings, key=lambda finding: finding.place):
        page.line(place, style="bold")
        _group(page, list(group), set())
        page.line()


def _skipped(page: Page, report: Report) -> None:
    if not report.scan.skipped:
        return
    page.line("no write sites, though a trigger word stands there", style="bold")
    for skipped in report.scan.skipped:
        page.line(skipped.reason, indent=2, label=f"{skipped.path}:{skipped.line}  ", style=_DIM)
    page.line()


def _suppressed(page: Page, report: Report) -> None:
    """What is not reported, each finding with what left it out."""
    if not report.suppressed:
        return
    page.line("findings that are left out", style="bold")
    for (finding, by), reason in zip_longest(report.suppressed, report.reasons):
        why = f"by {by}, because {reason}" if reason else f"by {by}"
        page.line(f"{finding.place}  {finding.severity} {finding.code}  {finding.message}", indent=2)
        page.line(why, indent=6, style=_DIM)
    page.line()


def _file(site: WriteSite) -> str:
    return site.span.path or f"in the database: {site.span.inside or site.object}"


def _client(site: WriteSite) -> str:
    return f"{site.client}, database {site.database}" if site.database else site.client


def _place(site: WriteSite) -> str:
    """With the place of the same statement in a file, and the triggers that call its function."""
    told = [f"defined at {site.defined.place}"] if site.defined else []
    if site.attached:
        told.append(f"called by {', '.join(site.attached)}")
    return f"{site.span.place} ({'; '.join(told)})" if told else site.span.place
