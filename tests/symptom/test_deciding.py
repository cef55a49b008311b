"""Really absent, or only the cache stale: what the catalog says of an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.catalog.read import read_catalog
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.symptom import Answer, Situation, as_json, as_text, decide, read_symptom
from pgarbiter.symptom.asking import surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = """
CREATE SCHEMA other;
CREATE TABLE accounts (
    id int PRIMARY KEY, name text NOT NULL, plan text NOT NULL DEFAULT 'a',
    email text CONSTRAINT email_key UNIQUE DEFERRABLE
);
CREATE TABLE orders (account int REFERENCES accounts, tag text);
CREATE TABLE other.hidden (id int);
CREATE FUNCTION add(x int, y int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION other.away() RETURNS int LANGUAGE sql AS 'SELECT 1';
"""
WATCH = """
CREATE FUNCTION reload() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN NOTIFY pgrst, 'reload schema'; END$$;
CREATE EVENT TRIGGER pgrst_watch ON ddl_command_end EXECUTE FUNCTION reload();
"""


@pytest.fixture
def answer(database: str) -> Callable[..., Answer]:
    def ask(text: str, *, live: bool = True, more: str = "") -> Answer:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute((SCHEMA + more).encode())
            server = ServerInfo("18", "test", "test")
            loaded = Loaded(read_catalog(connection), server, SchemaInfo("sql:schema.sql"), live=True)
            return decide(read_symptom(text), replace(loaded, live=live), surroundings(connection))

    return ask


CACHE, ABSENT, STATEMENT, UNKNOWN = Situation


@pytest.mark.parametrize(
    ("text", "situation", "told"),
    [
        ("Could not find the 'name' column of 'accounts' in the schema cache", CACHE, "is there"),
        ("Could not find the 'nam' column of 'accounts' in the schema cache", ABSENT, 'If "name" is meant'),
        ("Could not find the 'x' column of 'account' in the schema cache", ABSENT, 'If "accounts" is meant'),
        ("Could not find the table 'public.accounts' in the schema cache", CACHE, "is there"),
        ("Could not find the table 'public.hidden' in the schema cache", ABSENT, '"other.hidden"'),
        ("Could not find the table 'public.zzz' in the schema cache", ABSENT, "Apply the migration"),
        ("Could not find a relationship between 'orders' and 'accounts' in the schema cache", CACHE, "orders_account"),
        ("Could not find a relationship between 'orders' and 'orders' in the schema cache", ABSENT, "no foreign key"),
        ("Could not find the function public.add(x) in the schema cache", CACHE, "public.add(x, y)"),
        ("Could not find the function public.add(y, x) in the schema cache", CACHE, "public.add(x, y)"),
        ("Could not find the function public.add(z) in the schema cache", ABSENT, "there is public.add(x, y)"),
        ("Could not find the function public.away without parameters in the schema cache", ABSENT, "other.away()"),
        ("no unique or exclusion constraint matching the ON CONFLICT specification", STATEMENT, "cannot cure 42P10"),
        ('column "nam" of relation "accounts" does not exist', ABSENT, '"name"'),
        ('column "name" of relation "accounts" does not exist', STATEMENT, "search_path"),
        ('column "tag" does not exist', UNKNOWN, "public.orders"),
        ('relation "accounts" does not exist', STATEMENT, "search_path"),
        ('null value in column "name" of relation "accounts" violates not-null constraint', STATEMENT, "no default"),
        (
            'null value in column "plan" of relation "accounts" violates not-null constraint',
            STATEMENT,
            "NULL was written",
        ),
        ("SQLSTATE: 23502", UNKNOWN, "FILE:LINE"),
        ('duplicate key value violates unique constraint "email_key"', STATEMENT, "deferrable"),
        ('duplicate key value violates unique constraint "gone"', ABSENT, "not there any more"),
        ("ON CONFLICT does not support deferrable unique constraints as arbiters", STATEMENT, '"email_key"'),
        ("permission denied for table accounts", STATEMENT, "UPDATE of each column in SET"),
        ('new row violates row-level security policy for table "accounts"', STATEMENT, "policies: none"),
    ],
)
def test_the_catalog_decides(answer: Callable[..., Answer], text: str, situation: Situation, told: str) -> None:
    found = answer(text)
    assert found.situation is situation
    assert told in " ".join((found.message, found.remedy, *found.evidence))
    assert found.symptom.code in as_text(found)
    assert found.symptom.code in as_json(found)


STALE = "Could not find the 'name' column of 'accounts' in the schema cache"


def test_an_event_trigger_that_reloads_is_told(answer: Callable[..., Answer]) -> None:
    found = answer(STALE, more=WATCH)
    assert found.evidence[0].startswith('event trigger "pgrst_watch" asks for a reload')
    assert found.remedy == "Reload it: NOTIFY pgrst, 'reload schema';"


def test_without_an_event_trigger_each_migration_must_reload(answer: Callable[..., Answer]) -> None:
    assert answer(STALE).evidence == ("no event trigger asks for a reload: each migration must do so itself",)


def test_a_schema_source_does_not_know_the_database(answer: Callable[..., Answer]) -> None:
    found = answer(STALE, live=False)
    assert found.situation is UNKNOWN
    assert "--database-url" in found.remedy


def test_what_no_migration_of_the_source_makes_is_to_be_written(answer: Callable[..., Answer]) -> None:
    found = answer("Could not find the 'zzz' column of 'accounts' in the schema cache", live=False)
    assert found.situation is ABSENT
    assert found.remedy.startswith("Write the migration that creates it, which the schema source lacks.")
