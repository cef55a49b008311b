"""Nine upserts, eight of them at fault: what the server says of each, and what PREPARE, EXPLAIN and pgarbiter say."""

from __future__ import annotations

import argparse
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg

from pgarbiter import Settings, check
from pgarbiter.server import start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOTHING = "\u2013"


class Case(NamedTuple):
    """A fault, the table that it needs (and rows that are there), and the statement."""

    fault: str
    schema: str
    statement: str


CASES = (
    Case(
        "target (a, b), unique index on (a)",
        "CREATE TABLE t1 (a int UNIQUE, b int);",
        "INSERT INTO t1 (a, b) VALUES (1, 2) ON CONFLICT (a, b) DO NOTHING",
    ),
    Case(
        "partial index, no predicate",
        "CREATE TABLE t2 (a int NOT NULL, gone date); CREATE UNIQUE INDEX ON t2 (a) WHERE gone IS NULL;",
        "INSERT INTO t2 (a) VALUES (1) ON CONFLICT (a) DO NOTHING",
    ),
    Case(
        "index on lower(a), target (a)",
        "CREATE TABLE t3 (a text NOT NULL); CREATE UNIQUE INDEX ON t3 (lower(a));",
        "INSERT INTO t3 (a) VALUES ('x') ON CONFLICT (a) DO NOTHING",
    ),
    Case(
        "INVALID index",
        "CREATE TABLE t4 (a int NOT NULL); INSERT INTO t4 VALUES (1), (1); CREATE UNIQUE INDEX CONCURRENTLY ON t4 (a);",
        "INSERT INTO t4 (a) VALUES (1) ON CONFLICT (a) DO NOTHING",
    ),
    Case(
        "deferrable constraint",
        "CREATE TABLE t5 (a int NOT NULL UNIQUE DEFERRABLE);",
        "INSERT INTO t5 (a) VALUES (1) ON CONFLICT (a) DO NOTHING",
    ),
    Case(
        "NOT NULL column left out",
        "CREATE TABLE t6 (a int NOT NULL UNIQUE, b int NOT NULL);",
        "INSERT INTO t6 (a) VALUES (1) ON CONFLICT (a) DO NOTHING",
    ),
    Case(
        "written column does not exist",
        "CREATE TABLE t7 (a int NOT NULL UNIQUE);",
        "INSERT INTO t7 (a, b) VALUES (1, 2) ON CONFLICT (a) DO NOTHING",
    ),
    Case(
        "NULL in the key: a new row each time",
        "CREATE TABLE t8 (a int UNIQUE, b int);",
        "INSERT INTO t8 (a, b) VALUES (NULL, 1) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b",
    ),
    Case(
        "sound",
        "CREATE TABLE t9 (a int NOT NULL UNIQUE, b int);",
        "INSERT INTO t9 (a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b",
    ),
)


def run(arguments: Sequence[str]) -> None:
    """Print the table, or with `--files DIR` write tables and statements for other programs."""
    parser = argparse.ArgumentParser(prog="bench comparison")
    parser.add_argument("--files", type=Path, help="write schema.sql and a file for each statement there, and no more")
    parser.add_argument("--server", help="the database, which must be empty (default: one of a throwaway server)")
    chosen = parser.parse_args(arguments)
    if chosen.files is not None:
        _write(chosen.files)
        return
    with _database(chosen.server) as url:
        print("| fault of the statement | the server says | pgarbiter | PREPARE | EXPLAIN |")
        print("| --- | --- | --- | --- | --- |")
        for row in _rows(url):
            print(f"| {' | '.join(row)} |")


def _write(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "schema.sql").write_text("\n".join(case.schema for case in CASES) + "\n")
    for number, case in enumerate(CASES, 1):
        (directory / f"{number}.sql").write_text(f"{case.statement};\n")


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    if url is not None:
        yield url
        return
    with start() as server:
        yield server.create_database()


def _rows(url: str) -> Iterator[tuple[str, ...]]:
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        for case in CASES:
            for part in filter(None, map(str.strip, case.schema.split(";"))):
                _answer(connection, part)  # that of the INVALID index fails, and leaves it
        found = _found(url)
        for number, case in enumerate(CASES, 1):
            yield (
                case.fault,
                _answer(connection, case.statement) or "no error",
                found.get(number, _NOTHING),
                "found" if _answer(connection, f"PREPARE p AS {case.statement}") else _NOTHING,
                "found" if _answer(connection, f"EXPLAIN {case.statement}") else _NOTHING,
            )
            connection.execute("DEALLOCATE ALL")


def _answer(connection: psycopg.Connection[Any], statement: str) -> str | None:
    """The SQLSTATE that it ends with, None if it does not fail."""
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        return error.sqlstate
    return None


def _found(url: str) -> dict[int, str]:
    """By the number of the case: "found", with the severity where that is no error."""
    with tempfile.TemporaryDirectory() as name:
        _write(Path(name))
        (Path(name) / "schema.sql").unlink()
        report = check(Path(name), Settings(database_url=url, cache=False, in_database=False))
    found: dict[int, str] = {}
    for finding in sorted(report.findings, key=lambda one: one.severity.rank):
        if finding.site is not None and finding.span is not None and finding.span.path is not None:
            mild = f" ({finding.severity})" if finding.severity.rank else ""
            found.setdefault(int(Path(finding.span.path).stem), f"found{mild}")
    return found
