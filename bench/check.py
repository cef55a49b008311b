"""What `check` costs over its floor: the raw catalog rows, a bare parse of the sources, and the imports."""

from __future__ import annotations

import argparse
import os
import pickle
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pgarbiter.server import start

from .catalog import Subject
from .generate import generate
from .timing import alternated, table

if TYPE_CHECKING:
    from .timing import Run

_FLOOR = """
import sys
from pathlib import Path
from bench.catalog import Subject
from bench.scan import floor
import pgarbiter.run, pgarbiter.rules, pgarbiter.arbiter.bind, pgarbiter.arbiter.judge, pgarbiter.schema.opening
import pgarbiter.report, pgarbiter.report.text, pgarbiter.cli.check
subject = object.__new__(Subject)
for name, value in __import__("pickle").loads(Path(sys.argv[1]).read_bytes()).items():
    setattr(subject, name, value)
subject.floor()
floor(Path(sys.argv[2]))
"""

_SITE = """
export const save{n} = (row) => pool.query(
  `INSERT INTO app_{schema}.t{table} (account_{suffix}, email, name, status) VALUES ($1, $2, $3, $4)
   ON CONFLICT ({target}) DO UPDATE SET name = EXCLUDED.name`,
  [row.account, row.email, row.name, row.status],
)
"""


def run(arguments: list[str]) -> None:
    """Print one Markdown table: medians of alternating runs as whole processes."""
    parser = argparse.ArgumentParser(prog="bench check")
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="pgarbiter-bench-") as place, start("auto") as server:
        conninfo = server.create_database()
        generate(conninfo, given.tables)
        sources = Path(place) / "src"
        _write(sources, given.sites, given.tables)
        runs = _measured(conninfo, sources, Path(place), given.rounds)
        server.drop_database(conninfo)
    print(f"\n## Check: {given.sites} sites against a live database of {given.tables} tables\n")
    print(table(runs, given.rounds))


def _measured(conninfo: str, sources: Path, place: Path, rounds: int) -> dict[str, list[Run]]:
    subject = Subject(conninfo)
    kept = place / "subject"
    kept.write_bytes(
        pickle.dumps({name: getattr(subject, name) for name in ("conninfo", "system", "builtin", "types")})
    )
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "PGARBITER_CHECK_DATABASE_URL": conninfo, "PYTHONPATH": root}
    # Compiling its own sources anew is no part of either; an installed command does it once.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(place / "bytecode")
    commands = {
        "floor: raw rows, scan floor, imports": [sys.executable, "-c", _FLOOR, str(kept), str(sources)],
        "pgarbiter check": [sys.executable, "-m", "pgarbiter", "check", str(sources), "--format", "json"],
    }
    for name, command in commands.items():
        _run(name, command, environment)  # compiles
    return alternated({name: partial(_run, name, command, environment) for name, command in commands.items()}, rounds)


def _run(name: str, command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{name} ended with {done.returncode}")


def _write(sources: Path, sites: int, tables: int) -> None:
    """Fifty sites a file; three of four targets have an index, the others are partial ones without their predicate."""
    sources.mkdir()
    for first in range(1, sites + 1, 50):
        text = "import { pool } from './db'\n"
        for n in range(first, min(first + 50, sites + 1)):
            table = (n * 7) % tables + 1
            suffix = table % 97
            target = ("id", f"account_{suffix}, email", f"email, account_{suffix}", f"account_{suffix}, name")[n % 4]
            text += _SITE.format(n=n, schema=(table - 1) % 4, table=table, suffix=suffix, target=target)
        (sources / f"save{first}.ts").write_text(text)
