"""A schema source from settings to a Loaded: platform, dump, cache, live database."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg
import pytest

from pgarbiter import schema
from pgarbiter.errors import SchemaError, ServerError
from pgarbiter.schema import cache
from pgarbiter.server import binaries
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.server import Server

MIGRATION = """
create extension if not exists "uuid-ossp" with schema extensions;
create extension postgis with schema extensions;
create extension if not exists vector;
create table public.profiles (
  id uuid primary key default uuid_generate_v4(), user_id uuid references auth.users (id) unique,
  place geography(Point, 4326), embedding vector(1536), secret text default gen_random_bytes(8)::text
);
alter table public.profiles enable row level security;
create policy own on public.profiles for all to authenticated using (auth.uid() = user_id);
create trigger on_user after insert on auth.users for each row execute function extensions.moddatetime(updated_at);
select cron.schedule('nightly', '0 0 * * *', $$ select 1 $$);
alter publication supabase_realtime add table public.profiles;
create policy pics on storage.objects for select using (bucket_id = 'pics' and auth.role() = 'authenticated');
alter default privileges for role postgres in schema public grant all on tables to service_role;
grant all on public.profiles to anon, authenticated, service_role, postgres;
select vault.create_secret('a', 'b'), net.http_post(url := 'http://x'), auth.jwt() ->> 'sub';
insert into storage.buckets (id, name) values ('pics', 'pics') on conflict (id) do nothing;
"""


@dataclass(frozen=True)
class Seen:
    """What a judge of these tests answers: a class of the tests, which no cache may bring back."""

    text: str


def project(root: Path, text: str = MIGRATION) -> Path:
    path = root / "supabase" / "migrations" / "20240101000000_a.sql"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return root


def test_a_supabase_project_loads_whole(tmp_path: Path) -> None:
    with schema.open(Settings(), project(tmp_path)) as opened:
        loaded = opened.loaded
        with opened.connection() as connection:
            rows = connection.execute("SELECT current_schemas(false), current_user").fetchone()
    assert loaded.schema.failed == ()
    assert loaded.schema.source == "supabase:supabase/migrations"
    assert loaded.schema.statements == loaded.schema.loaded == 14
    assert [note for note in loaded.schema.notes if "platform" in note] == []
    assert loaded.catalog.search_path == ("public", "extensions")
    assert rows == (["public", "extensions"], "postgres")
    profiles = loaded.catalog.relation("public", "profiles")
    assert profiles is not None
    assert profiles.row_security
    assert [column.type for column in profiles.columns[2:4]] == ["extensions.geography", "extensions.vector(1536)"]
    assert loaded.catalog.relation("auth", "identities") is not None
    assert not loaded.live


def _local15() -> bool:
    return any(each.major == 15 for each in binaries.local())


@pytest.mark.skipif(not _local15(), reason="needs local PostgreSQL 15")
def test_a_local_server_gives_its_own_contrib_and_a_stand_in_for_vector(tmp_path: Path) -> None:
    loaded = schema.load(Settings(server="local"), project(tmp_path))
    assert loaded.schema.failed == ()
    assert loaded.server.source == "local"
    assert any('"vector"' in note and "uuid-ossp" not in note for note in loaded.schema.notes)


@pytest.mark.skipif(not _local15() or not binaries.embedded(), reason="needs local PostgreSQL 15 and a later one")
@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("CREATE TABLE u AS SELECT a FROM (SELECT 1 AS a);", "embedded"),  # the grammar of 16
        ("CREATE TABLE u AS SELECT FROM FROM;", "local"),
    ],
    ids=["syntax of a later version", "no syntax at all"],
)
def test_a_later_server_is_taken_when_its_grammar_takes_more(tmp_path: Path, text: str, version: str) -> None:
    tree = "CREATE EXTENSION ltree; CREATE TABLE t (a ltree); CREATE INDEX ON t USING gist (a);"
    loaded = schema.load(Settings(), project(tmp_path, f"{text}\n{text.replace(' u ', ' v ')}\n{tree}"))
    assert loaded.server.source == version


def test_unchanged_files_start_no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path, "CREATE TABLE t (a int UNIQUE); CREATE TABLE u (a nope);")
    first = schema.load(Settings(), root)
    starts: list[Any] = []
    monkeypatch.setattr("pgarbiter.server.start", lambda *given, **_more: starts.append(given))
    again = schema.load(Settings(), root)
    assert starts == []
    assert (again.server, again.schema, again.incomplete) == (first.server, first.schema, first.incomplete)
    assert list(again.catalog.relations()) == list(first.catalog.relations())
    assert dict(again.incomplete).keys() == {"public.u"}


def test_a_cached_source_gives_a_connection_when_asked(tmp_path: Path) -> None:
    root = project(tmp_path, "CREATE TABLE t (a int UNIQUE);")
    schema.load(Settings(), root)
    with schema.open(Settings(), root) as opened:
        for _ in range(2):
            with opened.connection() as connection:
                assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_changed_file_or_setting_is_loaded_anew(tmp_path: Path) -> None:
    root = project(tmp_path, "CREATE TABLE t (a int);")
    schema.load(Settings(), root)
    (root / "supabase" / "migrations" / "2.sql").write_text("CREATE TABLE u (a int);")
    assert schema.load(Settings(), root).catalog.relation("public", "u") is not None
    assert schema.load(Settings(search_path=("auth",)), root).catalog.search_path == ("auth",)


def test_a_damaged_or_foreign_cache_file_is_made_again(tmp_path: Path) -> None:
    root = project(tmp_path, "CREATE TABLE t (a int);")
    schema.load(Settings(), root)
    (kept,) = [path for path in cache._directory().iterdir() if path.is_file()]
    assert kept.stat().st_mode & 0o777 == 0o600
    whole = kept.read_bytes()
    for damaged in (b"", whole[:-1], whole[:60] + b"x" + whole[61:], b"no" + whole):
        kept.write_bytes(damaged)
        assert cache.read(kept.name) is None
        assert schema.load(Settings(), root).catalog.relation("public", "t") is not None
        assert cache.read(kept.name) is not None
    kept.chmod(0o666)
    assert cache.read(kept.name) is None


def test_answers_of_a_judge_that_are_not_of_our_types_are_not_read_back(tmp_path: Path) -> None:
    root = project(tmp_path, "CREATE TABLE t (a int); INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING;")
    asked: list[str] = []

    def judge(_connection: Any, text: str) -> object:
        asked.append(text)
        return Seen(text)

    for _ in range(2):
        (judged,) = schema.load(Settings(), root, judge=judge).judged
        assert (judged.path, judged.line) == ("supabase/migrations/20240101000000_a.sql", 1)
    assert asked == ["INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING"] * 2


def test_files_that_psql_includes_load_where_they_are_named(tmp_path: Path) -> None:
    for name, text in {
        "db/schema.sql": "SET search_path = s;\n\\i db/tables/t.sql\n  \\ir 'tables/u.sql'\nCREATE INDEX ON u (a);",
        "db/tables/t.sql": "CREATE SCHEMA s; CREATE TABLE t (a int);\n\\ir ../schema.sql\n",
        "db/tables/u.sql": "CREATE TABLE u (a int);",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    loaded = schema.load(Settings(schema="db/schema.sql"), tmp_path)
    assert loaded.catalog.relation("s", "u") is not None
    assert [(failure.path, failure.line, failure.sqlstate) for failure in loaded.schema.failed] == [
        ("db/tables/t.sql", 2, "58P01")
    ]


@pytest.mark.parametrize("command", ["\\i gone.sql", "\\ir ../outside.sql", "SELECT 'CREATE' || a FROM t \\gexec"])
def test_what_psql_would_have_run_makes_unknown_what_is_there(tmp_path: Path, command: str) -> None:
    (tmp_path / "outside.sql").write_text("CREATE UNIQUE INDEX ON t (a);")
    directory = tmp_path / "project" / "migrations"
    directory.mkdir(parents=True)
    (directory / "1.sql").write_text(f"CREATE TABLE t (a text);\n{command}\nCREATE TABLE u (a int);")
    loaded = schema.load(Settings(schema="migrations"), tmp_path / "project")
    assert [failure.line for failure in loaded.schema.failed] == [2]
    assert [name for name, _ in loaded.incomplete] == ["public.t"]


def test_a_file_that_another_includes_loads_once(tmp_path: Path) -> None:
    (tmp_path / "0_all.sql").write_text("\\i 2_t.sql\n")
    (tmp_path / "1_u.sql").write_text("CREATE TABLE u (a int REFERENCES t (a));")
    (tmp_path / "2_t.sql").write_text("CREATE TABLE t (a int PRIMARY KEY);\n\\ir 1_u.sql\n")
    (tmp_path / "dir.sql").mkdir()
    loaded = schema.load(Settings(schema="sql:."), tmp_path)
    assert (loaded.schema.statements, loaded.schema.failed) == (2, ())


def test_files_in_deeper_directories_that_are_not_loaded_are_told(tmp_path: Path) -> None:
    (tmp_path / "m" / "more").mkdir(parents=True)
    (tmp_path / "m" / "1.sql").write_text("CREATE TABLE t (a int);")
    assert schema.load(Settings(schema="m"), tmp_path).schema.notes == ()
    (tmp_path / "m" / "more" / "2.sql").write_text("CREATE UNIQUE INDEX ON t (a);")
    (tmp_path / "m" / "more" / "2.down.sql").write_text("DROP TABLE t;")
    loaded = schema.load(Settings(schema="m"), tmp_path)
    assert loaded.schema.notes == ("SQL files in deeper directories were not loaded: 1, first m/more/2.sql",)
    assert loaded.incomplete == (("public.t", "m/more/2.sql, which changes it, was not loaded"),)


def test_what_stands_beside_a_migration_in_its_own_directory_is_never_applied(tmp_path: Path) -> None:
    step = tmp_path / "migrations" / "20240115_first"
    step.mkdir(parents=True)
    (step / "migration.sql").write_text("CREATE TABLE t (a int UNIQUE);")
    (step / "definition.sql").write_text("CREATE TABLE t (a int UNIQUE);")
    loaded = schema.load(Settings(schema="migrations"), tmp_path)
    assert (loaded.schema.statements, loaded.schema.notes, loaded.incomplete) == (1, (), ())


def test_tables_that_migrations_newer_than_the_dump_name_are_uncertain(tmp_path: Path) -> None:
    programs = tmp_path / "repo" / "migrations"
    programs.mkdir(parents=True)
    dump = "CREATE TABLE t (a int); CREATE TABLE u (a int); CREATE TABLE schema_migrations (version bigint);"
    (tmp_path / "repo" / "structure.sql").write_text(
        f'{dump}\nINSERT INTO public."schema_migrations" (version) VALUES (20240101000000);\n'
    )
    (programs / "20240101000000_make_t.exs").write_text("create table(:t)")
    assert schema.load(Settings(schema="repo/structure.sql"), tmp_path).incomplete == ()
    (programs / "20240202000000_index_t.exs").write_text("create unique_index(:t, [:a])")
    loaded = schema.load(Settings(schema="repo/structure.sql"), tmp_path)
    first = "repo/migrations/20240202000000_index_t.exs"
    assert loaded.schema.notes == (f"migrations that the dump does not hold yet: 1, first {first}",)
    assert loaded.incomplete == (("public.t", f"{first}, which the dump does not hold yet, names it"),)


def test_a_source_loads_for_an_account_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_uid: int) -> None:
        raise KeyError

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", nobody)
    (tmp_path / "schema.sql").write_text("CREATE TABLE t (a int);")
    assert schema.load(Settings(schema="schema.sql"), tmp_path).schema.loaded == 1


def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MOST_FILES", 3)
    root = project(tmp_path, "CREATE TABLE t (a int);")
    loaded = schema.load(Settings(cache=False), root)
    for number in range(5):
        cache.write(f"name{number}", loaded)
    assert len(list(cache._directory().iterdir())) == 3


def test_a_dump_by_pg_dump_loads_whole(server15: Server, tmp_path: Path) -> None:
    conninfo = server15.create_database()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS dump_owner, dump_reader")
        connection.execute("CREATE ROLE dump_owner; CREATE ROLE dump_reader")
        connection.execute(f"GRANT ALL ON DATABASE {connection.info.dbname} TO dump_owner; SET ROLE dump_owner")
        connection.execute(
            """
            CREATE SCHEMA app; CREATE TYPE app.mood AS ENUM ('a', 'b');
            CREATE TABLE app.parent (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text, gone timestamptz);
            CREATE UNIQUE INDEX one ON app.parent (lower(email)) WHERE gone IS NULL;
            CREATE TABLE app.child (a int REFERENCES app.parent, m app.mood DEFAULT 'a', CONSTRAINT u UNIQUE (a, m));
            CREATE VIEW app.v AS SELECT id, email FROM app.parent;
            CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
            CREATE TRIGGER g BEFORE INSERT ON app.child FOR EACH ROW EXECUTE FUNCTION app.f();
            INSERT INTO app.parent (email) VALUES ('x;y'), (E'line\\nbreak');
            GRANT SELECT ON app.parent TO dump_reader;
            """
        )
    programs = next(each for each in binaries.local() if each.major == 15)
    dump = subprocess.run([programs.directory / "pg_dump", conninfo], check=True, capture_output=True, text=True).stdout
    server15.drop_database(conninfo)
    (tmp_path / "schema.sql").write_text("\\restrict abc\n\\connect -reuse-previous=on other\n" + dump)
    loaded = schema.load(Settings(server="embedded"), tmp_path)
    assert loaded.schema.failed == ()
    assert loaded.incomplete == ()
    assert [note for note in loaded.schema.notes if "COPY" in note]
    parent = loaded.catalog.relation("app", "parent")
    assert parent is not None
    assert {index.name for index in parent.indexes} == {"parent_pkey", "one"}
    assert loaded.catalog.search_path == ("public",)


def test_a_live_database_is_only_read(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int PRIMARY KEY)")
    with schema.open(Settings(database_url=database), tmp_path) as opened:
        assert opened.loaded.live
        assert opened.loaded.server.source == "url"
        assert opened.loaded.catalog.relation("public", "t") is not None
        with opened.connection() as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute("INSERT INTO t VALUES (1)")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:1/db",
        "postgresql://me:hunter2@[bad",
        "host=127.0.0.1 port=1 password=hunter2",
        "nonsense hunter2",
        "postgresql://me:hunter2@127.0.0.1:notaport/db",
    ],
)
def test_a_url_that_leads_nowhere_is_one_error_without_the_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(ServerError) as caught:
        schema.load(Settings(database_url=url), tmp_path)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.__cause__ is None


def test_migrations_run_as_superuser_only_by_option(tmp_path: Path) -> None:
    event = "CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;"
    root = project(tmp_path, f"{event} CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();")
    assert [failure.sqlstate for failure in schema.load(Settings(), root).schema.failed] == ["42501"]
    assert schema.load(Settings(superuser=True), root).schema.failed == ()


def test_no_source_is_one_error_that_says_how_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text("[alembic]\n")
    with pytest.raises(SchemaError, match=r"no schema source was found; alembic\.ini was found but not run") as caught:
        schema.load(Settings(), tmp_path)
    assert "--schema" in (caught.value.hint or "")


def _url_server(server: Server) -> str:
    role = "limited"
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"DROP ROLE IF EXISTS {role}")
        connection.execute(f"CREATE ROLE {role} LOGIN CREATEDB")
    return _url(server, role)


def _url(server: Server, role: str) -> str:
    given = psycopg.conninfo.conninfo_to_dict(server.conninfo("postgres"))
    return f"postgresql://{role}@/postgres?host={quote(str(given['host']), safe='')}&port={given['port']}"


def test_a_url_server_without_superuser_rights_is_used_and_left_clean(server18: Server, tmp_path: Path) -> None:
    root = tmp_path / "p"
    (root / "migrations").mkdir(parents=True)
    (root / "migrations" / "1.sql").write_text("CREATE TABLE t (a int PRIMARY KEY); CREATE ROLE left_behind;")
    loaded = schema.load(Settings(server=_url_server(server18)), root)
    assert [failure.sqlstate for failure in loaded.schema.failed] == ["42501"]
    assert loaded.catalog.relation("public", "t") is not None
    with psycopg.connect(server18.conninfo("postgres")) as connection:
        roles = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'left_behind'").fetchall()
    assert roles == []


def test_a_url_server_as_superuser_needs_leave_for_a_role(server18: Server, tmp_path: Path) -> None:
    (tmp_path / "schema.sql").write_text("CREATE TABLE t (a int PRIMARY KEY);")
    url = _url(server18, "pgarbiter")
    with pytest.raises(ServerError, match="is a superuser"):
        schema.load(Settings(server=url), tmp_path)
    before = _roles(url)
    loaded = schema.load(Settings(server=url, create_roles=True), tmp_path)
    assert loaded.catalog.relation("public", "t") is not None
    assert _roles(url) == before


def _roles(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
