"""How bad row security is for a statement: always, for each update, or for other owners' rows; and who is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.access.whose import assigned
from pgarbiter.arbiter.bind import bind
from pgarbiter.catalog.inside import read_inside
from pgarbiter.catalog.read import read_catalog
from pgarbiter.catalog.sites import sites_of
from pgarbiter.rules import check
from pgarbiter.scan import scan
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pgarbiter.rules.model import Finding

Connection = psycopg.Connection[Any]

SETUP = """
CREATE ROLE app; CREATE ROLE keeper;
CREATE TABLE t (owner text DEFAULT current_user, key text, id int GENERATED ALWAYS AS IDENTITY, name text,
                PRIMARY KEY (key), UNIQUE (owner, name), UNIQUE (id));
GRANT ALL ON t TO app; GRANT USAGE ON SCHEMA public TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY;
"""
INSERTS = "CREATE POLICY i ON t FOR INSERT WITH CHECK (owner = current_user);"
SEES = "CREATE POLICY s ON t FOR SELECT USING (true);"
OWN = "CREATE POLICY a ON t USING (owner = current_user);"
SESSION = "CREATE POLICY a ON t USING (current_setting('app.user') IS NOT NULL);"
NEVER = "CREATE POLICY n ON t AS RESTRICTIVE FOR UPDATE USING (false);"
JS = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(u, k)\nexport const r = await "
SET = "do update set name = excluded.name"


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with psycopg.connect(database) as connection:
        connection.execute(SETUP.encode())
        yield connection
        connection.rollback()


def _of_code(connection: Connection, place: Path, name: str, text: str, policies: str) -> list[Finding]:
    connection.execute(policies.encode())
    (place / name).write_text(text)
    settings = Settings(role="app", select=("PGA4",), cache=False)
    loaded = Loaded(
        read_catalog(connection, own_transaction=False), ServerInfo("18", "t", "t"), SchemaInfo("t"), live=True
    )
    sites = assigned(scan([place], settings).sites, settings, place, loaded)
    return list(check([bind(site, loaded) for site in sites], loaded, settings))


def _of_upsert(connection: Connection, place: Path, clause: str, policies: str) -> list[tuple[str, str]]:
    text = f"db.query(`insert into t (owner, key, name) values ($1, $2, $3) on conflict {clause}`)\n"
    found = _of_code(
        connection, place, "a.ts", f"import pg from 'pg'\nconst db = new pg.Pool()\nawait {text}", policies
    )
    return [(finding.code, finding.severity.value) for finding in found]


@pytest.mark.parametrize(
    ("clause", "policies", "severity"),
    [
        (f"(key) {SET}", "", "error"),
        (f"(key) {SET}", INSERTS, "error"),
        (f"(key) {SET}", INSERTS + SEES, "warning"),
        (f"(key) {SET}", OWN + NEVER, "warning"),
        (f"(key) {SET}", OWN, "note"),
        (f"(key) {SET} where t.owner = excluded.owner", OWN, None),
        (f"(key) {SET} where t.owner = excluded.owner", INSERTS + SEES, "warning"),
        (f"(owner, name) {SET}", OWN, None),
        (f"(key) {SET}", SESSION, None),
        ("(key) do nothing", INSERTS + SEES, None),
        ("(key) do nothing", INSERTS, "error"),
        ("do nothing", INSERTS, None),
        ("do nothing returning id", INSERTS, "error"),
        (f"(key) {SET}", f"{OWN}ALTER TABLE t DISABLE ROW LEVEL SECURITY", None),
        (f"(key) {SET}", "ALTER TABLE t OWNER TO app", None),
        (f"(key) {SET}", "ALTER TABLE t OWNER TO app; ALTER TABLE t FORCE ROW LEVEL SECURITY", "error"),
        (f"(key) {SET}", "ALTER ROLE app BYPASSRLS", None),
    ],
)
def test_a_refusal_is_as_bad_as_it_is_certain(
    connection: Connection, tmp_path: Path, clause: str, policies: str, severity: str | None
) -> None:
    found = _of_upsert(connection, tmp_path, clause, policies)
    assert found == ([("PGA402", severity)] if severity else [])


def test_a_key_that_is_new_each_time_never_meets_a_row(connection: Connection, tmp_path: Path) -> None:
    text = f"{JS}db.from('t').upsert({{ owner, key, name }}, {{ onConflict: 'id' }})\n"
    assert _of_code(connection, tmp_path, "a.ts", text, INSERTS + SEES) == []


def test_what_decides_is_named(connection: Connection, tmp_path: Path) -> None:
    text = f"{JS}db.from('t').upsert({{ owner, key, name }}, {{ onConflict: 'key' }})\n"
    (finding,) = _of_code(
        connection, tmp_path, "a.ts", text, INSERTS + SEES + "CREATE POLICY u ON t FOR UPDATE TO keeper;"
    )
    assert finding.message.endswith('never update: no UPDATE policy is for role "app"')
    assert 'policies of the table for UPDATE that do not count: "u"' in finding.related
    assert finding.remedy == "CREATE POLICY <name> ON public.t FOR UPDATE TO app USING (owner = CURRENT_USER)."
    assert "HTTP 401 or 403" in finding.effect


def test_each_privilege_is_named_with_its_grant_and_many_as_the_whole_table(
    connection: Connection, tmp_path: Path
) -> None:
    text = f"{JS}db.from('t').upsert({{ owner, key, name }}, {{ onConflict: 'key' }}).select()\n"
    (finding,) = _of_code(
        connection, tmp_path, "a.ts", text,
        'ALTER TABLE t DISABLE ROW LEVEL SECURITY; REVOKE ALL ON t FROM app; GRANT INSERT ON t TO app;'
        'ALTER ROLE app RENAME TO "App""s"; ALTER ROLE keeper RENAME TO app; GRANT INSERT ON t TO app',
    )  # fmt: skip
    assert finding.message == (
        'role "app" lacks UPDATE on columns "owner", "key" and "name" of table "public.t" and SELECT on columns '
        '"owner", "key", "id" and "name" of table "public.t"'
    )
    assert finding.remedy == "GRANT UPDATE (owner, key, name), SELECT (owner, key, id, name) ON public.t TO app."
    assert finding.severity.value == "error"


FUNCTIONS = """
CREATE FUNCTION called() RETURNS void LANGUAGE sql AS 'INSERT INTO public.t (key) VALUES (1)';
CREATE FUNCTION definer() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO public.t (key) VALUES (2)';
CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO public.t (key) VALUES (3); RETURN NEW; END';
CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION fired();
ALTER FUNCTION definer() OWNER TO keeper;
"""


@pytest.mark.parametrize("named", [True, False])
def test_functions_run_as_their_callers_or_as_their_owners(database: str, tmp_path: Path, *, named: bool) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"{SETUP}{FUNCTIONS}".encode())
        try:
            inside = read_inside(connection)
            catalog = read_catalog(connection)
        finally:
            connection.execute("DROP TABLE t CASCADE; DROP OWNED BY app, keeper; DROP ROLE app, keeper")
    loaded = Loaded(catalog, ServerInfo("18", "t", "t"), SchemaInfo("t"), live=True, inside=inside)
    settings = Settings(role="app" if named else None, select=("PGA4",))
    sites = [site for _, found in sites_of(inside, catalog) for site in found]
    if named:
        sites = list(assigned(sites, settings, tmp_path, loaded))
    found = check([bind(replace(site), loaded) for site in sites], loaded, settings)
    by = {site.id: site.object for site in sites}
    told = {(by[finding.site or ""], finding.code, finding.severity.value) for finding in found}
    assert told == (
        {
            ("public.called()", "PGA402", "warning"),
            ("public.definer()", "PGA401", "error"),
            ("public.definer()", "PGA402", "error"),
            ("public.fired()", "PGA402", "warning"),
        }
        if named
        else set()
    )
