"""From findings to a database that check finds nothing wrong with."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from .conftest import rows, run

if TYPE_CHECKING:
    from .conftest import Project

USERS = (
    "CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, seen int NOT NULL DEFAULT 0, updated_at timestamptz);"
)
UPSERT = "INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (email) DO UPDATE SET seen = users.seen + 1;\n"
INSTALLATIONS = """
CREATE TABLE installations (id serial PRIMARY KEY, location_id text, company_id text, token text);
CREATE UNIQUE INDEX installations_location ON installations (location_id) WHERE location_id IS NOT NULL;
"""


def test_a_table_with_duplicates_is_repaired_and_check_is_clean(project: Project, any_database: str) -> None:
    project.schema(USERS).write("app.sql", UPSERT)
    assert (
        project.command("migrate", "up", "--ini", project.root / "alembic.ini", "--database-url", any_database).code
        == 0
    )
    run(
        any_database,
        "INSERT INTO users VALUES (1, 'a', 1, '2026-01-01'), (2, 'a', 2, '2026-01-02'), (3, 'b', 3, NULL)",
    )
    before = rows(any_database, "SELECT * FROM users ORDER BY id")
    ended = project.repair("--duplicates", "quarantine", "--keep", "updated_at DESC, id", "--merge", "seen=sum")
    assert (ended.code, len(project.written())) == (0, 1)
    up = project.command("migrate", "up", "--ini", project.root / "alembic.ini", "--database-url", any_database)
    assert (up.code, up.err) == (0, up.err)
    assert project.check().json["findings"] == []
    live = project.command("check", project.root, "--database-url", any_database, "--format", "json")
    assert [f for f in live.json["findings"] if f["severity"] == "error"] == []
    assert rows(any_database, "SELECT id, seen FROM users ORDER BY id") == [(2, 3), (3, 3)]
    run(any_database, UPSERT.replace("'x'", "'a'").replace("(1,", "(9,"))
    run(any_database, "UPDATE users SET seen = seen - 1 WHERE email = 'a'")
    down = project.command(
        "migrate", "down", "--ini", project.root / "alembic.ini", "--database-url", any_database, "0001"
    )
    assert (down.code, rows(any_database, "SELECT id, email FROM users ORDER BY id")) == (
        0,
        [(i, e) for i, e, *_ in before],
    )


def test_a_patch_applies_with_git_and_check_is_clean(project: Project) -> None:
    project.schema(INSTALLATIONS).write(
        "src/app.js",
        """
        await pool.query(
          `INSERT INTO installations (location_id, token)
           VALUES ($1, $2)
           ON CONFLICT (location_id)
           DO UPDATE SET token = EXCLUDED.token`,
          [location, token])
        """,
    )
    patch = project.root / "repair.patch"
    ended = project.repair("--prefer", "code", "--patch", patch)
    assert (ended.code, ended.proposal("PGA102")["chosen"], project.written()) == (0, "add-predicate", {})
    assert (project.root / "src/app.js").read_text().count("WHERE") == 0, "files of the application are not changed"
    subprocess.run(["git", "apply", patch], cwd=project.root, check=True)
    assert "ON CONFLICT (location_id) WHERE location_id IS NOT NULL\n" in (project.root / "src/app.js").read_text()
    assert project.check().json["findings"] == []


def test_the_race_is_told_and_becomes_one_statement(project: Project) -> None:
    project.schema(INSTALLATIONS).write(
        "app.py",
        """
        def save(connection, install):
            row = connection.execute("SELECT id FROM installations WHERE location_id = %s", (install.id,)).fetchone()
            if row:
                connection.execute("UPDATE installations SET token = %s WHERE id = %s", (install.token, row[0]))
            else:
                connection.execute(
                    "INSERT INTO installations (location_id, token) VALUES (%s, %s) RETURNING id",
                    (install.id, install.token),
                )
        """,
    )
    ended = project.repair("--dry-run")
    found = ended.proposal("PGA301")
    assert found["chosen"] == "one-statement"
    assert found["race"][3] == (
        'session 2  INSERT fails with 23505 on "installations_location": the row of session 1 is there'
    )
    assert (
        '+            "INSERT INTO installations (location_id, token) VALUES (%s, %s) ON CONFLICT (location_id) WHERE '
        'location_id IS NOT NULL DO UPDATE SET token = EXCLUDED.token RETURNING id",\n'
    ) in found["cures"][0]["diff"]
    assert ended.json["remaining"] == []


def test_a_race_without_an_index_gets_the_index_first(project: Project) -> None:
    project.schema("CREATE TABLE codes (id serial PRIMARY KEY, code text, used int)").write(
        "app.py",
        """
        def save(db, code):
            if not db.execute("SELECT 1 FROM codes WHERE code = %s", (code,)).fetchone():
                db.execute("INSERT INTO codes (code) VALUES (%s)", (code,))
        """,
    )
    ended = project.repair("--dry-run")
    (cure,) = ended.proposal("PGA301")["cures"]
    assert '+        db.execute("INSERT INTO codes (code) VALUES (%s) ON CONFLICT (code) DO NOTHING"' in cure["diff"]
    assert cure["needs"]["operations"][0]["arguments"]["columns"] == ["code"]
    assert [revision["operation"]["directive"] for revision in ended.json["revisions"]] == ["add_unique_online"]
    assert ended.json["remaining"] == []


@pytest.mark.parametrize("policy", [(), ("--nulls", "quarantine")])
def test_a_nullable_target_becomes_not_null(project: Project, database: str, policy: tuple[str, ...]) -> None:
    project.schema("CREATE TABLE m (a int NOT NULL, b int, v int, UNIQUE (a, b))").write(
        "app.sql", "INSERT INTO m (a, b, v) VALUES (1, 2, 3) ON CONFLICT (a, b) DO UPDATE SET v = EXCLUDED.v;\n"
    )
    ended = project.repair(*policy)
    assert ended.proposal("PGA205")["chosen"] == "not-null"
    (text,) = project.written().values()
    assert "op.set_not_null_online('m', schema='public', column='b'" in text
    assert ("nulls='quarantine'" in text.partition("def upgrade")[2]) is bool(policy)
    assert project.check().json["findings"] == []


def test_the_live_database_is_looked_at_and_never_written(project: Project, any_database: str) -> None:
    project.schema(USERS).write("app.sql", UPSERT)
    run(any_database, USERS + "INSERT INTO users VALUES (1, 'a'), (2, 'a'), (3, 'b')")
    ended = project.repair("--database-url", any_database, "--dry-run")
    change = ended.proposal("PGA101")["cures"][0]
    assert change["data"] == ["2 rows of public.users with 1 duplicate key (email), such as (email)=(a): 2 rows"]
    assert change["effect"]["broken"] == []
    assert rows(any_database, "SELECT count(*) FROM pg_indexes WHERE tablename = 'users'") == [(1,)]
    assert rows(any_database, "SELECT to_regnamespace('pgarbiter_data')") == [(None,)]


def test_a_revision_that_was_written_downgrades(project: Project, any_database: str) -> None:
    project.schema(INSTALLATIONS).write(
        "app.sql", "INSERT INTO installations (location_id) VALUES ('x') ON CONFLICT (location_id) DO NOTHING;\n"
    )
    assert project.repair().proposal("PGA102")["chosen"] == "full-index"
    ini = ("--ini", project.root / "alembic.ini", "--database-url", any_database)
    defined = "SELECT indexdef FROM pg_indexes WHERE indexname = 'installations_location'"
    assert project.command("migrate", "up", *ini, "0001").code == 0
    before = rows(any_database, defined)
    assert project.command("migrate", "up", *ini).code == 0
    assert "WHERE" not in rows(any_database, defined)[0][0]
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute("INSERT INTO installations (location_id) VALUES ('x') ON CONFLICT (location_id) DO NOTHING")
    assert project.command("migrate", "down", *ini, "0001").code == 0
    assert rows(any_database, defined) == before
