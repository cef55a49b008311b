"""`pgarbiter explain --error`, as it is called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from .conftest import Run

MISSING = "Could not find the '{}' column of 't' in the schema cache"


@pytest.mark.parametrize(
    ("text", "code", "situation"),
    [
        (MISSING.format("a"), 0, "cache"),
        (MISSING.format("b\x1b[31m"), 1, "absent"),
        ("SQLSTATE 42703", 2, "unknown"),
    ],
)
def test_the_exit_code_says_whether_a_reload_is_enough(
    pgarbiter: Run, database: str, monkeypatch: pytest.MonkeyPatch, text: str, code: int, situation: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
    monkeypatch.setenv("PGARBITER_EXPLAIN_DATABASE_URL", database)
    told = pgarbiter("explain", "--error", text, "--format", "json")
    assert (told.code, json.loads(told.out)["situation"]) == (code, situation)
    plain = pgarbiter("explain", "--error", text)
    assert plain.code == code
    assert "\x1b" not in plain.out


def test_it_excludes_the_other_questions(pgarbiter: Run) -> None:
    done = pgarbiter("explain", "a.sql:1", "--error", "42P10")
    assert done.code == 2
    assert "--error" in done.err


def test_a_text_without_an_error_is_told_before_any_schema_is_loaded(pgarbiter: Run) -> None:
    done = pgarbiter("explain", "--error", "all is well", "--schema", "sql:nowhere")
    assert done.code == 2
    assert "no error that is known" in done.err
