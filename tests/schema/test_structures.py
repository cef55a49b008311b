"""Every kind of source gives a structure that says what it knows; a diff tells no more than that."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from textwrap import dedent
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgarbiter import schema
from pgarbiter.diff import difference
from pgarbiter.errors import PgArbiterError, SchemaError, ServerError, SourceError
from pgarbiter.schema import opened
from pgarbiter.schema.structures import sides_of, structure_of, structures_of
from pgarbiter.settings import Settings, load
from pgarbiter.structure.model import Kind
from pgarbiter.structure.snapshot import dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pgarbiter.diff.model import Diff
    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure

FIRST = "CREATE TABLE t (a int PRIMARY KEY);"
SECOND = "ALTER TABLE t ADD COLUMN b text NOT NULL;"
TYPES = """
    export type Json = string | null
    export type Database = {
      __InternalSupabase: { PostgrestVersion: "12" }
      public: {
        Tables: {
          t: {
            Row: {
              a: number
              "odd name": string | null
              place: unknown
              told: string
              whole: string | null
            }
            Insert: { a?: number; "odd name"?: string | null; place?: unknown; told: string }
            Update: { a?: number; "odd name"?: string | null; place?: unknown; told?: string }
            Relationships: []
          }
        }
        Views: { w: { Row: { a: number | null }; Relationships: [] } }
        Functions: { [_ in never]: never }
        Enums: { mood: "sad" | "ok" | "it's \\"odd\\"" }
        CompositeTypes: { [_ in never]: never }
      }
    }
"""
TYPED = """
    CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "odd"');
    CREATE TABLE t (a serial PRIMARY KEY, told text NOT NULL UNIQUE, place point, "odd name" mood);
    CREATE FUNCTION whole(t) RETURNS text LANGUAGE sql AS 'SELECT $1.told';
    CREATE MATERIALIZED VIEW w AS SELECT a FROM t;
    CREATE SCHEMA other; CREATE TABLE other.x (a int);
"""
MODELS = """
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        pass

    class T(Base):
        __tablename__ = "t"
        __table_args__ = {"schema": "odd schema"}
        a = sa.Column(sa.Integer, primary_key=True)
        b = sa.Column(sa.Enum("x", "y", name="kind", schema="odd schema"), nullable=False, index=True)
        c = sa.Column(sa.String(20), server_default=sa.text("'50%'"), comment="100% or 50%% of %(a)s")
        d = sa.Column(postgresql.CITEXT, unique=True)
"""
MODELLED = """
    CREATE SCHEMA "odd schema"; CREATE EXTENSION citext SCHEMA public;
    CREATE TYPE "odd schema".kind AS ENUM ('x', 'y');
    CREATE TABLE "odd schema".t (
        a serial PRIMARY KEY, b "odd schema".kind NOT NULL, c varchar(20) DEFAULT '50%', d citext UNIQUE
    );
    COMMENT ON COLUMN "odd schema".t.c IS '100% or 50%% of %(a)s';
    CREATE INDEX "ix_odd schema_t_b" ON "odd schema".t (b);
    ALTER TABLE "odd schema".t ENABLE ROW LEVEL SECURITY;
    CREATE VIEW "odd schema".seen AS SELECT a FROM "odd schema".t;
    CREATE TABLE public.not_told (a int);
"""


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), "utf-8")
    return path


def of(text: str, root: Path, settings: Settings | None = None) -> Structure:
    return structure_of(text, settings or Settings(), root)[1]


Of = "Callable[..., Structure]"


@pytest.fixture
def here(tmp_path: Path, server_settings: Settings) -> Callable[..., Structure]:
    """The structure of a source in the directory of the test, loaded on the server of the session."""
    return lambda text, **given: of(text, tmp_path, replace(server_settings, **given))


def told(diff: Diff) -> list[str]:
    return sorted(
        " ".join((change.action, *change.subject.identity, *((change.subject.name,) if change.subject.name else ())))
        for change in diff.changes
    )


def between(old: Structure, new: Structure) -> list[str]:
    return told(difference(("old", old), ("new", new)))


def git(root: Path, *arguments: str) -> None:
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    given = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *arguments], cwd=root, env={**given, **who}, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits, the first of which has one migration; a third migration in the work tree only."""
    root = tmp_path / "a repository"
    put(root, "app/migrations/1_a.sql", FIRST)
    put(root, ".gitattributes", "app/migrations export-ignore\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=first")
    git(root, "tag", "v1")
    put(root, "app/migrations/2_b.sql", SECOND)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message=second")
    put(root, "app/migrations/3_c.sql", "CREATE TABLE u (a int);")
    return root


