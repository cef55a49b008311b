"""Kinds of objects that need something besides, or that the base has none of: seen, with the right kind and name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.migration import plan
from pgarbiter.structure.model import Enum, Kind
from pgarbiter.structure.read import read_structure

from .test_drift import after, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.structure.model import Structure

FAR = (
    "CREATE FOREIGN DATA WRAPPER dummy; CREATE SERVER far FOREIGN DATA WRAPPER dummy;"
    " CREATE FOREIGN TABLE far (a int) SERVER far OPTIONS (path 'x')"
)
GRANTED = "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC"
SCARCE = {
    "extension added": ("", "CREATE EXTENSION vector", ["added extension vector"]),
    "extension dropped": ("CREATE EXTENSION vector", "DROP EXTENSION vector", ["removed extension vector"]),
    "extension moved": (
        "CREATE EXTENSION vector",
        "CREATE SCHEMA kept; ALTER EXTENSION vector SET SCHEMA kept",
        ["added schema kept", "changed extension vector schema"],
    ),
    "foreign table dropped": (FAR, "DROP FOREIGN TABLE far", ["removed foreign table public.far"]),
    "foreign table's option": (
        FAR,
        "ALTER FOREIGN TABLE far OPTIONS (SET path 'y')",
        ["changed foreign table public.far foreign_options"],
    ),
    "foreign column": (FAR, "ALTER FOREIGN TABLE far ADD b int", ["added column public.far.b"]),
    "default privileges changed": (
        GRANTED,
        "ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO PUBLIC",
        ["changed default privileges {user}..tables acl"],
    ),
    "default privileges taken back": (
        GRANTED,
        "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC",
        ["removed default privileges {user}..tables"],
    ),
    "event trigger dropped": (
        (
            "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
            " CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()"
        ),
        "DROP EVENT TRIGGER e",
        ["removed event trigger e"],
    ),
    "aggregate changed": (
        "CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int)",
        "CREATE OR REPLACE AGGREGATE total (int) (sfunc = int4pl, stype = int, initcond = '0')",
        ["changed aggregate public.total(integer) definition"],
    ),
    "schema dropped": ("CREATE SCHEMA gone", "DROP SCHEMA gone", ["removed schema gone"]),
}


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database, autocommit=True) as connected:
        yield connected


@pytest.mark.parametrize("name", SCARCE)
def test_a_change_of_a_scarce_kind_is_seen(name: str, connection: psycopg.Connection[Any]) -> None:
    start, change, expected = SCARCE[name]
    if start:
        connection.execute(start.encode())
    before = read_structure(connection)
    found = difference(("old", before), ("new", after(connection, change)))
    assert sorted(map(entry, found.changes)) == sorted(one.format(user=connection.info.user) for one in expected)


def test_twenty_drifts_are_twenty_entries(connection: psycopg.Connection[Any]) -> None:
    tables = 10
    for number in range(tables):
        connection.execute(
            f"CREATE TABLE t{number} (id int PRIMARY KEY, up int REFERENCES t{max(number - 1, 0)}, a text, b int);"
            f" CREATE INDEX ON t{number} (a); CREATE INDEX ON t{number} (b) WHERE b > 1".encode()
        )
    before = read_structure(connection)
    drifts = [
        one
        for number in range(tables)
        for one in (f"ALTER TABLE t{number} ALTER a SET NOT NULL", f"DROP INDEX t{number}_b_idx")
    ]
    found = difference(("old", before), ("new", after(connection, ";".join(drifts))))
    assert len(found.changes) == len(drifts) == 20


def test_an_enum_that_a_cast_names_is_not_made_again(connection: psycopg.Connection[Any]) -> None:
    connection.execute(b"CREATE TYPE mood AS ENUM ('happy', 'sad'); CREATE CAST (mood AS text) WITH INOUT AS IMPLICIT")
    before = read_structure(connection)
    found = plan(difference(("old", before), ("new", _shrunk(before))))
    assert [(each.subject.identity, "cast" in each.reason) for each in found.unwritten] == [(("public", "mood"), True)]
    assert found.steps == ()


def _shrunk(structure: Structure) -> Structure:
    smaller = Enum("public", "mood", ("happy",), structure.objects[Kind.ENUM]["public", "mood"].owner)  # type: ignore[union-attr]
    return structure._replace(objects={**structure.objects, Kind.ENUM: {("public", "mood"): smaller}})
