"""A table without the index that the statements of the tests ask for, and runs of the check against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.run import check
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pgarbiter.report.model import Report
    from pgarbiter.server import Server

TABLE = "CREATE TABLE t (a int PRIMARY KEY, b int, c int)"
BAD = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (c) DO NOTHING"
GOOD = "INSERT INTO t (a, c) VALUES (1, 2) ON CONFLICT (a) DO NOTHING"


@pytest.fixture(scope="module")
def live(server18: Server) -> Iterator[str]:
    """A database with the table, which no test changes."""
    conninfo = server18.create_database()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(TABLE)
    yield conninfo
    server18.drop_database(conninfo)


@dataclass(frozen=True)
class Project:
    """A directory of sources that write to the table."""

    root: Path
    url: str

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def check(self, *paths: Path, only_line: int | None = None, **settings: Any) -> Report:
        chosen = {"in_database": False, "cache": False, **settings}
        return check(paths or [self.root], Settings(database_url=self.url, **chosen), only_line=only_line)


@pytest.fixture
def project(tmp_path: Path, live: str) -> Project:
    (tmp_path / ".git").mkdir()
    return Project(tmp_path, live)


def left(report: Report) -> list[tuple[str | None, int, str]]:
    """Where findings are left, and of which rule."""
    return [(f.span.path, f.span.line, f.rule) for f in report.findings if f.span]


def out(report: Report) -> list[tuple[int, str, str | None]]:
    """The lines of what is left out, by what, and why."""
    pairs = zip(report.suppressed, report.reasons, strict=True)
    return [(finding.span.line, by, reason) for (finding, by), reason in pairs if finding.span]
