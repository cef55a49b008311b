"""`pgarbiter erd`: whole schemas, some tables, and the tables that an application writes to."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

SCHEMA = """
    CREATE TABLE users (id int PRIMARY KEY, email text);
    CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users);
    CREATE TABLE "Log" (at date);
"""


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "schema.sql"
    path.write_text(SCHEMA)
    return f"sql:{path}"


def test_a_schema_is_drawn_to_a_file_and_to_standard_output_alike(pgarbiter: Run, source: str, tmp_path: Path) -> None:
    output = tmp_path / "schema.svg"
    ended = pgarbiter("erd", source, "-o", output)
    assert (ended.code, ended.out) == (0, "")
    shown = pgarbiter("erd", source)
    assert shown.out == output.read_text("utf-8")
    assert ET.fromstring(shown.out).get("role") == "img"


def test_globs_choose_tables_by_name_and_by_schema_and_name(pgarbiter: Run, source: str) -> None:
    ended = pgarbiter("erd", source, "--format", "mermaid", "--tables", "ord*", "--tables", "public.L?g")
    assert [line for line in ended.out.splitlines() if line.endswith("{")] == [
        '    "public.Log" {',
        '    "public.orders" {',
    ]


def test_the_tables_are_drawn_that_the_application_writes_to(pgarbiter: Run, source: str, tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    app.joinpath("save.py").write_text(
        "def save(cursor, name):\n"
        '    cursor.execute("INSERT INTO users (id) VALUES (1) ON CONFLICT DO NOTHING")\n'
        '    cursor.execute("INSERT INTO gone (id) VALUES (1) ON CONFLICT DO NOTHING")\n'
    )
    ended = pgarbiter("erd", source, "--format", "mermaid", "--app", app)
    assert [line for line in ended.out.splitlines() if line.endswith("{")] == ['    "public.users" {']
    assert 'note: 1 table that the application writes to cannot be told in the schema: "gone"\n' in ended.err


def test_a_live_database_is_drawn_without_a_word_of_the_connection(pgarbiter: Run, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    ended = pgarbiter("erd", f"{database} password=hunter2")
    assert ended.code == 0
    assert "public.orders" in ended.out
    assert "hunter2" not in ended.out + ended.err


def test_nothing_to_draw_is_an_error_that_leaves_the_file_alone(pgarbiter: Run, source: str, tmp_path: Path) -> None:
    output = tmp_path / "kept.svg"
    output.write_text("kept")
    ended = pgarbiter("erd", source, "--tables", "nothing_*", "-o", output)
    assert (ended.code, output.read_text()) == (2, "kept")
    assert ended.err.startswith("error: there is no table to draw\nhint: No table of the schema is what")


def test_a_path_that_does_not_exist_is_an_error(pgarbiter: Run, source: str, tmp_path: Path) -> None:
    ended = pgarbiter("erd", source, "--app", tmp_path / "nowhere")
    assert ended.code == 2
    assert "nowhere" in ended.err
