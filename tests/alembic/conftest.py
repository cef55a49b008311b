"""What tests of the product's own revisions share: databases of both kinds, and Alembic on them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

from pgarbiter.schema.platforms import supabase

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
# What the platform's script needs and Supabase has: users, the signed-in user, UUID functions, the roles of the API.
EXTENSIONS = """\
CREATE SCHEMA extensions;
CREATE FUNCTION extensions.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
"""


def url_of(conninfo: str) -> str:
    """The connection string as a URL, as a person would write it into the environment."""
    found = conninfo_to_dict(conninfo)
    return URL.create(
        "postgresql",
        username=str(found["user"]),
        password=str(found["password"]) if found.get("password") else None,
        database=str(found["dbname"]),
        query={"host": str(found["host"]), "port": str(found.get("port", 5432))},
    ).render_as_string(hide_password=False)


class Product:
    """The product's database: Alembic's commands on it, and a connection in autocommit mode to look and to write."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.config = Config(ROOT / "alembic.ini")

    def up(self, revision: str) -> None:
        command.upgrade(self.config, revision)

    def down(self, revision: str) -> None:
        command.downgrade(self.config, revision)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode()).fetchall()

    def run(self, statements: str) -> None:
        self.connection.execute(statements.encode())


@pytest.fixture
def product(any_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """On plain PostgreSQL, each server in turn."""
    monkeypatch.setenv("PGARBITER_DATABASE_URL", url_of(any_database))
    with psycopg.connect(any_database, autocommit=True) as connection:
        yield Product(connection)


@pytest.fixture
def supabase_product(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    """On a database with what Supabase provides."""
    monkeypatch.setenv("PGARBITER_DATABASE_URL", url_of(database))
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(supabase.script("supabase_roles.sql").encode())
        connection.execute((EXTENSIONS + supabase.script("supabase.sql")).encode())
        yield Product(connection)
