"""Alembic revisions in a child process: only when asked, and only against the throwaway server."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from textwrap import dedent
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter import schema
from pgarbiter.errors import SchemaError
from pgarbiter.model import QualifiedName
from pgarbiter.schema.isolation import scrubbed
from pgarbiter.server import binaries, cluster
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.catalog.catalog import Catalog

ENV = """
    from alembic import context
    from sqlalchemy import create_engine
    with create_engine({url!r}).connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
"""
ASYNC_ENV = """
    import asyncio
    from alembic import context
    from sqlalchemy.ext.asyncio import create_async_engine

    def run(connection):
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()

    async def main():
        engine = create_async_engine({url!r})
        async with engine.connect() as connection:
            await connection.run_sync(run)
            await connection.commit()
        await engine.dispose()

    asyncio.run(main())
"""
REVISIONS = {
    "a": "op.create_table('t', sa.Column('a', sa.Integer, primary_key=True), sa.Column('b', sa.Integer))",
    "b": "op.execute('CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\"'); op.create_unique_constraint('u', 't', ['b'])",
}


def project(root: Path, env: str, revisions: dict[str, str] = REVISIONS) -> Settings:
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (root / "migrations" / "env.py").write_text(dedent(env))
    before = None
    for name, body in revisions.items():
        text = f"""
            import sqlalchemy as sa
            from alembic import op
            revision, down_revision = {name!r}, {before!r}
            def upgrade():
                {body}
        """
        (root / "migrations" / "versions" / f"{name}.py").write_text(dedent(text))
        before = name
    return Settings(schema="alembic:alembic.ini")


def keys(catalog: Catalog) -> set[tuple[str, ...]]:
    table = catalog.relation("public", "t")
    assert table is not None
    return {index.columns for index in table.indexes}


URL = "postgresql+psycopg://prod:hunter2@db.invalid/prod"


_NO_GREENLET = pytest.mark.skipif(find_spec("greenlet") is None, reason="SQLAlchemy's asyncio needs greenlet")


@pytest.mark.parametrize(
    ("env", "url"),
    [
        (ENV, URL),
        (ENV, "postgresql+psycopg:///?service=prod&sslmode=require"),
        pytest.param(ASYNC_ENV, URL, marks=_NO_GREENLET),
    ],
)
def test_revisions_run_on_the_throwaway_server_whatever_url_they_name(tmp_path: Path, env: str, url: str) -> None:
    loaded = schema.load(project(tmp_path, env.format(url=url)), tmp_path)
    assert keys(loaded.catalog) == {("a",), ("b",)}
    assert loaded.schema.source == "alembic:alembic.ini"
    assert loaded.schema.statements == loaded.schema.loaded > 0
    assert 'this server lacks extensions "uuid-ossp": stand-ins hold their types and functions' in loaded.schema.notes


def test_a_revision_can_be_named(tmp_path: Path) -> None:
    project(tmp_path, ENV.format(url=URL))
    loaded = schema.load(Settings(schema="alembic:.@a"), tmp_path)
    assert keys(loaded.catalog) == {("a",)}


def test_a_second_server_that_env_py_names_sees_no_connection(tmp_path: Path) -> None:
    with cluster.run(next(iter((*binaries.embedded(), *binaries.local())))) as other:
        _log_connections(other.conninfo("postgres"))
        given = psycopg.conninfo.conninfo_to_dict(other.conninfo("postgres"))
        url = f"postgresql+psycopg://pgarbiter@/postgres?host={given['host']}&port={given['port']}"
        before = other.read_log()
        loaded = schema.load(project(tmp_path, ENV.format(url=url)), tmp_path)
        after = other.read_log().removeprefix(before)
        assert keys(loaded.catalog) == {("a",), ("b",)}
        assert "connection" not in after
        psycopg.connect(other.conninfo("postgres")).close()
        assert "connection" in other.read_log().removeprefix(before)


def _log_connections(conninfo: str) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET log_connections = on")
        connection.execute("SELECT pg_reload_conf()")
    while True:
        with psycopg.connect(conninfo) as connection:
            shown = connection.execute("SHOW log_connections").fetchone()
        if shown and shown[0] in {"on", "all"}:
            return


def test_a_connection_past_do_connect_is_refused_before_anything_runs(tmp_path: Path, database: str) -> None:
    env = f"""
        import psycopg
        from alembic import context
        from sqlalchemy import create_engine
        engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect({database!r}))
        with engine.connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
    """
    with pytest.raises(SchemaError, match="past SQLAlchemy's do_connect; nothing was run on it"):
        schema.load(project(tmp_path, env), tmp_path)
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def test_no_way_into_a_database_is_left_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", URL)
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    monkeypatch.setenv("HIDDEN", URL)
    monkeypatch.setenv("PGPASSWORD", "hunter2")
    monkeypatch.setenv("PGAPPNAME", "mine")
    monkeypatch.setenv("PYTHONPATH", "kept")
    env = "import os\nopen('seen', 'w').write(repr(sorted(os.environ.items())))\n" + dedent(ENV.format(url=URL))
    schema.load(project(tmp_path, env), tmp_path)
    seen = dict(eval((tmp_path / "seen").read_text()))  # written by the line above
    assert "PGAPPNAME" not in seen
    assert "hunter2" not in repr(seen)
    assert seen["DATABASE_URL"].startswith(URL.partition("://")[0])  # with the driver that it named, to another server
    assert seen["DB_PASSWORD"] == "placeholder"
    assert seen["PYTHONPATH"] == "kept"
    assert seen["PGUSER"] == "postgres"


def test_a_module_that_env_py_lacks_is_named(tmp_path: Path) -> None:
    settings = project(tmp_path, "import not_there_at_all\n")
    with pytest.raises(SchemaError, match='module "not_there_at_all" is missing') as caught:
        schema.load(settings, tmp_path)
    assert "--python" in (caught.value.hint or "")


def test_settings_find_placeholders_for_secrets_and_the_throwaway_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    monkeypatch.setenv("POSTGRES_PORT", "6543")
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@cache:6379/0")
    monkeypatch.setenv("SENTRY_DSN", "https://hunter2@sentry.example.com/1")
    monkeypatch.setenv("HIDDEN", URL)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    env = """
        import os
        from alembic import context
        from sqlalchemy import create_engine
        assert os.environ["SECRET_KEY"] == "placeholder" and "SENTRY_DSN" not in os.environ
        assert os.environ["POSTGRES_PORT"] == "1" and os.environ["REDIS_URL"] == "redis://127.0.0.1:9/"
        assert "hunter2" not in os.environ["HIDDEN"] and os.environ["HIDDEN"].startswith("postgresql")
        with create_engine(os.environ["DATABASE_URL"]).connect() as connection:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
    """
    assert schema.load(project(tmp_path, env), tmp_path).catalog.relations


@pytest.mark.parametrize("quote", ['"', "'", '"""'])
def test_an_extension_that_the_server_lacks_is_stood_in_for_however_it_is_quoted(tmp_path: Path, quote: str) -> None:
    text = f"op.execute({quote}CREATE EXTENSION IF NOT EXISTS citext{quote}); op.execute('CREATE TABLE t (a citext)')"
    found = schema.load(project(tmp_path, ENV.format(url=URL), {"a": text}), tmp_path)
    assert found.catalog.resolve(QualifiedName(None, "t")) is not None


