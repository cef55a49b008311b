"""A shop before and after a release, whose names are as hostile as names can be, and its structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from pgarbiter.diff import difference
from pgarbiter.structure.read import read_structure

if TYPE_CHECKING:
    from pgarbiter.diff import Diff
    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure

EVIL = "</script><script>alert(1)</script>\n\t'\"&\u202e\x1b%\\"
OLD = """
    CREATE SCHEMA app;
    CREATE TABLE app.orgs (id int PRIMARY KEY, name text NOT NULL);
    CREATE TABLE app.users (
        id int PRIMARY KEY, org int NOT NULL REFERENCES app.orgs, boss int REFERENCES app.users, phone text, email text
    );
    CREATE INDEX users_email ON app.users (email);
    CREATE TABLE app.profiles (user_id int PRIMARY KEY REFERENCES app.users, bio text, motto text, photo bytea);
    CREATE TABLE app.carts (id int PRIMARY KEY, user_id int REFERENCES app.users);
    CREATE TABLE app.alone (id int);
    CREATE TABLE app.events (at date NOT NULL, org int REFERENCES app.orgs) PARTITION BY RANGE (at);
    CREATE TABLE app.events_2024 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE app.special (extra int) INHERITS (app.alone);
    CREATE FUNCTION app.total(a int) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
        -- first
        -- second
        -- third
        -- fourth
        -- fifth
        RETURN a;
    END $$;
"""
CHANGES = f"""
    ALTER TABLE app.users DROP COLUMN phone;
    ALTER TABLE app.users ADD COLUMN locale text NOT NULL DEFAULT 'en';
    DROP INDEX app.users_email;
    CREATE INDEX users_email ON app.users (lower(email));
    ALTER TABLE app.profiles RENAME TO user_profiles;
    DROP TABLE app.carts;
    CREATE TABLE app.refunds (id int PRIMARY KEY, user_id int NOT NULL UNIQUE REFERENCES app.users);
    CREATE TABLE app."{EVIL.replace('"', '""')}" ("{EVIL.replace('"', '""')}" int);
    COMMENT ON TABLE app.orgs IS '{EVIL.replace("'", "''")}';
    CREATE OR REPLACE FUNCTION app.total(a int) RETURNS int LANGUAGE plpgsql AS $$
    BEGIN
        -- first
        -- second
        -- third
        -- fourth
        -- fifth
        RETURN a * 2;
    END $$;
"""


def structures(server: Server) -> tuple[Structure, Structure]:
    """The structure before and after."""
    database = server.create_database()
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(OLD.encode())
            before = read_structure(connection)
            connection.execute(CHANGES.encode())
            return before, read_structure(connection)
    finally:
        server.drop_database(database)


def release(server: Server) -> Diff:
    """The difference that the release makes."""
    before, after = structures(server)
    return difference(("sql:shop", before), ("database <b>live</b>", after))
