"""The report as JUnit XML: a test case for each write site, and one for each finding that is about none."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, groupby
from typing import TYPE_CHECKING

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from ..arbiter.model import Outcome
from ..model import Status
from ..rules.model import Severity
from ..wording import plural
from .essence import essence, sentence
from .page import visible
from .told import Teller

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from ..arbiter.model import BoundSite
    from .model import Report
    from .told import Told

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'


def write(report: Report, stream: TextIO, *, fail_on: Severity = Severity.ERROR, below: str = "") -> None:
    """Write the document; a finding fails its case from the severity `fail_on` on, a milder one is its output."""
    written: bytes = build(report, fail_on, below).tostring()  # type: ignore[no-untyped-call] # no types here
    stream.write(f"{_DECLARATION}\n{written.decode('utf-8')}\n")


def build(report: Report, fail_on: Severity = Severity.ERROR, below: str = "") -> JUnitXml:
    """A suite for each file, and for the database; names of cases are unique in theirs, and hold no lines.

    CI hosts tell the history of a test by its names, which therefore stay while other code of the file is edited.
    """
    document = JUnitXml("pgarbiter check")
    cases = sorted(_cases(report, fail_on, Teller(report, below)), key=lambda case: case.classname or "")
    for name, group in groupby(cases, key=lambda case: case.classname):
        suite = TestSuite(name)
        suite.add_testcases(_unique(group))
        document.append(suite)  # type: ignore[no-untyped-call] # add_testsuite() compares it with each that is there
    document.update_statistics()  # type: ignore[no-untyped-call]
    return document


def _unique(cases: Iterable[TestCase]) -> list[TestCase]:
    taken: set[str] = set()
    kept = list(cases)
    for case in kept:
        name, number = case.name, 1
        while case.name in taken:
            number += 1
            case.name = f"{name} ({number})"
        taken.add(case.name)
    return kept


def _cases(report: Report, fail_on: Severity, teller: Teller) -> Iterator[TestCase]:
    found: dict[str | None, list[Told]] = defaultdict(list)
    for told in teller.findings():
        found[told.finding.site].append(told)
    hushed: dict[str | None, list[Told]] = defaultdict(list)
    for told in teller.suppressed():
        hushed[told.finding.site].append(told)
    for bound in report.bound or ():
        yield _site(bound, found.pop(bound.site.id, []), hushed[bound.site.id], fail_on, teller)
    for told in chain.from_iterable(found.values()):
        yield _elsewhere(told, fail_on)
    for failed in report.scan.failed:
        yield _unread(failed.path, failed.reason, teller, wrong=failed.unforeseen)


def _site(
    bound: BoundSite, told: Sequence[Told], hushed: Sequence[Told], fail_on: Severity, teller: Teller
) -> TestCase:
    site = bound.site
    place = next(teller.at(site.span.path, site.span.line), None) if site.span.path is not None else None
    path = place.path if place else site.span.path
    inside = f"{site.span.inside or site.object}: " if path is None else ""
    case = TestCase(visible(f"{inside}{essence(site)}"), classname=visible(path or "database"))
    output = [*_judge(case, told, fail_on), *(f"left out by {each.by}: {_line(each)}" for each in hushed)]
    if not case.result and (reason := _not_judged(bound)) is not None:
        case.result = [Skipped(visible(reason))]
    elif (said := sentence(bound.verdict)) is not None:
        output.insert(0, said)
    output.insert(0, f"at {path}:{site.span.line}" if path is not None else site.span.place)
    case.system_out = "\n".join(map(_visible, output))
    return case


def _judge(case: TestCase, told: Sequence[Told], fail_on: Severity) -> list[str]:
    """Fail the case by the findings that are severe enough; what is left to tell."""
    severe = [each for each in told if each.finding.severity.rank <= fail_on.rank]
    if severe:
        more = f" and {plural(len(severe) - 1, 'finding')} more" if len(severe) > 1 else ""
        failure = Failure(visible(f"{_line(severe[0])}{more}"), severe[0].finding.rule)
        failure.text = _visible("\n\n".join(map(_whole, severe)))
        case.result = [failure]
    return [_whole(each) for each in told if each not in severe]


def _not_judged(bound: BoundSite) -> str | None:
    """Why nothing can be said of a site."""
    if bound.verdict.outcome is Outcome.UNKNOWN:
        return f"cannot tell: {bound.verdict.reason or 'no reason given'}"
    if bound.site.is_open or bound.site.status is Status.NOT_POSTGRES:
        return f"{bound.site.status.replace('_', ' ')}: {bound.site.reason or 'no reason given'}"
    return None


def _elsewhere(told: Told, fail_on: Severity) -> TestCase:
    path = told.place.path if told.place and not told.about else "database"
    span = told.finding.span
    subject = told.finding.object or (span.inside if span else None) or ""
    case = TestCase(visible(f"{told.title} {subject}".rstrip()), classname=visible(path))
    if output := _judge(case, [told], fail_on):
        case.system_out = "\n".join(map(_visible, output))
    return case


def _unread(path: str, reason: str, teller: Teller, *, wrong: bool) -> TestCase:
    """A file that was not read: it may hold write sites, unless rules say that it is none of the application's."""
    place = next(teller.at(path, 1), None)
    name = visible(place.path if place else path)
    case = TestCase(f"{name} is read", classname=name)
    case.result = [Error(visible(reason)) if wrong else Skipped(visible(reason))]
    return case


def _line(told: Told) -> str:
    return f"{told.finding.code} {told.finding.message}"


def _whole(told: Told) -> str:
    finding = told.finding
    lines = [f"{told.where}: {finding.severity} {told.title}: {finding.message}", f"effect: {finding.effect}"]
    return "\n".join((*lines, f"remedy: {finding.remedy}", *(f"- {line}" for line in finding.related)))


def _visible(text: str) -> str:
    return "\n".join(map(visible, text.split("\n")))
