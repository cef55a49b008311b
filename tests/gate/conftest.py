"""Repositories with a history, and gates of them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.gate.model import Code, Gate, Order
from pgarbiter.gate.pipeline import Asked, gate
from pgarbiter.gate.reports.told import cell
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.gate.model import Part
    from pgarbiter.server import Server

Judge = Callable[..., Gate]


@dataclass
class Repository:
    """A git repository of a test. Files are written by their paths; None takes one away."""

    root: Path

    def git(self, *arguments: str) -> str:
        given = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        who = {
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@b",
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env={**given, **who}, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, files: dict[str, str | None]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text)

    def commit(self, files: dict[str, str | None]) -> str:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")
        return self.git("rev-parse", "HEAD")


def empty(root: Path) -> Repository:
    root.mkdir(parents=True, exist_ok=True)
    found = Repository(root)
    found.git("init", "--quiet", "--initial-branch=main")
    return found


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return empty(tmp_path / "repo")


def url_of(server: Server, database: str = "postgres") -> str:
    known = conninfo_to_dict(server.conninfo(database))
    return f"postgresql://{known['user']}@/{quote(database)}?host={quote(str(known['host']))}&port={known['port']}"


@pytest.fixture
def judge(server18: Server, repository: Repository) -> Judge:
    """The gate of the repository, on the server that is there already."""
    own = Settings(server=url_of(server18), create_roles=True, superuser=True)

    def judged(base: str | None = None, head: str | None = None, **settings: Any) -> Gate:
        order = Order(settings.pop("order", "migrations-first"))
        root = settings.pop("root", repository.root)
        settings |= {"base": settings.pop("located")} if "located" in settings else {}
        return gate([root], root, Asked(base, head, order), replace(own, **settings))

    return judged


def upsert(table: str, key: str, *columns: str) -> str:
    """Python that upserts."""
    named = ", ".join((key, *columns) if key else columns)
    values = ", ".join(["%s"] * (bool(key) * (key.count(",") + 1) + len(columns)))
    statement = f"INSERT INTO {table} ({named}) VALUES ({values}) ON CONFLICT ({key}) DO NOTHING"
    return f'def save(cur, row):\n    cur.execute("{statement}", row)\n'


def matrix(part: Part) -> dict[tuple[str, str], list[str]]:
    """Code and path of each row with its cells, as the text report writes them."""
    return {("+".join(row.codes), str(row.site.span.path)): [cell(each) for each in row.cells] for row in part.rows}


def limits(part: Part) -> tuple[int | None, int]:
    return part.first_for_new, part.last_for_old


__all__ = ["Code", "Judge", "Repository", "empty", "limits", "matrix", "upsert", "url_of"]
