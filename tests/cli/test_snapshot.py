"""`pgarbiter snapshot`: what it writes, and where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg

from pgarbiter.structure import snapshot
from pgarbiter.structure.model import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run


def test_a_source_is_written_to_a_file_and_to_standard_output_alike(pgarbiter: Run, tmp_path: Path) -> None:
    source = tmp_path / "schema.sql"
    source.write_text("CREATE TABLE t (id int PRIMARY KEY, \"Ä\" text DEFAULT 'ß');")
    output = tmp_path / "schema.json"
    written = pgarbiter("snapshot", f"sql:{source}", "-o", output)
    assert (written.code, written.out, written.err) == (0, "", "")
    shown = pgarbiter("snapshot", f"sql:{source}")
    assert shown.out == output.read_text("utf-8")
    found = snapshot.read(output)
    assert [column.name for column in found.objects[Kind.TABLE]["public", "t"].columns] == ["id", "Ä"]  # type: ignore[union-attr]
    assert not found.owners


def test_a_live_database_is_written_without_a_word_of_the_connection(pgarbiter: Run, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id int)")
        name = connection.info.dbname
    ended = pgarbiter("snapshot", f"{database} password=hunter2 application_name=me")
    assert ended.code == 0
    assert json.loads(ended.out)["objects"]["table"][0]["name"] == "t"
    assert "hunter2" not in ended.out
    assert name not in ended.out


def test_a_source_that_cannot_be_read_leaves_the_file_as_it_was(pgarbiter: Run, tmp_path: Path) -> None:
    output = tmp_path / "schema.json"
    output.write_text("kept")
    ended = pgarbiter("snapshot", f"sql:{tmp_path / 'none.sql'}", "-o", output)
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert output.read_text() == "kept"


def test_a_snapshot_is_compared_with_what_became_of_its_database(pgarbiter: Run, database: str, tmp_path: Path) -> None:
    output = tmp_path / "then.json"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        assert pgarbiter("snapshot", database, "-o", output).code == 0
        same = pgarbiter("diff", f"snapshot:{output}", database)
        assert same.code == 0, same.err
        connection.execute("ALTER TABLE t ADD later text")
        different = pgarbiter("diff", f"snapshot:{output}", database)
        assert different.code == 1
        assert "later" in different.out


def test_a_snapshot_that_was_edited_ends_with_2(pgarbiter: Run, database: str, tmp_path: Path) -> None:
    output = tmp_path / "then.json"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id int)")
    pgarbiter("snapshot", database, "-o", output)
    output.write_text(output.read_text().replace("integer", "bigint"))
    ended = pgarbiter("diff", f"snapshot:{output}", database)
    assert ended.code == 2
    assert 'the digest of table "public.t" is not that of its content' in ended.err
    assert ended.out == ""


def test_two_databases_are_compared_and_one_that_is_gone_is_an_error(pgarbiter: Run, database: str) -> None:
    assert pgarbiter("diff", database, database).code == 0
    for pair in ((database, f"{database} dbname=gone"), (f"{database} dbname=gone", database)):
        ended = pgarbiter("diff", *pair)
        assert ended.code == 2
        assert 'database "gone" does not exist' in ended.err
