"""`--format FORMAT[:FILE]` of check and scan: several reports of one run, each where it was asked for, and whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import psycopg
import pytest
from junitparser import JUnitXml

from pgarbiter.cli import check
from pgarbiter.cli.reports import Wanted, below_repository, write_each
from pgarbiter.errors import SourceError

from ..report.oasis import sarif_schema
from ..report.reading import assert_self_contained
from ..report.test_gitlab import SCHEMA as CODE_QUALITY

if TYPE_CHECKING:
    from io import StringIO

    from .conftest import Ended, Run

HOSTILE = "</script> \"q' |*_`` ](http:x) ##[error] %0A, é"
TABLE = "CREATE TABLE t (a int PRIMARY KEY, c int NOT NULL DEFAULT 0);\n"
BAD = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING;\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Part of a repository, with a bad upsert in a file and on a table of hostile names."""
    (tmp_path / ".git").mkdir()
    part = tmp_path / "apps" / "web"
    (part / "db").mkdir(parents=True)
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    (part / "db" / "schema.sql").write_text(f"{TABLE}CREATE TABLE {quoted} ({quoted} int UNIQUE, b int);\n")
    name = HOSTILE.replace("/", "_")
    (part / f"{name}.sql").write_text(f"INSERT INTO {quoted} (b) VALUES (1) ON CONFLICT (b) DO NOTHING;\n{BAD}")
    monkeypatch.chdir(part)
    return part


def _files(ended: Ended, names: dict[str, str]) -> dict[str, str]:
    assert ended.code == 1
    return {format_: Path(name).read_text("utf-8") for format_, name in names.items()}


def test_every_format_of_one_run_is_written_and_valid(pgarbiter: Run, project: Path) -> None:
    names = {format_: f"out.{format_}" for format_ in check.FORMATS if format_ != "github"}
    options = [part for format_, name in names.items() for part in ("--format", f"{format_}:{name}")]
    ended = pgarbiter("check", *options, "--format", "github")
    texts = _files(ended, names)
    assert all(str(project.parent) not in text for text in (*texts.values(), ended.out))
    assert sorted(path.name for path in project.iterdir() if path.name.startswith(".")) == []

    log = json.loads(texts["sarif"])
    jsonschema.validate(log, sarif_schema())
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["runs"][0]["results"]}
    assert all(uri.startswith("apps/web/%3C_script%3E%20%22q%27") for uri in uris)
    jsonschema.validate(json.loads(texts["gitlab"]), CODE_QUALITY)
    suites = JUnitXml.fromstring(texts["junit"].encode())  # type: ignore[no-untyped-call]
    assert (suites.tests, suites.failures) == (2, 2)
    assert_self_contained(texts["html"])
    assert json.loads(texts["json"])["findings"][0]["path"].startswith("</script>".replace("/", "_"))
    assert "2 errors" in texts["text"]
    assert texts["markdown"].startswith("<!-- pgarbiter check -->\n### pgarbiter check\n\n**2 errors")
    assert ended.out.count("\n::error file=apps/web/<_script>") == 2


def test_two_runs_give_the_same_bytes(pgarbiter: Run, project: Path) -> None:
    def run(suffix: str) -> list[str]:
        names = {format_: f"{format_}.{suffix}" for format_ in check.FORMATS}
        options = [part for format_, name in names.items() for part in ("-f", f"{format_}:{name}")]
        return list(_files(pgarbiter("check", *options, "--exclude", "*.one"), names).values())

    assert run("one") == run("two")


def test_json_and_output_work_as_they_did(pgarbiter: Run, project: Path) -> None:
    plain = pgarbiter("check", "--format", "json")
    filed = pgarbiter("check", "--format", "json", "-o", "out.json")
    named = pgarbiter("scan", "-f", "json:-", "-f", "text:out.txt")
    assert json.loads(plain.out)["findings"]
    assert (filed.out, Path("out.json").read_text()) == ("", plain.out)
    assert "2 write sites" in Path("out.txt").read_text()
    assert json.loads(named.out)["sites"]


