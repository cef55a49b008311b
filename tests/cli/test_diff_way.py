"""`pgarbiter diff --format sql` and `--format alembic` from the command line."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.majors import installed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pgarbiter.server import Server

    from .conftest import Ended

OLD = """CREATE TYPE mood AS ENUM ('a'); CREATE TABLE users (id int, name text, note text);
CREATE TABLE gone (a int); CREATE INDEX one ON users (name);"""
NEW = """CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE users (id int NOT NULL, name varchar(20) DEFAULT 'it''s \\', note text, mood mood DEFAULT 'b');
CREATE INDEX two ON users (name) WHERE mood = 'b';"""


@pytest.fixture
def diff(
    pgarbiter: Callable[..., Ended], server18: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ended]:
    known = conninfo_to_dict(server18.conninfo("postgres"))
    url = f"postgresql://{known['user']}@/postgres?host={quote(str(known['host']))}&port={known['port']}"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.sql").write_text(OLD)
    (tmp_path / "new.sql").write_text(NEW)
    return lambda *options: pgarbiter("diff", *options, "--server", url, "--superuser")


@pytest.mark.parametrize("options", [(), ("--online",)])
def test_psql_runs_the_script(
    options: tuple[str, ...], diff: Callable[..., Ended], database: str, tmp_path: Path
) -> None:
    found = installed(18)
    program = found.directory / "psql" if found else None
    if program is None or not program.exists():
        pytest.skip("the programs of PostgreSQL 18 here are without psql")
    ended = diff("sql:old.sql", "sql:new.sql", "-f", "sql:way.sql", "--allow-destructive", *options)
    assert (ended.code, ended.err) == (1, "")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(OLD.encode())
    run = [program, "-X", "-q", "-d", database, "-f", "way.sql"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert diff(database, "sql:new.sql").out.splitlines()[-1] == "no difference"


def test_a_revision_says_what_it_follows(diff: Callable[..., Ended]) -> None:
    ended = diff("sql:old.sql", "sql:new.sql", "--format", "alembic", "--revises", "4c1d0e")
    assert "down_revision = '4c1d0e'" in ended.out
    assert "# DROP TABLE public.gone;" in ended.out
    compile(ended.out, "revision.py", "exec")


def test_a_source_without_types_is_told_to_be_too_little(diff: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "database.types.ts").write_text(
        "export type Database = { public: { Tables: { users: { Row: { id: number | null }"
        ", Insert: { id?: number | null }, Update: {} } } } }"
    )
    ended = diff("sql:old.sql", "types:database.types.ts", "--format", "sql")
    assert "says too little for a statement" in ended.out
    assert "ALTER" not in ended.out
