"""What tests of the examples share: a database with an example's tables, and its writer as a program on it."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
KEY = base64.b64encode(bytes(range(32))).decode()


def loaded(name: str) -> ModuleType:
    """A module of examples/, which is no package; loaded once."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec
        assert spec.loader
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


def url_of(conninfo: str) -> str:
    """The connection string as a URL, as a person would write it into the environment."""
    found = conninfo_to_dict(conninfo)
    return URL.create(
        "postgresql",
        username=str(found["user"]),
        password=str(found["password"]) if found.get("password") else None,
        database=str(found["dbname"]),
        query={"host": str(found["host"]), "port": str(found.get("port", 5432))},
    ).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Ended:
    """How a writer ended: its report, and what it said on standard error."""

    report: dict[str, Any]
    log: str
    code: int
    output: str


class Application:
    """An example's writer on a database, and a connection in autocommit mode to look."""

    def __init__(self, connection: psycopg.Connection[Any], database_url: str) -> None:
        self.connection = connection
        self.database_url = database_url
        self.programs = loaded("programs")

    def schema(self, path: str) -> None:
        """Make the tables of a file below examples/."""
        self.connection.execute((EXAMPLES / path).read_bytes())

    def revisions(self, revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Make the tables by the product's own revisions."""
        monkeypatch.setenv("PGARBITER_DATABASE_URL", self.database_url)
        command.upgrade(Config(ROOT / "alembic.ini"), revision)

    def run(self, example: str, *arguments: str, **variables: str) -> Ended:
        """The writer of an example, to its end; environment variables that are empty are left out."""
        given = os.environ | {"DATABASE_URL": self.database_url, "TOKEN_KEY": KEY} | variables
        words = self.programs.command(example)
        with self.programs.environment(example, {name: value for name, value in given.items() if value}) as found:
            done = subprocess.run(
                [*words, "--report", "json", *arguments],
                env=found,
                cwd=EXAMPLES,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        report = json.loads(done.stdout) if done.stdout else {}
        return Ended(report, done.stderr, done.returncode, done.stdout + done.stderr)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode()).fetchall()


def errors_of(ended: Ended) -> list[dict[str, Any]]:
    """The database errors that it logged."""
    lines = [json.loads(line) for line in ended.log.splitlines() if line.startswith("{")]
    return [line["error"] for line in lines if line["level"] == "error"]


@pytest.fixture(scope="session")
def packages() -> None:
    """The packages of the JavaScript examples. Without a registry there is nothing to run."""
    try:
        loaded("programs").install()
    except subprocess.CalledProcessError as error:
        if any(word in error.stderr for word in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN")):
            pytest.skip("the npm registry cannot be reached")
        raise AssertionError(error.stderr) from None


@pytest.fixture
def application(packages: None, database: str) -> Iterator[Application]:
    """On an empty database. What a program does is the same on every major."""
    with psycopg.connect(database, autocommit=True) as connection:
        yield Application(connection, url_of(database))


@pytest.fixture
def opened(packages: None) -> Callable[[str, str], str]:
    """What a sealed token holds, opened by the application's own code for its owner."""
    node = loaded("programs")._node()
    script = """
    import { keyOf, open } from 'writing/sealing'
    console.log(open(process.argv[1], keyOf(process.env), process.argv[2]))"""

    def read(sealed: str, owner: str) -> str:
        words = [node, "--input-type=module", "--eval", script, sealed, owner]
        given = os.environ | {"TOKEN_KEY": KEY}
        return subprocess.run(words, env=given, cwd=EXAMPLES, check=True, capture_output=True, text=True).stdout.strip()

    return read