def test_a_commit_is_compared_with_the_work_tree_and_leaves_it_alone(repository: Path) -> None:
    before = sorted(path.name for path in repository.rglob("*.sql"))
    index = (repository / ".git" / "index").read_bytes()
    root = repository / "app"
    name, first = structure_of("git:v1:sql:migrations", Settings(), root)
    assert name == "git:v1:sql:migrations"
    assert between(first, of("sql:migrations", root)) == ["added public t b", "added public u"]
    assert between(first, of("git:HEAD:", root)) == ["added public t b"]
    assert sorted(path.name for path in repository.rglob("*.sql")) == before
    assert (repository / ".git" / "index").read_bytes() == index


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("git:nowhere:sql:migrations", 'revision "nowhere" is not known to git'),
        ("git:--help:sql:migrations", "names no revision"),
        ("git::sql:migrations", "names no revision"),
        ("git:v1:sql:../migrations", "leads out of the commit"),
        ("git:v1:sql:/etc", "leads out of the commit"),
        ("git:v1:sql:migrations/3_c.sql", 'does not exist in revision "v1"'),
        ("git:v1:git:v1:sql:migrations", "lies in no commit"),
        ("git:v1:postgresql://x", "lies in no commit"),
        ("git:v1:env:HOME", "lies in no commit"),
        ("git:v1:sql:outside", "leads out of the commit"),
    ],
)
def test_a_commit_that_cannot_be_had_is_one_error(repository: Path, source: str, message: str) -> None:
    root = repository / "app"
    (root / "outside").symlink_to("/etc")
    git(repository, "add", "app/outside")
    git(repository, "commit", "--quiet", "--amend", "--no-edit")
    git(repository, "tag", "--force", "v1") if "outside" in source else None
    with pytest.raises(SchemaError, match=message):
        of(source, root)


def test_a_directory_outside_of_a_repository_has_no_commits(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="git: not a git repository"):
        of("git:main:sql:x", tmp_path)


def test_check_takes_a_commit_as_its_schema(repository: Path) -> None:
    loaded = schema.load(Settings(schema="git:v1:migrations"), repository / "app")
    assert loaded.schema.source == "git:v1:sql:migrations"
    table = loaded.catalog.relation("public", "t")
    assert table is not None
    assert [column.name for column in table.columns] == ["a"]


def test_a_snapshot_is_the_structure_that_was_written(tmp_path: Path, here: Of) -> None:
    put(tmp_path, "schema.sql", FIRST)
    found = here("sql:schema.sql")
    put(tmp_path, "kept.json", "").write_text(dump(found), "utf-8")
    assert between(here("snapshot:kept.json"), found) == []
    assert ("public", "t") in here("snapshot:kept.json").objects[Kind.TABLE]
    with pytest.raises(SchemaError, match=r'file "gone.json" does not exist'):
        here("snapshot:gone.json")


def test_generated_types_tell_columns_enums_and_what_an_insert_must_have(database: str, tmp_path: Path) -> None:
    put(tmp_path, "database.types.ts", TYPES)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(dedent(TYPED).encode())
        types = of("types:database.types.ts", tmp_path)
        assert between(types, of(database, tmp_path)) == []
        connection.execute("ALTER TABLE t ALTER told SET DEFAULT '', ADD more int, ALTER place SET NOT NULL")
        connection.execute(
            "ALTER TYPE mood ADD VALUE 'good'; CREATE TABLE u (a int); ALTER TABLE t DROP COLUMN \"odd name\""
        )
        found = difference(("types", types), ("live", of(database, tmp_path)))
    assert told(found) == [
        "added public t more",
        "added public u",
        "changed public mood",
        "changed public t told",
        "removed public t odd name",
    ]
    assert any("uniqueness are unknown" in note for note in found.notes)


@pytest.mark.parametrize("text", ["export const a = 1", "export type Database = string", "\x00{{{"])
def test_a_file_without_generated_types_is_one_error(tmp_path: Path, text: str) -> None:
    put(tmp_path, "a.ts", text)
    with pytest.raises(SchemaError, match="holds no generated types"):
        of("types:a.ts", tmp_path)


