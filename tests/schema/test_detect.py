"""What is detected, in which order it is taken, and that nothing of the project is run for it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from pgarbiter.errors import SchemaError
from pgarbiter.schema.detect import detect, once
from pgarbiter.schema.order import decoded, read_files, sql_files
from pgarbiter.schema.source import SourceKind, parse
from pgarbiter.sql.markers import up_part

TABLE = "CREATE TABLE t (a int);"


def put(root: Path, *names: str, text: str = TABLE) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("supabase/migrations/20240101_a.sql", "supabase:supabase/migrations"),
        ("apps/web/supabase/migrations/1_a.sql", "supabase:apps/web/supabase/migrations"),
        ("migrations/001_a.sql", "sql:migrations"),
        ("db/migrations/001_a.sql", "sql:db/migrations"),
        ("src/main/resources/db/migration/V1__a.sql", "sql:src/main/resources/db/migration"),
        ("apps/a/src/main/resources/db/migration/V1__a.sql", "sql:apps/a/src/main/resources/db/migration"),
        ("migrations/2024-01-01-000000_a/up.sql", "sql:migrations"),
        ("assets/migrations/postgres/001_a.sql", "sql:assets/migrations/postgres"),
        ("db/structure.sql", "sql:db/structure.sql"),
        ("schema.sql", "sql:schema.sql"),
    ],
)
def test_a_source_is_found_by_its_place(tmp_path: Path, file: str, source: str) -> None:
    detection = detect(put(tmp_path, file))
    assert (detection.source, detection.notes) == (source, ())


def test_a_directory_that_is_reached_by_a_link_or_as_the_present_one_has_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "supabase/migrations/1.sql", "other/migrations/1.sql")
    for place, source in (
        ("supabase/migrations", "supabase:."),
        ("supabase", "supabase:migrations"),
        ("other", "sql:"),
    ):
        monkeypatch.chdir(tmp_path / place)
        assert (detect(Path()).source or "").startswith(source)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "supabase" / "migrations")
    assert detect(link).source == "supabase:."


@pytest.mark.parametrize(
    ("files", "source"),
    [
        (["packages/model/tables/users.sql", "packages/model/tables/rooms.sql"], "sql:packages/model/tables"),
        (["db/tables/users.sql", "db/indexes/users.sql"], "sql:db"),
        (["db/tables/users.sql", "db/roles.sql"], None),  # which of them are run, and in which order?
    ],
)
def test_a_directory_with_a_file_for_each_table_is_a_source(
    tmp_path: Path, files: list[str], source: str | None
) -> None:
    assert detect(put(tmp_path, *files)).source == source


def test_files_named_tables_that_make_none_are_no_source(tmp_path: Path) -> None:
    assert detect(put(tmp_path, "models/tables/a.sql", text="SELECT 1;")).source is None


def test_a_schema_file_without_tables_is_none_and_a_dump_is_known_by_its_first_lines(tmp_path: Path) -> None:
    put(tmp_path, "db/shop/schema.sql", text="CREATE SCHEMA shop;")
    assert detect(tmp_path).source is None
    put(tmp_path, "db/shop_15.sql", text=f"SELECT 1;\n--\n-- PostgreSQL database dump\n--\n{TABLE}")
    assert detect(tmp_path).source == "sql:db/shop_15.sql"
    put(tmp_path, "db/shop/schema.sql", text="\\ir all/tables.sql\n")
    assert detect(tmp_path).source == "sql:db/shop/schema.sql"


def test_plain_sql_that_stands_on_supabase_gets_its_platform(tmp_path: Path) -> None:
    put(tmp_path, "migrations/1.sql", text="CREATE TABLE t (u uuid REFERENCES auth.users (id));")
    assert detect(tmp_path).source == "supabase:migrations"
    put(tmp_path, "migrations/0.sql", text="CREATE SCHEMA auth; CREATE TABLE auth.users (id uuid PRIMARY KEY);")
    assert detect(tmp_path).source == "sql:migrations"


def test_prisma_and_drizzle_are_found_by_their_lock_and_journal(tmp_path: Path) -> None:
    put(tmp_path, "prisma/migrations/migration_lock.toml", text='provider = "postgresql"\n')
    put(tmp_path, "prisma/migrations/2024_init/migration.sql", "drizzle/0000_a.sql")
    put(tmp_path, "drizzle/meta/_journal.json", text=json.dumps({"dialect": "pg", "entries": []}))
    detection = detect(tmp_path)
    assert detection.source == "sql:prisma/migrations"
    assert detection.notes == ("sql:drizzle was found but not taken: --schema sql:drizzle takes it instead",)


@pytest.mark.parametrize(
    ("file", "text", "engine"),
    [
        ("prisma/migrations/migration_lock.toml", 'provider = "sqlite"\n', "sqlite"),
        ("prisma/migrations/migration_lock.toml", 'provider = "mysql"\n', "mysql"),
        ("migrations/2_b.sql", "CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT);", "sqlite"),
        ("migrations/2_b.sql", "CREATE TABLE `x` (id int AUTO_INCREMENT) ENGINE=InnoDB;", "mysql"),
        ("drizzle/meta/_journal.json", '{"dialect": "sqlite", "entries": []}', "sqlite"),
    ],
)
def test_sources_of_other_engines_are_left_out_and_named(tmp_path: Path, file: str, text: str, engine: str) -> None:
    put(tmp_path, "prisma/migrations/1/migration.sql", "drizzle/0000_a.sql")
    (tmp_path / "drizzle/0000_a.sql").unlink() if "drizzle" not in file else None
    put(tmp_path, file, text=text)
    if "prisma" not in file:
        (tmp_path / "prisma/migrations/1/migration.sql").unlink()
    detection = detect(tmp_path)
    assert detection.source is None
    assert [note.endswith(f"it is for {engine}") for note in detection.notes] == [True]


def test_of_directories_for_several_engines_the_one_for_postgresql_is_taken(tmp_path: Path) -> None:
    put(
        tmp_path,
        "migrations/mysql/1.sql",
        "migrations/postgres/1.sql",
        "migrations/sqlite/1.sql",
        "mysql/migrations/1.sql",
    )
    detection = detect(tmp_path)
    assert detection.source == "sql:migrations/postgres"
    assert detection.notes == (
        "migrations/mysql was left out: it is for mysql",
        "migrations/sqlite was left out: it is for sqlite",
        "mysql/migrations was left out: it is for mysql",
    )


@pytest.mark.parametrize(
    ("name", "text", "source"),
    [
        ("sqlc.yaml", 'version: "2"\nsql:\n  - engine: "postgresql"\n    schema: "sql/ddl"\n', "sql:sql/ddl"),
        ("sqlc.yaml", "version: 2\nsql:\n- schema:\n    - sql/ddl/1.sql\n  engine: postgresql\n", "sql:sql/ddl/1.sql"),
        ("sqlc.yaml", "version: 1\npackages:\n  - path: db\n    schema: ./sql/ddl/ # ours\n", "sql:sql/ddl"),
        ("sqlc.json", '{"packages": [\n{"schema": "sql/ddl",\n"engine": "postgresql"}]}', "sql:sql/ddl"),
        ("sqlc.json", '{"packages": [{"engine": "postgresql", "schema": ["sql/ddl"]}]}', "sql:sql/ddl"),
        ("sqlc.yaml", "sql:\n  - engine: sqlite\n    schema: sql/ddl\n", None),
        ("sqlc.yaml", "sql:\n  - engine: postgresql\n    schema: ../other\n", None),
        ("sqlc.yaml", "sql:\n  - engine: postgresql\n    schema: [sql/ddl/1.sql, sql/ddl/2.sql]\n", None),
    ],
)
def test_the_schema_of_sqlc_is_found(tmp_path: Path, name: str, text: str, source: str | None) -> None:
    root = put(tmp_path / "root", "sql/ddl/1.sql", "sql/ddl/2.sql", "../other/1.sql")
    put(root, name, text=text)
    assert detect(root).source == source


def test_a_dump_above_the_migrations_does_not_hide_them(tmp_path: Path) -> None:
    put(tmp_path, "migrate/schema.sql", "migrate/migrations/1.sql")
    detection = detect(tmp_path)
    assert detection.source == "sql:migrate/migrations"
    assert "sql:migrate/schema.sql was found but not taken" in detection.notes[0]


def test_other_places_that_create_tables_are_named_and_not_taken(tmp_path: Path) -> None:
    put(tmp_path, "src/main/resources/sql/tables.sql", "tests/data/t.sql", "tools/seed.sql")
    put(tmp_path, "tools/seed.sql", text="INSERT INTO t VALUES (1);")
    detection = detect(tmp_path)
    assert detection.source is None
    where = "src/main/resources/sql"
    assert detection.notes == (f"SQL files in {where} create tables: --schema sql:{where} takes them",)


def test_packages_of_others_are_not_looked_into(tmp_path: Path) -> None:
    detection = detect(
        put(tmp_path, "node_modules/x/supabase/migrations/1.sql", ".venv/schema.sql", "a/vendor/schema.sql")
    )
    assert detection.source is None


def test_alembic_is_named_and_never_run(tmp_path: Path) -> None:
    put(tmp_path, "backend/alembic.ini", text="[alembic]\nscript_location = alembic\n")
    put(tmp_path, "backend/alembic/env.py", text=f"open({str(tmp_path / 'ran')!r}, 'w').close()")
    detection = detect(tmp_path)
    assert detection.source is None
    assert "--schema alembic:backend/alembic.ini" in detection.notes[0]
    with pytest.raises(SchemaError, match="not run without being asked"):
        parse("backend", tmp_path)
    assert not (tmp_path / "ran").exists()


def test_the_source_of_the_repository_serves_a_directory_inside_it(tmp_path: Path) -> None:
    put(tmp_path, ".git/HEAD", "supabase/migrations/1.sql", "src/app.ts")
    assert detect(tmp_path / "src").source == "supabase:../supabase/migrations"


def test_detection_is_quick_in_a_large_tree(tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"d{number % 30}" / f"e{number}").mkdir(parents=True)
    start = time.monotonic()
    detect(tmp_path)
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["10_b.sql", "2_a.sql", "1_c.sql"], ["1_c.sql", "2_a.sql", "10_b.sql"]),
        (["V2__b.sql", "V10__c.sql", "V1.1__a.sql", "R__v.sql", "U2__u.sql"],
         ["V1.1__a.sql", "V2__b.sql", "V10__c.sql", "R__v.sql"]),
        (["2_x.up.sql", "1_x.up.sql", "1_x.down.sql", "2_x.down.sql"], ["1_x.up.sql", "2_x.up.sql"]),
        (["b.sql", "a.sql"], ["a.sql", "b.sql"]),
        (["Install.v10.sql", "Install.v9.sql"], ["Install.v9.sql", "Install.v10.sql"]),
        (["2024-01-02-000000_b/up.sql", "2024-01-02-000000_b/down.sql", "20230101000000_a/up.sql"],
         ["20230101000000_a/up.sql", "2024-01-02-000000_b/up.sql"]),
    ],
)  # fmt: skip
def test_files_come_in_the_order_of_their_runner(tmp_path: Path, names: list[str], ordered: list[str]) -> None:
    put(tmp_path, *names)
    assert [path.relative_to(tmp_path).as_posix() for path in sql_files(tmp_path)] == ordered


def test_supabase_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    put(tmp_path, "supabase/migrations/10_b.sql", "supabase/migrations/2_a.sql")
    directory = tmp_path / "supabase" / "migrations"
    assert [path.name for path in sql_files(directory, SourceKind.SUPABASE)] == ["10_b.sql", "2_a.sql"]


def test_the_journal_of_drizzle_gives_the_order_and_leads_nowhere_else(tmp_path: Path) -> None:
    put(tmp_path, "out/0000_z.sql", "out/0001_a.sql", "secret.sql")
    entries = [{"idx": 1, "tag": "0000_z"}, {"idx": 0, "tag": "0001_a"}, {"idx": 2, "tag": "../secret"}]
    put(tmp_path, "out/meta/_journal.json", text=json.dumps({"entries": entries}))
    assert [path.name for path in sql_files(tmp_path / "out")] == ["0001_a.sql", "0000_z.sql"]


def test_a_source_is_named_by_kind_or_by_path_alone(tmp_path: Path) -> None:
    put(tmp_path, "supabase/migrations/1.sql", "db/x.sql", "alembic.ini")
    assert parse("supabase", tmp_path).name == "supabase:supabase/migrations"
    assert parse("db", tmp_path).name == "sql:db"
    assert parse("sql:db/x.sql", tmp_path).kind is SourceKind.SQL
    assert parse("alembic:alembic.ini@abc", tmp_path).revision == "abc"
    with pytest.raises(SchemaError, match='"nowhere" does not exist'):
        parse("sql:nowhere", tmp_path)
    (tmp_path / "empty").mkdir()
    empty = parse("sql:empty", tmp_path)
    with pytest.raises(SchemaError, match="holds no SQL files"):
        read_files(empty, tmp_path)


def test_blanking_keeps_offsets_and_lines() -> None:
    text = "-- migrate:up\r\nCREATE TABLE é (a int);\n-- migrate:down\nDROP TABLE é;\n"
    cut = up_part(text)
    assert len(cut) == len(text)
    assert cut.index("CREATE") == text.index("CREATE")
    assert "DROP" not in cut
    assert up_part("-- migrate:upwards is prose\nSELECT 1;") == "-- migrate:upwards is prose\nSELECT 1;"


def test_any_bytes_are_read() -> None:
    assert decoded("\ufeffé".encode()) == "é"
    assert decoded("é".encode("utf-16")) == "é"
    assert decoded("é".encode("latin-1")) == "é"
    assert decoded(b"a\0b") == "a b"


def test_a_run_looks_through_a_directory_once_and_the_next_one_anew(tmp_path: Path) -> None:
    with once():
        assert detect(tmp_path).source is None
        put(tmp_path, "db/structure.sql")
        assert detect(tmp_path).source is None
        with once():
            assert detect(tmp_path).source == "sql:db/structure.sql"
    assert detect(tmp_path).source == "sql:db/structure.sql"
