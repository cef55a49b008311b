"""A project with Alembic revisions and write sites, and `pgarbiter repair` on it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import alembic
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.server import Server

ENV = """
import os
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine("postgresql+psycopg://nobody:hunter2@nowhere.invalid/prod", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
"""


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def proposal(self, code: str) -> Any:
        return next(p for p in self.json["proposals"] if p["finding"]["code"] == code)


@dataclass
class Project:
    """`root` holds an alembic.ini whose first revision runs `schema`, and the files that `write` puts there."""

    root: Path
    command: Callable[..., Ended]

    @property
    def versions(self) -> Path:
        return self.root / "migrations" / "versions"

    def schema(self, sql: str) -> Project:
        (self.root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
        self.versions.mkdir(parents=True)
        (self.root / "migrations" / "env.py").write_text(ENV)
        template = Path(alembic.__file__).parent / "templates" / "generic" / "script.py.mako"
        shutil.copy(template, self.root / "migrations")
        self.revision("0001", None, sql)
        return self

    def revision(self, name: str, on: str | None, sql: str) -> None:
        (self.versions / f"{name}.py").write_text(
            f"from alembic import op\nrevision, down_revision = {name!r}, {on!r}\n\n"
            f"def upgrade():\n    op.execute({dedent(sql)!r})\n\ndef downgrade():\n    pass\n"
        )

    def write(self, path: str, text: str | bytes) -> Project:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
        return self

    def repair(self, *options: object) -> Ended:
        return self.command("repair", self.root, "--schema", "alembic:alembic.ini", "--format", "json", *options)

    def check(self, *options: object) -> Ended:
        return self.command("check", self.root, "--schema", "alembic:alembic.ini", "--format", "json", *options)

    def written(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.versions.glob("*.py")) if path.name[:4] != "0001"}


@pytest.fixture
def command(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    server18: Server,
) -> Callable[..., Ended]:
    """Commands as a user would run them; schema sources are loaded into the server of the session."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    for name in ("DATABASE_URL", "PGARBITER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    known = conninfo_to_dict(server18.conninfo("postgres"))
    url = f"postgresql://{known['user']}@/postgres?host={quote(str(known['host']))}&port={known['port']}"

    def run(*arguments: object) -> Ended:
        server = ("--server", url, "--superuser") if arguments[0] != "migrate" else ()
        monkeypatch.setattr(sys, "argv", ["pgarbiter", *map(str, (*arguments, *server))])
        with pytest.raises(SystemExit) as ended:
            main()
        streams = capsys.readouterr()
        return Ended(int(ended.value.code or 0), streams.out, streams.err)

    return run


@pytest.fixture
def project(tmp_path: Path, command: Callable[..., Ended]) -> Project:
    (tmp_path / ".git").mkdir()
    return Project(tmp_path, command)


def rows(url: str, question: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


def run(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())