@pytest.mark.parametrize("command", ["check", "scan"])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--format", "josn"), '"josn" is not one of text, json'),
        (("--format", "json:"), '"json:" names no file'),
        (("--format", "json:a", "--format", "json:b"), '--format "json" is given twice.'),
        (("--format", "json", "-f", "json", "-f", "json"), '--format "json" is given 3 times.'),
        (("--format", "json", "--format", "text"), "several reports would go to the same place"),
        (("--format", "json:x/../a", "--format", "text:./a"), "several reports would go to the same place"),
        (("--format", "json", "--format", "text", "-o", "a"), "several reports would go to the same place"),
        (("--format", "json:a", "--output", "b"), "--output has no report: every --format names its file."),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(
    command: str, options: tuple[str, ...], told: str, pgarbiter: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = pgarbiter(command, *options)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert list(tmp_path.iterdir()) == []


def test_formats_of_check_are_none_of_scan(pgarbiter: Run, tmp_path: Path) -> None:
    assert '"sarif" is not one of text, json' in pgarbiter("scan", tmp_path, "--format", "sarif").err


def test_all_reports_that_cannot_be_written_are_counted(pgarbiter: Run, project: Path) -> None:
    del project
    ended = pgarbiter("check", "-f", "json:no/a.json", "-f", "sarif:no/b.sarif", "-f", "junit:no/c.xml", "-f", "text")
    assert (ended.code, ended.err) == (
        2,
        'error: could not write "no/a.json": No such file or directory; nor could 2 other reports be written\n',
    )


def test_a_file_that_cannot_be_written_leaves_the_others_whole(pgarbiter: Run, project: Path) -> None:
    ended = pgarbiter("check", "-f", "json:nowhere/a.json", "-f", "sarif:out.sarif", "-f", "text")
    assert ended.code == 2
    assert 'could not write "nowhere/a.json": No such file or directory' in ended.err
    assert "2 errors" in ended.out
    assert json.loads(Path("out.sarif").read_text())["version"] == "2.1.0"
    assert not any(path.name.startswith(".") for path in project.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_files_are_written_though_standard_output_is_full(pgarbiter: Run, project: Path, monkeypatch: Any) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        ended = pgarbiter("check", "--format", "json", "--format", "junit:out.xml")
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.flush()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())  # so that it can be closed
    assert ended.code == 2
    assert "could not write the report: No space left on device" in ended.err
    assert Path(project / "out.xml").read_text().startswith("<?xml")


def test_a_report_that_breaks_leaves_nothing_behind_and_the_others_whole(tmp_path: Path, capsys: Any) -> None:
    def write(format_: str, stream: StringIO) -> None:
        stream.write("begun")
        if format_ == "sarif":
            raise SourceError("it breaks")

    with pytest.raises(SourceError, match="it breaks"):
        write_each([Wanted("text"), Wanted("sarif", tmp_path / "a"), Wanted("junit", tmp_path / "b")], write)  # type: ignore[arg-type]
    assert capsys.readouterr().out == "begun"
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("format_", check.FORMATS)
def test_what_programs_read_is_utf_8_in_any_locale(format_: str, project: Path) -> None:
    (project / "more.sql").write_text('INSERT INTO "é" (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n')
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "XDG_CACHE_HOME": str(project / "cache")}
    command = [sys.executable, "-m", "pgarbiter", "check", "more.sql", "--schema", "sql:db/schema.sql", "--format"]
    ran = [
        subprocess.run([*command, name], env=environment, capture_output=True, check=False)
        for name in (format_, f"{format_}:out")
    ]
    assert [each.returncode for each in ran] == [2, 2]  # no site is judged: there is no such table
    assert [each.stderr for each in ran] == [b"", b""]
    if format_ != "text":
        assert ran[0].stdout == (project / "out").read_bytes()


def test_paths_are_told_from_the_repository_or_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "repo" / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert below_repository(inside) == "repo/a/b"
    (tmp_path / "repo" / ".git").write_text("gitdir: elsewhere")  # as of a work tree
    assert below_repository(inside) == "a/b"
    assert below_repository(tmp_path / "repo") == ""
    monkeypatch.chdir(inside)
    assert below_repository(tmp_path) == ""


