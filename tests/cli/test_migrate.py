"""`pgarbiter migrate` as a user meets it."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

ENV = """
    import os
    from alembic import context
    from sqlalchemy import create_engine

    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    with create_engine(url).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
REVISIONS = {
    "r1": ("op.execute('CREATE TABLE t (id int PRIMARY KEY, a int)')", "op.execute('DROP TABLE t')"),
    "r2": ("op.create_index('t_a_key', 't', ['a'], unique=True)", "op.drop_index('t_a_key')"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> Path:
    """A project in the working directory, and the database's URL in the environment."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (tmp_path / "migrations" / "env.py").write_text(dedent(ENV))
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "save.sql").write_text("INSERT INTO t (id, a) VALUES ($1, $2) ON CONFLICT (a) DO NOTHING;\n")
    before = None
    for name, (up, down) in REVISIONS.items():
        head = f'"""Step {name}."""\nfrom alembic import op\nrevision, down_revision = {name!r}, {before!r}\n'
        (versions / f"{name}.py").write_text(f"{head}def upgrade():\n    {up}\ndef downgrade():\n    {down}\n")
        before = name
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("PGARBITER_DATABASE_URL", _url(database))
    return tmp_path


def _url(conninfo: str, password: str = "") -> str:
    given = psycopg.conninfo.conninfo_to_dict(conninfo)
    who = f"{given['user']}{':' + password if password else ''}"
    return f"postgresql://{who}@/{given['dbname']}?host={given['host']}&port={given['port']}"


def test_a_plan_is_applied_verified_and_taken_back(pgarbiter: Run, project: Path, database: str) -> None:
    planned = pgarbiter("migrate", "plan", "--app", "app")
    assert (planned.code, planned.err) == (0, "")
    assert "2 revisions pending: nothing is in the way; 1 write site judged at each step" in planned.out
    done = pgarbiter("migrate", "up", "r1")
    assert (done.code, done.out) == (
        0, "1 revision applied, the database is at r1; PostgREST was told to reload on channel pgrst\n",
    )  # fmt: skip
    assert "r1  Step r1." in done.err
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("INSERT INTO t VALUES (1, 1), (2, 1)")
    planned = pgarbiter("migrate", "plan", "--app", "app")
    assert planned.code == 1
    assert "will fail: 2 rows of public.t with 1 duplicate key (a), such as (a)=(1): 2 rows" in planned.out
    assert "t SHARE: blocks writes, until the revision commits" in planned.out
    assert "gains       save.sql:1" in planned.out
    failed = pgarbiter("migrate", "up")
    assert failed.code == 2
    assert "could not create unique index" in failed.err
    assert "(23505); the database is at r1, nothing of the revision is kept" in failed.err
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DELETE FROM t WHERE id = 2")
    assert pgarbiter("migrate", "up", "--no-notify").out == "1 revision applied, the database is at r2\n"
    assert pgarbiter("migrate", "up").out == "nothing to do: the database is at r2\n"
    assert pgarbiter("migrate", "verify").out.endswith("1 relation that the revisions make: as they should be\n")
    assert pgarbiter("migrate", "down", "-1", "--no-notify").out == "1 revision taken back, the database is at r1\n"
    assert pgarbiter("migrate", "status").out.splitlines()[1:] == [
        "  at          r1", "  heads       r2", "  pending     r2  Step r2.",
    ]  # fmt: skip


def test_reports_are_json_too(pgarbiter: Run, project: Path, database: str) -> None:
    found = json.loads(pgarbiter("migrate", "status", "--format", "json").out)
    assert [each["revision"] for each in found["pending"]] == ["r1", "r2"]
    found = json.loads(pgarbiter("migrate", "plan", "--app", "app", "--format", "json").out)
    assert [step["sql"] for each in found["revisions"] for step in each["steps"]] == [
        "CREATE TABLE t (id int PRIMARY KEY, a int)",
        "CREATE UNIQUE INDEX t_a_key ON t (a)",
    ]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('r1')"
        )
    ended = pgarbiter("migrate", "verify", "--format", "json")
    assert ended.code == 1
    assert json.loads(ended.out)["differences"] == [{"kind": "missing", "what": "table t", "detail": None}]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY, a int)")
    done = json.loads(pgarbiter("migrate", "up", "--format", "json").out)
    assert (done["current"], done["notes"], done["notified"]) == (["r2"], [], "pgrst")
    (revision,) = done["revisions"]
    assert (revision["revision"], revision["down"], revision["online"]) == ("r2", ["r1"], None)
    assert [step["sql"] for step in revision["steps"]] == ["CREATE UNIQUE INDEX t_a_key ON t (a)"]
    undone = json.loads(pgarbiter("migrate", "down", "r1", "--format", "json").out)
    assert [each["revision"] for each in undone["revisions"]] == ["r2"]


def test_it_says_what_it_wants(pgarbiter: Run, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = pgarbiter("migrate", "up", "--ini", "nowhere.ini")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith('error: "nowhere.ini" does not exist')
    monkeypatch.delenv("PGARBITER_DATABASE_URL")
    ended = pgarbiter("migrate", "up")
    assert ended.code == 2
    assert "no database is named" in ended.err
    ended = pgarbiter("migrate", "up", "--python", "nowhere", "--database-url", "postgresql:///x?host=/nowhere")
    assert ended.code == 2


@pytest.mark.parametrize("command", ["plan", "up", "status", "verify"])
def test_a_password_is_shown_to_nobody(pgarbiter: Run, project: Path, database: str, command: str) -> None:
    (project / "migrations" / "env.py").write_text("import os\nraise ValueError(os.environ['DATABASE_URL'])\n")
    ended = pgarbiter("migrate", command, "--database-url", _url(database, "hunter2"))
    assert ended.code == 2
    assert "ValueError" in ended.err or "postgresql" in ended.err
    assert "hunter2" not in ended.out + ended.err


@pytest.mark.parametrize("command", ["plan", "up", "status", "verify"])
def test_a_server_that_is_not_there_is_one_error(pgarbiter: Run, project: Path, command: str) -> None:
    ended = pgarbiter("migrate", command, "--database-url", "postgresql://me:hunter2@127.0.0.1:1/x")
    assert (ended.code, ended.out) == (2, "")
    assert "could not connect" in ended.err
    assert "hint: Nothing was changed." in ended.err
    assert "hunter2" not in ended.err
