"""A project with an alembic.ini and revisions, and commands of `pgarbiter migrate` on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.migrate.apply import apply
from pgarbiter.migrate.audience import Nobody
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.migrate.model import Applied, Revision

ENV = """
    import os
    from alembic import context
    from sqlalchemy import create_engine, pool

    engine = create_engine("postgresql+psycopg://nobody:hunter2@nowhere.invalid/prod", poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection{options})
        with context.begin_transaction():
            context.run_migrations()
"""


@dataclass
class Heard(Nobody):
    """Keeps what it is told."""

    notes: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    bars: list[tuple[str, int, int | None]] = field(default_factory=list)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def step(self, text: str) -> None:
        self.steps.append(text)

    def progress(self, text: str, done: int, total: int | None) -> None:
        self.bars.append((text, done, total))

    def revision(self, revision: Revision) -> None:
        self.steps.append(f"revision {revision.revision}")


@dataclass
class Project:
    """Revisions are added one by one, each on the one before unless `down` says otherwise."""

    root: Path
    last: str | None = None
    bodies: dict[str, str] = field(default_factory=dict)

    @property
    def ini(self) -> Path:
        return self.root / "alembic.ini"

    def env(self, text: str = ENV, options: str = "") -> Project:
        (self.root / "migrations" / "versions").mkdir(parents=True, exist_ok=True)
        self.ini.write_text("[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\n")
        (self.root / "migrations" / "env.py").write_text(dedent(text).replace("{options}", options))
        return self

    def add(self, revision: str, up: str, down: str = "pass", *, below: Any = ...) -> Project:
        """A revision whose bodies are Python, or SQL when they begin with a keyword in capitals."""
        on = self.last if below is ... else below
        text = (
            f'"""Revision {revision}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n'
            f"{'import pgarbiter.online' if '_online' in up else ''}\n\n"
            f"revision = {revision!r}\ndown_revision = {on!r}\n\n\n"
            f"def upgrade():\n{_body(up)}\n\n\ndef downgrade():\n{_body(down)}\n"
        )
        (self.root / "migrations" / "versions" / f"{revision}.py").write_text(text)
        self.last, self.bodies[revision] = revision, dedent(up).strip()
        return self

    def made(self, url: str, last: str | None = None) -> Project:
        """The database as revisions of plain SQL up to `last` make it, without a child that the test is not about."""
        for revision, body in self.bodies.items():
            assert _is_sql(body)
            run(url, body)
            if revision == (last or self.last):
                break
        run(url, "CREATE TABLE alembic_version (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)")
        run(url, f"INSERT INTO alembic_version VALUES ('{revision}')")
        return self

    def remove(self, revision: str) -> None:
        (self.root / "migrations" / "versions" / f"{revision}.py").unlink()

    def up(self, url: str, revision: str = "heads", *, heard: Heard | None = None, **options: Any) -> Applied:
        return apply(self.ini, url, revision, "up", audience=heard or Heard(), **options)

    def down(self, url: str, revision: str, *, heard: Heard | None = None, **options: Any) -> Applied:
        return apply(self.ini, url, revision, "down", audience=heard or Heard(), **options)


def _body(text: str) -> str:
    text = dedent(text).strip()
    if _is_sql(text):
        text = f"op.execute({text!r})"
    return indent(text, "    ")


def _is_sql(text: str) -> bool:
    return text.split(None, 1)[0].isupper()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose env.py names a database that is not there."""
    return Project(tmp_path).env()


@pytest.fixture(autouse=True)
def _limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience for a test, and no URL of the one who runs it."""
    monkeypatch.setenv("PGARBITER_ONLINE_PATIENCE_S", "20")
    for name in ("DATABASE_URL", "PGARBITER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def rows(url: str, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def url_of(conninfo: str) -> str:
    """The same as a URL."""
    given = psycopg.conninfo.conninfo_to_dict(conninfo)
    return f"postgresql://{given['user']}@/{given['dbname']}?host={given['host']}&port={given['port']}"


def settings(conninfo: str) -> Settings:
    """Throwaway databases on the server that is there already, which is quicker than one more."""
    return Settings(server=url_of(conninfo), create_roles=True)


CONCURRENTLY = """
with op.get_context().autocommit_block():
    op.create_index("t_a_key", "t", ["a"], unique=True, postgresql_concurrently=True, if_not_exists=True)
"""
