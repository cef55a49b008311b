from __future__ import annotations

from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.report import github, write
from pgarbiter.rules.model import Severity

if TYPE_CHECKING:
    from pgarbiter.report.model import Report

Command = tuple[str, dict[str, str], str]


def _written(report: Report) -> list[str]:
    stream = StringIO()
    write(report, "github", stream, below="apps/web")
    return stream.getvalue().splitlines()


def _unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def _read(line: str) -> Command:
    """A line as the runner reads it: actions/runner, ActionCommand.TryParseV2."""
    assert line.startswith("::")
    head, _, data = line[2:].partition("::")
    name, _, told = head.partition(" ")
    properties = dict(each.split("=", 1) for each in told.split(","))
    return name, {key: _unescaped(value) for key, value in properties.items()}, _unescaped(data)


def _commands(report: Report) -> list[Command]:
    _, *lines = _written(report)
    return [_read(line) for line in lines]


@given(st.dictionaries(st.sampled_from(["file", "title"]), st.text(), min_size=1), st.text())
def test_the_runner_reads_what_was_meant(properties: dict[str, str], text: str) -> None:
    written = github.command("error", properties, text)
    assert "\n" not in written
    assert "\r" not in written
    name, read, data = _read(written)
    assert (name, data) == ("error", text)
    assert read == {key: github.visible(value) for key, value in properties.items()}


def test_an_annotation_names_file_line_rule_effect_and_remedy(full: Report) -> None:
    name, properties, text = _commands(full)[0]
    assert name == "error"
    assert properties == {
        "file": "apps/web/src/save.ts",
        "line": "1",
        "endLine": "3",
        "title": "PGA101 no-arbiter-index",
    }
    assert text.split("\n") == [
        "no unique index matches",
        "Every execution fails with 42P10.",
        "Use the unique index that exists: onConflict: 'external_id'.",
    ]


def test_a_column_is_told_of_one_line_only(hostile: Report) -> None:
    commands = _commands(hostile)
    assert [p["col"] for _, p, _ in commands if p.get("line") == p.get("endLine") and "file" in p] == ["1"]
    assert any("file" not in properties for _, properties, _ in commands)


def test_no_name_is_a_command_of_its_own(hostile: Report) -> None:
    log, *commands = _written(hostile)
    assert not log.startswith("::")
    assert len(commands) == len(hostile.findings)
    assert {_read(line)[0] for line in commands} == {"error", "warning", "notice"}


def test_the_most_severe_ten_of_each_kind_are_shown_and_the_others_counted(full: Report) -> None:
    error, warning, note = full.findings
    many = (
        [replace(note, effect=f"{i}.") for i in range(12)]
        + [replace(error, effect=f"{i}.") for i in range(11)]
        + [warning]
    )
    commands = _commands(replace(full, findings=tuple(many)))
    kinds = [name for name, _, _ in commands]
    assert kinds == ["error"] * 10 + ["warning"] + ["notice"] * 10
    assert commands[-1][2].startswith("1 error, 3 notes more: GitHub shows 10 annotations of each kind")
    assert Severity.NOTE.rank == 2


def test_ten_notes_and_nothing_else_need_no_word_about_others(full: Report) -> None:
    *_, note = full.findings
    commands = _commands(replace(full, findings=tuple(replace(note, effect=f"{i}.") for i in range(10))))
    assert [properties["title"] for _, properties, _ in commands] == ["PGA101 no-arbiter-index"] * 10


def test_nothing_found_is_one_line_for_the_log(full: Report) -> None:
    (line,) = _written(replace(full, findings=()))
    assert line == "no findings at 17 write sites, but not all could be judged"
