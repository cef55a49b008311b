"""`pgarbiter contract` of an application whose roles are known: what they must be allowed to goes with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import psycopg
import pytest

from pgarbiter.contract import schema

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Run

SCHEMA = """
CREATE TABLE profiles (handle text PRIMARY KEY, owner text, bio text, n serial);
CREATE TABLE notes (id int PRIMARY KEY, body text);
"""
ROLE = 'DO $$ BEGIN CREATE ROLE "the app"; EXCEPTION WHEN duplicate_object THEN NULL; END $$;'
GRANTS = """
GRANT USAGE ON SCHEMA public TO "the app"; GRANT SELECT, INSERT, UPDATE ON profiles, notes TO "the app";
GRANT USAGE ON SEQUENCE profiles_n_seq TO "the app";
"""
JS = """
import { createClient } from '@supabase/supabase-js';
const db = createClient(url, key);
export const save = () => db.from('profiles').upsert({ handle: 'a', owner: 'b' });
export const keep = (id) => sql`INSERT INTO notes (id, body) VALUES (${id}, 'x')
  ON CONFLICT (id) DO UPDATE SET body = notes.body || EXCLUDED.body WHERE notes.body <> 'y'`;
"""
POLICIES = """
ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY i ON profiles FOR INSERT WITH CHECK (owner = current_user);
CREATE POLICY s ON profiles FOR SELECT USING (true);
"""


@pytest.fixture
def contract(pgarbiter: Run, tmp_path: Path) -> Path:
    """Of an application whose schema source grants nothing."""
    project = tmp_path / "project"
    (project / "db").mkdir(parents=True)
    (project / "db" / "schema.sql").write_text(ROLE + SCHEMA)
    (project / "save.ts").write_text(JS)
    written = tmp_path / "contract.json"
    ended = pgarbiter("contract", "write", project, "--schema", "sql:db", "--role", "the app", "-o", written)
    assert (ended.code, ended.err) == (0, "")
    return written


@pytest.fixture
def admin(database: str) -> Iterator[psycopg.Connection[Any]]:
    """The database of the DBA, with the tables and the role that have no privileges yet."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute((ROLE + SCHEMA).encode())
        yield connection
        connection.execute('DROP OWNED BY "the app"; DROP ROLE "the app"')


def _verified(pgarbiter: Run, contract: Path, database: str) -> tuple[int, dict[str, tuple[bool | None, str | None]]]:
    ended = pgarbiter("contract", "verify", contract, "--database-url", database, "--format", "json")
    writes = json.loads(ended.out)["writes"]
    return ended.code, {one["write"]["table"]: (one["holds"], one["reason"]) for one in writes}


def test_what_the_role_writes_sets_and_reads_is_recorded(contract: Path) -> None:
    document = json.loads(contract.read_text())
    jsonschema.validate(document, schema.shipped())
    assert document["version"] == 2
    both = ["handle", "owner"]
    assert document["writes"] == [
        {
            "role": "the app",
            "schema": "public",
            "table": "notes",
            "action": "update",
            "columns": ["id", "body"],
            "set": ["body"],
            "excluded": ["body"],
            "reads": ["id", "body"],
            "conditional": True,
            "sites": 1,
        },
        {
            "role": "the app",
            "schema": "public",
            "table": "profiles",
            "action": "update",
            "columns": both,
            "set": both,
            "carried": both,
            "excluded": both,
            "reads": ["handle"],
            "sites": 1,
        },
    ]


def test_each_grant_that_the_database_lacks_is_told_and_cures(
    pgarbiter: Run, contract: Path, database: str, admin: psycopg.Connection[Any]
) -> None:
    ended = pgarbiter("contract", "verify", contract, "--database-url", database)
    assert ended.code == 1
    assert "2 needs: 2 hold, 2 permissions: 0 hold, 2 lost" in ended.out
    remedies = [line.split("remedy", 1)[1].strip() for line in ended.out.splitlines() if "remedy" in line]
    assert remedies[0] == 'GRANT INSERT (id, body), UPDATE (body), SELECT (id, body) ON public.notes TO "the app";'
    for remedy in remedies:
        admin.execute(remedy.encode())
    assert _verified(pgarbiter, contract, database) == (0, {"notes": (True, None), "profiles": (True, None)})
    with admin.transaction(force_rollback=True):
        admin.execute('SET LOCAL ROLE "the app"')
        for _ in range(2):
            admin.execute(
                "INSERT INTO public.profiles (handle, owner) VALUES ('a', 'b') ON CONFLICT (handle)"
                " DO UPDATE SET handle = EXCLUDED.handle, owner = EXCLUDED.owner"
            )


def test_a_policy_that_refuses_each_update_is_told(
    pgarbiter: Run, contract: Path, database: str, admin: psycopg.Connection[Any]
) -> None:
    admin.execute((GRANTS + POLICIES).encode())
    code, found = _verified(pgarbiter, contract, database)
    assert code == 1
    assert found["notes"] == (True, None)
    assert found["profiles"] == (
        False,
        'row security lets no row be updated: no UPDATE policy is for role "the app"',
    )


def test_a_role_that_is_not_there_is_lost(pgarbiter: Run, contract: Path, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
        assert _verified(pgarbiter, contract, database)[1]["notes"] == (False, 'role "the app" does not exist')


def test_without_a_role_the_file_is_the_one_that_older_versions_read(pgarbiter: Run, contract: Path) -> None:
    ended = pgarbiter("contract", "write", contract.parent / "project", "--schema", "sql:db")
    document = json.loads(ended.out)
    assert (document["version"], "writes" in document) == (1, False)


def test_what_roles_write_is_of_version_2_alone(pgarbiter: Run, contract: Path, database: str) -> None:
    contract.write_text(contract.read_text().replace('"version": 2', '"version": 1'))
    ended = pgarbiter("contract", "verify", contract, "--database-url", database)
    assert (ended.code, ended.out) == (2, "")
    assert '"writes" in version 1, which has none' in ended.err
