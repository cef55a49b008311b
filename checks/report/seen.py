"""A report as it is read from the working directory: its places are paths that a terminal or an editor opens there."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from ..model import Span, WriteSite
    from ..rules.model import Finding
    from ..scan.model import FailedFile, Skipped
    from ..schema.model import SchemaInfo
    from .model import JudgedBy, Report

    Noted = TypeVar("Noted", FailedFile, Skipped)

_PLACE = re.compile(r"(\S+):(\d+)")  # as Span.place writes it
_FILES = ("sql", "supabase", "alembic")  # sources that are named by a path


def seen_from(report: Report, lead: str) -> Report:
    """The report with `lead` before each path: where the scanned root is, "" or a path with a slash at its end."""
    return _Seen(report, lead).report() if lead else report


class _Seen:
    def __init__(self, report: Report, lead: str) -> None:
        self._report = report
        self._lead = lead
        self._places = {site.span.place for site in report.sites if site.span.path is not None}

    def report(self) -> Report:
        """The whole."""
        report, scan = self._report, self._report.scan
        bound = report.bound and tuple(replace(each, site=self._site(each.site)) for each in report.bound)
        return replace(
            report,
            scan=replace(
                scan,
                sites=tuple(map(self._site, scan.sites)),
                skipped=tuple(map(self._noted, scan.skipped)),
                failed=tuple(map(self._noted, scan.failed)),
                notes=tuple(map(self._noted, scan.notes)),
            ),
            bound=bound,
            schema=report.schema and self._schema(report.schema),
            findings=tuple(map(self._finding, report.findings)),
            suppressed=tuple((self._finding(finding), by) for finding, by in report.suppressed),
            databases=tuple(map(self._judged, report.databases)),
        )

    def _path(self, path: str) -> str:
        return posixpath.normpath(self._lead + path) + ("/" if path.endswith("/") else "")

    def _span(self, span: Span | None) -> Span | None:
        return replace(span, path=self._path(span.path)) if span is not None and span.path is not None else span

    def _site(self, site: WriteSite) -> WriteSite:
        return replace(site, span=self._span(site.span) or site.span, defined=self._span(site.defined))

    def _finding(self, finding: Finding) -> Finding:
        related = tuple(map(self._told, finding.related))
        return replace(finding, span=self._span(finding.span), related=related)

    def _told(self, line: str) -> str:
        """A line of evidence, which may name the places of write sites."""
        return _PLACE.sub(lambda m: self._path(m[1]) + f":{m[2]}" if m[0] in self._places else m[0], line)

    def _noted(self, noted: Noted) -> Noted:
        return replace(noted, path=self._path(noted.path))

    def _judged(self, judged: JudgedBy) -> JudgedBy:
        return replace(judged, schema=self._schema(judged.schema))

    def _schema(self, schema: SchemaInfo) -> SchemaInfo:
        kind, colon, path = schema.source.partition(":")
        source = f"{kind}:{self._path(path)}" if colon and kind in _FILES and path else schema.source
        failed = tuple(replace(each, path=self._path(each.path)) for each in schema.failed)
        return replace(schema, source=source, failed=failed)
