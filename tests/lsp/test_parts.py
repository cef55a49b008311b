"""Parts of the language server by themselves: places, names as Markdown, comments in every language, and the worker."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgarbiter import Settings, check
from pgarbiter.lsp import hover
from pgarbiter.lsp.display import saved_line
from pgarbiter.lsp.folder import Placed
from pgarbiter.lsp.ignoring import comment
from pgarbiter.lsp.places import Text, path_of, uri_of
from pgarbiter.lsp.work import Stop, Superseded, Worker

if TYPE_CHECKING:
    from pgarbiter import BoundSite, Report


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@given(st.text("a😀é\r\n\x0b\u2028"), st.integers(0, 30))
def test_a_position_is_what_a_client_makes_the_same_place_of(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    found = Text(text, utf16).position(offset)
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    in_the_middle_of_an_end = text[offset - 1 : offset + 1] == "\r\n"
    if not in_the_middle_of_an_end:
        assert (found.line, found.character) == (len(before) - 1, utf16(before[-1]))


def test_a_place_that_is_not_there_any_more_is_the_end() -> None:
    text = Text("one\ntwo", utf16)
    assert text.offset(9, 1) == 7
    assert text.line(9) == ""
    assert text.position(99) == text.position(7)


@pytest.mark.parametrize("name", ["/a b/ü.py", "/a#b?c%20/😀", "/" + "x" * 300, "/\udcff.py"])
def test_paths_and_uris_are_each_others_inverse(name: str) -> None:
    assert path_of(uri_of(Path(name))) == Path(name)


@pytest.mark.parametrize("uri", ["", "untitled:a", "http://a/b", "file://host/a", "file:a", "file:///a%00b", "//a/b"])
def test_other_uris_have_no_path(uri: str) -> None:
    assert path_of(uri) is None


def test_the_line_of_the_saved_file_is_found_below_what_was_typed() -> None:
    saved = "a\nb\nc\nd\n"
    assert [saved_line("a\nnew\nb\nc\nx\n", saved, line) for line in range(1, 6)] == [1, None, 2, 3, None]
    assert saved_line(saved, saved, 3) == 3


def judged(root: Path, sql: str, source: str, url: str) -> Report:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql)
    (root / "a.sql").write_text(source)
    return check(root, Settings(database_url=url, in_database=False))


def told(report: Report) -> str:
    (bound,) = report.bound or ()
    return hover.hover(bound)


def test_hostile_names_are_no_markup(tmp_path: Path, database: str) -> None:
    name = "`|<b>*x*</b>[a](b)\n\x1b[31m\u202e$"
    report = judged(
        tmp_path,
        f'CREATE TABLE "t{name}" ("c{name}" int, d int, UNIQUE ("c{name}"));',
        f'INSERT INTO "t{name}" (d) VALUES (1) ON CONFLICT (d) DO NOTHING;',
        database,
    )
    shown = told(report)
    lines = shown.splitlines()
    row = lines[-1]
    assert len(row.replace("\\|", "").split("|")) == 5  # three cells
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "**insert into t\\`\\|\\<b>\\*x\\*\\</b>\\[a\\](b)" in lines[0]
    assert "``public.t`\\|<b>" in shown


@pytest.mark.parametrize(
    ("target", "index", "wanted"),
    [
        ("(a)", "CREATE UNIQUE INDEX i ON t (a)", "**arbiter**"),
        ("(a)", "CREATE UNIQUE INDEX i ON t (a, b)", 'also has the column "b"'),
        ("(a, b)", "CREATE UNIQUE INDEX i ON t (a)", 'lacks the column "b"'),
        ("(a)", "CREATE UNIQUE INDEX i ON t (a) WHERE b > 0", "is partial (WHERE b > 0) and the target has no WHERE"),
        ("(lower(c))", "CREATE UNIQUE INDEX i ON t (lower(c))", "**arbiter**"),
        ("(c)", "CREATE UNIQUE INDEX i ON t (lower(c))", 'lacks the column "c"; also has the expression "lower(c)"'),
        ("ON CONSTRAINT i", "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a)", "**arbiter**"),
        ("ON CONSTRAINT t_pkey", "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a)", 'is not of the constraint "t_pkey"'),
        ("(a)", "ALTER TABLE t ADD CONSTRAINT i UNIQUE (a) DEFERRABLE", "belongs to a deferrable constraint"),
        ("", "CREATE UNIQUE INDEX i ON t (a)", "a conflict with it counts, since no target is named"),
    ],
)
def test_each_unique_index_has_its_answer(target: str, index: str, wanted: str, tmp_path: Path, database: str) -> None:
    table = "CREATE TABLE t (id int PRIMARY KEY, a int, b int, c text);"
    source = f"INSERT INTO t (id, a, b, c) VALUES (1, 1, 1, 'x') ON CONFLICT {target} DO NOTHING;"
    shown = told(judged(tmp_path, f"{table} {index};", source, database))
    (row,) = [line for line in shown.splitlines() if line.startswith("| `i`")]
    assert wanted in row


def test_another_index_on_the_same_columns_says_why_it_is_not_taken(tmp_path: Path, database: str) -> None:
    schema = "CREATE TABLE t (a int UNIQUE, b int); CREATE UNIQUE INDEX i ON t (a) WHERE b > 0;"
    shown = told(judged(tmp_path, schema, "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;", database))
    assert "| is partial (WHERE b > 0) and the target has no WHERE |" in shown
    assert "| `t_a_key` | `a` | **arbiter** |" in shown


def test_a_table_without_a_unique_index_and_one_that_is_not_there_say_so(tmp_path: Path, database: str) -> None:
    source = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;"
    report = judged(tmp_path, "CREATE TABLE t (a int);", source, database)
    assert told(report).endswith("`public.t` has no unique index")
    report = judged(tmp_path, "DROP TABLE t;", source, database)
    assert "no arbiter" in told(report) or "cannot tell" in told(report)


JS = """\
export async function save(sql, a) {
  await sql`
    INSERT INTO t (a) VALUES (${a})
    ON CONFLICT (a) DO NOTHING`
}
"""
PHP = """\
<?php
DB::statement(
    "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"
);
"""
SHELL = """\
#!/bin/sh
psql \\
  -c "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"
