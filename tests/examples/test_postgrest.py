"""PostgREST's stand-in answers by what the database does, as PostgREST would."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from .conftest import loaded, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator

SINGLE = "application/vnd.pgrst.object+json"
TABLES = """\
CREATE TABLE kept (id int PRIMARY KEY, name text NOT NULL DEFAULT 'unnamed', data jsonb, at timestamptz);
CREATE TABLE keyless (name text UNIQUE);
CREATE TABLE hanging (id int REFERENCES kept)"""


class Rest:
    """A client of the stand-in on a database, with a connection to look."""

    def __init__(self, url: str, connection: psycopg.Connection[Any]) -> None:
        self.url = url
        self.connection = connection

    def ask(
        self, path: str, body: object = None, *, prefer: str = "", accept: str = "application/json"
    ) -> tuple[int, Any]:
        """The status and the body of an answer."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Prefer": prefer, "Accept": accept, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/rest/v1/{path}", data, headers)
        try:
            with urllib.request.urlopen(request) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode()).fetchall()


@pytest.fixture
def rest(any_database: str) -> Iterator[Rest]:
    """On a database of each server in turn, with the tables above."""
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute(TABLES)
        given = os.environ | {"DATABASE_URL": url_of(any_database)}
        with loaded("programs").environment("business-accounts", given) as found:
            yield Rest(found["SUPABASE_URL"], connection)


def test_merging_sets_every_column_of_the_payload_and_no_other(rest: Rest) -> None:
    rest.connection.execute("INSERT INTO kept VALUES (1, 'before', '[1]', now())")
    merged = rest.ask("kept?on_conflict=id", {"id": 1, "name": "after"}, prefer="resolution=merge-duplicates")
    assert merged == (201, None)
    assert rest.rows("SELECT name, data, at IS NULL FROM kept") == [("after", [1], False)]


def test_ignoring_leaves_the_row_as_it_was_and_a_single_row_is_then_missed(rest: Rest) -> None:
    rest.connection.execute("INSERT INTO kept VALUES (1, 'before')")
    wanted = "resolution=ignore-duplicates,return=representation"
    assert rest.ask("kept", {"id": 1, "name": "after"}, prefer=wanted) == (201, [])
    status, error = rest.ask("kept", {"id": 1, "name": "after"}, prefer=wanted, accept=SINGLE)
    assert (status, error["code"], error["details"]) == (406, "PGRST116", "The result contains 0 rows")
    assert rest.rows("SELECT name FROM kept") == [("before",)]


def test_without_a_target_the_primary_key_is_it_and_without_one_there_is_no_clause(rest: Rest) -> None:
    for name in ("first", "second"):
        assert rest.ask("kept", {"id": 1, "name": name}, prefer="resolution=merge-duplicates")[0] == 201
    assert rest.rows("SELECT id, name FROM kept") == [(1, "second")]
    merge = "resolution=merge-duplicates"
    assert [rest.ask("keyless", {"name": "one"}, prefer=merge)[0] for _ in range(2)] == [201, 409]


def test_a_target_without_a_resolution_is_a_plain_insert(rest: Rest) -> None:
    row = {"id": 1, "name": "one"}
    answers = [rest.ask("kept?on_conflict=name", row) for _ in range(2)]
    assert [status for status, _ in answers] == [201, 409]
    assert answers[1][1]["code"] == "23505"


def test_keys_that_a_row_lacks_are_null_unless_defaults_are_preferred(rest: Rest) -> None:
    rows = [{"id": 1, "name": "one"}, {"id": 2}]
    status, error = rest.ask("kept?columns=id,name", rows)
    assert (status, error["code"]) == (400, "23502")
    assert rest.ask("kept?columns=id,name", rows, prefer="missing=default")[0] == 201
    assert rest.rows("SELECT id, name FROM kept ORDER BY id") == [(1, "one"), (2, "unnamed")]


def test_values_come_back_as_json_and_are_found_by_filters(rest: Rest) -> None:
    row = {"id": 7, "name": "o'seven", "data": {"value": [1, "a%"]}, "at": None}
    stored = rest.ask("kept?select=*", row, prefer="return=representation", accept=SINGLE)
    assert stored == (201, row)
    assert rest.ask("kept?id=eq.7&select=name,data") == (200, [{"name": "o'seven", "data": row["data"]}])
    assert rest.ask("kept?id=eq.8") == (200, [])


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("kept?on_conflict=name", {"id": 1, "name": "one"}, 400, "42P10"),
        ("kept", {"id": "one"}, 400, "22P02"),
        ("hanging", {"id": 1}, 409, "23503"),
        ("kept", {"id": 1, "colour": "red"}, 400, "PGRST204"),
        ("absent", {"id": 1}, 404, "PGRST205"),
        ("kept?id=gt.1", None, 501, None),
    ],
)
def test_errors_are_those_of_the_database(rest: Rest, path: str, body: object, status: int, code: str | None) -> None:
    found, error = rest.ask(path, body, prefer="resolution=merge-duplicates")
    assert (found, error["code"]) == (status, code)


def test_a_new_column_is_unknown_until_the_schema_cache_is_reloaded(rest: Rest) -> None:
    rest.connection.execute("ALTER TABLE kept ADD colour text")
    row = {"id": 1, "colour": "red"}
    assert rest.ask("kept", row)[1]["code"] == "PGRST204"
    rest.connection.execute("NOTIFY pgrst, 'reload schema'")
    patience = time.monotonic() + 10
    while rest.ask("kept", row)[0] != 201:
        assert time.monotonic() < patience
    assert rest.rows("SELECT colour FROM kept") == [("red",)]
