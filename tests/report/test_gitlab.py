from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import jsonschema

from pgarbiter.report import write

if TYPE_CHECKING:
    from pgarbiter.report.model import Report

# What GitLab requires: GitLab Docs, "Code Quality report format".
SCHEMA = {
    "type": "array",
    "uniqueItems": True,
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "pattern": "^[a-z-]+$"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{16,}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def _issues(report: Report) -> Any:
    stream = StringIO()
    write(report, "gitlab", stream, below="apps/web")
    assert stream.getvalue().startswith("[")  # GitLab reads no byte order mark
    return json.loads(stream.getvalue())


def test_it_is_what_gitlab_reads(hostile: Report) -> None:
    issues = _issues(hostile)
    jsonschema.validate(issues, SCHEMA)
    assert len(issues) == len(hostile.findings) == len({issue["fingerprint"] for issue in issues})


def test_an_issue_tells_what_is_wrong_and_where(full: Report) -> None:
    assert _issues(full)[0] == {
        "description": "no unique index matches. Every execution fails with 42P10. Use the unique index that exists: "
        "onConflict: 'external_id'.",
        "check_name": "no-arbiter-index",
        "fingerprint": _issues(full)[0]["fingerprint"],
        "severity": "critical",
        "location": {"path": "apps/web/src/save.ts", "lines": {"begin": 1}},
    }
    assert [issue["severity"] for issue in _issues(full)] == ["critical", "major", "info"]
