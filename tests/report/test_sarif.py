from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest

from pgarbiter.report import sarif, write
from pgarbiter.rules import registry
from pgarbiter.rules.model import Severity

from .conftest import HOSTILE_PATH
from .oasis import sarif_schema

if TYPE_CHECKING:
    from pgarbiter.report.model import Report


def _log(report: Report, **options: Any) -> Any:
    stream = StringIO()
    write(report, "sarif", stream, **options)
    assert stream.getvalue().isascii()
    return json.loads(stream.getvalue())


def _run(report: Report, **options: Any) -> Any:
    (run,) = _log(report, **options)["runs"]
    return run


def _notes(run: Any) -> list[str]:
    return [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]


@pytest.mark.parametrize("detailed", [False, True])
def test_it_is_valid_by_the_schema_of_oasis(hostile: Report, full: Report, detailed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    for report in (hostile, full, replace(full, findings=())):
        jsonschema.validate(_log(report, detailed=detailed, below="a"), sarif_schema())


def test_the_schema_refuses_what_is_wrong(full: Report) -> None:
    log = _log(full)
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(log, sarif_schema())


def test_every_rule_is_described_as_github_shows_it(full: Report) -> None:
    rules = _run(full)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [info.name for info in registry().values()]
    for rule in rules:
        for key in ("name", "shortDescription", "fullDescription", "help", "defaultConfiguration", "properties"):
            assert rule[key]
        assert rule["help"]["markdown"]
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["properties"]["problem.severity"] in {"error", "warning", "recommendation"}
        assert len(rule["properties"]["tags"]) <= 10
        assert "helpUri" not in rule


def test_a_result_points_to_its_rule_its_lines_and_what_belongs_to_it(hostile: Report) -> None:
    run = _run(hostile, below="apps/web")
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    (result,) = [one for one in run["results"] if one["properties"].get("site") == "site-100"]
    place = result["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 7, "startColumn": 5, "endLine": 9}
    assert unquote_to_bytes(place["artifactLocation"]["uri"]).decode() == f"apps/web/{HOSTILE_PATH}"
    assert not set(place["artifactLocation"]["uri"]) & set(" :\n<>|*[]()`\\\"'")
    (related,) = result["relatedLocations"]
    assert related["message"]["text"] == "the statement starts here"
    assert result["message"]["text"].count("Use the unique index that exists") == 1
    assert list(result["partialFingerprints"]) == ["pgarbiter/v1"]


def test_every_result_has_a_place_without_which_github_refuses_the_log(hostile: Report) -> None:
    run = _run(hostile)
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] >= 1
    logical = [one["locations"][0].get("logicalLocations", [{}])[0] for one in run["results"]]
    assert {"name": "public.f()", "fullyQualifiedName": "public.f()", "kind": "function"} in logical
    assert any(one.get("kind") == "index" for one in logical)
    assert "database/function%20public.f%28%29" in {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    }


def test_what_is_suppressed_is_counted_and_told_on_request(hostile: Report) -> None:
    run = _run(hostile)
    assert not any("suppressions" in result for result in run["results"])
    assert "1 finding in the baseline; 1 finding ignored by comment; 1 finding left out by the settings" in _notes(run)
    results = _run(hostile, detailed=True)["results"]
    kinds = Counter(result["suppressions"][0]["kind"] for result in results if "suppressions" in result)
    assert kinds == {"inSource": 1, "external": 2}
    told = [result["suppressions"][0]["justification"] for result in results if "suppressions" in result]
    assert sorted(told) == ["I say so", "by baseline", "by settings"]


def test_no_name_makes_a_link_of_a_message(hostile: Report) -> None:
    texts = [result["message"]["text"] for result in _run(hostile)["results"]]
    assert any("\\](http" in text for text in texts)
    assert not any("](" in text.replace("\\](", "") for text in texts)


def test_a_file_that_was_not_read_makes_the_run_a_failed_one(hostile: Report, full: Report) -> None:
    assert [_run(each)["invocations"][0]["executionSuccessful"] for each in (hostile, full)] == [False, True]
    notes = _notes(_run(full))
    assert "src/bad.ts was not read: not valid UTF-8" in notes
    assert any(note.startswith("db/schema.sql:7 did not run: 42601") for note in notes)


def _many(report: Report, number: int) -> Report:
    error, warning, *_ = report.findings
    return replace(report, findings=(*(replace(warning, effect=f"{i}.") for i in range(number)), error))


def test_github_gets_no_more_results_than_it_takes(full: Report) -> None:
    log = json.loads(sarif.render(_many(full, 30), most=20))
    results = log["runs"][0]["results"]
    assert len(results) == 20
    assert results[0]["level"] == Severity.ERROR
    assert "11 findings less severe than these: GitHub takes no more" in _notes(log["runs"][0])
    assert "GitHub" not in " ".join(_notes(json.loads(sarif.render(_many(full, 30)))["runs"][0]))


def test_github_gets_no_more_bytes_than_it_takes(full: Report) -> None:
    whole = len(gzip.compress(sarif.render(_many(full, 400)).encode()))
    log = json.loads(sarif.render(_many(full, 400), size=whole - 100))
    jsonschema.validate(log, sarif_schema())
    (run,) = log["runs"]
    left = next(note for note in _notes(run) if "GitHub takes" in note)
    assert left.startswith(f"{401 - len(run['results'])} findings")
    assert run["results"][0]["level"] == Severity.ERROR


def test_github_shows_5000_of_what_it_takes(full: Report) -> None:
    assert "GitHub shows the 5,000 most severe of these findings" in _notes(_run(_many(full, 5001)))
