"""The report of an earlier run stands for as long as nothing has changed, and changes nothing but the time."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter import earlier, run
from pgarbiter.report.json import build as document
from pgarbiter.report.json import dumped
from pgarbiter.run import check
from pgarbiter.settings import Database, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TABLE = "CREATE TABLE t (a int PRIMARY KEY, c int);\n"
BAD = 'pool.query("INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING")\n'


class Runs:
    """Runs of one project, which remember how many of them have looked at it anew."""

    def __init__(self, root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root, self.cache, self.anew = root, cache, 0
        whole = run._found_anew

        def counted(*given: Any, **named: Any) -> Any:
            self.anew += 1
            return whole(*given, **named)

        monkeypatch.setattr(run, "_found_anew", counted)
        monkeypatch.setattr(earlier, "_code", lambda: iter(["this code"]))  # nobody edits it while tests run

    def run(self, **settings: Any) -> tuple[str, bool]:
        """The report, and whether it was made anew."""
        before = self.anew
        settings = {"schema": "sql:db", "cache_dir": self.cache, "in_database": False, **settings}
        told = dumped(document(check([self.root], Settings(**settings))))
        return told, self.anew > before

    def settle(self) -> None:
        """Wait until what was written is older than the clock's tick, and let a run keep its report."""
        time.sleep(0.11)
        self.run()
        assert not self.run()[1]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "db").mkdir()
    (root / "db" / "schema.sql").write_text(TABLE)
    (root / "a.ts").write_text(BAD)
    return Runs(root, tmp_path / "cache", monkeypatch)


def test_a_run_of_an_unchanged_project_says_the_same_without_looking_anew(runs: Runs) -> None:
    time.sleep(0.11)
    first, second = runs.run(), runs.run()
    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0]
    assert json.loads(first[0])["findings"]


