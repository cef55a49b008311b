"""The JSON report: one document, a pure function of the Report, the same bytes for the same input."""

from __future__ import annotations

import json
from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, cast

from ..model import Status
from .parts import target_of, verdict_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TextIO

    from ..access.model import Access
    from ..arbiter.model import Verdict
    from ..model import WriteSite
    from ..rules.model import Finding
    from ..schema.model import SchemaInfo, ServerInfo
    from . import document
    from .model import JudgedBy, Report


def write(report: Report, stream: TextIO, *, explain_skipped: bool = False, detailed: bool = False) -> None:
    """Write the document as `dumped` has it."""
    del detailed
    stream.write(dumped(build(report, explain_skipped=explain_skipped)))


def dumped(document: Mapping[str, object]) -> str:
    """A document in ASCII, one line for each item of a list, so that two of them are compared line by line."""
    parts = (f"  {json.dumps(key)}: {_lines(value)}" for key, value in document.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: object) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    return "[\n" + ",\n".join(f"    {json.dumps(item)}" for item in value) + "\n  ]"


def build(report: Report, *, explain_skipped: bool = False) -> document.Document:
    """The document; `verdict`, `server`, `schema` and `findings` are there only when something was checked."""
    verdicts = {bound.site.id: bound.verdict for bound in report.bound or ()}
    result: document.Document = {
        "schema_version": 1,
        "tool": {"name": "pgarbiter", "version": report.version},
        "sites": [_site(site, verdicts.get(site.id), report.access.get(site.id)) for site in report.sites],
        "summary": _summary(report),
    }
    if explain_skipped:
        skipped = sorted(report.scan.skipped, key=lambda s: (s.path, s.line, s.reason))
        result["skipped"] = [{"path": s.path, "line": s.line, "reason": s.reason} for s in skipped]
    if report.bound is not None:
        result["server"] = _server(report.server)
        result["schema"] = _schema(report.schema)
        if report.databases:
            result["schemas"] = [_database(one) for one in report.databases]
        result["findings"] = [_finding(f) for f in report.findings]
        result["suppressed"] = [
            _left_out(finding, by, reason) for (finding, by), reason in zip_longest(report.suppressed, report.reasons)
        ]
    return result


def _site(site: WriteSite, verdict: Verdict | None, access: Access | None) -> document.Site:
    write = site.write
    result: document.Site = {
        "id": site.id,
        "path": site.span.path,
        "object": site.object,
        "line": site.span.line,
        "column": site.span.column,
        "statement_line": site.statement_line,
        "end_line": site.span.end_line,
        "language": site.language,
        "client": site.client,
        "mechanism": site.mechanism.value,
        "schema": write.table.schema if write.table else None,
        "table": write.table.name if write.table else None,
        "target": target_of(write.target),
        "action": write.action.value if write.action else None,
        "written_columns": None if write.columns is None else list(write.columns),
        "written_complete": write.complete,
        "set_columns": None if write.set_columns is None else list(write.set_columns),
        "status": site.status.value,
        "reason": site.reason,
        "scope": site.scope.value,
        "origin": site.origin.value,
        "sql": site.sql,
    }
    if site.followed:
        result["followed"] = site.followed
    if site.attached:
        result["attached"] = list(site.attached)
    if site.defined is not None and site.defined.path is not None:
        result["defined"] = {"path": site.defined.path, "line": site.defined.line}
    if site.database is not None:
        result["database"] = site.database
    if verdict is not None:
        result["verdict"] = verdict_of(verdict, access)
    return result


def _summary(report: Report) -> document.Summary:
    failed = sorted(report.scan.failed, key=lambda f: (f.path, f.reason))
    clients = sorted({site.client for site in report.sites})
    summary: document.Summary = {
        "files": {
            "seen": report.scan.seen,
            "read": report.scan.read,
            "parsed": report.scan.parsed,
            "failed": [{"path": f.path, "reason": f.reason} for f in failed],
            "notes": [{"path": f.path, "reason": f.reason} for f in report.scan.notes],
        },
        "sites": _counts(report.sites),
        "clients": {name: _counts([site for site in report.sites if site.client == name]) for name in clients},
    }
    if (hits := report.scan.hits) is not None:
        summary["hits"] = {"in_sites": hits.in_sites, "explained": hits.explained}
    return summary


def _counts(sites: Sequence[WriteSite]) -> document.Counts:
    by_status = Counter(site.status for site in sites)
    return {
        "resolved": by_status[Status.RESOLVED],
        "partial": by_status[Status.PARTIAL],
        "unresolved": sum(site.is_open for site in sites),
        "not_postgres": by_status[Status.NOT_POSTGRES],
    }


def _server(server: ServerInfo | None) -> document.Server | None:
    return {"version": server.version, "source": server.source, "database": server.database} if server else None


def _schema(schema: SchemaInfo | None) -> document.Schema | None:
    if schema is None:
        return None
    return {
        "source": schema.source,
        "statements": schema.statements,
        "loaded": schema.loaded,
        "failed": [
            {
                "path": f.path,
                "line": f.line,
                "sqlstate": f.sqlstate,
                "message": f.message,
                "makes_unknown": list(f.makes_unknown),
            }
            for f in schema.failed
        ],
        "notes": list(schema.notes),
    }


def _database(judged: JudgedBy) -> document.Database:
    server = judged.server if judged.server.version else None
    return {
        "name": judged.name,
        "dialect": judged.dialect,
        "server": _server(server),
        "schema": _schema(judged.schema) if judged.schema.source != "none" else None,
    }


def _left_out(finding: Finding, by: str, reason: str | None) -> document.Suppressed:
    found = {**_finding(finding), "by": by}
    return cast("document.Suppressed", found if reason is None else {**found, "reason": reason})


def _finding(finding: Finding) -> document.Finding:
    result: document.Finding = {
        "rule": finding.rule,
        "code": finding.code,
        "severity": finding.severity.value,
        "site": finding.site,
        "path": finding.span.path if finding.span else None,
        "line": finding.span.line if finding.span else None,
        "message": finding.message,
        "effect": finding.effect,
        "remedy": finding.remedy,
        "related": list(finding.related),
        "repair": finding.repair,
    }
    if finding.object is not None:
        result["object"] = finding.object
    return result
