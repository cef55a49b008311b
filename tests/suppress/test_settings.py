"""Settings choose rules, their severities, and the files that they hold for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pgarbiter.errors import SourceError
from pgarbiter.rules.model import Severity
from pgarbiter.run import update_baseline
from pgarbiter.settings import Settings, load

from .conftest import BAD, GOOD, Project, left, out

if TYPE_CHECKING:
    from pathlib import Path

SITE = f'pool.query("{BAD}")\n'


def test_rules_are_chosen_by_code_name_or_family(project: Project) -> None:
    project.write("a.ts", SITE)
    for entry in ("PGA101", "pga101", "no-arbiter-index", "PGA10", "PGA1", "PGA"):
        assert left(project.check(select=(entry,))) == [("a.ts", 1, "no-arbiter-index")]
        assert out(project.check(ignore=(entry,))) == [(1, "settings", None)]
    assert left(project.check(select=("PGA9",))) == []
    assert left(project.check(ignore=("PGA9",))) == [("a.ts", 1, "no-arbiter-index")]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"select": ("no-arbiter-indx",)}, 'rule "no-arbiter-indx" does not exist'),
        ({"ignore": ("PGA8",)}, 'rule "PGA8" does not exist'),
        ({"severity": {"no-arbiter-indx": "note"}}, 'setting "severity": rule "no-arbiter-indx" does not exist'),
        ({"per_path_ignores": {"*.ts": ("x",)}}, 'setting "per-path-ignores": rule "x" does not exist'),
    ],
)
def test_a_rule_that_does_not_exist_is_an_error(project: Project, settings: dict[str, object], told: str) -> None:
    project.write("a.ts", f'pool.query("{GOOD}")\n')
    with pytest.raises(SourceError) as caught:
        project.check(**settings)
    assert caught.value.message == told
    assert caught.value.hint


def test_a_severity_of_the_settings_stands_before_that_of_the_rule(project: Project) -> None:
    project.write("a.ts", SITE)
    for level in ("warning", "note"):
        assert [f.severity for f in project.check(severity={"no-arbiter-index": level}).findings] == [Severity(level)]
    assert out(project.check(severity={"PGA101": "off"})) == [(1, "settings", None)]


def test_a_rule_by_its_name_stands_before_its_family(project: Project) -> None:
    project.write("a.ts", SITE)
    chosen = {"no-arbiter-index": "warning", "PGA1": "off", "PGA10": "note"}
    assert [f.severity for f in project.check(severity=chosen).findings] == [Severity.WARNING]


def test_findings_in_tests_are_notes_unless_the_settings_say_otherwise(project: Project) -> None:
    project.write("tests/a.ts", SITE)
    assert [f.severity for f in project.check().findings] == [Severity.NOTE]
    assert [f.severity for f in project.check(severity={"PGA101": "error"}).findings] == [Severity.NOTE]
    assert [f.severity for f in project.check(note_scopes=("generated",)).findings] == [Severity.ERROR]


def test_a_rule_is_left_out_in_some_files(project: Project) -> None:
    for name in ("a.ts", "legacy/b.ts", "legacy/deep/c.ts", "src/legacy.ts"):
        project.write(name, SITE)
    report = project.check(per_path_ignores={"legacy/": ("no-arbiter-index",), "*.py": ("PGA1",)})
    assert left(report) == [("a.ts", 1, "no-arbiter-index"), ("src/legacy.ts", 1, "no-arbiter-index")]
    assert [(f.span.path, by) for f, by in report.suppressed if f.span] == [
        ("legacy/b.ts", "settings"), ("legacy/deep/c.ts", "settings"),
    ]  # fmt: skip


def test_globs_start_at_the_settings_file_wherever_the_run_does(project: Project) -> None:
    path = project.write("src/legacy/a.ts", SITE)
    chosen = {"per_path_ignores": {"/src/legacy/": ("PGA101",)}, "base": project.root}
    assert left(project.check(**chosen)) == []
    assert left(project.check(path.parent, **chosen)) == []
    assert left(project.check(path, **chosen)) == []


def test_the_settings_file_has_tables_for_them(tmp_path: Path) -> None:
    (tmp_path / "pgarbiter.toml").write_text(
        'baseline = "known/all.json"\nnote-scopes = ["test"]\n'
        '[severity]\nno-arbiter-index = "off"\n[per-path-ignores]\n"a-b/*.ts" = ["PGA1"]\n'
    )
    settings = load(tmp_path, overrides={})
    assert settings.severity == {"no-arbiter-index": "off"}
    assert settings.per_path_ignores == {"a-b/*.ts": ("PGA1",)}
    assert settings.note_scopes == ("test",)
    assert settings.baseline == str(tmp_path / "known" / "all.json")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[severity]\nPGA101 = "fatal"', 'setting "severity.PGA101"'),
        ('severity = "off"', 'setting "severity"'),
        ('note-scopes = ["app"]', 'setting "note-scopes.0"'),
        ('[per-path-ignores]\n"my_dir" = "PGA1"', 'setting "per-path-ignores.my_dir"'),
        ("per-path-ignore = {}", 'unknown setting "per-path-ignore"'),
    ],
)
def test_what_cannot_be_meant_is_an_error(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "pgarbiter.toml").write_text(text)
    with pytest.raises(SourceError) as caught:
        load(tmp_path, overrides={})
    assert told in caught.value.message


def test_the_settings_of_a_file_are_those_of_a_baseline_update_too(project: Project) -> None:
    """A finding that is left out for another reason is nothing to remember."""
    project.write("a.ts", SITE)
    project.write("legacy/b.ts", SITE)
    settings = Settings(
        database_url=project.url, in_database=False, per_path_ignores={"legacy/": ("PGA101",)},
        baseline=str(project.root / "b.json"),
    )  # fmt: skip
    found, _ = update_baseline([project.root], settings, ())
    assert [entry["path"] for entry in json.loads(found.text)["findings"]] == ["a.ts"]
