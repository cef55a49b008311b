"""Triggers in files that the schema source does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.rules.model import Severity
from pgarbiter.run import check
from pgarbiter.settings import Settings
from pgarbiter.sql import row_trigger

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMA = "CREATE TABLE posts (id int PRIMARY KEY, link text NOT NULL);\n"
_INSERT = "INSERT INTO posts (id) VALUES (1) ON CONFLICT (id) DO NOTHING;\n"
_TRIGGER = (
    "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.link := 'x'; RETURN NEW; END $$;\n"
    "CREATE TRIGGER fill BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION fill();\n"
)


def _severities(root: Path, files: dict[str, str]) -> list[Severity]:
    for name, text in {"migrations/1.sql": _SCHEMA, "queries/save.sql": _INSERT, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = check([root], Settings(schema="sql:migrations")).findings
    return [one.severity for one in found if one.code == "PGA202"]


def test_a_missing_value_is_certain_without_a_trigger(tmp_path: Path) -> None:
    assert _severities(tmp_path, {}) == [Severity.ERROR]


def test_a_trigger_in_another_file_may_fill_what_is_missing(tmp_path: Path) -> None:
    assert _severities(tmp_path, {"replaceable/triggers.sql": _TRIGGER}) == [Severity.NOTE]


@pytest.mark.parametrize(
    "files",
    [
        {"replaceable/triggers.sql": _TRIGGER.replace("BEFORE", "AFTER")},
        {"replaceable/triggers.sql": _TRIGGER.replace("ON posts", "ON other")},
        {"migrations/2.sql": _TRIGGER, "migrations/3.sql": "DROP TRIGGER fill ON posts;\n"},
    ],
    ids=["after the row", "on another table", "dropped by a later migration"],
)
def test_a_trigger_that_cannot_fill_it_changes_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    assert _severities(tmp_path, files) == [Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("CREATE OR REPLACE TRIGGER x BEFORE UPDATE OR INSERT ON s.t FOR EACH ROW EXECUTE FUNCTION f()", ("s", "t")),
        ("CREATE TRIGGER x BEFORE INSERT ON t EXECUTE FUNCTION f()", None),
        ("CREATE TRIGGER x BEFORE DELETE ON t FOR EACH ROW EXECUTE FUNCTION f()", None),
        ("CREATE TABLE trigger_log (a int)", None),
        ("CREATE TRIGGER nonsense", None),
    ],
)
def test_the_table_of_a_trigger_before_rows_are_inserted(text: str, table: tuple[str, str] | None) -> None:
    found = row_trigger(text)
    assert (found and (found.schema, found.name)) == table
