"""`pgarbiter diff` from the command line: reports, exit codes, rules, renames, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.server import Server

    from .conftest import Ended

OLD = "CREATE TABLE users (id int, name text, note text); CREATE INDEX tmp_one ON users (name);"
NEW = "CREATE TABLE users (id int, title text, note text); COMMENT ON TABLE users IS 'x';"


@pytest.fixture
def diff(
    pgarbiter: Callable[..., Ended], server18: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    """The command, on the server of the session, in a directory with two schemas."""
    known = conninfo_to_dict(server18.conninfo("postgres"))
    url = f"postgresql://{known['user']}@/postgres?host={quote(str(known['host']))}&port={known['port']}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.sql").write_text(OLD)
    (tmp_path / "new.sql").write_text(NEW)
    return lambda *options, new="sql:new.sql": pgarbiter(
        "diff", "sql:old.sql", new, "--server", url, "--superuser", *options
    )


def test_several_reports_are_written_in_one_run(diff: Callable[..., Ended]) -> None:
    ended = diff("--format", "json:out.json", "-f", "text", "-f", "markdown:out.md", "-f", "sarif:out.sarif")
    assert (ended.code, ended.err) == (1, "")
    assert "2 changes" not in ended.out
    assert "table public.users" in ended.out
    assert json.loads(Path("out.json").read_text())["summary"]["changes"] == 3
    assert Path("out.md").read_text().startswith("<!-- pgarbiter diff -->")
    assert json.loads(Path("out.sarif").read_text())["version"] == "2.1.0"


def test_one_report_goes_to_the_file_of_output(diff: Callable[..., Ended]) -> None:
    ended = diff("--format", "json", "--output", "out.json")
    assert (ended.code, ended.out) == (1, "")
    assert json.loads(Path("out.json").read_text())["schema_version"] == 1


def test_the_same_has_exit_code_0(diff: Callable[..., Ended]) -> None:
    ended = diff(new="sql:old.sql")
    assert ended.code == 0
    assert "no difference" in ended.out


@pytest.mark.parametrize(("severity", "code"), [("breaks", 0), ("destructive", 0), ("change", 1), ("cosmetic", 1)])
def test_the_exit_code_is_1_from_a_severity_on(severity: str, code: int, diff: Callable[..., Ended]) -> None:
    assert diff("--fail-on", severity).code == code


def test_rules_of_settings_and_of_the_command_line_add_up(diff: Callable[..., Ended]) -> None:
    Path("pgarbiter.toml").write_text('[diff]\nignore = ["comment"]\nfail-on = "change"\n')
    ended = diff("--ignore", "index:public.tmp_*", "--ignore", "column")
    assert ended.code == 0
    assert "no difference; 3 changes ignored" in ended.out


def test_a_rename_is_detected_given_or_left_alone(diff: Callable[..., Ended]) -> None:
    assert "> column title (was name)" in diff().out
    alone = diff("--no-renames").out
    assert "- column name text" in alone
    assert "+ column title text" in alone
    assert "> column title (was name)" in diff("--no-renames", "--rename", "public.users.name=title").out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "josn"), '"josn" is not one of text, json'),
        (("--format", "json:"), "names no file"),
        (("--format", "json", "--format", "text"), "several reports would go to the same place"),
        (("--format", "json:a", "--format", "text:./a"), "several reports would go to the same place"),
        (("--format", "json:a", "--output", "b"), "--output has no report"),
        (("--format", "json:nowhere/a.json"), 'could not write "nowhere/a.json"'),
        (("--ignore", "tabel"), 'Did you mean "table"?'),
        (("--rename", "a=b"), "Write --rename"),
        (("--fail-on", "magic"), "magic"),
        (("--app", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_refused_with_exit_code_2(
    options: tuple[str, ...], told: str, diff: Callable[..., Ended]
) -> None:
    ended = diff(*options)
    assert ended.code == 2
    assert told in ended.err
    assert not any(path.name.startswith(".") for path in Path().iterdir())


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('fail-on = "magic"', 'setting "diff.fail-on": "magic" is not one of'),
        ("ignore = 3", 'setting "diff.ignore'),
        ('ingore = ["a"]', 'unknown setting "diff.ingore"'),
        ('ignore = ["indx:*"]', 'Did you mean "index"?'),
    ],
)
def test_a_wrong_setting_is_told(setting: str, told: str, diff: Callable[..., Ended]) -> None:
    Path("pgarbiter.toml").write_text(f"[diff]\n{setting}\n")
    ended = diff()
    assert ended.code == 2
    assert told in ended.err
