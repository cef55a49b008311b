from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest

from pgarbiter.report import schema, write
from pgarbiter.report.json import build

if TYPE_CHECKING:
    from pgarbiter.report.model import Report

SITE_KEYS = {
    "id", "path", "object", "line", "column", "statement_line", "end_line", "language", "client", "mechanism",
    "schema", "table", "target", "action", "written_columns", "written_complete", "set_columns", "status", "reason",
    "scope", "origin", "sql",
}  # fmt: skip


def _text(report: Report, *, explain_skipped: bool = False) -> str:
    stream = StringIO()
    write(report, "json", stream, explain_skipped=explain_skipped)
    return stream.getvalue()


def test_the_shipped_schema_is_what_the_types_say() -> None:
    file = Path(schema.__file__).parent / schema.NAME
    assert file.read_text("utf-8") == schema.render(schema.generate()), "stale: write schema.render(schema.generate())"
    jsonschema.Draft202012Validator.check_schema(schema.shipped())


@pytest.mark.parametrize("explain_skipped", [False, True])
def test_a_report_of_check_is_valid(full: Report, explain_skipped: bool) -> None:  # noqa: FBT001 - a parameter of the test
    document = json.loads(_text(full, explain_skipped=explain_skipped))
    jsonschema.validate(document, schema.shipped())
    assert ("skipped" in document) is explain_skipped
    assert set(document) - {"skipped"} == {
        "schema_version", "tool", "sites", "summary", "server", "schema", "findings", "suppressed",
    }  # fmt: skip
    assert all(set(site) == {*SITE_KEYS, "verdict"} for site in document["sites"])
    assert document["suppressed"][0]["by"] == "settings"


def test_a_report_of_scan_leaves_out_what_was_not_checked(full: Report) -> None:
    document = build(replace(full, bound=None))
    jsonschema.validate(document, schema.shipped())
    assert set(document) == {"schema_version", "tool", "sites", "summary"}
    assert all(set(site) == SITE_KEYS for site in document["sites"])


def test_a_report_with_a_wrong_value_is_not_valid(full: Report) -> None:
    document = json.loads(_text(full))
    document["sites"][0]["mechanism"] = "magic"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema.shipped())


def test_the_same_report_gives_the_same_ascii_bytes(full: Report) -> None:
    assert _text(full) == _text(full)
    assert _text(full).isascii()
    assert "\x1b" not in _text(full)
    assert json.loads(_text(full))["sites"][-2]["table"] == full.sites[-2].write.table.name


def test_targets_are_told_apart(full: Report) -> None:
    kinds = [site["target"]["kind"] for site in build(full)["sites"][:6]]
    assert kinds == ["columns", "expression", "constraint", "none", "default_key", "unresolved"]


def test_every_mismatch_reads_differently(full: Report) -> None:
    fragments = build(full)["sites"][0]["verdict"]["candidates"][0]["mismatches"]
    assert len(set(fragments)) == len(full.bound[0].verdict.candidates[0].mismatches)
    assert not any(fragment.endswith(".") or fragment[0].isupper() for fragment in fragments)
