from __future__ import annotations

from itertools import permutations
from typing import Any

import psycopg

from pgarbiter.catalog.names import schemas_searched
from pgarbiter.catalog.read import read_catalog
from pgarbiter.model import QualifiedName

Connection = psycopg.Connection[Any]

DDL = """
CREATE SCHEMA a; CREATE SCHEMA b;
CREATE TABLE a.t (n int); CREATE TABLE b.t (n int); CREATE TABLE public.t (n int);
CREATE TABLE b.only_b (n int UNIQUE); CREATE TABLE a.pg_class (n int); CREATE TABLE public.pg_class (n int);
CREATE TEMP TABLE shadowed (n int); CREATE TABLE a.shadowed (n int);
CREATE TABLE a.x (n int); CREATE INDEX taken ON a.x (n); CREATE TABLE b.taken (n int);
CREATE TYPE a.composite AS (n int); CREATE TABLE b.composite (n int);
CREATE SEQUENCE a.counted; CREATE TABLE b.counted (n int);
CREATE VIEW b.seen AS SELECT 1 AS n; CREATE MATERIALIZED VIEW public.seen AS SELECT 1 AS n;
"""
NAMES = ("t", "only_b", "pg_class", "shadowed", "taken", "composite", "counted", "seen", "absent", "pg_am_oid_index")


def test_names_are_resolved_as_the_server_resolves_them(connection: Connection) -> None:
    connection.execute(DDL.encode())
    catalog = read_catalog(connection)
    members = ("a", "b", "public", "pg_catalog", "pg_temp", "nowhere")
    paths = [path for length in (0, 1, 2, 3) for path in permutations(members, length)]
    nameable = {oid for (oid,) in connection.execute("SELECT oid FROM pg_class WHERE relkind IN ('r','v','m','S')")}
    compared = 0
    for path in paths:
        connection.execute("SELECT set_config('search_path', %s, false)", [", ".join(path) or '""'])
        for name in NAMES:
            ((told,),) = connection.execute("SELECT pg_catalog.to_regclass(%s)::oid", [name]).fetchall()
            found = catalog.resolve(QualifiedName(None, name), path)
            assert (found.oid if found else None) == (told if told in nameable else None), (path, name)
            compared += told is not None
    assert compared > len(paths)


def test_the_recorded_search_path_is_the_sessions(connection: Connection) -> None:
    connection.execute(DDL.encode())
    for path in ("a, b", "b, a, pg_catalog", "public, pg_temp, a", "pg_temp, b", ""):
        connection.execute("SELECT set_config('search_path', %s, false)", [path or '""'])
        catalog = read_catalog(connection)
        for name in NAMES:
            told = connection.execute(
                "SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(%s)"
                " AND c.relkind IN ('r','v','m','S')",
                [name],
            ).fetchone()
            found = catalog.resolve(QualifiedName(None, name))
            assert (found and (found.oid,)) == told, (path, name)


def test_a_schema_looks_only_there(connection: Connection) -> None:
    connection.execute(DDL.encode())
    catalog = read_catalog(connection, search_path=("a",))
    assert catalog.resolve(QualifiedName("a", "only_b")) is None
    assert catalog.resolve(QualifiedName("nowhere", "t")) is None
    found = catalog.resolve(QualifiedName("b", "t"))
    assert found is not None
    assert found.qualified_name == "b.t"
    own = catalog.resolve(QualifiedName("pg_temp", "shadowed"))
    assert own is not None
    assert own.schema.startswith("pg_temp_")


def test_tables_of_other_sessions_temporary_schemas_are_not_seen(connection: Connection, any_database: str) -> None:
    with psycopg.connect(any_database, autocommit=True) as other:
        other.execute("CREATE TEMP TABLE hers (n int)")
        catalog = read_catalog(connection)
        assert catalog.resolve(QualifiedName(None, "hers")) is None
        assert catalog.resolve(QualifiedName("pg_temp", "hers")) is None
        assert list(catalog.relations()) == []


def test_the_user_stands_for_dollar_user(connection: Connection) -> None:
    user = connection.info.user
    connection.execute(
        f'CREATE SCHEMA "{user}"; CREATE TABLE "{user}".t (n int); CREATE TABLE public.t (n int)'.encode()
    )
    catalog = read_catalog(connection)
    assert catalog.search_path == (user, "public")
    found = catalog.resolve(QualifiedName(None, "t"), ("$user", "public"))
    assert found is not None
    assert found.schema == user


def test_another_search_path_shares_the_rows(connection: Connection) -> None:
    connection.execute(DDL.encode())
    catalog = read_catalog(connection).with_search_path(("b", "a"))
    found = catalog.resolve(QualifiedName(None, "t"))
    assert found is not None
    assert found.schema == "b"


def test_collations_are_found_by_name(connection: Connection) -> None:
    connection.execute(
        """CREATE SCHEMA s; CREATE COLLATION s.mine (locale = 'C'); CREATE COLLATION s."C" FROM "POSIX\""""
    )
    catalog = read_catalog(connection, search_path=("s",))
    assert catalog.collation(QualifiedName(None, "nope")) is None
    assert catalog.collation(QualifiedName("public", "C")) is None
    found = {name: catalog.collation(QualifiedName(*name)) for name in [(None, "C"), ("s", "C"), (None, "mine")]}
    assert {name: collation and collation.schema for name, collation in found.items()} == {
        (None, "C"): "pg_catalog",
        ("s", "C"): "s",
        (None, "mine"): "s",
    }
    foreign = connection.execute(
        "SELECT collname FROM pg_collation WHERE collencoding NOT IN (-1, pg_char_to_encoding('UTF8')) LIMIT 1"
    ).fetchone()
    if foreign is not None:
        assert catalog.collation(QualifiedName("pg_catalog", foreign[0])) is None


def test_only_btree_operator_classes_are_found(connection: Connection) -> None:
    connection.execute(
        "CREATE SCHEMA s; CREATE OPERATOR CLASS s.mine FOR TYPE int4 USING btree AS FUNCTION 1 btint4cmp(int4, int4)"
    )
    catalog = read_catalog(connection, search_path=("s",))
    text = catalog.opclass(QualifiedName(None, "text_ops"))
    varchar = catalog.opclass(QualifiedName("pg_catalog", "varchar_ops"))
    assert text is not None
    assert varchar is not None
    assert (text.opfamily, text.opcintype) == (varchar.opfamily, varchar.opcintype)
    assert catalog.opclass(QualifiedName(None, "array_ops")) is not None
    assert catalog.opclass(QualifiedName(None, "jsonb_path_ops")) is None
    assert catalog.opclass(QualifiedName(None, "mine")) is not None
    assert catalog.opclass(QualifiedName(None, "mine"), ("public",)) is None


def test_temp_and_system_schemas_come_first_unless_they_are_named() -> None:
    assert schemas_searched(("a", "b"), user="u", temp="pg_temp_3") == ("pg_temp", "pg_catalog", "a", "b")
    assert schemas_searched(("a", "pg_catalog"), user="u", temp=None) == ("pg_temp", "a", "pg_catalog")
    assert schemas_searched(("pg_temp_3", "$user"), user="u", temp="pg_temp_3") == ("pg_catalog", "pg_temp", "u")
