"""Statements of migrations are judged when they run, and only then with their full severity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgarbiter import Settings, check
from pgarbiter.rules.model import Severity

if TYPE_CHECKING:
    from pathlib import Path

CREATE = "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL DEFAULT 0);\n"


def findings(root: Path, files: dict[str, str]) -> list[Any]:
    (root / "migrations").mkdir()
    (root / ".git").mkdir()
    for name, text in files.items():
        (root / "migrations" / name).write_text(text)
    return [(f.code, f.severity, f.span.line) for f in check(root, Settings(cache=False)).findings if f.span]


def test_an_upsert_that_was_right_when_its_migration_ran_is_no_finding(tmp_path: Path) -> None:
    seed = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n"
    assert findings(tmp_path, {"1.sql": CREATE + seed, "2.sql": "ALTER TABLE t DROP CONSTRAINT t_pkey;\n"}) == []


def test_an_upsert_that_was_wrong_when_its_migration_ran_is_an_error(tmp_path: Path) -> None:
    seed = "INSERT INTO t (a) VALUES (1)\nON CONFLICT (b) DO NOTHING;\n"
    later = "CREATE UNIQUE INDEX ON t (b);\n"
    assert findings(tmp_path, {"1.sql": CREATE + seed, "2.sql": later}) == [("PGA101", Severity.ERROR, 3)]


def test_a_plain_insert_that_ran_is_no_finding(tmp_path: Path) -> None:
    seed = "INSERT INTO t (a, b) VALUES (1, 2);\n"
    assert findings(tmp_path, {"1.sql": CREATE + seed, "2.sql": "ALTER TABLE t DROP COLUMN b;\n"}) == []


def test_a_plain_insert_that_did_not_run_is_noted(tmp_path: Path) -> None:
    seed = "INSERT INTO t (a, c) VALUES (1, 2);\n"
    assert findings(tmp_path, {"1.sql": CREATE + seed}) == [("PGA002", Severity.NOTE, 2)]


def test_an_upsert_inside_a_do_block_is_judged_when_the_block_runs(tmp_path: Path) -> None:
    block = "DO $$\nBEGIN\n  INSERT INTO t (a) VALUES (1)\n  ON CONFLICT (a) DO NOTHING;\nEND $$;\n"
    assert findings(tmp_path, {"1.sql": CREATE + block, "2.sql": "ALTER TABLE t DROP CONSTRAINT t_pkey;\n"}) == []


def _function(conflict: str) -> str:
    body = f"BEGIN\n  INSERT INTO t (a) VALUES (1)\n  ON CONFLICT ({conflict}) DO NOTHING;\nEND"
    return f"CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$\n{body} $$;\n"


def test_a_function_that_was_right_when_its_migration_ran_is_judged_on_the_final_schema(tmp_path: Path) -> None:
    later = "ALTER TABLE t DROP CONSTRAINT t_pkey;\n"
    assert findings(tmp_path, {"1.sql": CREATE + _function("a"), "2.sql": later}) == [("PGA101", Severity.ERROR, 5)]


def test_a_function_that_was_made_before_its_index_is_no_finding(tmp_path: Path) -> None:
    later = "CREATE UNIQUE INDEX ON t (b);\n"
    assert findings(tmp_path, {"1.sql": CREATE + _function("b"), "2.sql": later}) == []


def test_a_superseded_function_is_no_more_than_a_note(tmp_path: Path) -> None:
    files = {"1.sql": CREATE + _function("b"), "2.sql": _function("a")}
    assert {severity for _, severity, _ in findings(tmp_path, files)} == {Severity.NOTE}
