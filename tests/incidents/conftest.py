"""What the incidents share: the product's database as it stood, the four writers, and the check."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config

from ..examples.conftest import EXAMPLES, KEY, loaded, packages, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["packages"]

ROOT = Path(__file__).parents[2]
WRITERS, KEYS = 4, 500
AS_IT_STOOD = "0004_installations"
TOLD: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What writers saw while the incidents were mended."""
    if TOLD:
        terminalreporter.section("four writers beside the repair")
        for line in sorted(TOLD):
            terminalreporter.write_line(line)


@dataclass
class Load:
    """What four writers saw: keys that they were told are stored, failures by SQLSTATE, the worst pause in ms."""

    tried: int = 0
    keys: set[str] = field(default_factory=set)
    failed: Counter[str] = field(default_factory=Counter)
    worst_pause_ms: float = 0

    def add(self, report: dict[str, Any]) -> None:
        self.tried += report["tried"]
        self.keys |= set(report["keys"])
        self.failed += Counter(report["failed"])
        self.worst_pause_ms = max(self.worst_pause_ms, report["worst_pause_ms"])


class Incident:
    """The product's database, the examples' programs on it, and `pgarbiter check` of an example against it."""

    def __init__(self, connection: psycopg.Connection[Any], url: str, name: str) -> None:
        self.connection, self.url, self.name = connection, url, name
        self.programs = loaded("programs")

    def up(self, revision: str) -> None:
        """`alembic upgrade`."""
        command.upgrade(Config(ROOT / "alembic.ini"), revision)

    def down(self, revision: str) -> None:
        """`alembic downgrade`."""
        command.downgrade(Config(ROOT / "alembic.ini"), revision)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode()).fetchall()

    def tell(self, load: Load) -> None:
        """What the writers saw, for the summary at the end of the session."""
        failed = ", ".join(f"{count} failed with {state}" for state, count in load.failed.items()) or "none failed"
        TOLD.append(f"{self.name}: {load.tried} writes, {failed}, worst pause {load.worst_pause_ms:.0f} ms")

    def check(self, source: str) -> tuple[int, list[str]]:
        """The exit code of `pgarbiter check` on a file below examples/, and its errors' rules."""
        words = [sys.executable, "-m", "pgarbiter", "check", str(EXAMPLES / source), "--format", "json"]
        given = os.environ | {"PGARBITER_CHECK_DATABASE_URL": self.url}
        done = subprocess.run(words, env=given, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode in (0, 1), done.stderr
        found = json.loads(done.stdout)["findings"]
        return done.returncode, sorted({each["rule"] for each in found if each["severity"] == "error"})

    @contextmanager
    def writers(self, example: str, code: str = "repaired") -> Iterator[Load]:
        """Four of the example's programs write at full speed until the block ends; then their load is complete."""
        load = Load()
        with ExitStack() as stack:
            loop = ("--code", code, "--seconds", "0", "--keys", str(KEYS))
            children = [
                stack.enter_context(self._program(example, *loop, "--seed", str(seed))) for seed in range(WRITERS)
            ]
            for child in children:
                assert child.stderr
                assert any("writing" in line for line in child.stderr), "a writer ended before its first write"
            try:
                yield load
            finally:
                for child in children:
                    child.send_signal(signal.SIGTERM)
                for child in children:
                    load.add(json.loads(child.communicate(timeout=60)[0]))

    @contextmanager
    def _program(self, example: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        words = [*self.programs.command(example), "--report", "json", *arguments]
        with (
            self.programs.environment(example, os.environ | {"DATABASE_URL": self.url, "TOKEN_KEY": KEY}) as found,
            subprocess.Popen(
                words, env=found, cwd=EXAMPLES, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            ) as child,
        ):
            yield child


@pytest.fixture
def incident(
    packages: None, any_database: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Incident]:
    """The product's tables as they stood, with rows that the broken state let in."""
    url = url_of(any_database)
    monkeypatch.setenv("PGARBITER_DATABASE_URL", url)
    with psycopg.connect(any_database, autocommit=True) as connection:
        found = Incident(connection, url, request.node.name)
        found.up(AS_IT_STOOD)
        connection.execute((ROOT / "tests" / "alembic" / "broken.sql").read_bytes())
        yield found
