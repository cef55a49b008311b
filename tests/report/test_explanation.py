from __future__ import annotations

import json
from io import StringIO

import psycopg
import pytest

from pgarbiter.arbiter.explain import explain
from pgarbiter.report import write_explanation

DDL = "CREATE TABLE accounts (id bigint PRIMARY KEY, external_id text NOT NULL UNIQUE, name text NOT NULL)"
BROKEN = "INSERT INTO accounts (id, external_id) VALUES (1, 'x') ON CONFLICT (external_id, id) DO NOTHING"


def _written(database: str, sql: str, format_: str) -> str:
    stream = StringIO()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(DDL)
        write_explanation(explain(connection, sql), format_, stream)
    return stream.getvalue()


def test_an_explanation_names_the_error_the_candidates_and_all_further_errors(database: str) -> None:
    lines = " ".join(_written(database, BROKEN, "text").split())
    for part in (
        "insert into accounts, on conflict (external_id, id) do nothing [public.accounts]",
        "verdict there is no unique or exclusion constraint matching the ON CONFLICT specification (42P10)",
        'index "accounts_external_id_key" (external_id) lacks the column "id"',
        'index "accounts_pkey" (id) lacks the column "external_id"',
        'null value in column "name" of relation "accounts" violates not-null constraint (23502)',
        "decided by catalog",
    ):
        assert part in lines
    assert lines.count("42P10") == 1


def test_an_explanation_as_json_has_the_words_of_a_verdict(database: str) -> None:
    document = json.loads(_written(database, BROKEN, "json"))
    assert (document["outcome"], document["sqlstate"], document["decided_by"]) == ("no_match", "42P10", "catalog")
    assert [c["index"] for c in document["candidates"]] == ["accounts_pkey", "accounts_external_id_key"]
    assert document["sites"][0]["target"]["columns"] == ["external_id", "id"]
    assert document["sites"][0]["verdict"]["outcome"] == "no_match"


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_statement_without_an_insert_has_nothing_to_explain(database: str, format_: str) -> None:
    assert "there is no INSERT in the statement" in _written(database, "SELECT 1", format_)