def test_models_are_compiled_and_tell_nothing_of_views_and_policies(tmp_path: Path, here: Of) -> None:
    put(tmp_path, "src/shop/models.py", MODELS)
    put(tmp_path, "schema.sql", MODELLED)
    models, live = here("models:shop.models:Base.metadata"), here("sql:schema.sql")
    assert between(models, live) == []
    put(tmp_path, "schema.sql", MODELLED.replace("d citext UNIQUE", "d citext, e int"))
    changed = here("sql:schema.sql")
    assert between(models, changed) == ["added odd schema t e", "removed odd schema t t_d_key"]


@pytest.mark.parametrize(
    ("source", "text", "message"),
    [
        ("models:m:Base.metadata", "import not_there_at_all", 'module "not_there_at_all" is missing'),
        ("models:gone:Base", "", 'module "gone" is missing'),
        ("models:m:Nothing", "a = 1", 'module "m" has no "Nothing"'),
        ("models:m:a", "a = 1", "is no MetaData"),
        ("models:m:a", "import sqlalchemy; a = sqlalchemy.MetaData()", "has no tables"),
        (
            "models:m:a",
            "raise SystemExit('postgresql://u:hunter2@h/d')",
            r"m.py:1: SystemExit: postgresql://u:\*\*\*@h/d",
        ),
        ("models:json:a", "", 'module "json" was imported from'),
        ("models:m", "", "cannot be read"),
        ("models:m:a; import os:x", "", "cannot be read"),
    ],
)
def test_models_that_cannot_be_compiled_are_one_error(tmp_path: Path, source: str, text: str, message: str) -> None:
    put(tmp_path, "m.py", text)
    with pytest.raises(SchemaError, match=message) as caught:
        of(source, tmp_path)
    assert "hunter2" not in str(caught.value)


def test_models_see_no_way_into_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@h/d")
    put(
        tmp_path,
        "m.py",
        "import os\nopen('seen', 'w').write(repr(dict(os.environ)))\nimport sqlalchemy as sa\n"
        "a = sa.MetaData(); sa.Table('t', a, sa.Column('a', sa.Integer))\n",
    )
    of("models:m:a", tmp_path)
    assert "hunter2" not in (tmp_path / "seen").read_text()


def test_an_owner_that_cannot_be_set_leaves_nothing_unknown(tmp_path: Path) -> None:
    script = "CREATE SEQUENCE s; CREATE VIEW v AS SELECT 1 AS a; CREATE MATERIALIZED VIEW m AS SELECT 1 AS a;"
    owned = "".join(f"ALTER {each} OWNER TO pgarbiter;" for each in ("SEQUENCE s", "VIEW v", "MATERIALIZED VIEW m"))
    put(tmp_path, "schema.sql", script + owned)
    found = of("sql:schema.sql", tmp_path)
    assert found.doubts == ()
    assert len(found.notes) == 2


def test_a_name_of_the_settings_stands_for_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "db/schema.sql", FIRST)
    put(tmp_path, "pgarbiter.toml", '[sources]\nhead = "sql:db/schema.sql"\nlive = "env:SHOP_URL"\n')
    put(tmp_path, "below/x.py", "")
    settings = load(tmp_path / "below", overrides={})
    assert (Kind.TABLE, ("public", "t")) in [
        (Kind.TABLE, identity) for identity in of("head", tmp_path / "below", settings).objects[Kind.TABLE]
    ]
    monkeypatch.delenv("SHOP_URL", raising=False)
    with pytest.raises(SourceError, match='environment variable "SHOP_URL" is not set'):
        of("live", tmp_path, settings)
    monkeypatch.setenv("SHOP_URL", "hunter2")
    with pytest.raises(SourceError, match="is no postgresql:// URL") as caught:
        of("live", tmp_path, settings)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "source", ["postgresql://u:hunter2@h/d", "host=h password=hunter2", "host=h PASSWORD = 'hunter2'"]
)
def test_a_password_in_the_settings_is_refused_unseen(tmp_path: Path, source: str) -> None:
    for text in (f'[sources]\nlive = "{source}"\n', f'schema = "{source}"\n'):
        put(tmp_path, "pgarbiter.toml", text)
        _refuses_the_password(tmp_path)


