"""The formats for machines and for pull requests, of a diff with hostile names on a real server."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import psycopg
import pytest
from junitparser import JUnitXml

from pgarbiter.diff import difference
from pgarbiter.diff.model import Diff, Effect, Severity
from pgarbiter.report.diff import FORMATS, markdown, schema, write
from pgarbiter.structure.read import read_structure

from ..oasis import sarif_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

HOSTILE = '</details>\n```\x1b[31m <b>|*_ "q" ](http://x) @me \'& ü 好'
QUOTED = '"' + HOSTILE.replace('"', '""') + '"'
BASE = """
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, legacy text);
CREATE TABLE untouched (id int);
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS E'BEGIN\n  -- one\n  RETURN 1;\nEND';
"""
CHANGES = f"""
ALTER TABLE users DROP legacy, ALTER id TYPE bigint, ADD {QUOTED} text;
CREATE TABLE {QUOTED} (a int);
COMMENT ON TABLE users IS 'first\nsecond ``` third';
COMMENT ON COLUMN users.email IS 'x';
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE plpgsql AS E'BEGIN\n  -- one\n  RETURN 2;\nEND';
"""


@pytest.fixture(scope="module")
def diff(server18: Server) -> Iterator[Diff]:
    database = server18.create_database()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(BASE)
        before = read_structure(connection)
        connection.execute(CHANGES.encode())
        yield difference((f"sql:{HOSTILE}", before), ("new", read_structure(connection)))
    server18.drop_database(database)


def _written(diff: Diff, format_: str, **options: Any) -> str:
    stream = StringIO()
    write(diff, format_, stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_diff_gives_the_same_bytes_without_control_characters(format_: str, diff: Diff) -> None:
    text = _written(diff, format_)
    assert text == _written(diff, format_)
    assert format_ == "sql" or "\x1b" not in text  # a statement has names as they are


@pytest.mark.parametrize("format_", FORMATS)
def test_no_difference_is_a_report_too(format_: str, diff: Diff) -> None:
    assert _written(Diff(diff.new, diff.new), format_)


def test_the_shipped_schema_and_its_page_are_what_the_types_say() -> None:
    file = Path(schema.__file__).parent / schema.NAME
    assert file.read_text("utf-8") == schema.render(schema.generate()), "stale: write schema.render(schema.generate())"
    page = Path(__file__).parents[3] / "docs" / "diff-json.md"
    assert page.read_text("utf-8") == schema.page(schema.generate()), "stale: write schema.page(schema.generate())"
    jsonschema.Draft202012Validator.check_schema(schema.shipped())


def test_json_is_valid_ascii_with_a_line_for_each_change(diff: Diff) -> None:
    text = _written(diff, "json")
    document = json.loads(text)
    jsonschema.validate(document, schema.shipped())
    assert text.isascii()
    assert sum(line.startswith('    {"id"') for line in text.splitlines()) == len(diff.changes)
    assert document["summary"]["changes"] == len(diff.changes) == sum(document["summary"]["severities"].values())
    assert HOSTILE in {change["name"] for change in document["changes"]}


def test_json_with_a_wrong_word_is_not_valid(diff: Diff) -> None:
    document = json.loads(_written(diff, "json"))
    document["changes"][0]["action"] = "magic"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema.shipped())


def test_json_holds_what_was_added_without_defaults(diff: Diff) -> None:
    changes = json.loads(_written(diff, "json"))["changes"]
    added = next(one for one in changes if one["action"] == "added" and one["part"] is None)
    assert added["object"]["columns"] == [{"name": "a", "type": "integer"}]


def test_an_id_stays_while_values_and_other_changes_differ(diff: Diff) -> None:
    def ids(found: Diff) -> list[str]:
        return [change["id"] for change in json.loads(_written(found, "json"))["changes"]]

    changes = tuple(replace(change, properties=(), effects=()) for change in diff.changes)
    assert ids(replace(diff, changes=changes)) == ids(diff)
    assert ids(replace(diff, changes=diff.changes[1:])) == ids(diff)[1:]
    assert len(set(ids(diff))) == len(diff.changes)


def _outside_of_fences(text: str) -> str:
    """What Markdown and HTML read: everything but the inside of code fences (CommonMark 0.31, 4.5)."""
    kept, fence = [], ""
    for line in text.splitlines():
        if not fence and line.startswith("```"):
            fence = line.rstrip("dif")
        elif fence and line.startswith(fence) and not line.strip("`"):
            fence = ""
        elif not fence:
            kept.append(line)
    assert not fence
    return "\n".join(kept)


def test_no_name_leaves_its_place_in_markdown(diff: Diff) -> None:
    told = replace(diff, notes=(f'a note on "{HOSTILE}"',))
    text = _outside_of_fences(_written(told, "markdown"))
    assert text.count("<details") == text.count("</details>") == 3
    for dangerous in ("<b>|", "@me", "](http", "```"):
        assert dangerous not in text
    assert all(line.count("|") in (0, 6) for line in text.splitlines())


def test_the_worst_objects_stand_open(diff: Diff) -> None:
    blocks = _written(diff, "markdown").split("<details")[1:]
    assert [block.startswith(" open>") for block in blocks] == ["destructive" in block for block in blocks]


def test_markdown_fits_a_comment_and_counts_what_it_leaves_out(diff: Diff) -> None:
    change = next(change for change in diff.changes if change.subject.part is not None)
    worst = replace(change, effects=(Effect(Severity.BREAKS, "x", ("a.py:1",)),))
    many = tuple(
        replace(one, subject=change.subject._replace(identity=("public", f"t{number}")))
        for number, one in enumerate([change] * 3000 + [worst])
    )
    text = _written(replace(diff, changes=many), "markdown")
    assert markdown.LIMIT - 1000 < len(text.encode()) <= markdown.LIMIT
    kept = text.count("<details")
    assert f"**{3001 - kept} objects with {3001 - kept} changes left out**" in text
    assert "a.py:1" in text


def test_one_large_object_leaves_room_for_the_others(diff: Diff) -> None:
    change = next(change for change in diff.changes if change.subject.part is not None)
    table = tuple(replace(change, subject=change.subject._replace(name=f"c{number}")) for number in range(5000))
    other = replace(change, subject=change.subject._replace(identity=("public", "zzz")))
    text = _written(replace(diff, changes=(*table, other)), "markdown")
    assert len(text.encode()) <= markdown.LIMIT
    assert "lines more, which the comment has no room for" in text
    assert "public.zzz" in text


def test_notes_alone_do_not_fill_a_comment(diff: Diff) -> None:
    text = _written(replace(diff, notes=("A note. " * 20,) * 1000), "markdown")
    assert len(text.encode()) <= markdown.LIMIT
    assert "notes more" in text


def test_junit_has_a_case_for_each_object(diff: Diff) -> None:
    document = JUnitXml.fromstring(_written(diff, "junit").encode())
    cases = {(suite.name, case.name): case for suite in document for case in suite}
    assert cases["table", "public.untouched"].is_passed
    assert cases["table", "public.users"].is_failure
    assert cases["function", "public.f()"].is_failure
    assert document.failures == sum(case.is_failure for case in cases.values()) == 3


def test_junit_fails_from_the_severity_that_is_asked_for(diff: Diff) -> None:
    document = JUnitXml.fromstring(_written(diff, "junit", fail_on=Severity.DESTRUCTIVE).encode())
    cases = {case.name: case for suite in document for case in suite}
    assert cases["public.users"].is_failure
    assert cases["public.f()"].is_passed
    assert "RETURN 2" in cases["public.f()"].system_out


def test_junit_is_well_formed_whatever_a_name_holds(diff: Diff) -> None:
    text = _written(diff, "junit")
    root = ET.fromstring(text)
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    assert any("\\x1b" in (case.get("name") or "") for case in root.iter("testcase"))


def _broken(diff: Diff) -> Diff:
    effect = Effect(Severity.BREAKS, "refused", ("src/a b.py:7", "in the database: function f, line 3"))
    return replace(diff, changes=(replace(diff.changes[0], effects=(effect,)), *diff.changes[1:]))


def test_sarif_is_valid_by_the_schema_of_oasis(diff: Diff) -> None:
    for found in (diff, _broken(diff), Diff(diff.new, diff.new)):
        jsonschema.validate(json.loads(_written(found, "sarif")), sarif_schema())


def test_sarif_has_a_result_for_each_change_with_a_fingerprint_of_its_own(diff: Diff) -> None:
    (run,) = json.loads(_written(diff, "sarif"))["runs"]
    assert len(run["results"]) == len(diff.changes)
    assert len({one["partialFingerprints"]["pgarbiterDiff/v1"] for one in run["results"]}) == len(diff.changes)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    assert {one["level"] for one in run["results"]} == {"error", "warning", "note"}


def test_sarif_points_to_the_sites_that_break(diff: Diff) -> None:
    (run,) = json.loads(_written(_broken(diff), "sarif"))["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "src/a%20b.py"},
        "region": {"startLine": 7},
    }


def test_text_shows_a_body_line_by_line(diff: Diff) -> None:
    text = _written(diff, "text")
    assert "    -  RETURN 1;\n    +  RETURN 2;\n" in text
    assert max(map(len, text.splitlines())) <= 130
