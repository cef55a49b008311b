"""Findings as CI hosts take them: the most severe first, each with a place in the repository and a lasting name."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, NamedTuple

from ..rules import placed
from ..suppress.identity import identities

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..model import Span, WriteSite
    from ..rules.model import Finding
    from .model import Report

_PLACE = re.compile(r"(\S+):(\d+)")  # as Span.place writes it; a path with blanks is not found, and only not linked
_LINE = re.compile(r"\bat line (\d+)$")
_MOST_RELATED = 20


class Place(NamedTuple):
    """Lines of a file, counted from 1; `path` is posix and relative to the repository. `what` stands there."""

    path: str
    line: int
    end_line: int
    column: int | None = None
    what: str = ""

    @property
    def short(self) -> str:
        """path:line, which people read and editors open."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Told:
    """A finding with its write site, if it has one.

    `place` is where it stands in a file, or what in a file it comes closest to; None when nobody knows of any. `by`:
    what suppressed it, and `why`, if a comment says so. `fingerprint`: 16 hexadecimal digits that stay while other code
    is edited.
    """

    finding: Finding
    site: WriteSite | None
    fingerprint: str
    place: Place | None
    related: tuple[Place, ...] = ()
    by: str | None = None
    why: str | None = None

    @property
    def title(self) -> str:
        """`PGA101 no-arbiter-index`."""
        return f"{self.finding.code} {self.finding.rule}"

    @property
    def about(self) -> str:
        """Where it is for people, when that is no file: `in the database: index public.orders_key`."""
        span = self.finding.span
        return self.finding.place if span is None or span.path is None else ""

    @property
    def where(self) -> str:
        """For people: path:line from the root of the repository, or the object of the database."""
        return self.about or (self.place.short if self.place else self.finding.place)

    @property
    def nowhere(self) -> str:
        """For hosts that insist on a path: one that says that there is none, `database/index public.orders_key`."""
        finding = self.finding
        inside = finding.span.inside if finding.span else None
        return f"database/{(finding.object or inside or finding.rule).replace('/', '_')}"

    @property
    def advice(self) -> str:
        """What is wrong, what it costs and what to do, as sentences."""
        finding = self.finding
        about = f"{self.about}: " if self.about else ""
        return f"{about}{finding.message}. {finding.effect} {finding.remedy}"


class Teller:
    """Tells the findings of one report. `below`: the path of the scanned root below that of the repository."""

    def __init__(self, report: Report, below: str = "") -> None:
        self._report = report
        self._below = below
        self._sites = {site.id: site for site in report.sites}
        self._known = _known(report.sites)
        every = (*report.findings, *(finding for finding, _ in report.suppressed))
        self._names = fingerprints(every, report.sites, below)

    def findings(self) -> tuple[Told, ...]:
        """What is reported, the most severe first."""
        return tuple(self._tell(each) for each in sorted(self._report.findings, key=lambda one: one.severity.rank))

    def suppressed(self) -> tuple[Told, ...]:
        """What is not, with what left it out."""
        reasons = chain(self._report.reasons, repeat(None))
        told = zip(self._report.suppressed, reasons, strict=False)
        return tuple(self._tell(finding, by, why) for (finding, by), why in told)

    def _tell(self, finding: Finding, by: str | None = None, why: str | None = None) -> Told:
        site = self._sites.get(finding.site or "")
        seen: dict[tuple[str, int], Place] = {}
        for place in self._places(finding, site):
            seen.setdefault((place.path, place.line), place)
        places = tuple(seen.values())
        first, others = next(iter(places), None), places[1 : _MOST_RELATED + 1]
        return Told(finding, site, self._names[id(finding)], first, others, by, why)

    def _places(self, finding: Finding, site: WriteSite | None) -> Iterator[Place]:
        """Its own place, then that of the definition in a file, what its evidence names, and the statement's start."""
        yield from self._at(finding.span, "")
        if site is not None:
            yield from self._at(site.defined, "defined here")
        for line in finding.related:
            yield from self._named(line, finding.span)
        if site is not None and site.span.path is not None and site.statement_line != site.span.line:
            yield from self.at(site.span.path, site.statement_line, what="the statement starts here")
        if finding.span is None and (path := self._schema_file()) is not None:
            yield from self.at(path, 1, what="the schema")

    def _named(self, line: str, own: Span | None) -> Iterator[Place]:
        """The places that a line of evidence names: those of write sites, and lines of the finding's own file."""
        for match in _PLACE.finditer(line):
            if (span := self._known.get((match[1], int(match[2])))) is not None:
                yield from self._at(span, line)
        if own is not None and own.path is not None and (found := _LINE.search(line)):
            yield from self.at(own.path, int(found[1]), what=line)

    def _at(self, span: Span | None, what: str) -> Iterator[Place]:
        if span is not None and span.path is not None:
            yield from self.at(span.path, span.line, span.end_line, span.column, what)

    def at(
        self, path: str, line: int, end_line: int | None = None, column: int | None = None, what: str = ""
    ) -> Iterator[Place]:
        """The place, unless it is outside of the repository."""
        if (whole := _inside(self._below, path)) is not None:
            yield Place(whole, max(line, 1), max(end_line or line, line, 1), column, what)

    def _schema_file(self) -> str | None:
        """The schema source, if there is one and it is one file of SQL."""
        sources = self._report.sources
        kind, _, path = sources[0].schema.source.partition(":") if len(sources) == 1 else ("", "", "")
        return path if kind == "sql" and path.endswith(".sql") else None


@lru_cache(maxsize=4096)
def _inside(below: str, path: str) -> str | None:
    """The path from the root of the repository; None if it leads out of it."""
    whole = posixpath.normpath(posixpath.join(below, path))
    return None if whole.startswith(("../", "/")) or whole in {".", ".."} else whole


def fingerprints(findings: Sequence[Finding], sites: Iterable[WriteSite], below: str = "") -> Mapping[int, str]:
    """A name for each finding, by its id(): that of its entry in a baseline, and another one for each alike."""
    seen: Counter[str] = Counter()
    names = {}
    ordered = sorted(findings, key=placed)
    for finding, identity in zip(ordered, identities(ordered, sites, below), strict=True):
        name = identity.fingerprint
        seen[name] += 1
        names[id(finding)] = name if seen[name] == 1 else _digest(f"{name} {seen[name]}")
    return names


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def _known(sites: Iterable[WriteSite]) -> dict[tuple[str, int], Span]:
    """The places of all sites."""
    return {(site.span.path, site.span.line): site.span for site in sites if site.span.path is not None}