"""
GO = """\
package a

func save(db *sql.DB) {
\tdb.Exec(`
\t\tINSERT INTO t (a)
\t\tVALUES (1)
\t\tON CONFLICT (a) DO NOTHING`)
}
"""
SQL = "SELECT 1;\nINSERT INTO t (a)\nVALUES (1)\nON CONFLICT (a) DO NOTHING;\n"
PYTHON = 'def f(c):\n    c.execute("""\n        INSERT INTO t (a) VALUES (1)\n        ON CONFLICT (a) DO NOTHING""")\n'


@pytest.mark.parametrize(
    ("name", "source"),
    [("a.js", JS), ("a.php", PHP), ("a.sh", SHELL), ("a.go", GO), ("a.sql", SQL), ("a.py", PYTHON)],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_comment_stands_where_the_language_has_comments(
    name: str, source: str, end: str, tmp_path: Path, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
    source = source.replace("\n", end)
    (tmp_path / name).write_bytes(source.encode())
    settings = Settings(database_url=database, in_database=False)
    report = check(tmp_path, settings)
    finding = next(one for one in report.findings if one.code == "PGA101")
    assert finding.span is not None
    bound: BoundSite = next(one for one in report.bound or () if one.site.id == finding.site)
    edit = comment(Placed(finding, finding.span, bound), name, Text(source, utf16))
    if edit is None:  # no line above it can have a comment
        assert name == "a.sh"
        return
    lines = source.splitlines(keepends=True)
    lines.insert(edit.range.start.line, edit.new_text.replace("...", "nothing else writes there"))
    assert edit.new_text.endswith(end)
    (tmp_path / name).write_bytes("".join(lines).encode())
    after = check(tmp_path, settings)
    assert (after.findings, [(one.code, by) for one, by in after.suppressed]) == ((), [("PGA101", "comment")])
    assert [one.site.write for one in after.bound or ()] == [replace(one.site.write) for one in report.bound or ()]


def test_a_file_without_comments_is_offered_none(tmp_path: Path, database: str) -> None:
    report = judged(
        tmp_path, "CREATE TABLE t (a int)", "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING", database
    )
    (finding,) = report.findings
    assert finding.span is not None
    placed = Placed(finding, finding.span, None)
    assert comment(placed, "a.txt", Text("", utf16)) is None
    assert comment(placed, "b.sql", Text("", utf16)) is None


def test_a_job_gives_way_to_the_next_of_its_kind_and_to_no_other() -> None:
    worker, done = Worker(), []

    def job(stop: Stop) -> str:
        done.append(threading.current_thread().name)
        for number in range(1000):
            stop.progress("work", number, 1000)
            time.sleep(0.001)
        return "done"

    async def session() -> list[str | None]:
        first = asyncio.ensure_future(worker.latest("a", job, 0))
        await asyncio.sleep(0.1)
        second = asyncio.ensure_future(worker.latest("a", job, 0))
        third = asyncio.ensure_future(worker.latest("b", lambda _: "other", 0))
        return [await first, await second, await third]

    assert asyncio.run(session()) == [None, "done", "other"]
    assert len(done) == 2
    assert {*done} == {"pgarbiter_0"}
    worker.close(5)


def test_closing_ends_a_job_where_it_reports_progress() -> None:
    worker, ended = Worker(), threading.Event()

    def job(stop: Stop) -> None:
        try:
            while True:
                stop.progress("work", 0, 1)
                time.sleep(0.001)
        except Superseded:
            ended.set()
            raise

    async def session() -> None:
        running = asyncio.ensure_future(worker.latest("a", job, 0))
        await asyncio.sleep(0.1)
        worker.close(5)
        assert await running is None

    asyncio.run(session())
    assert ended.is_set()


def test_what_goes_wrong_in_a_job_is_raised_to_whoever_waits_for_it() -> None:
    worker = Worker()

    def job(stop: Stop) -> None:
        raise ZeroDivisionError

    async def session() -> None:
        with pytest.raises(ZeroDivisionError):
            await worker.latest("a", job, 0)
        assert await worker.latest("a", lambda _: 1, 0) == 1

    asyncio.run(session())
    worker.close(5)
