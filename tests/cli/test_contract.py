"""`pgarbiter contract`: what is recorded, and what a database is told that lacks some of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from pgarbiter.contract import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import Run

SCHEMA = """
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, name text);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE TABLE "Seats" ("Row" int, "no" int, gone timestamptz, CONSTRAINT "seat's" UNIQUE ("Row", "no"));
CREATE UNIQUE INDEX seats_open ON "Seats" ("Row") WHERE gone IS NULL;
CREATE TABLE booked (at int4range, EXCLUDE USING gist (at WITH &&));
CREATE VIEW people AS SELECT id, email, name FROM users;
"""
APP = """
INSERT INTO users (email, name) VALUES ('secret', 'a') ON CONFLICT (lower(email)) DO UPDATE SET name = 'b';
INSERT INTO people (email) VALUES ('c') ON CONFLICT (lower(email)) DO NOTHING;
INSERT INTO "Seats" VALUES (1, 2) ON CONFLICT ON CONSTRAINT "seat's" DO NOTHING;
INSERT INTO "Seats" ("Row") VALUES (1) ON CONFLICT ("Row") WHERE gone IS NULL DO UPDATE SET gone = now();
INSERT INTO "Seats" ("no", "Row") VALUES (3, 1) ON CONFLICT ("no", "Row") DO NOTHING;
INSERT INTO "Seats" ("Row", "no") VALUES (3, 1) ON CONFLICT ("Row", "no") DO NOTHING;
INSERT INTO booked VALUES ('[1,2]') ON CONFLICT DO NOTHING;
INSERT INTO users (email) VALUES ('d') ON CONFLICT DO NOTHING;
"""
BROKEN = "INSERT INTO users (email) VALUES ('d') ON CONFLICT (email) DO NOTHING;\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An application with a need of every kind."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "schema.sql").write_text(SCHEMA)
    (tmp_path / "app.sql").write_text(APP)
    (tmp_path / "keys.ts").write_text(
        "import { createClient } from '@supabase/supabase-js';\n"
        "const db = createClient(url, key);\n"
        "export const save = () => db.from('users').upsert({ id: 1, email: 'e' });\n"
    )
    return tmp_path


@pytest.fixture
def contract(pgarbiter: Run, project: Path) -> Path:
    """The contract of that application."""
    written = project / "contract.json"
    ended = pgarbiter("contract", "write", project, "-o", written)
    assert (ended.code, ended.err) == (0, "")
    return written


@pytest.fixture
def connecting(database: str) -> Iterator[str]:
    """The database, which has the tables, for a role that may do nothing but connect."""
    role = sql.Identifier("only_connects")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        yield make_conninfo(database, user="only_connects")
        connection.execute(sql.SQL("DROP ROLE {}").format(role))


def needs(path: Path) -> list[tuple[str, str, list[str], str, int]]:
    return [
        (n["table"], n["kind"], n["elements"], n["action"], n["sites"]) for n in json.loads(path.read_text())["needs"]
    ]


def answers(ended: Any) -> dict[tuple[str, str, bool | None], str | None]:
    found = json.loads(ended.out)["needs"]
    return {(one["need"]["table"], one["need"]["kind"], one["holds"]): one["reason"] for one in found}


def test_each_distinct_need_is_one_line_and_sites_are_counted(contract: Path) -> None:
    assert needs(contract) == [
        ("Seats", "constraint", ['"Row"', "no"], "nothing", 1),
        ("Seats", "elements", ['"Row"', "no"], "nothing", 2),
        ("Seats", "elements", ['"Row"'], "update", 1),
        ("booked", "any", [], "nothing", 1),
        ("people", "elements", ["lower(email)"], "nothing", 1),
        ("users", "any", [], "nothing", 1),
        ("users", "elements", ["lower(email)"], "update", 1),
        ("users", "primary_key", ["id"], "update", 1),
    ]
    assert len([line for line in contract.read_text().splitlines() if '"table"' in line]) == 8
    jsonschema.validate(json.loads(contract.read_text()), schema.shipped())


def test_no_word_of_the_source_is_in_it(contract: Path) -> None:
    text = contract.read_text()
    for word in ("secret", "app.sql", "keys.ts", "INSERT", "supabase", "now()", str(contract.parent)):
        assert word not in text


def test_do_nothing_without_a_target_needs_the_keys_that_can_stop_its_rows(contract: Path) -> None:
    found = [need["keys"] for need in json.loads(contract.read_text())["needs"] if need["kind"] == "any"]
    assert found == [
        [{"elements": [], "predicate": None, "constraint": "booked_at_excl"}],
        [{"elements": ["(lower(email))"], "predicate": None, "constraint": None}],  # id is left to its identity
    ]


def test_the_same_application_gives_the_same_bytes(pgarbiter: Run, project: Path, contract: Path) -> None:
    first = contract.read_bytes()
    (project / "app.sql").write_text("\n\n-- moved\n" + "\n".join(reversed(APP.strip().splitlines())))
    assert pgarbiter("contract", "write", project).out.encode() == first


def test_the_shipped_schema_is_that_of_the_types() -> None:
    assert schema.render(schema.generate()) == schema.render(schema.shipped())
    jsonschema.Draft202012Validator.check_schema(schema.shipped())


def test_every_need_holds_where_it_was_recorded(pgarbiter: Run, project: Path, contract: Path) -> None:
    ended = pgarbiter("contract", "verify", contract, "--schema", f"sql:{project / 'db' / 'schema.sql'}")
    assert (ended.code, ended.err) == (0, "")
    assert "8 needs: 8 hold" in ended.out


def test_a_role_that_may_only_connect_is_enough(pgarbiter: Run, contract: Path, connecting: str) -> None:
    ended = pgarbiter("contract", "verify", contract, "--database-url", connecting, "--format", "json")
    assert ended.code == 0, ended.out
    assert {holds for *_, holds in answers(ended)} == {True}


def test_a_database_without_its_unique_indexes_has_every_lost_need_named(
    pgarbiter: Run, contract: Path, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("""
            ALTER TABLE users DROP CONSTRAINT users_pkey; DROP INDEX users_email; DROP INDEX seats_open;
            ALTER TABLE "Seats" DROP CONSTRAINT "seat's"; ALTER TABLE booked DROP CONSTRAINT booked_at_excl
        """)
        ended = pgarbiter("contract", "verify", contract, "--database-url", database, "--format", "json")
        assert ended.code == 1
        assert {holds for *_, holds in answers(ended)} == {False}
        document = json.loads(ended.out)
        assert "duplicates" in document["notes"][0]
        statements = [statement for one in document["needs"] for statement in one["remedies"]]
        for statement in dict.fromkeys(statements):
            connection.execute(statement)
    again = pgarbiter("contract", "verify", contract, "--database-url", database, "--format", "json")
    lost = [one["need"]["table"] for one in json.loads(again.out)["needs"] if not one["holds"]]
    assert lost == ["booked"]  # the contract does not have the operators of an exclusion constraint


@pytest.mark.parametrize(
    ("change", "lost", "reason"),
    [
        (
            'ALTER TABLE "Seats" DROP CONSTRAINT "seat\'s"; CREATE UNIQUE INDEX "seat\'s" ON "Seats" ("Row", "no")',
            {("Seats", "constraint")},
            'constraint "seat\'s" for table "Seats" does not exist',
        ),
        (
            'ALTER TABLE "Seats" DROP CONSTRAINT "seat\'s", ADD CONSTRAINT "seat\'s" UNIQUE ("Row", "no") DEFERRABLE',
            {("Seats", "constraint"), ("Seats", "elements")},
            "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters",
        ),
        (
            'DROP INDEX seats_open; CREATE UNIQUE INDEX seats_open ON "Seats" ("Row") WHERE gone IS NOT NULL',
            {("Seats", "elements")},
            "there is no unique or exclusion constraint matching the ON CONFLICT specification",
        ),
        (
            "ALTER TABLE users DROP CONSTRAINT users_pkey, ADD PRIMARY KEY (id, email)",
            {("users", "primary_key")},
            "the primary key is on (email, id), wanted (id)",
        ),
        (
            'ALTER TABLE "Seats" DROP CONSTRAINT "seat\'s", ADD CONSTRAINT "seat\'s" UNIQUE ("no")',
            {("Seats", "constraint"), ("Seats", "elements")},
            'constraint "seat\'s" is on (no), wanted ("Row", no)',
        ),
        (
            "ALTER TABLE users DROP COLUMN email CASCADE",
            {("users", "elements"), ("users", "any"), ("people", "elements")},
            'column "email" does not exist',
        ),
        ("DROP TABLE booked", {("booked", "any")}, 'relation "public.booked" does not exist'),
    ],
)  # fmt: skip
def test_what_a_change_costs_is_said_need_by_need(
    pgarbiter: Run, contract: Path, database: str, change: str, lost: set[tuple[str, str]], reason: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute(change.encode())
    ended = pgarbiter("contract", "verify", contract, "--database-url", database, "--format", "json")
    found = answers(ended)
    assert ended.code == 1
    assert {(table, kind) for table, kind, holds in found if not holds} == lost
    assert reason in {told for (_, _, holds), told in found.items() if not holds}


def test_the_remedy_of_an_index_that_failed_to_build_is_to_build_it_again(
    pgarbiter: Run, contract: Path, database: str
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_email'::regclass")
    ended = pgarbiter("contract", "verify", contract, "--database-url", database)
    assert ended.code == 1
    assert "REINDEX INDEX CONCURRENTLY public.users_email;" in ended.out
    assert "duplicates that stand in the way" in ended.out


def test_a_predicate_with_a_variable_of_plpgsql_is_decided_as_the_statement_was(
    pgarbiter: Run, project: Path, database: str
) -> None:
    (project / "app.sql").write_text("""
        CREATE FUNCTION f(kind text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE v_gone timestamptz; BEGIN
          INSERT INTO "Seats" AS s ("Row", "no") VALUES (1, 2)
          ON CONFLICT ("Row", "no") WHERE s.gone = v_gone DO NOTHING;
        END $$;
    """)
    ended = pgarbiter("contract", "write", project)
    need = json.loads(ended.out)["needs"][0]
    assert (need["alias"], need["variables"]) == ("s", ["v_gone"])
    (project / "contract.json").write_text(ended.out)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SCHEMA)
    assert pgarbiter("contract", "verify", project / "contract.json", "--database-url", database).code == 0


def test_a_site_without_an_arbiter_is_not_silently_left_out(pgarbiter: Run, project: Path, tmp_path: Path) -> None:
    (project / "broken.sql").write_text(BROKEN)
    output = tmp_path / "kept.json"
    output.write_text("kept")
    ended = pgarbiter("contract", "write", project, "-o", output)
    assert (ended.code, output.read_text()) == (1, "kept")
    assert "error: broken.sql:1: no arbiter serves: there is no unique" in ended.err
    allowed = pgarbiter("contract", "write", project, "-o", output, "--allow-broken")
    assert allowed.code == 0
    assert json.loads(output.read_text())["summary"] == {
        "needs": 8, "sites": 9, "broken": 1, "unknown": 0, "unresolved": 0,
    }  # fmt: skip


def test_sites_of_which_nothing_is_known_are_told_and_counted(pgarbiter: Run, project: Path) -> None:
    (project / "other.ts").write_text(
        "import { createClient } from '@supabase/supabase-js';\n"
        "const db = createClient(url, key);\n"
        "export const a = (t: string) => db.from(t).upsert({ id: 1 }, { onConflict: process.env.KEYS });\n"
    )
    (project / "missing.sql").write_text("INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("contract", "write", project)
    assert ended.code == 0
    assert json.loads(ended.out)["summary"] | {"needs": 0, "sites": 0} == {
        "needs": 0, "sites": 0, "broken": 0, "unknown": 1, "unresolved": 1,
    }  # fmt: skip
    assert "missing.sql:1: cannot tell whether an arbiter serves" in ended.err
    assert "other.ts:3: what it writes is not known" in ended.err


def test_an_application_of_which_nothing_can_be_told_has_no_contract(pgarbiter: Run, project: Path) -> None:
    (project / "keys.ts").unlink()
    (project / "app.sql").write_text("INSERT INTO elsewhere (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n")
    ended = pgarbiter("contract", "write", project)
    assert (ended.code, ended.out) == (2, "")


def test_tests_and_migrations_need_nothing(pgarbiter: Run, project: Path, contract: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests" / "test_it.py").write_text(
        "import psycopg\ndef test_it(c: psycopg.Connection) -> None:\n"
        "    c.execute('INSERT INTO users (email) VALUES (1) ON CONFLICT (id) DO NOTHING')\n"
    )
    assert pgarbiter("contract", "write", project).out == contract.read_text()


def test_a_table_that_a_schema_source_lacks_cannot_be_told(pgarbiter: Run, contract: Path, tmp_path: Path) -> None:
    (tmp_path / "less.sql").write_text("".join(f"{line};" for line in SCHEMA.split(";") if "booked" not in line))
    ended = pgarbiter("contract", "verify", contract, "--schema", f"sql:{tmp_path / 'less.sql'}")
    assert ended.code == 2
    assert 'cannot tell  "public.booked" ON CONFLICT DO NOTHING, 1 site' in ended.out


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text[:-20], "is no JSON"),
        (lambda _: "[" * 100_000, "is no JSON"),
        (lambda _: '{"a": 1}', "is no contract"),
        (lambda text: text.replace('"version": 1', '"version": 3'), "is of version 3, wanted 2 or older"),
        (lambda text: text.replace('"version": 1', '"version": 2'), 'no "writes" in version 2, which has some'),
        (
            lambda text: text.replace('"version": 1', '"version": 2, "writes": []'),
            'no "writes" in version 2, which has some',
        ),
        (lambda text: text.replace('"version": 1', '"version": 1, "writes": []'), "in version 1, which has none"),
        (lambda text: text.replace('"action": "update"', '"action": "merge"'), '"needs.2.action"'),
        (lambda text: text.replace('"sites": 2', '"sites": "2"'), '"needs.1.sites"'),
        (lambda text: text.replace('"sites": 2', '"sites": 2, "later": 1'), '"needs.1.later"'),
        (lambda text: text.replace('["lower(email)"]', '["lower(email) DO NOTHING; DROP TABLE users; --"]'), "need 5"),
        (lambda text: text.replace('["lower(email)"]', '["lower(email), id"]'), "need 5"),
        (lambda text: text.replace('["lower(email)"]', '["(SELECT"]'), "need 5"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_contract_of_ours_ends_with_2(
    pgarbiter: Run, contract: Path, database: str, change: Callable[[str], str], told: str
) -> None:
    contract.write_text(change(contract.read_text()))
    ended = pgarbiter("contract", "verify", contract, "--database-url", database)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert len(ended.err) < 1000


def test_a_file_that_cannot_be_read_ends_with_2(pgarbiter: Run, tmp_path: Path, database: str) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.json", tmp_path, tmp_path / "binary"):
        ended = pgarbiter("contract", "verify", path, "--database-url", database)
        assert ended.code == 2
        assert "could not read contract" in ended.err


def test_a_dead_server_ends_with_2_and_tells_no_password(pgarbiter: Run, contract: Path) -> None:
    ended = pgarbiter("contract", "verify", contract, "--database-url", "postgresql://u:hunter2@127.0.0.1:1/x")
    assert (ended.code, ended.out) == (2, "")
    assert "hunter2" not in ended.err
