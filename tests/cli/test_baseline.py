"""`pgarbiter baseline update`, and `check` with what it wrote."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

TABLE = "CREATE TABLE t (a int PRIMARY KEY, c int);\n"
BAD = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING;\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one upsert that has no arbiter, and its own directory as the current one."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "schema.sql").write_text(TABLE)
    (tmp_path / "a.sql").write_text(BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_old_project_starts_today(pgarbiter: Run, project: Path) -> None:
    assert pgarbiter("check").code == 1
    written = pgarbiter("baseline", "update")
    assert written.code == 0
    assert written.out.splitlines()[0] == "pgarbiter-baseline.json: 1 known, +1 -0"
    ended = pgarbiter("check", "--baseline", "pgarbiter-baseline.json")
    assert ended.code == 0
    assert "no other findings at 1 write site" in ended.out
    assert "1 finding in the baseline" in ended.out
    (project / "b.sql").write_text(BAD)
    ended = pgarbiter("check", "--baseline", "pgarbiter-baseline.json", "--format", "json")
    assert ended.code == 1
    assert [f["path"] for f in json.loads(ended.out)["findings"]] == ["b.sql"]
    assert [(f["path"], f["by"]) for f in json.loads(ended.out)["suppressed"]] == [("a.sql", "baseline")]


def test_the_settings_name_the_file_once_for_both(pgarbiter: Run, project: Path) -> None:
    (project / "pgarbiter.toml").write_text('schema = "sql:db"\nbaseline = "db/known.json"\n')
    ended = pgarbiter("check")
    assert (ended.code, ended.err.splitlines()[1]) == (2, "hint: `pgarbiter baseline update` writes it.")
    assert pgarbiter("baseline", "update").out == "db/known.json: 1 known, +1 -0\n"
    assert pgarbiter("check").code == 0


def test_entries_that_are_gone_are_told_and_are_no_error(pgarbiter: Run, project: Path) -> None:
    pgarbiter("baseline", "update")
    (project / "a.sql").write_text(BAD.replace("(c) DO", "(a) DO"))
    ended = pgarbiter("check", "--baseline", "pgarbiter-baseline.json")
    assert (ended.code, "1 entry of the baseline is gone: run `pgarbiter baseline update`" in ended.out) == (0, True)
    assert pgarbiter("baseline", "update").out.splitlines()[0] == "pgarbiter-baseline.json: 0 known, +0 -1"


def test_a_run_that_could_not_judge_leaves_the_baseline_as_it_was(pgarbiter: Run, project: Path) -> None:
    pgarbiter("baseline", "update")
    before = (project / "pgarbiter-baseline.json").read_bytes()
    (project / "db" / "schema.sql").write_text("CREATE TABLE other (a int);\n")
    ended = pgarbiter("baseline", "update")
    assert (ended.code, ended.out) == (2, "")
    assert "could not be judged" in ended.err
    assert (project / "pgarbiter-baseline.json").read_bytes() == before


def test_a_baseline_hides_no_error_of_running(pgarbiter: Run, project: Path) -> None:
    pgarbiter("baseline", "update")
    (project / "db" / "schema.sql").write_text("CREATE TABLE other (a int);\n")
    assert pgarbiter("check", "--baseline", "pgarbiter-baseline.json").code == 2


@pytest.mark.parametrize("text", ["", "{}", '{"schema_version": 9}'])
def test_a_file_that_is_no_baseline_ends_with_2_and_is_not_overwritten(
    pgarbiter: Run, project: Path, text: str
) -> None:
    (project / "known.json").write_text(text)
    for command in (("check",), ("baseline", "update")):
        ended = pgarbiter(*command, "--baseline", "known.json")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("error: ")
        assert "hint: " in ended.err
    assert (project / "known.json").read_text() == text


def test_a_place_that_cannot_be_written_is_one_clear_error(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("baseline", "update", "--baseline", project / "no" / "known.json")
    assert (ended.code, ended.err) == (
        2,
        f'error: could not write "{project}/no/known.json": No such file or directory\n',
    )


def test_what_is_left_out_is_listed_in_full_when_asked(pgarbiter: Run, project: Path) -> None:
    (project / "a.sql").write_text(f"-- pgarbiter: ignore[PGA101] because it is elsewhere\n{BAD}")
    ended = pgarbiter("check", "-v")
    assert ended.code == 0
    assert "1 finding ignored by comment" in ended.out
    assert "by comment, because it is elsewhere" in ended.out
    (found,) = json.loads(pgarbiter("check", "--format", "json").out)["suppressed"]
    assert (found["by"], found["reason"]) == ("comment", "it is elsewhere")