def _refuses_the_password(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds a password") as caught:
        load(tmp_path, overrides={})
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_schema_that_is_a_live_database_is_connected_to(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOP_URL", "postgresql://h/d")
    put(tmp_path, "pgarbiter.toml", 'schema = "live"\n[sources]\nlive = "env:SHOP_URL"\n')
    found = load(tmp_path, overrides={})
    assert (found.schema, found.database_url) == (None, "postgresql://h/d")


def test_a_dead_server_is_one_error_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="could not connect") as caught:
        of("postgresql://me:hunter2@127.0.0.1:1/db", tmp_path)
    assert "hunter2" not in str(caught.value)


def test_a_url_with_a_driver_of_sqlalchemy_is_a_live_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql+psycopg2://me:hunter2@127.0.0.1:1/db"
    monkeypatch.setenv("SHOP_URL", url)
    for source in (url, "env:SHOP_URL"):
        with pytest.raises(ServerError, match="could not connect") as caught:
            of(source, tmp_path)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("prefix", ["", "sql:", "snapshot:", "types:"])
def test_a_url_of_another_engine_is_refused_unseen(prefix: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="is a URL, but not that of a PostgreSQL database") as caught:
        of(f"{prefix}mysql://me:hunter2@h/db", tmp_path)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("broken", "left"),
    [
        ("CREATE TABLE u (a nope);", ["added public v"]),
        ("CREATE INDEX i ON nope (a); CREATE POLICY p ON t USING (nope());", ["added public u", "added public v"]),
        (
            "CREATE FUNCTION f() RETURNS nope LANGUAGE sql AS '';",
            ["added public u", "added public v", "added public t p"],
        ),
        ("DO $$ BEGIN CREATE TABLE v (a nope); END $$;", ["added public u", "added public t p"]),
        ("CREATE TABBLE v (a int);", ["added public u", "added public t p"]),
        ("ALTER TABLE t ADD COLUMN c nope;", ["added public u", "added public v", "added public t p"]),
    ],
)
def test_what_a_failed_statement_would_have_made_is_not_told_as_missing(
    tmp_path: Path, here: Of, broken: str, left: list[str]
) -> None:
    put(tmp_path, "old.sql", f"CREATE TABLE t (a int);\n{broken}")
    put(
        tmp_path,
        "new.sql",
        """
        CREATE TABLE t (a int, c int); CREATE TABLE u (a int); CREATE TABLE v (a int);
        CREATE POLICY p ON t USING (true); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        """,
    )
    found = difference(("old", here("sql:old.sql")), ("new", here("sql:new.sql")))
    seen = told(found)
    for name in left:
        assert name in seen
    everything = {"added public u", "added public v", "added public t c", "added public t p"}
    assert len(everything - set(seen)) + (not any(name.startswith("added public f") for name in seen)) >= 1
    assert any(note.startswith("Not compared, since old.sql:2 did not load") for note in found.notes)
    assert any("statements were loaded" in note for note in found.notes)


def test_a_stand_in_is_an_extension_and_none_of_its_functions(tmp_path: Path) -> None:
    put(tmp_path, "old.sql", 'CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION vector; CREATE TABLE t (a vector(3));')
    put(tmp_path, "new.sql", 'CREATE EXTENSION "uuid-ossp"; CREATE TABLE u (a int);')
    old, new = of("sql:old.sql", tmp_path, Settings(server="embedded")), of("sql:new.sql", tmp_path)
    assert between(new, old) == ["added public t", "added vector", "removed public u"]


def test_the_platform_is_left_out_on_both_sides_and_what_a_project_adds_to_it_stays(tmp_path: Path, here: Of) -> None:
    put(tmp_path, "supabase/migrations/1_a.sql", FIRST + SECOND)
    put(tmp_path, "plain.sql", FIRST)
    made = here("supabase:supabase")
    assert made.platform == "supabase"
    found = difference(("old", here("sql:plain.sql", platform="supabase")), ("new", made))
    assert told(found) == ["added public t b"]
    assert 'What the platform "supabase" provides was not compared.' in found.notes
    put(
        tmp_path,
        "supabase/migrations/2_b.sql",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n"
        "CREATE TRIGGER mine AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION f();\n"
        "CREATE POLICY pics ON storage.objects USING (true);",
    )
    again = between(made, here("supabase:supabase"))
    assert again == ["added auth users", "added public f ", "added storage objects"]


