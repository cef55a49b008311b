"""Writes for other databases, told by evidence, which the report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Status
from pgarbiter.scan import scan
from pgarbiter.scan.dialects.paths import told_by
from pgarbiter.scan.dialects.receivers import receiver_before
from pgarbiter.settings import Database, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

_SQL = "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING"
_FILE = f"{_SQL};\n"


def _scan(root: Path, files: dict[str, str], settings: Settings | None = None) -> dict[str, WriteSite]:
    """Sites by path and line."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    result = scan([root], settings or Settings())
    assert not result.failed
    return {f"{site.span.path}:{site.span.line}": site for site in result.sites}


def _reasons(root: Path, files: dict[str, str], settings: Settings | None = None) -> dict[str, str | None]:
    """Why each site is not for PostgreSQL, None for one that is."""
    sites = _scan(root, files, settings)
    return {place: site.reason if site.status is Status.NOT_POSTGRES else None for place, site in sites.items()}


def test_an_import_inside_a_function_holds_for_that_function(tmp_path: Path) -> None:
    code = (
        "import psycopg\n"
        f"def server(c):\n    c.execute('{_SQL}')\n"
        f"def local(p):\n    import sqlite3\n    sqlite3.connect(p).execute('{_SQL}')\n"
    )
    assert _reasons(tmp_path, {"a.py": code}) == {
        "a.py:3": None,
        "a.py:6": "the function imports an SQLite driver",
    }


def test_the_only_driver_of_a_file_counts_wherever_it_is_imported(tmp_path: Path) -> None:
    code = (
        f"def connect():\n    import sqlite3\n    return sqlite3.connect('x')\ndef put(c):\n    c.execute('{_SQL}')\n"
    )
    assert _reasons(tmp_path, {"a.py": code}) == {"a.py:5": "the file imports an SQLite driver"}


def test_a_class_named_after_a_database_decides_between_two_drivers(tmp_path: Path) -> None:
    code = (
        "import sqlite3\nimport psycopg\n"
        f"class SqliteStore:\n    def put(self):\n        self.c.execute('{_SQL}')\n"
        f"class PostgresStore:\n    def put(self):\n        self.c.execute('{_SQL}')\n"
    )
    assert _reasons(tmp_path, {"a.py": code}) == {
        "a.py:5": '"SqliteStore" is for SQLite, by its name',
        "a.py:8": None,
    }


@pytest.mark.parametrize("imports", ["import sqlite3\nimport psycopg\n", "\nimport sqlite3 as lite, psycopg\n"])
def test_placeholders_decide_between_two_drivers(tmp_path: Path, imports: str) -> None:
    code = (
        f"{imports}"
        "def a(c):\n    c.execute('INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO NOTHING', x)\n"
        "def b(c):\n    c.execute('INSERT INTO t (a) VALUES (%s) ON CONFLICT (a) DO NOTHING', x)\n"
    )
    assert _reasons(tmp_path, {"a.py": code}) == {
        "a.py:4": "the placeholder ? is for SQLite, of the drivers that the file imports",
        "a.py:6": None,
    }


def test_a_word_about_postgres_keeps_a_file_judged(tmp_path: Path) -> None:
    code = f"import sqlite3  # only for the export, the rest is postgres\npool.execute('{_SQL}')\n"
    assert _reasons(tmp_path, {"a.py": code}) == {"a.py:2": None}


def test_directory_twins_are_told_apart(tmp_path: Path) -> None:
    files = {f"db/{name}/q.sql": _FILE for name in ("postgres", "sqlite3", "mysql", "cockroach")}
    assert _reasons(tmp_path, files) == {
        "db/postgres/q.sql:1": None,
        "db/sqlite3/q.sql:1": 'the path says SQLite ("sqlite3/")',
        "db/mysql/q.sql:1": 'the path says MySQL ("mysql/")',
        "db/cockroach/q.sql:1": 'the path says CockroachDB ("cockroach/, beside one for PostgreSQL")',
    }


