"""Temporary tables that a program makes itself are no tables of the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.run import check
from pgarbiter.settings import Settings
from pgarbiter.sql.temporary import temporary_tables

if TYPE_CHECKING:
    from pathlib import Path

_INSERT = "INSERT INTO staging (id, v) VALUES (1, 'a') ON CONFLICT (id) DO NOTHING"
_PROGRAMS = {
    "function.py": f"""
def run(cur):
    cur.execute("CREATE TEMP TABLE staging (id int PRIMARY KEY, v text) ON COMMIT DROP")
    cur.execute("{_INSERT}")
""",
    "like.ts": f"""
export async function run(client) {{
  await client.query(`CREATE TEMPORARY TABLE IF NOT EXISTS staging (LIKE items INCLUDING ALL)`)
  await client.query(`{_INSERT}`)
}}
""",
    "wrapped.py": """
def make(cur, name):
    cur.execute("CREATE TEMP TABLE staging AS TABLE items")
    cur.execute("CREATE UNIQUE INDEX ON staging (id)")
def save(cur, name):
    cur.execute(f"INSERT INTO {name} (id, v) VALUES (1, 'a') ON CONFLICT (id) DO NOTHING")
def run(cur):
    make(cur, "staging")
    save(cur, "staging")
""",
    "script.sql": f"SELECT * INTO TEMP staging FROM items;\n{_INSERT};\n",
    "function.sql": f"""CREATE FUNCTION run() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'CREATE TEMP TABLE staging (id int PRIMARY KEY, v text)';
  {_INSERT};
END $$;
""",
    "schema.sql": f"CREATE TABLE pg_temp.staging (id int PRIMARY KEY, v text);\n{_INSERT};\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A permanent table of that name that has no unique index."""
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text(
        "CREATE TABLE items (id int PRIMARY KEY, v text);\nCREATE TABLE staging (id int, v text);\n"
    )
    return tmp_path


@pytest.mark.parametrize("name", _PROGRAMS)
def test_a_temporary_table_is_never_judged_by_the_permanent_one(name: str, project: Path) -> None:
    (project / name).write_text(_PROGRAMS[name])
    verdicts = [
        bound.verdict
        for bound in check(project, Settings(schema="sql:db")).bound or ()
        if bound.site.write.table is not None and bound.site.span.path == name
    ]
    assert [verdict.outcome.value for verdict in verdicts] == ["unknown"]
    assert "temporary table" in (verdicts[0].reason or "")


def test_a_function_of_the_database_has_its_own_temporary_tables(project: Path) -> None:
    (project / "db" / "2.sql").write_text(_PROGRAMS["function.sql"])
    bounds = check(project, Settings(schema="sql:db")).bound or ()
    assert [bound.verdict.outcome.value for bound in bounds] == ["unknown"]


def test_a_permanent_table_with_its_schema_is_judged_beside_a_temporary_one(project: Path) -> None:
    (project / "a.sql").write_text(
        f"CREATE TEMP TABLE staging (id int);\n{_INSERT.replace('staging', 'public.staging')};"
    )
    bounds = check(project, Settings(schema="sql:db")).bound or ()
    assert [bound.verdict.outcome.value for bound in bounds] == ["no_match"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('create local temporary table if not exists "My T" (a int)', {"My T"}),
        ("CREATE TEMP TABLE pg_temp.a (b int)", {"a"}),
        ("CREATE TEMP VIEW v AS SELECT 1", set[str]()),
        ("CREATE TEMP SEQUENCE s", set[str]()),
        ("SELECT 1 AS temp FROM create_temp", set[str]()),
        ("DO $$ BEGIN CREATE TEMP TABLE inner_one (a int); END $$", {"inner_one"}),
        ("-- create temp table t\nSELECT 'temp'", set[str]()),
    ],
)
def test_names_are_read_by_the_words_before_them(text: str, names: set[str]) -> None:
    assert temporary_tables(text) == names