def _same_size(runs: Runs) -> None:
    path = runs.root / "a.ts"
    status = path.stat()
    path.write_text(BAD.replace("(c) DO", "(a) DO"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replaced(runs: Runs) -> None:
    other = runs.root.parent / "other.ts"
    other.write_text(BAD.replace("(c) DO", "(a) DO"))
    other.replace(runs.root / "a.ts")


CHANGES: dict[str, Callable[[Runs], object]] = {
    "an edit of the same size and time": _same_size,
    "another file in its place": _replaced,
    "a new file": lambda runs: (runs.root / "b.ts").write_text(BAD),
    "a file that is gone": lambda runs: (runs.root / "a.ts").unlink(),
    "a file with another name": lambda runs: (runs.root / "a.ts").rename(runs.root / "c.ts"),
    "the schema": lambda runs: (runs.root / "db" / "schema.sql").write_text(TABLE + "CREATE UNIQUE INDEX ON t (c);\n"),
    "one more migration": lambda runs: (runs.root / "db" / "b.sql").write_text("CREATE UNIQUE INDEX ON t (c);\n"),
    "what git leaves out": lambda runs: (runs.root / ".gitignore").write_text("a.ts\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_has_the_project_looked_at_anew(runs: Runs, change: str) -> None:
    runs.settle()
    CHANGES[change](runs)
    told, anew = runs.run()
    assert anew
    assert told == runs.run(cache=False)[0]


def test_a_schema_outside_of_the_project_is_known_by_its_contents(runs: Runs, tmp_path: Path) -> None:
    place = tmp_path / "elsewhere.sql"
    place.write_text(TABLE)
    time.sleep(0.11)
    assert [runs.run(schema=f"sql:{place}")[1] for _ in range(2)] == [True, False]
    place.write_text(TABLE + "CREATE UNIQUE INDEX ON t (c);\n")
    told, anew = runs.run(schema=f"sql:{place}")
    assert anew
    assert "no-arbiter-index" not in told


def test_other_code_is_another_question(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.settle()
    monkeypatch.setattr(earlier, "_code", lambda: iter(["other code"]))
    assert runs.run()[1]


def test_the_code_is_known_by_its_files() -> None:
    told = list(earlier._code())
    assert any("/earlier.py " in part for part in told)
    assert any("/rules/no_arbiter_index.py " in part for part in told)


def test_a_file_of_no_language_counts_when_it_was_read(runs: Runs) -> None:
    for name in ("package.json", "notes.txt"):
        (runs.root / name).write_text("{}")
    (runs.root / "lib.ts").write_text('export const T = "t"\n')
    (runs.root / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"@x": ["./lib.ts"]}}}')
    (runs.root / "b.ts").write_text('import { T } from "@x"\n' + BAD.replace('"', "`").replace("INTO t ", "INTO ${T} "))
    runs.settle()
    (runs.root / "notes.txt").write_text("{ }")
    assert not runs.run()[1]
    (runs.root / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"@x": ["./bil.ts"]}}}')
    assert runs.run()[1]


@pytest.mark.parametrize(
    "settings",
    [
        {"select": ("PGA2",)},
        {"severity": {"PGA101": "note"}},
        {"exclude": ("b.ts",)},
        {"search_path": ("public", "x")},
        {"note_scopes": ()},
        {"database": (Database(name="x", paths=("x/",), schema="sql:db"),)},
    ],
)
def test_other_settings_are_another_question(runs: Runs, settings: dict[str, Any]) -> None:
    runs.settle()
    told, anew = runs.run(**settings)
    assert anew
    assert told == runs.run(**settings, cache=False)[0]


def test_what_is_applied_afterwards_is_not(runs: Runs) -> None:
    runs.settle()
    told, anew = runs.run(per_path_ignores={"*.ts": ("PGA1",)}, fail_on="note")
    assert (anew, json.loads(told)["findings"]) == (False, [])


def test_a_file_that_was_just_written_is_not_trusted(runs: Runs) -> None:
    (runs.root / "a.ts").write_text(BAD)
    runs.run()
    assert runs.run()[1]


def test_a_report_that_was_changed_or_that_others_may_write_counts_as_absent(runs: Runs) -> None:
    runs.settle()
    (kept,) = (runs.cache / "reports").iterdir()
    data = kept.read_bytes()
    for broken in (b"", data[:-1], data[:-1] + b"x", data[:80]):
        kept.write_bytes(broken)
        assert runs.run()[1]
        assert kept.read_bytes() == data
    kept.chmod(0o666)
    assert runs.run()[1]


def test_a_pickle_of_anything_else_is_refused(runs: Runs) -> None:
    """A file with the right sums, as nobody but us can write it, still makes no other types."""
    runs.settle()
    (kept,) = (runs.cache / "reports").iterdir()
    body = pickle.dumps((print, ()))
    data = kept.read_bytes()
    head = data[: len(earlier._MAGIC) + 32]
    kept.write_bytes(head + hashlib.sha256(body).digest() + body)
    assert runs.run()[1]


def test_a_live_database_a_file_or_several_paths_are_looked_at_each_time(runs: Runs, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE.encode())
    time.sleep(0.11)
    assert [runs.run(schema=None, database_url=database)[1] for _ in range(2)] == [True, True]
    chosen = Settings(schema="sql:db", cache_dir=runs.cache, in_database=False)
    for paths in ([runs.root / "a.ts"], [runs.root, runs.root / "db"]):
        before = runs.anew
        check(paths, chosen)
        check(paths, chosen)
        assert runs.anew - before == 2


def test_a_cache_that_cannot_be_written_is_no_error(runs: Runs) -> None:
    runs.cache.write_text("a file")
    assert [runs.run()[1] for _ in range(2)] == [True, True]


PRISMA = """datasource db {
  provider = "postgresql"
}
model Thing {
  a Int @id
  c Int @unique
  @@map("t")
}
"""
UPSERT = """import { PrismaClient } from "@prisma/client";
const prisma = new PrismaClient();
export const save = () => prisma.thing.upsert({ where: { c: 1 }, create: { a: 1, c: 1 }, update: {} });
"""


def test_a_part_is_looked_at_anew_when_a_file_beside_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "whole"
    for name, text in {"package.json": "{}", "prisma/schema.prisma": PRISMA, "src/a.ts": UPSERT}.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    (top / ".git").mkdir()
    (top / "src" / "db").mkdir()
    (top / "src" / "db" / "schema.sql").write_text(TABLE)
    runs = Runs(top / "src", tmp_path / "cache", monkeypatch)
    runs.settle()
    assert '"table": "t"' in runs.run()[0]
    (top / "prisma" / "schema.prisma").write_text(PRISMA.replace('"t"', '"u"'))
    told, anew = runs.run()
    assert anew
    assert '"table": "u"' in told
