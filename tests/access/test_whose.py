"""Which role runs which site."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.access.whose import assigned, left_alone
from pgarbiter.catalog.read import read_catalog
from pgarbiter.catalog.stored import Inside, Signature, Stored
from pgarbiter.errors import SchemaError
from pgarbiter.model import AnyArbiter as Any_
from pgarbiter.model import Mechanism, Origin, QualifiedName, Scope, Span, Status, Write, WriteSite
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import PathRole, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


SITE = WriteSite(
    id="1",
    span=Span("src/save.ts", 1, 1, 1),
    statement_line=1,
    language="typescript",
    client="supabase-js",
    mechanism=Mechanism.PLAIN_INSERT,
    write=Write(table=QualifiedName(None, "t"), target=Any_()),
    status=Status.RESOLVED,
)
FUNCTIONS = """
CREATE SCHEMA hidden;
CREATE FUNCTION public.open() RETURNS void LANGUAGE sql AS '';
CREATE FUNCTION public.shut() RETURNS void LANGUAGE sql AS ''; REVOKE EXECUTE ON FUNCTION public.shut() FROM PUBLIC;
CREATE FUNCTION public.own() RETURNS void LANGUAGE sql AS ''; REVOKE EXECUTE ON FUNCTION public.own() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.own() TO app;
CREATE FUNCTION hidden.open() RETURNS void LANGUAGE sql AS '';
"""
ROLES = ("app", "admin", "definer")


def _stored(connection: psycopg.Connection[Any]) -> Iterator[Stored]:
    """As the reader has them: a function with what is granted on it."""
    query = """SELECT n.nspname, p.proname, p.proowner, p.proacl::text
               FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'hidden')"""
    for schema, name, owner, acl in connection.execute(query):
        signature = Signature(schema, name, ())
        yield Stored(Origin.FUNCTION, f"{schema}.{name}()", "sql", "", 0, "", signature, owner=owner, acl=acl)


@pytest.fixture
def loaded(database: str) -> Iterator[Loaded]:
    connection: psycopg.Connection[Any]
    with psycopg.connect(database) as connection:
        for role in ROLES:
            connection.execute(f"CREATE ROLE {role}".encode())
        connection.execute(FUNCTIONS)
        catalog = read_catalog(connection, own_transaction=False)
        stored = tuple(_stored(connection))
        yield Loaded(catalog, ServerInfo("18", "test", "test"), SchemaInfo("test"), live=False, inside=Inside(stored))
        connection.rollback()


def _role(site: WriteSite, role: object, root: Path, loaded: Loaded, **changed: Any) -> str | None:
    settings = replace(Settings(), role=role, base=root, **changed)
    (found,) = assigned([site], settings, root, loaded)
    return found.runs_as


def _at(path: str, **changed: Any) -> WriteSite:
    return replace(SITE, span=Span(path, 1, 1, 1), **changed)


def test_one_role_runs_all_statements_of_the_application(loaded: Loaded, tmp_path: Path) -> None:
    assert _role(SITE, "app", tmp_path, loaded) == "app"


@pytest.mark.parametrize(
    ("path", "role"),
    [("src/save.ts", "app"), ("src/admin/x.ts", "admin"), ("jobs/a.py", "admin"), ("jobs/keep.py", "app")],
)
def test_the_first_entry_whose_paths_match_is_taken(loaded: Loaded, tmp_path: Path, path: str, role: str) -> None:
    entries = (PathRole(name="admin", paths=("src/admin/", "jobs/*", "!jobs/keep.py")), PathRole(name="app"))
    assert _role(_at(path), entries, tmp_path, loaded) == role


def test_paths_are_relative_to_the_settings_file(loaded: Loaded, tmp_path: Path) -> None:
    settings = replace(Settings(), role=(PathRole(name="admin", paths=("/web/src/",)),), base=tmp_path)
    (found,) = assigned([SITE], settings, tmp_path / "web", loaded)
    assert found.runs_as == "admin"
    (other,) = assigned([SITE], settings, tmp_path / "api", loaded)
    assert other.runs_as is None


def test_scripts_are_not_the_applications_unless_their_path_is_named(loaded: Loaded, tmp_path: Path) -> None:
    migration, script = _at("m/1.ts", scope=Scope.MIGRATION), _at("seed.sql", language="sql")
    for site in (migration, script):
        assert _role(site, "app", tmp_path, loaded) is None
        assert _role(site, (PathRole(name="app", paths=("*.sql", "m/")),), tmp_path, loaded) == "app"
        (asked,) = assigned([site], Settings(role="app"), tmp_path, loaded, asked_for=True)
        assert asked.runs_as == "app"
    notes = left_alone([migration, script, replace(SITE, runs_as="app")], Settings(role="app"))
    assert notes == (
        '2 write sites of migrations and SQL files not judged as role "app", which does not run these files',
    )


def test_functions_run_as_their_owner_where_they_say_so(loaded: Loaded, tmp_path: Path) -> None:
    inside = replace(_at("m/1.sql", language="sql"), origin=Origin.FUNCTION, object="public.f()")
    assert _role(inside, "app", tmp_path, loaded) == "app"
    assert _role(replace(inside, runs_as="definer"), "app", tmp_path, loaded) == "definer"
    assert _role(replace(inside, origin=Origin.STATEMENTS), "app", tmp_path, loaded) is None


@pytest.mark.parametrize(("name", "hint"), [("ap", 'Did you mean "app"?'), ("APP", 'Did you mean "app"?')])
def test_an_unknown_role_is_an_error_with_the_nearest_name(
    loaded: Loaded, tmp_path: Path, name: str, hint: str
) -> None:
    for role in (name, (PathRole(name="admin"), PathRole(name=name, paths=("x",)))):
        with pytest.raises(SchemaError, match=f'role "{name}" does not exist in the catalog') as error:
            _role(SITE, role, tmp_path, loaded)
        assert error.value.hint == hint


def test_a_role_that_is_like_no_other_gets_the_names_that_there_are(loaded: Loaded, tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as error:
        _role(SITE, "zzz\x1b", tmp_path, loaded)
    # Roles belong to the whole server, and other tests make theirs there.
    names = sorted(role.name for role in loaded.catalog.roles.values() if not role.name.startswith("pg_"))
    assert error.value.hint is not None
    assert error.value.hint.startswith(f"It has {', '.join(names[:3])}, ")


@pytest.mark.parametrize(
    ("function", "role"),
    [("public.open()", "app"), ("public.shut()", None), ("public.own()", "app"), ("hidden.open()", None)],
)
def test_a_function_that_the_role_may_not_call_is_not_its_own(
    loaded: Loaded, tmp_path: Path, function: str, role: str | None
) -> None:
    site = replace(SITE, origin=Origin.FUNCTION, object=function)
    assert _role(site, "app", tmp_path, loaded) == role
    assert _role(replace(site, origin=Origin.TRIGGER, object="public.f()"), "app", tmp_path, loaded) == "app"
