"""Collations that have another version than the one recorded, and what a foreign key does on update."""

from __future__ import annotations

from uuid import uuid4

import psycopg
from psycopg.conninfo import make_conninfo

from pgarbiter.catalog.read import read_catalog
from pgarbiter.catalog.snapshot import dump, load

BUILTIN = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' ENCODING 'UTF8' TEMPLATE template0"


def test_a_collation_of_a_unique_index_that_has_changed_is_told(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (name text COLLATE pg_c_utf8 PRIMARY KEY, c text COLLATE ucs_basic)")
        assert read_catalog(connection).changed_collations == {}
        connection.execute("UPDATE pg_collation SET collversion = 'old' WHERE collname IN ('pg_c_utf8', 'ucs_basic')")
        row = connection.execute("SELECT oid FROM pg_collation WHERE collname = 'pg_c_utf8'").fetchone()
        catalog = read_catalog(connection)
    assert row
    assert catalog.changed_collations == {row[0]: ("old", "1")}, "ucs_basic is in no unique index"
    assert load(dump(catalog)).changed_collations == catalog.changed_collations


def test_the_default_collation_has_the_version_of_its_database(database: str) -> None:
    other = f"collated_{uuid4().hex}"
    with psycopg.connect(database, autocommit=True) as outside:
        outside.execute(f"CREATE DATABASE {other} {BUILTIN}".encode())
        try:
            with psycopg.connect(make_conninfo(database, dbname=other), autocommit=True) as connection:
                connection.execute("CREATE TABLE t (name text PRIMARY KEY)")
                assert read_catalog(connection).changed_collations == {}
                connection.execute("UPDATE pg_database SET datcollversion = 'old' WHERE datname = current_database()")
                assert list(read_catalog(connection).changed_collations.values()) == [("old", "1")]
        finally:
            outside.execute(f"DROP DATABASE {other} WITH (FORCE)".encode())


def test_a_foreign_key_tells_what_follows_an_update(any_database: str) -> None:
    with psycopg.connect(any_database) as connection:
        connection.execute("CREATE TABLE p (id int PRIMARY KEY)")
        connection.execute("CREATE TABLE b (p int REFERENCES p ON UPDATE CASCADE)")
        connection.execute("CREATE TABLE a (p int REFERENCES p, n int CHECK (n > 0))")
        catalog = read_catalog(connection, own_transaction=False)
        parent = catalog.relation("public", "p")
        assert parent
        assert [(r.name, key.on_update) for r, key in catalog.referencing(parent.oid)] == [("a", "a"), ("b", "c")]
        assert {c.on_update for c in parent.constraints} == {""}