def test_a_preamble_runs_first(tmp_path: Path, here: Of) -> None:
    put(tmp_path, "before.sql", "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE NOTHING;")
    put(tmp_path, "schema.sql", "CREATE TABLE t (a s.e);")
    found = here("sql:schema.sql", preamble=str(tmp_path / "before.sql"))
    assert ("public", "t") in found.objects[Kind.TABLE]
    assert any(note.startswith("preamble before.sql:1 did not load") for note in found.notes)
    with pytest.raises(SchemaError, match="does not exist"):
        here("sql:schema.sql", preamble="gone.sql")


def test_no_error_shows_a_stack(tmp_path: Path, server18: Server) -> None:
    del server18
    for source in ("", "sql:", "models:", "git:", "snapshot:", "types:", "env:", "supabase:\n", "alembic:x@y"):
        with pytest.raises(PgArbiterError):
            of(source, tmp_path)


def test_a_database_alone_is_compared_with_the_source_that_is_found(database: str, tmp_path: Path) -> None:
    put(tmp_path, "db/migrations/1_a.sql", FIRST)
    put(tmp_path, "db/migrations/2_b.sql", SECOND)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(FIRST.encode())
    sources = sides_of(None, None, Settings(database_url=database))
    (name, old), (_, new) = structures_of(sources, Settings(), tmp_path)
    assert name == "sql:db/migrations"
    assert between(old, new) == ["removed public t b"]
    assert sides_of("x", None, Settings(database_url="u")) == ("x", "u")
    assert sides_of(None, None, Settings(database_url="u", schema="sql:x")) == ("sql:x", "u")
    for given in (("x", None), (None, None)):
        with pytest.raises(SchemaError, match="wanted two"):
            sides_of(*given, Settings())


def test_databases_of_one_name_are_told_apart_by_their_servers(database: str, database15: str, tmp_path: Path) -> None:
    urls = [make_conninfo(each, dbname="of_one_name") for each in (database, database15)]
    for each in (database, database15):
        with psycopg.connect(each, autocommit=True) as connection:
            connection.execute("CREATE DATABASE of_one_name")
    try:
        names = [name for name, _ in structures_of(urls, Settings(), tmp_path)]
    finally:
        for each in (database, database15):
            with psycopg.connect(each, autocommit=True) as connection:
                connection.execute("DROP DATABASE of_one_name")
    assert len(set(names)) == len(names)
    assert all(name.startswith("database of_one_name on /") for name in names)


def test_a_live_database_tells_its_platform_unless_it_is_told_another(database: str, tmp_path: Path) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA auth; CREATE SCHEMA storage; CREATE TABLE auth.users (a int)")
        connection.execute("CREATE TABLE storage.objects (a int)")
    assert of(database, tmp_path).platform == "supabase"
    assert of(database, tmp_path, Settings(platform="plain")).platform is None


def test_a_project_on_its_platform_is_the_same_as_its_migrations(tmp_path: Path) -> None:
    put(
        tmp_path,
        "supabase/migrations/1_a.sql",
        "CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users, c extensions.citext);"
        "ALTER TABLE profiles ADD place extensions.vector(3);"
        "ALTER TABLE profiles ENABLE ROW LEVEL SECURITY; CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO anon;"
        "CREATE POLICY own ON profiles TO authenticated USING (auth.uid() = id);"
        "CREATE FUNCTION app.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        "CREATE TRIGGER made AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION app.f();"
        "ALTER PUBLICATION supabase_realtime ADD TABLE profiles;",
    )
    made = of("supabase:supabase", tmp_path)
    settings = Settings(schema="supabase:supabase", cache=False)
    with opened(settings, tmp_path) as source:
        live = of(source.fill().filled.place.owner, tmp_path)
    assert live.platform == "supabase"
    assert between(made, live) == []
    assert ("public", "profiles") in live.objects[Kind.TABLE]


def test_a_source_that_creates_timescaledb_stands_on_it(tmp_path: Path, here: Of) -> None:
    put(
        tmp_path,
        "schema.sql",
        "CREATE EXTENSION timescaledb; CREATE TABLE t (at timestamptz); SELECT create_hypertable('t', 'at');",
    )
    found = here("sql:schema.sql")
    assert found.platform == "timescale"
    assert any("create_hypertable() makes are unknown" in note for note in found.notes)
    put(tmp_path, "plain.sql", "CREATE TABLE t (at timestamptz);")
    assert between(here("sql:plain.sql"), found) == []
    assert here("sql:plain.sql", platform="timescale").platform == "timescale"


