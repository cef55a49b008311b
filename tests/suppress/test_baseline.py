"""What is known stays out, what is new does not, and files are edited meanwhile."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.errors import SourceError
from pgarbiter.run import update_baseline
from pgarbiter.settings import Settings
from pgarbiter.suppress import read

from .conftest import BAD, GOOD, TABLE, Project, left, out

if TYPE_CHECKING:
    from pathlib import Path

SITE = f'pool.query("{BAD}")\n'
OTHER = SITE.replace("(a, c)", "(a, b, c)").replace("1, 2", "1, 2, 3")


def git(root: Path, *arguments: str) -> None:
    """Runs git there as nobody in particular."""
    named = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(root), *named, *arguments], check=True, capture_output=True)


def committed(project: Project, message: str) -> None:
    git(project.root, "add", "-A")
    git(project.root, "commit", "-qm", message)


def known(project: Project, *paths: Path, **settings: Any) -> tuple[int, int]:
    """Writes the baseline; how many findings were new to it, and how many are gone."""
    place = project.root / "known.json"
    chosen = {"in_database": False, "cache": False, **settings}
    found, _ = update_baseline(
        paths or [project.root],
        Settings(database_url=project.url, baseline=str(place), **chosen),
        read(place) if place.exists() else (),
    )
    place.write_text(found.text)
    return found.new, found.gone


def checked(project: Project, *paths: Path, **settings: Any) -> tuple[list[tuple[str | None, int, str]], int | None]:
    """What is left, and how many entries are gone."""
    report = project.check(*paths, baseline=str(project.root / "known.json"), **settings)
    return left(report), report.gone


def test_what_is_known_is_left_out_and_counted(project: Project) -> None:
    project.write("a.ts", SITE)
    assert known(project) == (1, 0)
    report = project.check(baseline=str(project.root / "known.json"))
    assert (left(report), out(report), report.gone) == ([], [(1, "baseline", None)], 0)


def test_edits_elsewhere_in_the_file_change_nothing(project: Project) -> None:
    project.write("a.ts", SITE + OTHER)
    known(project)
    project.write("a.ts", f"// new\n\n{OTHER}const x = 1\nfunction f() {{\n    {SITE}}}\npool.query('{GOOD}')\n")
    assert checked(project) == ([], 0)


def test_edits_elsewhere_in_the_file_leave_the_bytes_of_the_baseline(project: Project) -> None:
    project.write("a.ts", SITE + OTHER)
    known(project)
    first = (project.root / "known.json").read_bytes()
    assert not re.search(rb'"line"|a\.ts:', first)
    project.write("a.ts", f"// new\n\n{OTHER}const x = 1\n{SITE}")
    assert known(project) == (0, 0)
    assert (project.root / "known.json").read_bytes() == first


def test_a_file_of_an_earlier_version_is_read_and_written_without_its_lines(project: Project) -> None:
    project.write("a.ts", SITE)
    known(project)
    place = project.root / "known.json"
    first = place.read_text()
    place.write_text(first.replace('"message"', '"line": 7, "message"'))
    assert checked(project) == ([], 0)
    assert known(project) == (0, 0)
    assert place.read_text() == first


def test_branches_that_change_different_files_merge(project: Project) -> None:
    git(project.root, "init", "-q", "-b", "main")
    for name in "abcdef":
        project.write(f"{name}.ts", SITE)
    known(project)
    committed(project, "start")
    git(project.root, "switch", "-q", "-c", "other")
    project.write("a.ts", f"// edited\n{SITE}{OTHER}")
    known(project)
    committed(project, "other")
    git(project.root, "switch", "-q", "main")
    project.write("b.ts", f"// edited, too\n{SITE}")
    project.write("e.ts", f"const x = 1\n{OTHER}")
    known(project)
    committed(project, "main")
    git(project.root, "merge", "-q", "other")
    assert checked(project) == ([], 0)
    merged = (project.root / "known.json").read_bytes()
    known(project)
    assert (project.root / "known.json").read_bytes() == merged


def test_a_second_statement_like_it_is_new(project: Project) -> None:
    project.write("a.ts", SITE)
    known(project)
    project.write("a.ts", SITE + SITE)
    assert checked(project) == ([("a.ts", 2, "no-arbiter-index")], 0)
    project.write("a.ts", SITE)
    project.write("b.ts", SITE)
    assert checked(project) == ([("b.ts", 1, "no-arbiter-index")], 0)


def test_another_statement_is_new_also_where_an_old_one_is_gone(project: Project) -> None:
    project.write("a.ts", SITE)
    known(project)
    project.write("a.ts", OTHER)
    assert checked(project) == ([("a.ts", 1, "no-arbiter-index")], 1)


def test_a_file_that_moves_takes_its_findings_along(project: Project) -> None:
    path = project.write("a.ts", SITE)
    known(project)
    path.rename(project.root / "moved.ts")
    assert checked(project) == ([], 0)
    assert known(project) == (0, 0)
    assert [entry.path for entry in read(project.root / "known.json")] == ["moved.ts"]


def test_entries_that_are_gone_are_counted_and_pruned(project: Project) -> None:
    project.write("a.ts", SITE + OTHER)
    known(project)
    project.write("a.ts", SITE + SITE)
    assert checked(project) == ([("a.ts", 2, "no-arbiter-index")], 1)
    assert known(project) == (1, 1)
    assert checked(project) == ([], 0)


def test_what_was_not_looked_at_is_not_gone_and_stays(project: Project) -> None:
    here, there = project.write("here/a.ts", SITE), project.write("there/b.ts", OTHER)
    known(project)
    there.write_text(f'pool.query("{GOOD}")\n')
    here.write_text(f'pool.query("{GOOD}")\n')
    assert checked(project, here.parent) == ([], 1)
    assert checked(project, exclude=("here/", "there/")) == ([], 0)
    assert checked(project, select=("unused-ignore",)) == ([], 0)
    assert known(project, here) == (0, 1)
    assert [entry.path for entry in read(project.root / "known.json")] == ["there/b.ts"]


def test_the_root_of_a_run_is_no_part_of_a_fingerprint(project: Project) -> None:
    path = project.write("src/a.ts", SITE)
    known(project)
    assert checked(project, path) == checked(project, path.parent) == checked(project) == ([], 0)


def test_a_finding_that_names_more_than_it_did_is_new(project: Project, database: str) -> None:
    mine = Project(project.root, database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute("ALTER TABLE t ADD n int NOT NULL, ADD o int NOT NULL")
        mine.write("a.ts", f'pool.query("{GOOD}")\n')
        known(mine)
        connection.execute("ALTER TABLE t DROP o")
        assert checked(mine) == ([], 0)
        connection.execute("ALTER TABLE t ADD m int NOT NULL")
    assert checked(mine) == ([("a.ts", 1, "not-null-not-covered")], 1)


def test_the_same_findings_give_the_same_bytes(project: Project) -> None:
    project.write("a.ts", SITE)
    project.write("b.ts", OTHER)
    known(project)
    first = (project.root / "known.json").read_bytes()
    known(project)
    assert (project.root / "known.json").read_bytes() == first
    assert [json.loads(line.rstrip(","))["path"] for line in first.decode().splitlines()[3:5]] == ["a.ts", "b.ts"]


def test_names_of_any_kind_are_kept(project: Project) -> None:
    project.write('odd "name"\u2028 \u00fc.ts', SITE)
    known(project)
    assert (project.root / "known.json").read_text("ascii")
    assert checked(project) == ([], 0)


def test_a_function_of_the_database_is_known_by_its_name(project: Project, database: str) -> None:
    body = f"CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n%s {BAD}; END $$"
    mine = Project(project.root, database)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(body % "")
        known(mine, in_database=True)
        connection.execute(body % "PERFORM 1;\n")
        report = mine.check(in_database=True, baseline=str(project.root / "known.json"))
        assert (left(report), report.gone) == ([], 0)
        connection.execute((body % "").replace("f()", "g()"))
    report = mine.check(in_database=True, baseline=str(project.root / "known.json"))
    assert [f.span.inside for f in report.findings if f.span] == ["function public.g()"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{\n<<<<<<< HEAD\n  "a": 1\n=======\n>>>>>>> other\n}', "holds an unresolved merge conflict"),
        ("[]", "is no baseline"),
        ('{"findings": []}', "is no baseline"),
        ('{"schema_version": true, "findings": []}', "is no baseline"),
        ('{"schema_version": 2, "findings": []}', "has version 2, and this pgarbiter reads 1"),
        ('{"schema_version": 1, "findings": {}}', "is no baseline"),
        ('{"schema_version": 1, "findings": [3]}', "the entry of finding 1 is missing or malformed"),
        ('{"schema_version": 1, "findings": [{"fingerprint": 3}]}', "the fingerprint of finding 1 is missing"),
    ],
)
def test_a_file_that_is_no_baseline_is_a_clear_error(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        read(path)
    assert told in caught.value.message
    assert caught.value.hint


def test_a_baseline_that_is_not_there_is_a_clear_error(project: Project) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        checked(project)
