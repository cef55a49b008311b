"""A change breaks the write sites that one schema takes and the other refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.cli import cli

if TYPE_CHECKING:
    from pgarbiter.server import Server

OLD = """
CREATE TABLE users (id int PRIMARY KEY, email text NOT NULL, legacy text, qty int);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE TABLE gone (a int, b int, c int);
CREATE TABLE same (id int PRIMARY KEY);
"""
APP = {
    "arbiter": "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (email) DO NOTHING",
    "key": "INSERT INTO users (id, email) VALUES (1, 'a') ON CONFLICT (id) DO NOTHING",
    "legacy": "INSERT INTO users (id, email, legacy) VALUES (1, 'a', 'b')",
    "plain": "INSERT INTO users (id, email) VALUES (1, 'a')",
    "gone": "INSERT INTO gone (a) VALUES (1)",
    "same": "INSERT INTO same (id) VALUES (1) ON CONFLICT (id) DO NOTHING",
    "later": "INSERT INTO users (id, email, token) VALUES (1, 'a', 'b')",
}
CASES = {  # what the new schema is made by: what is broken, by which change
    "DROP INDEX users_email": {"arbiter": "index users_email"},
    "DROP INDEX users_email; CREATE INDEX users_email ON users (email)": {"arbiter": "index users_email"},
    "DROP INDEX users_email; CREATE UNIQUE INDEX users_email ON users (email) WHERE qty > 3": {
        "arbiter": "index users_email"
    },
    "ALTER INDEX users_email RENAME TO other": {},
    "ALTER TABLE users DROP CONSTRAINT users_pkey": {"key": "constraint users_pkey"},
    "ALTER TABLE users DROP legacy": {"legacy": "column legacy"},
    "ALTER TABLE users RENAME legacy TO former": {"legacy": "column former"},
    "ALTER TABLE users ALTER qty SET NOT NULL": {
        "arbiter": "column qty",
        "key": "column qty",
        "legacy": "column qty",
        "plain": "column qty",
    },
    "ALTER TABLE users ADD more int NOT NULL": {
        "arbiter": "column more",
        "key": "column more",
        "legacy": "column more",
        "plain": "column more",
    },
    "ALTER TABLE users ADD more int NOT NULL DEFAULT 1": {},
    "ALTER TABLE users ADD token text": {"later": "column token"},
    "DROP TABLE gone": {"gone": "table public.gone"},
    "ALTER TABLE gone RENAME TO went": {"gone": "table public.went"},
    "COMMENT ON TABLE users IS 'x'": {},
}


def _run(place: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(cli, ["diff", *arguments, "--format", f"json:{place / 'out.json'}"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, json.loads((place / "out.json").read_text())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server18: Server) -> Path:
    """A directory with a schema and an application, where commands take a server that runs already."""
    monkeypatch.chdir(tmp_path)
    known = conninfo_to_dict(server18.conninfo("postgres"))
    url = f"postgresql://{known['user']}@/postgres?host={quote(str(known['host']))}&port={known['port']}"
    for command in ("DIFF", "SNAPSHOT"):
        monkeypatch.setenv(f"PGARBITER_{command}_SERVER", url)
        monkeypatch.setenv(f"PGARBITER_{command}_SUPERUSER", "1")
    monkeypatch.setenv("PGARBITER_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "old.sql").write_text(OLD)
    app = tmp_path / "app"
    app.mkdir()
    for name, sql in APP.items():
        (app / f"{name}.py").write_text(f'import psycopg\n\n\ndef save(conn):\n    conn.execute("{sql}")\n')
    return tmp_path


@pytest.mark.parametrize("ddl", CASES)
def test_the_change_that_breaks_a_site_names_it(ddl: str, place: Path) -> None:
    (place / "new.sql").write_text(f"{OLD};\n{ddl};\n")
    _, document = _run(place, "sql:old.sql", "sql:new.sql", "--app", "app")
    broken = {
        Path(site.rpartition(":")[0]).stem: change["title"]
        for change in document["changes"]
        for effect in change["effects"]
        if effect["severity"] == "breaks"
        for site in effect["sites"]
    }
    assert broken == CASES[ddl]
    assert all(
        site.startswith("app/") and site.endswith(".py:5")
        for change in document["changes"]
        for effect in change["effects"]
        for site in effect["sites"]
    )


def test_the_side_that_refuses_is_named(place: Path) -> None:
    (place / "new.sql").write_text(OLD.replace("legacy text, ", ""))
    for old, new in (("sql:old.sql", "sql:new.sql"), ("sql:new.sql", "sql:old.sql")):
        code, document = _run(place, old, new, "--app", "app", "--fail-on", "breaks")
        (change,) = document["changes"]
        assert change["effects"][0]["text"].startswith("refused by sql:new.sql: column")
        assert (code, change["severity"]) == (1, "breaks")


def test_named_sources_judge_sites_too(place: Path) -> None:
    for name, text in (("one", OLD), ("two", OLD.replace("legacy text, ", ""))):
        (place / name).mkdir()
        (place / name / "same.sql").write_text(text)
    (place / "pgarbiter.toml").write_text('[sources]\na = "sql:one/same.sql"\nb = "sql:two/same.sql"\n')
    _, document = _run(place, "a", "b", "--app", "app")
    assert document["changes"][0]["effects"][0]["text"].startswith("refused by sql:two/same.sql: column")


def test_sites_that_cannot_be_judged_are_counted(place: Path) -> None:
    (place / "old.sql").write_text("CREATE TABLE same (id int)")
    _, document = _run(place, "sql:old.sql", "sql:old.sql", "--app", "app")
    assert document["notes"][-1] == "Of 7 write sites, 6 could not be judged by both schemas."


def test_tests_and_migrations_are_no_application(place: Path) -> None:
    for name in ("tests/test_save.py", "migrations/0001.sql"):
        (place / "more" / name).parent.mkdir(parents=True)
    (place / "more/tests/test_save.py").write_text((place / "app/gone.py").read_text())
    (place / "more/migrations/0001.sql").write_text(f"{APP['gone']};\n")
    (place / "new.sql").write_text(OLD.replace("CREATE TABLE gone (a int, b int, c int);", ""))
    _, document = _run(place, "sql:old.sql", "sql:new.sql", "--app", "more")
    assert [change["severity"] for change in document["changes"]] == ["destructive"]
    assert document["notes"][-1] == "The application has no write site."


def test_a_snapshot_judges_no_site_and_says_so(place: Path) -> None:
    assert CliRunner().invoke(cli, ["snapshot", "sql:old.sql", "-o", "old.json"]).exit_code == 0
    _, document = _run(place, "snapshot:old.json", "sql:old.sql", "--app", "app")
    assert document["notes"][-1].startswith("Write sites were not judged")


def test_an_application_that_is_not_there_is_told(place: Path) -> None:
    result = CliRunner().invoke(cli, ["diff", "sql:old.sql", "sql:old.sql", "--app", "nowhere"])
    assert result.exit_code == 2
