"""What a run covered and what it did not, in a few lines."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Mechanism, Status
from ..rules.model import Severity
from ..sql.complaints import BROKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..arbiter.model import BoundSite
    from ..model import WriteSite
    from ..schema.model import SchemaInfo
    from .model import Report

Line = tuple[str, str]  # text and style

_LEFT_OUT = {  # by what findings are, as Report has it
    "baseline": "{} in the baseline",
    "comment": "{} ignored by comment",
    "settings": "{} left out by the settings",
}
_SHOWN = 5  # reasons, files and failures listed before the rest is only counted
_DIM = "dim"


def count(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def headline(report: Report) -> str:
    """The first line of the summary."""
    return next(lines(report))[0]


def lines(report: Report) -> Iterator[Line]:
    """The summary; one line when all is well."""
    if report.bound is None:
        yield _scanned(report), "bold"
        yield from _clients(report)
    else:
        yield _headline(report, report.bound)
        if report.findings or not _proven(report, report.bound):
            yield from [(_outcomes(report, report.bound), "")] if report.sites else ()
            yield from _provenance(report)
        yield from _broken(report)
    yield from _unresolved(report)
    yield from _failed_files(report)
    for one in report.sources:
        yield from _failed_statements(one.schema)
        yield from ((f"note: {note}", _DIM) for note in one.schema.notes)
    yield from left_out_by(report)


def _scanned(report: Report) -> str:
    return f"{count(len(report.sites), 'write site')} in {_files(report)}{_statuses(report.sites)}"


def _statuses(sites: Iterable[WriteSite]) -> str:
    """A wrapper whose calls are all sites of their own is not one that could not be resolved."""
    said = Counter(
        "followed to their calls"
        if site.status is Status.UNRESOLVED and not site.is_open
        else site.status.replace("_", " ")
        for site in sites
    )
    order = (*(status.replace("_", " ") for status in Status), "followed to their calls")
    parts = [f"{said[word]} {word}" for word in order if said[word]]
    return f": {', '.join(parts)}" if parts else ""


def _clients(report: Report) -> Iterator[Line]:
    """Where there are several; then how often trigger words stand elsewhere, if that was counted."""
    clients = Counter(site.client for site in report.sites)
    for name, number in sorted(clients.items(), key=lambda one: (-one[1], one[0])) if len(clients) > 1 else ():
        yield f"  {name}: {number}{_statuses(s for s in report.sites if s.client == name)}", _DIM
    if (hits := report.scan.hits) is not None:
        total = count(hits.in_sites + hits.explained, "trigger word")
        where = count(len(report.scan.skipped), "line")
        above = f", {hits.explained} elsewhere, explained in the {where} above" if hits.explained else ""
        yield f"{total}: {hits.in_sites} in write sites{above}", _DIM


def _headline(report: Report, bound: tuple[BoundSite, ...]) -> Line:
    by_severity = Counter(finding.severity for finding in report.findings)
    if report.findings:
        said = ", ".join(count(by_severity[s], s.value) for s in Severity if by_severity[s])
        worst = next(s for s in Severity if by_severity[s])
        sites = len({finding.site for finding in report.findings if finding.site is not None})
        style = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "bold cyan"}[worst]
        return f"{said} at {sites or 'none'} of {count(len(report.sites), 'write site')}", style
    if not report.sites:
        return f"no write sites in {_files(report)}", "bold"
    upserts = sum(b.verdict.outcome is Outcome.MATCH for b in bound)
    if not _proven(report, bound):
        return f"no findings at {count(len(report.sites), 'write site')}, but not all could be judged", "bold yellow"
    if report.suppressed and any(b.verdict.outcome is Outcome.NO_MATCH for b in bound):
        return f"no other findings at {count(len(report.sites), 'write site')} ({'; '.join(_sources(report))})", "bold"
    return f"{_all(upserts)} ({'; '.join(_sources(report))})", "bold green"


def _all(upserts: int) -> str:
    if upserts == 0:
        return "no upserts, and nothing wrong with the other write sites"
    return f"{'the one upsert has' if upserts == 1 else f'all {upserts} upserts have'} what ON CONFLICT needs"


def _proven(report: Report, bound: tuple[BoundSite, ...]) -> bool:
    """Every upsert was judged, by the whole of its text."""
    unknown = any(b.verdict.outcome is Outcome.UNKNOWN for b in bound)
    unread = any(site.is_open or _does_not_parse(site) for site in report.sites)
    return not unknown and not unread and not report.scan.failed


def _outcomes(report: Report, bound: tuple[BoundSite, ...]) -> str:
    outcomes = Counter(b.verdict.outcome for b in bound if b.site.mechanism is Mechanism.ON_CONFLICT)
    others = Counter(b.site.mechanism for b in bound if b.site.mechanism is not Mechanism.ON_CONFLICT)
    words = {
        Outcome.MATCH: "match",
        Outcome.NO_MATCH: "do not match",
        Outcome.UNKNOWN: "unknown",
        Outcome.NOT_JUDGED: "not judged",
    }
    upserts = ", ".join(f"{outcomes[o]} {words[o]}" for o in Outcome if outcomes[o]) or "none"
    rest = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in others.items())
    return f"upserts: {upserts}{f'; other writes: {rest}' if rest else ''}; in {_files(report)}"


def _provenance(report: Report) -> Iterator[Line]:
    for source in _sources(report):
        yield source, _DIM


def _sources(report: Report) -> Iterator[str]:
    for one in report.sources:
        schema = one.schema
        loaded = f", {schema.loaded} of {count(schema.statements, 'statement')} loaded" if schema.statements else ""
        name = f"{one.name}: " if one.name else ""
        if one.server.version:
            yield f"{name}schema {schema.source}{loaded}"
    yield from dict.fromkeys(
        f"PostgreSQL {s.server.version}, {s.server.source}" for s in report.sources if s.server.version
    )


def _unresolved(report: Report) -> Iterator[Line]:
    sites = [site for site in report.sites if site.is_open]
    if sites:
        reasons = Counter(_why(site) for site in sites)
        yield f"{count(len(sites), 'write site')} could not be resolved:", "yellow"
        for reason, number in _cut(reasons):
            first = next(s for s in sites if _why(s) == reason)
            more = f" and {number - 1} more" if number > 1 else ""
            yield f"  {reason} ({first.span.place}{more})", _DIM
        yield from _rest(len(reasons), "reason")
    other = Counter(site.reason or "" for site in report.sites if site.status is Status.NOT_POSTGRES)
    if other:
        said = "; ".join(reason for reason, _ in _cut(other) if reason)
        yield f"{count(other.total(), 'write site')} for another database{f' ({said})' if said else ''}", _DIM


def _why(site: WriteSite) -> str:
    """Why a site is not resolved: the first of its reasons, of which the others are about what it would be then."""
    return (site.reason or "no reason given").partition("; ")[0]


def _broken(report: Report) -> Iterator[Line]:
    """What the server would answer with 42601, unless a part that is put together at run time mends it."""
    broken = [site for site in report.sites if _does_not_parse(site)]
    if broken:
        yield f"{count(len(broken), 'write site')} judged by what can be read of it, since it does not parse:", "yellow"
        for site in broken[:_SHOWN]:
            why = (site.reason or "").removeprefix(BROKEN)
            yield f"  {replace(site.span, line=site.statement_line).place} {why}", _DIM
        yield from _rest(len(broken), "site")


def _does_not_parse(site: WriteSite) -> bool:
    return site.status is Status.PARTIAL and (site.reason or "").startswith(BROKEN)


def _failed_files(report: Report) -> Iterator[Line]:
    failed = report.scan.failed
    if failed:
        yield f"{count(len(failed), 'file')} {'was' if len(failed) == 1 else 'were'} not read:", "yellow"
        yield from ((f"  {f.path}: {f.reason}", _DIM) for f in failed[:_SHOWN])
        yield from _rest(len(failed), "file")
    notes = report.scan.notes
    yield from ((f"note: {note.path}: {note.reason}", _DIM) for note in notes[:_SHOWN])
    yield from _rest(len(notes), "note")


def _failed_statements(schema: SchemaInfo) -> Iterator[Line]:
    if not schema.failed:
        return
    yield f"{count(len(schema.failed), 'statement')} of the schema source did not run:", "yellow"
    for failure in schema.failed[:_SHOWN]:
        unknown = f"; makes unknown: {', '.join(failure.makes_unknown)}" if failure.makes_unknown else ""
        code = f" {failure.sqlstate}" if failure.sqlstate else ""
        yield f"  {failure.path}:{failure.line}{code} {failure.message}{unknown}", _DIM
    yield from _rest(len(schema.failed), "statement")


def left_out_by(report: Report) -> Iterator[Line]:
    """By what findings are left out, and what the baseline holds in vain."""
    by = Counter(by for _, by in report.suppressed)
    told = [f"{_LEFT_OUT[what].format(count(by[what], 'finding'))}" for what in _LEFT_OUT if by[what]]
    if told:
        yield "; ".join(told), _DIM
    if report.gone:
        said = "1 entry of the baseline is" if report.gone == 1 else f"{report.gone} entries of the baseline are"
        yield f"{said} gone: run `pgarbiter baseline update`", _DIM


def _cut(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]


def _rest(total: int, noun: str) -> Iterator[Line]:
    if total > _SHOWN:
        yield f"  and {count(total - _SHOWN, f'more {noun}')}", _DIM


def _files(report: Report) -> str:
    return count(report.scan.seen, "file")