def test_cockroach_without_a_twin_is_judged_as_postgres(tmp_path: Path) -> None:
    assert _reasons(tmp_path, {"db/cockroach/q.sql": _FILE}) == {"db/cockroach/q.sql:1": None}


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("x.sqlite.sql", "SQLite"),
        ("db/V1__a.mysql.sql", "MySQL"),
        ("queries.postgres.sql", "PostgreSQL"),
        ("store/sqlite/postgres/a.sql", "PostgreSQL"),
        ("store/sqlite_store.py", "SQLite"),
        ("store/SQLiteStore.ts", "SQLite"),
        ("store/migrations_mysql/1.sql", "MySQL"),
        ("store/mysqlAdapter.ts", "MySQL"),
        ("scripts/sqlite_to_postgres.py", None),
        ("scripts/import_from_sqlite.py", None),
        ("compare/mysql-vs-postgres/a.sql", None),
        ("net/h2/frames.go", None),
        ("src/main/h2/Store.java", "H2"),
        ("db/trino_sql/a.sql", "Trino"),
        ("sensors/d1-readings/a.sql", None),
        ("a/b.sql", None),
    ],
)
def test_a_path_says_which_database_it_is_for(path: str, dialect: str | None) -> None:
    told = told_by(path, frozenset())
    assert (told.dialect if told else None) == dialect


def test_a_suffix_for_a_kin_of_postgres_counts_beside_its_twin(tmp_path: Path) -> None:
    files = {f"{name}.up.sql": _FILE for name in ("1.cockroach", "1.postgres", "1.sqlite3", "2.cockroach")}
    assert _reasons(tmp_path, files) == {
        "1.cockroach.up.sql:1": 'the path says CockroachDB (".cockroach, beside one for PostgreSQL")',
        "1.postgres.up.sql:1": None,
        "1.sqlite3.up.sql:1": 'the path says SQLite (".sqlite3")',
        "2.cockroach.up.sql:1": None,
    }


def test_an_upsert_in_a_path_of_a_database_without_on_conflict_goes_elsewhere(tmp_path: Path) -> None:
    code = f"db.execute('{_SQL}')\ndb.execute('INSERT INTO t (a) VALUES (1)')\n"
    assert _reasons(tmp_path, {"clickhouse/sync.py": code}) == {
        "clickhouse/sync.py:1": None,
        "clickhouse/sync.py:2": 'the path says ClickHouse ("clickhouse/")',
    }


@pytest.mark.parametrize(
    ("before", "dialect"),
    [
        ("await clickhouse.$query<{ rows: number }>`\n  ", "ClickHouse"),
        ("await this.clickHouse!.exec(`", "ClickHouse"),
        ("clickhouse?.$exec`", "ClickHouse"),
        ('self.clickhouse_client.command("""\n', "ClickHouse"),
        ("bigquery_client.query(f'", "BigQuery"),
        ("sqliteDb.run(`", "SQLite"),
        ("db.exportToClickhouse(`", None),
        ("clickhouseToPostgres.run(`", None),
        ("clickhouse.query(other); pg.query(`", None),
        ("const sql = `", None),
    ],
)
def test_the_receiver_of_a_statement_says_which_database_it_is_for(before: str, dialect: str | None) -> None:
    told = receiver_before(before, len(before))
    assert (told.dialect if told else None) == dialect


def test_a_statement_that_is_handed_to_another_database_goes_there(tmp_path: Path) -> None:
    code = f"""import {{ Pool }} from 'pg'
await clickhouse.exec(`INSERT INTO t (a) VALUES (1)`)
await clickhouse.exec(`{_SQL}`)
await pool.query(`INSERT INTO t (a) VALUES (1)`)
"""
    assert _reasons(tmp_path, {"a.ts": code}) == {
        "a.ts:2": 'it is handed to "clickhouse.exec", which is ClickHouse by its name',
        "a.ts:3": None,
        "a.ts:4": None,
    }


def test_what_a_file_imports_stands_above_its_path(tmp_path: Path) -> None:
    code = f"import psycopg\nimport sqlite3\n\ndef f(c):\n    c.execute('{_SQL}')\n"
    assert _reasons(tmp_path, {"sqlite/a.py": code}) == {"sqlite/a.py:5": None}


@pytest.mark.parametrize(
    ("manifest", "text", "file"),
    [
        ("package.json", '{"dependencies": {"better-sqlite3": "1"}}', "a.ts"),
        ("pyproject.toml", '[project]\ndependencies = ["aiosqlite>=1"]\n', "a.py"),
        ("pyproject.toml", '[tool.poetry.dependencies]\naiosqlite = "1"\n', "a.py"),
        ("go.mod", "require modernc.org/sqlite v1\n", "a.sql"),
        ("Cargo.toml", '[dependencies]\nsqlx = { version = "1", features = ["sqlite"] }\n', "a.sql"),
        ("Gemfile", 'gem "sqlite3"\n', "a.sql"),
    ],
)
def test_the_only_driver_of_the_nearest_manifest_decides(tmp_path: Path, manifest: str, text: str, file: str) -> None:
    code = _FILE if file.endswith(".sql") else f"run('{_SQL}')\n"
    files = {manifest: text, file: code, f"inner/{file}": code}
    reason = f"{manifest} names no driver but for SQLite"
    assert _reasons(tmp_path, files) == {f"{file}:1": reason, f"inner/{file}:1": reason}