def test_what_settings_lack_is_named_without_their_values(tmp_path: Path) -> None:
    env = """
        class ValidationError(Exception):
            def errors(self):
                return [{"loc": ("stripe", "key"), "msg": "Field required"}]
        raise ValidationError("input_value='hunter2'")
    """
    with pytest.raises(SchemaError, match=r"failed at migrations/env.py:\d+: stripe.key: Field required") as caught:
        schema.load(project(tmp_path, env), tmp_path)
    assert "environment" in (caught.value.hint or "")


def test_a_name_that_a_module_does_not_have_is_no_missing_module(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"at migrations/env.py:1: cannot import name 'nope' from 'os'"):
        schema.load(project(tmp_path, "from os import nope\n"), tmp_path)


def test_a_revision_that_fails_is_an_error_with_its_place(tmp_path: Path) -> None:
    settings = project(tmp_path, ENV.format(url=URL), {"a": "op.execute('CREATE TABLE t (a nope)')"})
    with pytest.raises(SchemaError, match=r"at migrations/versions/a.py:6 \(42704\): .*type \"nope\" does not exist"):
        schema.load(settings, tmp_path)


def test_another_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match='dialect "sqlite", wanted "postgresql"'):
        schema.load(project(tmp_path, ENV.format(url="sqlite://")), tmp_path)


@pytest.mark.parametrize("ending", ["raise SystemExit(3)", "import os; os._exit(1)", "1 / 0"])
def test_an_env_py_that_ends_early_is_one_error(tmp_path: Path, ending: str) -> None:
    with pytest.raises(SchemaError):
        schema.load(project(tmp_path, ending), tmp_path)


def test_env_py_that_fails_with_a_url_in_its_message_does_not_give_away_the_password(tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as caught:
        schema.load(project(tmp_path, f"raise ValueError('could not use {URL}')"), tmp_path)
    assert "hunter2" not in str(caught.value)
    assert scrubbed("password=hunter2 x") == "password=*** x"


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgarbiter.schema.isolation.CHILD_SECONDS", 1.5)
    settings = project(tmp_path, "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    with pytest.raises(SchemaError, match="did not finish within"):
        schema.load(settings, tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_interpreter_is_the_one_asked_for_or_the_venv_beside_alembic_ini(tmp_path: Path) -> None:
    project(tmp_path, ENV.format(url=URL))
    with pytest.raises(SchemaError, match='interpreter "nowhere" does not exist'):
        schema.load(Settings(schema="alembic:alembic.ini", python="nowhere"), tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\ntouch "{tmp_path}/used"\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    schema.load(Settings(schema="alembic:alembic.ini"), tmp_path)
    assert (tmp_path / "used").exists()


def test_revisions_that_did_not_change_are_not_run_again(tmp_path: Path) -> None:
    settings = project(tmp_path, "open('runs', 'a').write('x')\n" + dedent(ENV.format(url=URL)))
    for _ in range(2):
        schema.load(settings, tmp_path)
    assert (tmp_path / "runs").read_text() == "x"
    (tmp_path / "migrations" / "versions" / "more.sql").write_text("")
    schema.load(settings, tmp_path)
    assert (tmp_path / "runs").read_text() == "xx"