def test_fail_on_decides_which_cases_fail(pgarbiter: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "schema.sql").write_text("CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE);\n")
    (tmp_path / "x.sql").write_text("INSERT INTO t (a, b) VALUES (1, NULL) ON CONFLICT (b) DO NOTHING;\n")
    for fail_on, failures in (("error", 0), ("warning", 1)):
        ended = pgarbiter("check", tmp_path, "--schema", "sql:schema.sql", "--fail-on", fail_on, "-f", "junit")
        assert JUnitXml.fromstring(ended.out.encode()).failures == failures  # type: ignore[no-untyped-call]


def test_what_a_live_database_holds_stands_where_a_file_defines_it(
    pgarbiter: Run, tmp_path: Path, database: str
) -> None:
    insert = "  INSERT INTO t (c) VALUES (1) ON CONFLICT (c) DO NOTHING\n"
    function = f"CREATE FUNCTION {{}}() RETURNS void LANGUAGE sql AS $$\n{insert}$$;\n"
    (tmp_path / ".git").mkdir()
    (tmp_path / "made.sql").write_text(f"\n\n{function.format('made')}")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(function.format("made").encode(), prepare=False)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET check_function_bodies = off")
        connection.execute(function.format("alone").encode())
    ended = pgarbiter("check", tmp_path, "--database-url", database, "--format", "sarif", "-f", f"gitlab:{tmp_path}/gl")
    results = [r for r in json.loads(ended.out)["runs"][0]["results"] if r["ruleId"] == "no-arbiter-index"]
    places = {r["locations"][0]["logicalLocations"][0]["name"]: r["locations"][0]["physicalLocation"] for r in results}
    assert places["public.made()"]["artifactLocation"]["uri"] == "made.sql"
    assert places["public.made()"]["region"]["startLine"] == 4
    assert places["public.alone()"]["artifactLocation"]["uri"] == "database/function%20public.alone%28%29"
    paths = {issue["location"]["path"] for issue in json.loads((tmp_path / "gl").read_text())}
    assert paths == {"made.sql", "database/function public.alone()"}


@pytest.mark.parametrize(
    ("command", "report", "told"),
    [
        ("check", "html:db/schema.sql", "is a file of source code"),
        ("check", "junit:app.ts", "is a file of source code"),
        ("check", "junit:mapper.xml", "is a file of source code"),
        ("check", "json:pgarbiter.toml", "is a file of source code"),
        ("check", "json:known.json", "is read by this run"),
        ("check", "json:./state.json", "is read by this run"),
        ("scan", "json:app.ts", "is a file of source code"),
        ("gate", "markdown:app.ts", "is a file of source code"),
        ("diff", "markdown:db/schema.sql", "is a file of source code"),
        ("diff", "sql:state.json", "is read by this run"),
    ],
)
def test_no_report_overwrites_what_the_run_reads(
    command: str, report: str, told: str, pgarbiter: Run, project: Path
) -> None:
    (project / "pgarbiter.toml").write_text('schema = "snapshot:state.json"\nbaseline = "known.json"\n')
    for name, text in {
        "app.ts": "",
        "mapper.xml": '<mapper namespace="a"/>',
        "known.json": "",
        "state.json": "",
    }.items():
        (project / name).write_text(text)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    ended = pgarbiter(command, "--format", "text:new.txt", "--format", report)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_report_of_an_earlier_run_is_overwritten(pgarbiter: Run, project: Path) -> None:
    formats = ("json:a.json", "html:a.html", "junit:a.xml", "sarif:a.sarif", "markdown:a.md", "text:a")
    asked = [each for name in formats for each in ("--format", name)]
    for _ in range(2):
        (project / "a.xml").write_text("<testsuites></testsuites>")
        assert pgarbiter("check", "--schema", "sql:db", *asked).code == 1
        assert "testcase" in (project / "a.xml").read_text()
