"""Every kind of object is read as what it is, whatever its name; what is not modelled is told by name."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from pgarbiter.errors import ServerError
from pgarbiter.structure import snapshot
from pgarbiter.structure.model import Kind, Other, Structure
from pgarbiter.structure.parts import Grant
from pgarbiter.structure.read import read_structure

from .objects import NEWER, READ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.server import Server

Connection = psycopg.Connection[Any]
HOSTILE = (
    'quote"quote', "apostrophe'", "two words", "UPPER", "select", "tab\tnew\nline", "Größe \U0001f418", "a.b", "%s",
    "\\", "n" * 63, "ü" * 31, "{brace}", "$1", "--", "/*", " ",
)  # fmt: skip


@pytest.fixture(scope="module")
def empty(each_server: Server) -> Iterator[Connection]:
    database = each_server.create_database()
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA s")
        yield connection
    each_server.drop_database(database)


def made(connection: Connection, ddl: str | sql.Composable) -> Structure:
    """The structure with what `ddl` makes, which is rolled back."""
    with connection.transaction(force_rollback=True):
        connection.execute(ddl.encode() if isinstance(ddl, str) else ddl)
        return read_structure(connection, own_transaction=False)


def part(found: Any, path: str) -> Any:
    """The member at a dotted path: fields, names of parts, places in a list."""
    for step in path.split("."):
        if not isinstance(found, tuple) or hasattr(found, "_fields"):
            found = getattr(found, step)
        elif step.isdigit():
            found = found[int(step)]
        else:
            (found,) = [member for member in found if member.name == step]
    return found


def as_user(value: Any, connection: Connection) -> Any:
    """The value with the name of whoever made the objects."""
    if isinstance(value, Grant):
        user = connection.info.user
        return Grant(*(field.replace("{user}", user) for field in value))
    if type(value) is tuple:
        return tuple(sorted(as_user(member, connection) for member in value)) if value else value
    return value


@pytest.mark.parametrize("name", READ)
def test_an_object_is_read_as_what_it_is(name: str, empty: Connection) -> None:
    ddl, kind, identity, expected = READ[name]
    found = made(empty, ddl).objects[kind][identity]
    for path, value in expected.items():
        actual = part(found, path)
        if path == "acl":
            assert set(as_user(value, empty)) <= set(actual) if value else actual == value
        elif path == "definition" and "{t}" in value:  # up to version 15 a column is written with its table
            assert actual in (value.replace("{t}", ""), value.replace("{t}", "t."))
        else:
            assert actual == (as_user(value, empty) if path.endswith("acl") else value), path


@pytest.mark.parametrize(("since", "name"), [(since, name) for since, cases in NEWER.items() for name in cases])
def test_what_newer_servers_have_is_read(since: int, name: str, empty: Connection) -> None:
    if empty.info.server_version // 10000 < since:
        pytest.skip(f"needs version {since}")
    ddl, identity, expected = NEWER[since][name]
    found = made(empty, ddl).objects[Kind.TABLE][identity]
    for path, value in expected.items():
        assert part(found, path) == value, path


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_names(name: str, empty: Connection) -> None:
    enum_name, table_name = name[:-1] + "1", name[:-1] + "2"
    ddl = sql.SQL(
        "CREATE SCHEMA {0}; CREATE TYPE {0}.{1} AS ENUM ({2}); CREATE TABLE {0}.{3} ({0} {0}.{1} NOT NULL DEFAULT {2}, "
        "b text COLLATE {0}.{0}, CONSTRAINT {0} PRIMARY KEY ({0}), CHECK ({0} IS NOT NULL)); "
        "CREATE INDEX ON {0}.{3} ((lower(b))) WHERE {0} IS NOT NULL; "
        "CREATE POLICY {0} ON {0}.{3} USING ({0} IS NOT NULL); COMMENT ON COLUMN {0}.{3}.{0} IS {2}"
    ).format(sql.Identifier(name), sql.Identifier(enum_name), sql.Literal(name), sql.Identifier(table_name))
    collation = sql.SQL('CREATE SCHEMA {0}; CREATE COLLATION {0}.{0} FROM "C";').format(sql.Identifier(name))
    whole = sql.Composed([collation, sql.SQL(ddl.as_string(empty).split(";", 1)[1])])
    found = made(empty, whole)
    enum = found.objects[Kind.ENUM][name, enum_name]
    assert attrgetter("labels")(enum) == (name,)
    table = found.objects[Kind.TABLE][name, table_name]
    assert part(table, "columns")[0].name == name
    assert part(table, "columns")[0].comment == name
    assert part(table, "columns")[0].not_null_constraint is None  # its name is the server's own choice
    assert part(table, "policies")[0].name == name
    assert snapshot.load(snapshot.dump(found)) == found


UNMODELLED = {
    'CREATE COLLATION s.c FROM "C"': ("collation", "s.c"),
    "CREATE CAST (text AS int) WITH INOUT": ("cast", "(pg_catalog.text AS integer)"),
    "CREATE OPERATOR s.=== (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)": ("operator", "s.===(integer,integer)"),
    "CREATE TEXT SEARCH CONFIGURATION s.t (COPY = simple)": ("text search configuration", "s.t"),
    "CREATE TEXT SEARCH DICTIONARY s.t (TEMPLATE = simple)": ("text search dictionary", "s.t"),
    "CREATE FOREIGN DATA WRAPPER w": ("foreign-data wrapper", "w"),
    "CREATE ACCESS METHOD m TYPE INDEX HANDLER bthandler": ("access method", "m"),
    "CREATE LANGUAGE l HANDLER plpgsql_call_handler": ("language", "l"),
    "CREATE CONVERSION s.v FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8": ("conversion", "s.v"),
    "CREATE OPERATOR FAMILY s.f USING btree": ("operator family", "s.f USING btree"),
    "CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))": (
        "transform",
        "for integer language sql",
    ),
    "CREATE TYPE s.b": ("type", "s.b"),
}


@pytest.mark.parametrize("ddl", UNMODELLED)
def test_a_kind_that_is_not_modelled_is_told_by_name(ddl: str, empty: Connection) -> None:
    assert Other(*UNMODELLED[ddl]) in made(empty, ddl).objects[Kind.OTHER].values()


def test_an_empty_database_has_nothing_to_tell(any_database: str) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        found = read_structure(connection)
    assert {kind: list(members) for kind, members in found.objects.items() if members} == {Kind.SCHEMA: [("public",)]}


def test_a_transaction_of_the_callers_is_refused(any_database: str) -> None:
    with psycopg.connect(any_database) as connection:
        connection.execute("SELECT 1")
        with pytest.raises(ServerError, match="connection is in a transaction"):
            read_structure(connection)


def test_a_reading_leaves_the_session_as_it_was(any_database: str) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        connection.execute("SET search_path = x; SET datestyle = 'German'; SET lock_timeout = '7s'")
        before = connection.execute("SELECT name, setting FROM pg_settings ORDER BY 1").fetchall()
        read_structure(connection)
        assert connection.execute("SELECT name, setting FROM pg_settings ORDER BY 1").fetchall() == before
        assert not connection.read_only
