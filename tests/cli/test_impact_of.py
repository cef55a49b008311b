"""`pgarbiter impact`: what it says would happen is what happens when the change is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

SCHEMA = """
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, gone timestamptz);
CREATE UNIQUE INDEX users_email ON users (email);
CREATE UNIQUE INDEX users_email_again ON users (email);
CREATE UNIQUE INDEX users_lower ON users (lower(email));
CREATE UNIQUE INDEX users_open ON users (email, id) WHERE gone IS NULL;
CREATE TABLE "Seats" ("Row" int, no int, CONSTRAINT seat UNIQUE ("Row", no));
CREATE TABLE sold ("Row" int, no int, FOREIGN KEY ("Row", no) REFERENCES "Seats" ("Row", no));
CREATE TABLE logs (at date, line int, PRIMARY KEY (at, line)) PARTITION BY RANGE (at);
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW people AS SELECT id, email FROM users;
CREATE FUNCTION seat() RETURNS void LANGUAGE sql AS
$$ INSERT INTO "Seats" VALUES (1, 2) ON CONFLICT ON CONSTRAINT seat DO NOTHING $$;
"""
APP = """
INSERT INTO users (email) VALUES ('a') ON CONFLICT (email) DO NOTHING;
INSERT INTO people (email) VALUES ('a') ON CONFLICT (lower(email)) DO NOTHING;
INSERT INTO users (email) VALUES ('a') ON CONFLICT (email, id) WHERE gone IS NULL DO NOTHING;
INSERT INTO "Seats" VALUES (1, 2) ON CONFLICT ("Row", no) DO UPDATE SET no = 3;
INSERT INTO logs VALUES ('2026-02-02', 1) ON CONFLICT (at, line) DO NOTHING;
INSERT INTO logs_1 VALUES ('2026-02-02', 1) ON CONFLICT (at, line) DO NOTHING;
INSERT INTO users (email) VALUES ('a') ON CONFLICT DO NOTHING;
INSERT INTO "Seats" VALUES (1, 2) ON CONFLICT DO NOTHING;
INSERT INTO "Seats" VALUES (7, 7);
"""
DEFERRABLE = 'ALTER TABLE "Seats" DROP CONSTRAINT seat CASCADE, ADD CONSTRAINT seat UNIQUE ("Row", no) DEFERRABLE'
PARTIAL = "DROP INDEX users_lower; CREATE UNIQUE INDEX ON users (lower(email)) WHERE id > 5"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.sql").write_text(APP)
    return tmp_path


@pytest.fixture
def filled(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA.encode())
    return database


def fates(ended: Any, change: str) -> dict[str, str]:
    """The fate of each site: by its line, or the function that holds it."""
    subject = json.loads(ended.out)["subjects"][-1]
    sites = next(one["sites"] for one in subject["changes"] if one["change"] == change)
    return {one["object"] or str(one["line"]): one["fate"] for one in sites}


@pytest.mark.parametrize(
    ("name", "change", "statement", "wanted"),
    [
        ("users_email", "drop", "DROP INDEX users_email", {"2": "survives", "8": "survives"}),
        ("users_lower", "drop", "DROP INDEX users_lower", {"3": "dies", "8": "lets_in"}),
        ("users_open", "drop", "DROP INDEX users_open", {"4": "dies", "8": "survives"}),
        ("users_lower", "partial", PARTIAL, {"3": "dies", "8": "lets_in"}),
        (
            'public."Seats"',
            "drop",
            'DROP TABLE "Seats" CASCADE',
            {"5": "dies", "9": "dies", "10": "dies", "public.seat()": "dies"},
        ),
        (
            "seat",
            "drop",
            'ALTER TABLE "Seats" DROP CONSTRAINT seat CASCADE',
            {"5": "dies", "9": "lets_in", "public.seat()": "dies"},
        ),
        ("seat", "deferrable", DEFERRABLE, {"5": "dies", "9": "dies", "public.seat()": "dies"}),
        ("logs_pkey", "drop", "ALTER TABLE logs DROP CONSTRAINT logs_pkey", {"6": "dies", "7": "dies"}),
    ],
)
def test_what_is_said_of_a_change_is_what_the_server_then_says(
    pgarbiter: Run, project: Path, filled: str, name: str, change: str, statement: str, wanted: dict[str, str]
) -> None:
    told = pgarbiter("impact", name, project, "--database-url", filled, "--change", change, "--format", "json")
    document = json.loads(told.out)
    of_table = name.endswith('"')
    found = {one["object"] or str(one["line"]): one["fate"] for one in document["subjects"][0]["changes"][0]["sites"]}
    assert found == wanted
    assert told.code == int(bool({"dies", "lets_in"} & set(wanted.values())))
    with psycopg.connect(filled, autocommit=True) as connection:
        connection.execute(statement.encode())
        for number, line in enumerate(APP.splitlines(), 1):
            if line:
                refused = _is_refused(connection, line)
                assert refused == (wanted.get(str(number)) == "dies"), line
        if "public.seat()" in wanted and not of_table:
            assert _is_refused(connection, "SELECT seat()")


def _is_refused(connection: psycopg.Connection[Any], statement: str) -> bool:
    with connection.transaction(force_rollback=True):
        try:
            connection.execute(statement.encode())
        except psycopg.Error as error:
            return error.sqlstate in {"42P10", "42704", "42P01", "55000"}
    return False


def test_a_predicate_that_is_given_decides_what_any_predicate_leaves_open(
    pgarbiter: Run, project: Path, filled: str
) -> None:
    command = ("impact", "users_open", project, "--database-url", filled, "--change", "partial", "--format", "json")
    assert fates(pgarbiter(*command), "partial")["4"] == "unknown"
    assert fates(pgarbiter(*command, "--where", "gone IS NULL"), "partial")["4"] == "survives"
    assert fates(pgarbiter(*command, "--where", "id > 5"), "partial")["4"] == "dies"


def test_an_answer_that_only_leaves_something_open_is_not_clean(pgarbiter: Run, project: Path, filled: str) -> None:
    (project / "app.sql").write_text(APP.splitlines()[3])
    ended = pgarbiter("impact", "users_open", project, "--database-url", filled, "--change", "partial")
    assert ended.code == 2
    assert "it depends on the new predicate whether the WHERE of the conflict target implies it" in ended.out


def test_an_index_that_nobody_needs_can_go(pgarbiter: Run, project: Path, filled: str) -> None:
    (project / "app.sql").write_text(APP.splitlines()[1])
    ended = pgarbiter("impact", "users_lower", project, "--database-url", filled)
    assert ended.code == 0
    assert "no write site would die" in ended.out
    assert "if it becomes deferrable: cannot be: no constraint can be made of an index on expressions" in ended.out


def test_a_table_is_looked_at_with_each_of_its_unique_indexes(pgarbiter: Run, project: Path, filled: str) -> None:
    ended = pgarbiter("impact", "users", project, "--database-url", filled, "--format", "json")
    subjects = json.loads(ended.out)["subjects"]
    assert [one["index"] for one in subjects] == [
        None, "users_email", "users_email_again", "users_lower", "users_open", "users_pkey",
    ]  # fmt: skip


def test_what_depends_on_it_is_named(pgarbiter: Run, project: Path, filled: str) -> None:
    def depends(name: str) -> list[str]:
        ended = pgarbiter("impact", name, project, "--database-url", filled, "--format", "json")
        return [f"{one['kind']} {one['name']}" for one in json.loads(ended.out)["subjects"][0]["depends"]]

    assert depends("seat") == ["unique constraint seat", "foreign key sold_Row_no_fkey", "function public.seat()"]
    assert depends("users") == ["view public.people"]
    assert depends("logs") == ["partition public.logs_1"]


def test_the_part_of_an_index_on_a_partition_is_said_to_be_one(pgarbiter: Run, project: Path, filled: str) -> None:
    ended = pgarbiter("impact", "logs_1_pkey", project, "--database-url", filled)
    assert 'it may be a part of index "logs_pkey" of "public.logs"' in " ".join(ended.out.split())


def test_writes_without_a_conflict_clause_are_counted(pgarbiter: Run, project: Path, filled: str) -> None:
    ended = pgarbiter("impact", "seat", project, "--database-url", filled)
    assert "1 other write to the table without a conflict clause" in ended.out


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("user", 'table or index "user" does not exist', "Did you mean users?"),
        ("Seats", 'table or index "seats" does not exist', 'Did you mean "Seats"?'),
        ("other.users", 'table or index "other.users" does not exist', "Did you mean public.users?"),
        ("nothing_like_it", 'table or index "nothing_like_it" does not exist', ""),
        ("users; DROP TABLE users", "is no name of a table or index", ""),
        ("users AS u", "is no name of a table or index", ""),
        ("", "is no name of a table or index", ""),
        ('"a\x1b[31m', "is no name of a table or index", ""),
    ],
)
def test_a_name_that_means_nothing_ends_with_2_and_the_nearest(
    pgarbiter: Run, project: Path, filled: str, name: str, message: str, hint: str
) -> None:
    ended = pgarbiter("impact", name, project, "--database-url", filled)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert hint in ended.err
    assert "\x1b" not in ended.err


def test_a_predicate_that_is_no_condition_ends_with_2(pgarbiter: Run, project: Path, filled: str) -> None:
    ended = pgarbiter("impact", "users", project, "--database-url", filled, "--where", "a >")
    assert ended.code == 2
    assert 'predicate "a >" cannot be read' in ended.err


def test_a_client_that_takes_the_primary_key_would_insert_plainly(pgarbiter: Run, project: Path, filled: str) -> None:
    (project / "app.sql").unlink()
    (project / "keys.ts").write_text(
        "import { createClient } from '@supabase/supabase-js';\n"
        "const db = createClient(url, key);\n"
        "export const save = () => db.from('users').upsert({ id: 1, email: 'e' });\n"
    )
    ended = pgarbiter("impact", "users_pkey", project, "--database-url", filled, "--format", "json")
    assert ended.code == 1
    assert set(fates(ended, "drop").values()) == {"lets_in"}
    assert set(fates(ended, "deferrable").values()) == {"dies"}


def test_a_table_that_goes_is_missed_under_the_name_that_the_statement_has(
    pgarbiter: Run, project: Path, database: str
) -> None:
    (project / "app.sql").write_text(
        'INSERT INTO "My s"."T""t" (id) VALUES (1) ON CONFLICT DO NOTHING;\nINSERT INTO u (id) VALUES (1);\n'
    )
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "My s"; CREATE TABLE "My s"."T""t" (id int); CREATE TABLE u (id int)')
        for name, statement in (('"My s"."T""t"', 0), ("u", 1)):
            ended = pgarbiter("impact", name, project, "--database-url", database, "--format", "json")
            (site,) = json.loads(ended.out)["subjects"][0]["changes"][0]["sites"]
            connection.execute(f"DROP TABLE {name}".encode())
            with pytest.raises(psycopg.errors.UndefinedTable) as caught:
                connection.execute((project / "app.sql").read_text().splitlines()[statement].encode())
            assert caught.value.diag.message_primary in site.values()
