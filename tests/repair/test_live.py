"""Repair of a live database that has no schema source beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

from .conftest import rows, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ended

ACCOUNTS = "CREATE TABLE accounts (id serial PRIMARY KEY, owner int NOT NULL, ig text NOT NULL UNIQUE, name {});"
WIDER = "INSERT INTO accounts (owner, ig) VALUES (1, 'x') ON CONFLICT (owner, ig) DO UPDATE SET name = 'n';\n"
NARROW = "INSERT INTO accounts (owner, ig) VALUES (1, 'x') ON CONFLICT (ig) DO NOTHING;\n"


@pytest.fixture
def changes(tmp_path: Path, command: Callable[..., Ended], any_database: str) -> Callable[[str, str, str], Any]:
    """The cures of the schema for a finding of that rule, by name, and what else is said of it."""

    def found(schema: str, app: str, code: str) -> Any:
        run(any_database, schema)
        (tmp_path / "app.sql").write_text(app)
        proposal = command("repair", tmp_path, "--database-url", any_database, "--format", "json").proposal(code)
        return {cure["name"]: cure for cure in proposal["cures"] if cure["kind"] == "schema"}, proposal

    return found


def test_a_change_is_tried_on_the_table_rebuilt(changes: Callable[[str, str, str], Any], any_database: str) -> None:
    cures, _ = changes(ACCOUNTS.format("text"), WIDER + NARROW, "PGA101")
    assert [(e["line"], e["code"]) for e in cures["wider-key"]["effect"]["broken"]] == [(2, "PGA101")]
    assert cures["unique-index"]["effect"]["broken"] == []
    assert cures["unique-index"]["data"] == ["no row is in the way"]
    assert rows(any_database, "SELECT count(*) FROM pg_index WHERE indrelid = 'accounts'::regclass") == [(2,)]


def test_a_table_that_cannot_be_rebuilt_leaves_its_cures_untried(changes: Callable[[str, str, str], Any]) -> None:
    cures, _ = changes("CREATE TYPE mood AS ENUM ('n');" + ACCOUNTS.format("mood"), WIDER, "PGA101")
    assert {name: cure["effect"] for name, cure in cures.items()} == {"unique-index": None, "wider-key": None}


def test_a_key_that_a_foreign_key_needs_is_not_replaced(changes: Callable[[str, str, str], Any]) -> None:
    child = "CREATE TABLE posts (ig text REFERENCES accounts (ig));"
    cures, proposal = changes(ACCOUNTS.format("text") + child, WIDER, "PGA101")
    assert list(cures) == ["unique-index"]
    assert 'foreign key "posts_ig_fkey" of "public.posts" needs it' in proposal["not_offered"][0]["why"]


def test_an_index_that_a_build_left_invalid_is_built_anew(
    changes: Callable[[str, str, str], Any], any_database: str
) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL)")
        connection.execute("INSERT INTO t (a) VALUES (1), (1), (2)")
        with pytest.raises(errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY t_a_key ON t (a)")
    cures, proposal = changes("SELECT 1", "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n", "PGA107")
    assert proposal["chosen"] == "rebuild"
    assert [(e["line"], e["code"]) for e in cures["rebuild"]["effect"]["cured"]] == [(1, "PGA107")]
    assert cures["rebuild"]["data"] == ["2 rows of public.t with 1 duplicate key (a), such as (a)=(1): 2 rows"]
    assert cures["rebuild"]["operations"][0]["arguments"]["name"] == "t_a_key"


def test_the_script_of_a_rebuild_runs_where_the_leftover_is(
    tmp_path: Path, command: Callable[..., Ended], any_database: str
) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL)")
        connection.execute("INSERT INTO t (a) VALUES (1), (1), (2)")
        with pytest.raises(errors.UniqueViolation):
            connection.execute('CREATE UNIQUE INDEX CONCURRENTLY "t a" ON t (a)')
        connection.execute("DELETE FROM t WHERE id = 2")
    (tmp_path / "app.sql").write_text("INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = command("repair", tmp_path, "--database-url", any_database, "--format", "json")
    (script,) = ended.json["scripts"]
    with psycopg.connect(any_database, autocommit=True) as connection:
        for statement in script.splitlines():
            connection.execute(statement)
    assert command("check", tmp_path, "--database-url", any_database, "--format", "json").json["findings"] == []