@pytest.mark.parametrize(
    ("manifest", "text"),
    [
        ("package.json", '{"dependencies": {"better-sqlite3": "1", "pg": "8"}}'),
        ("package.json", '{"dependencies": {"@prisma/client": "5"}, "devDependencies": {"better-sqlite3": "1"}}'),
        ("package.json", '{"devDependencies": {"better-sqlite3": "1"}}'),
        ("package.json", "{"),
        ("pyproject.toml", '[project]\ndependencies = ["x"]\n[dependency-groups]\ndev = ["aiosqlite"]\n'),
    ],
)
def test_a_manifest_that_leaves_a_doubt_decides_nothing(tmp_path: Path, manifest: str, text: str) -> None:
    file = "a.ts" if manifest == "package.json" else "a.py"
    assert _reasons(tmp_path, {manifest: text, file: f"run('{_SQL}')\n"}) == {f"{file}:1": None}


def test_a_client_of_postgrest_needs_no_evidence(tmp_path: Path) -> None:
    code = (
        "import Database from 'better-sqlite3'\nimport { createClient } from '@supabase/supabase-js'\n"
        "const supabase = createClient(u, k)\nsupabase.from('t').upsert({ a: 1 }, { onConflict: 'a' })\n"
    )
    assert _reasons(tmp_path, {"sqlite/a.ts": code}) == {"sqlite/a.ts:4": None}


def test_settings_stand_above_all_evidence(tmp_path: Path) -> None:
    databases = (
        Database(name="main", paths=("server/",), schema="sql:db"),
        Database(name="phone", paths=("phone/",), dialect="sqlite"),
    )
    files = {"server/sqlite/a.py": f"import sqlite3\nrun('{_SQL}')\n", "phone/a.py": f"run('{_SQL}')\n"}
    assert _reasons(tmp_path, files, Settings(database=databases)) == {
        "server/sqlite/a.py:2": None,
        "phone/a.py:1": 'the settings say that database "phone" is sqlite',
    }


def test_a_site_knows_the_database_of_the_settings(tmp_path: Path) -> None:
    databases = (
        Database(name="indexer", paths=("indexer/**",), schema="sql:db/indexer"),
        Database(name="core", paths=("*.py",), schema="sql:db/core"),
    )
    files = {
        "indexer/a.py": f"run('{_SQL}')\n",
        "app/a.py": f"run('{_SQL}')\n",
        "db/indexer/1.sql": _FILE,
        "db/other/1.sql": _FILE,
    }
    sites = _scan(tmp_path, files, Settings(database=databases))
    assert {place: site.database for place, site in sites.items()} == {
        "indexer/a.py:1": "indexer",
        "app/a.py:1": "core",
        "db/indexer/1.sql:1": "indexer",
        "db/other/1.sql:1": None,
    }


def test_paths_of_the_settings_count_from_the_directory_of_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    settings = Settings(database=(Database(name="x", paths=("services/a/",), schema="sql:db"),), base=tmp_path)
    for name in ("a", "b"):
        (tmp_path / "services" / name).mkdir()
        (tmp_path / "services" / name / "q.py").write_text(f"run('{_SQL}')\n")
    sites = scan([tmp_path / "services"], settings).sites
    assert [(site.span.path, site.database) for site in sites] == [("a/q.py", "x"), ("b/q.py", None)]


def test_the_command_decides_in_a_script(tmp_path: Path) -> None:
    clause = "ON CONFLICT (a) DO NOTHING"
    script = f"""psql -c "INSERT INTO p (a) VALUES (1) {clause}"
sqlite3 app.db "INSERT INTO s (a) VALUES (1) {clause}"
sqlite3 app.db <<EOF
INSERT INTO h (a) VALUES (1) {clause};
EOF
psql <<SQL
INSERT INTO q (a) VALUES (1) {clause};
SQL
psql -c "
  INSERT INTO r (a) VALUES (1)
  {clause}"
"""
    sqlite = "the command runs sqlite3"
    told = {"a.sh:1": None, "a.sh:2": sqlite, "a.sh:4": sqlite, "a.sh:7": None, "a.sh:11": None}
    assert _reasons(tmp_path, {"a.sh": script}) == told
