"""What a project says to PostgREST: exposed schemas, and when the schema is to be read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.schema import open as open_schema
from pgarbiter.schema.api import exposed_schemas, without_reload
from pgarbiter.schema.order import SourceFile
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


WATCH = "CREATE FUNCTION w() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NOTIFY pgrst; END$$;"


@pytest.mark.parametrize(
    ("config", "schemas"),
    [
        ('[api]\nschemas = ["public", "billing"]', ("public", "billing")),
        ('[api]\nenabled = false\nschemas = ["public"]', None),
        ('[api]\nschemas = ["env(SCHEMA)"]', None),
        ("[api]\nschemas = []", None),
        ("[api]\nschemas = [1]", None),
        ("[db]\nport = 1", None),
        ("api = 1", None),
        ("[api", None),
        ("\udcff", None),
    ],
)
def test_schemas_are_exposed_by_the_configuration(tmp_path: Path, config: str, schemas: tuple[str, ...] | None) -> None:
    (tmp_path / "config.toml").write_bytes(config.encode("utf-8", "surrogateescape"))
    found = exposed_schemas((tmp_path / "nowhere", tmp_path))
    assert found == (schemas and (tmp_path / "config.toml", schemas))


@pytest.mark.parametrize(
    ("texts", "quiet"),
    [
        (["CREATE TABLE t (a int);"], ["0"]),
        (["CREATE TABLE t (a int); NOTIFY pgrst, 'reload schema';"], []),
        (["CREATE TABLE t (a int); SELECT pg_notify('pgrst', 'reload schema');"], []),
        (["CREATE TABLE t (a int); -- NOTIFY pgrst"], ["0"]),
        (["ALTER TABLE t ADD b int;", "NOTIFY pgrst;", "CREATE OR REPLACE VIEW v AS SELECT 1;"], ["0", "2"]),
        (["INSERT INTO t VALUES (1); CREATE INDEX ON t (a);"], []),
        (["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"], ["0"]),
        (
            [
                "CREATE TABLE t (a int);",
                f"{WATCH} CREATE EVENT TRIGGER w ON ddl_command_end EXECUTE FUNCTION w();",
            ],
            [],
        ),
    ],
)
def test_migrations_that_ask_for_no_reload_are_told(texts: list[str], quiet: list[str]) -> None:
    files = [SourceFile(str(number), text) for number, text in enumerate(texts)]
    assert without_reload(files) == tuple(quiet)


def test_a_source_tells_both_again_from_the_cache(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text("CREATE TABLE t (a int);")
    (tmp_path / "db" / "config.toml").write_text('[api]\nschemas = ["public"]')
    settings = Settings(schema="sql:db", cache_dir=tmp_path / "cache")
    told = []
    for _ in range(2):
        with open_schema(settings, tmp_path) as source:
            schema = source.loaded.schema
            told.append((schema.unreloaded, schema.exposed, schema.exposed_by))
    assert told == [(("db/1.sql",), ("public",), "db/config.toml")] * 2
    (tmp_path / "db" / "config.toml").write_text('[api]\nschemas = ["other"]')
    with open_schema(settings, tmp_path) as source:
        assert source.loaded.schema.exposed == ("other",)
