"""A role that may only connect sees the whole structure; what it cannot see is said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from pgarbiter.diff import difference
from pgarbiter.structure import snapshot
from pgarbiter.structure.model import Kind, Other
from pgarbiter.structure.read import read_structure

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection = psycopg.Connection[Any]

BASE = Path(__file__).parents[1].joinpath("diff", "base.sql").read_bytes()
HIDDEN = """
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (password 'hunter2');
CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere password=hunter2' PUBLICATION p
    WITH (connect = false, enabled = false, slot_name = NONE);
"""


@pytest.fixture
def visitor(any_database: str) -> Iterator[Connection]:
    """A role that may connect, and nothing else."""
    with psycopg.connect(any_database, autocommit=True) as admin:
        name = sql.Identifier(admin.info.dbname)
        admin.execute("CREATE ROLE visitor LOGIN")
        admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO visitor").format(name))
        admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        try:
            with psycopg.connect(any_database, user="visitor", autocommit=True) as connection:
                yield connection
        finally:
            admin.execute("DROP OWNED BY visitor; DROP ROLE visitor")


def test_a_role_that_may_only_connect_sees_the_whole_structure(any_database: str, visitor: Connection) -> None:
    with psycopg.connect(any_database, autocommit=True) as admin:
        admin.execute(BASE)
        admin.execute("REVOKE ALL ON SCHEMA app FROM PUBLIC")
        whole = read_structure(admin)
    assert read_structure(visitor) == whole
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        visitor.execute("SELECT FROM app.t")


def test_what_nobody_is_shown_is_said_and_is_in_no_snapshot(any_database: str, visitor: Connection) -> None:
    with psycopg.connect(any_database, autocommit=True) as admin:
        admin.execute(HIDDEN)
        try:
            for connection in (admin, visitor):
                found = read_structure(connection)
                told = {other.kind for other in found.objects[Kind.OTHER].values() if isinstance(other, Other)}
                assert told == {"foreign-data wrapper", "server", "user mapping", "subscription"}
                notes = difference(("old", found), ("new", found)).notes
                assert notes[0].endswith("foreign-data wrapper (1), server (1), subscription (1), user mapping (1).")
                assert "connection strings of subscriptions and the options of user mappings" in notes[1]
                assert "hunter2" not in snapshot.dump(found)
        finally:
            admin.execute("DROP SUBSCRIPTION sub")
