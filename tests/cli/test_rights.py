"""Commands that read a live database, as a role that may not: a clear error each time, and never an internal one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Ended, Run

SITE = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING;\n"
COMMANDS = (
    ("check", "--database-url"),
    ("contract", "write", "-o", "new.json", "--allow-broken", "--database-url"),
    ("impact", "t_pkey", "--database-url"),
    ("explain", "--error", "Could not find the 'x' column of 't' in the schema cache", "--database-url"),
    ("explain", "--sql", SITE, "--database-url"),
    ("repair", "--dry-run", "--database-url"),
    ("baseline", "update", "--database-url"),
    ("snapshot",),
    ("erd",),
)


@pytest.fixture
def limited(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database with a table, seen by a role that has no right to anything; the directory has a write site."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.sql").write_text(SITE)
    role = f"limited_{conninfo_to_dict(database)['dbname']}"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int PRIMARY KEY, c int NOT NULL DEFAULT 0)")
        connection.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC")
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hunter2'".encode())
        yield make_conninfo(database, user=role, password="hunter2")
        connection.execute(f"DROP OWNED BY {role}".encode())
        connection.execute(f"DROP ROLE {role}".encode())


def _run(pgarbiter: Run, database: str, limited: str, hardening: str) -> dict[str, Ended]:
    names = conninfo_to_dict(limited)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(hardening.format(role=names["user"], database=names["dbname"]).encode())
    return {" ".join(command[:2]): pgarbiter(*command, limited) for command in COMMANDS}


@pytest.mark.parametrize(
    ("hardening", "told"),
    [
        ("REVOKE CONNECT ON DATABASE {database} FROM PUBLIC", "permission denied for database"),
        ("REVOKE SELECT ON pg_catalog.pg_index FROM PUBLIC", "permission denied for table pg_index"),
        ("REVOKE SELECT ON pg_catalog.pg_namespace FROM PUBLIC", "permission denied for table pg_namespace"),
    ],
)
def test_a_role_that_may_not_read_is_told_so(
    pgarbiter: Run, database: str, limited: str, tmp_path: Path, hardening: str, told: str
) -> None:
    for command, ended in _run(pgarbiter, database, limited, hardening).items():
        assert (command, ended.code, ended.out) == (command, 2, "")
        assert ended.err.startswith("error: could not ")
        assert told in ended.err
        assert "hunter2" not in ended.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sql"]


def test_a_role_without_any_right_to_the_tables_reads_the_catalog(pgarbiter: Run, limited: str) -> None:
    ended = pgarbiter("check", "--database-url", limited)
    assert ended.code == 1
    assert 'no unique index of "public.t" matches' in ended.out
    assert pgarbiter("impact", "t_pkey", "--database-url", limited).code == 0
    assert pgarbiter("snapshot", limited).code == 0


def test_a_statement_timeout_of_the_role_is_told(pgarbiter: Run, database: str, limited: str) -> None:
    for ended in _run(pgarbiter, database, limited, "ALTER ROLE {role} SET statement_timeout = 1").values():
        assert "internal error" not in ended.err
