"""The public API: the names on its page are those that exist, its examples run, and scripts are type-checked by it."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pgarbiter

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "api.md"


def test_the_page_names_exactly_the_public_names() -> None:
    named = set(re.findall(r"^\| `(\w+)", PAGE.read_text(), re.MULTILINE))
    named |= {name for name in re.findall(r"`(\w+)`", PAGE.read_text()) if name in pgarbiter.__all__}
    assert set(pgarbiter.__all__) == named
    assert sorted(pgarbiter.__all__) == pgarbiter.__all__


def test_each_public_name_is_there_and_says_what_it_is() -> None:
    for name in pgarbiter.__all__:
        thing = getattr(pgarbiter, name)
        assert thing.__doc__, name
        assert thing.__module__.startswith("pgarbiter."), name


def test_the_examples_of_the_page_do_what_it_says(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    ended = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert not capsys.readouterr().out
    assert ended.failed == 0
    assert ended.attempted > 10


def test_a_script_that_uses_it_passes_a_strict_type_checker(tmp_path: Path) -> None:
    script = """
        from typing import Any

        import psycopg

        from pgarbiter import (
            BoundSite, Catalog, Diff, Explanation, Finding, Outcome, PgArbiterError, Report, Settings, Severity,
            Verdict, WriteSite, check, diff, explain, read_catalog, scan,
        )


        def errors(report: Report) -> list[Finding]:
            return [finding for finding in report.findings if finding.severity is Severity.ERROR]


        def verdicts(bounds: tuple[BoundSite, ...]) -> list[tuple[WriteSite, Verdict]]:
            return [(bound.site, bound.verdict) for bound in bounds if bound.verdict.outcome is Outcome.NO_MATCH]


        def main(connection: psycopg.Connection[Any]) -> int:
            settings = Settings(schema="sql:db", ignore=("PGA301",))
            try:
                report: Report = check(["src"], settings)
                found: Report = scan("src")
            except PgArbiterError as error:
                print(error.message, error.hint)
                return 2
            explained: Explanation = explain(connection, "SELECT 1")
            catalog: Catalog = read_catalog(connection)
            changed: Diff = diff("sql:old.sql", "sql:new.sql", settings, root="db")
            reveal_type(report.findings[0].message)
            print(len(found.sites), explained.arbiters, catalog.version, len(changed.changes))
            print(verdicts(report.bound or ()))
            return len(errors(report))
        """
    (line,) = checked(tmp_path, script)
    assert line.endswith('note: Revealed type is "str"')


def test_a_script_that_misuses_it_does_not(tmp_path: Path) -> None:
    script = """
        from pgarbiter import Settings, check, nothing

        settings = Settings(scheme="sql:db")
        check(1)
        print(check("src").findings[0].mesage)
        """
    lines = [line.split(":")[1] for line in checked(tmp_path, script) if "error:" in line]
    assert lines == ["1", "3", "4", "5"]


def checked(directory: Path, script: str) -> list[str]:
    """What a type checker says of a user's script; it is as strict as with the package itself, and shares its cache."""
    path = directory / "script.py"
    path.write_text(dedent(script).lstrip("\n"))
    command = [sys.executable, "-m", "mypy", "--config-file=pyproject.toml", path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return [line for line in done.stdout.splitlines() if line.startswith(str(path))]