MANY = """
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql as pg

    names = {"fk": "fk_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
    metadata = sa.MetaData(naming_convention=names)
    mood = sa.Enum("sad", "ok", name="mood")
    a = sa.Table(
        "a", metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("b_id", sa.ForeignKey("b.id", use_alter=True)),
        sa.Column("mood", mood), sa.Column("moods", pg.ARRAY(mood)),
        sa.Column("data", pg.JSONB, server_default=sa.text("'{}'::jsonb")),
        sa.Column("double", sa.Integer, sa.Computed("id * 2", persisted=True)),
        sa.Column("number", sa.Integer, sa.Sequence("numbers", start=7)),
        sa.Column("odd%name", sa.Integer),
        sa.CheckConstraint("number % 2 = 0", name="even"),
        sa.Index("some", "number", unique=True, postgresql_where=sa.text("number > 1")),
        comment="it's",
    )
    b = sa.Table("b", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("mood", mood),
                 sa.Column("a_id", sa.ForeignKey("a.id", ondelete="CASCADE")))
    sa.event.listen(metadata, "after_create", sa.DDL("CREATE VIEW seen AS SELECT id FROM a"))
"""
MANY_MADE = """
    CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE SEQUENCE numbers START 7;
    CREATE TABLE b (id serial PRIMARY KEY, mood mood, a_id bigint);
    CREATE TABLE a (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, b_id int, mood mood, moods mood[], data jsonb DEFAULT '{}',
        double int GENERATED ALWAYS AS (id * 2) STORED, number int, "odd%name" int,
        CONSTRAINT ck_a_even CHECK (number % 2 = 0)
    );
    ALTER TABLE a ADD CONSTRAINT fk_a_b_id FOREIGN KEY (b_id) REFERENCES b;
    ALTER TABLE b ADD CONSTRAINT fk_b_a_id FOREIGN KEY (a_id) REFERENCES a ON DELETE CASCADE;
    CREATE UNIQUE INDEX "some" ON a (number) WHERE number > 1; COMMENT ON TABLE a IS 'it''s';
    CREATE VIEW seen AS SELECT id FROM a; CREATE VIEW drifted AS SELECT 1 AS x;
"""


def test_models_make_what_their_author_means(tmp_path: Path, here: Of) -> None:
    put(tmp_path, "tables.py", MANY)
    put(tmp_path, "schema.sql", MANY_MADE)
    found = difference(("models", here("models:tables:metadata")), ("live", here("sql:schema.sql")))
    assert told(found) == ["added public drifted"]  # they make a view, so that views count
    assert [note for note in found.notes if "did not load" in note] == []


def test_check_takes_models_as_its_schema_and_keeps_what_they_gave(tmp_path: Path) -> None:
    put(tmp_path, "tables.py", dedent(MANY) + "open('runs', 'a').write('x')\n")
    for _ in range(2):
        loaded = schema.load(Settings(schema="models:tables:metadata"), tmp_path)
        table = loaded.catalog.relation("public", "a")
        assert table is not None
        assert ("number",) in {index.columns for index in table.indexes}
    assert (tmp_path / "runs").read_text() == "x"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("snapshot:x.json", "has no statements that could be loaded"),
        ("types:x.ts", "has no statements that could be loaded"),
        ("git:v1:sql:x", "not a git repository"),
    ],
)
def test_check_says_which_sources_it_cannot_take(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        schema.load(Settings(schema=source), tmp_path)


def test_a_path_with_an_equals_sign_is_a_path(tmp_path: Path, here: Of) -> None:
    put(tmp_path, "level=1/schema.sql", FIRST)
    assert ("public", "t") in here("level=1/schema.sql").objects[Kind.TABLE]


def test_failures_of_one_message_are_told_once(tmp_path: Path) -> None:
    put(tmp_path, "a.sql", "SELECT gone(); SELECT gone(); SELECT gone(); SELECT 1/0;")
    told = [note for note in of("sql:a.sql", tmp_path).notes if "did not load" in note]
    assert [("gone" in note, "2 more statements in the same way" in note) for note in told] == [
        (True, True),
        (False, False),
    ]


def test_a_source_without_statements_says_so(tmp_path: Path) -> None:
    put(tmp_path, "a.sql", "-- nothing yet\n")
    assert of("sql:a.sql", tmp_path).notes == ("it holds no statements",)
