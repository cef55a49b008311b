"""The statements made from a structure make the same database again: pg_dump sees no difference."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.structure import ddl
from pgarbiter.structure.read import read_structure
from tests.majors import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.server import Server

HERE = Path(__file__).parent
SCRIPTS = {
    "base": (HERE.parent / "diff" / "base.sql",),
    "rich": (HERE / "rich.sql",),
    "newer": (HERE / "rich.sql", HERE / "rich_18.sql"),
}


def pg_dump(conninfo: str, major: int) -> list[str]:
    """The lines of `pg_dump -s`, without the token that differs from run to run."""
    found = installed(major)
    assert found is not None
    program = found.directory / "pg_dump"
    if not program.exists():
        pytest.skip(f"the programs of PostgreSQL {major} here are without pg_dump")
    done = subprocess.run([program, "-s", "-d", conninfo], capture_output=True, text=True, check=True)
    return [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


@pytest.mark.parametrize(("major", "script"), [(18, "base"), (15, "base"), (15, "rich"), (18, "newer")])
def test_the_statements_make_the_same_database(major: int, script: str, servers: Callable[[int], Server]) -> None:
    server = servers(major)
    one, two = server.create_database(), server.create_database()
    try:
        with psycopg.connect(one, autocommit=True) as connection, psycopg.connect(two, autocommit=True) as copy:
            for path in SCRIPTS[script]:
                connection.execute(path.read_text("utf-8").encode())
            structure = read_structure(connection)
            for statement in (*ddl.SESSION, *(each.sql for each in ddl.create(structure))):
                copy.execute(statement.encode())
            assert difference(("one", structure), ("two", read_structure(copy))).changes == ()
        assert pg_dump(two, major) == pg_dump(one, major)
    finally:
        server.drop_database(one)
        server.drop_database(two)
        with psycopg.connect(server.create_database(), autocommit=True) as connection:
            connection.execute("DROP ROLE IF EXISTS rich_reader")
