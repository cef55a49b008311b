"""One client's program, run against a database of its own: what each of its cases sent, and what `scan` says of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pgarbiter.model import Mechanism
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

from . import sent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pgarbiter.model import WriteSite
    from pgarbiter.server import Server

    from .installation import Installed

_LEFT_OUT = shutil.ignore_patterns("node_modules", "venv", ".installed", "cases.mjs", "cases.py", "generated")

_KEYS = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY k.place)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid, unnest(i.indkey) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attnum = k.number
    WHERE i.indisprimary AND a.attrelid = i.indrelid GROUP BY c.relname
"""


class Case(NamedTuple):
    """One case: its name and line, the statements it made the client send, its sites, and what it died of."""

    name: str
    line: int
    statements: tuple[str, ...]
    sites: tuple[WriteSite, ...]
    failure: str | None
    keys: Mapping[str, tuple[str, ...]]  # the primary key of each table


def cases(client: Installed, server: Server) -> list[Case]:
    """Run the program of a client to its end. Raises RuntimeError when it stops on its way."""
    conninfo = server.create_database()
    database = str(conninfo_to_dict(conninfo)["dbname"])
    try:
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute((client.place / "schema.sql").read_bytes())
            keys = dict(connection.execute(_KEYS).fetchall())
        ran = _run(client, server, conninfo, database)
    finally:
        server.drop_database(conninfo)
    lines = (client.place / client.program).read_text("utf-8").splitlines()
    starts = {name: _line_of(name, lines) for name in ran}
    sites = _sites(client)
    ends = sorted([*starts.values(), len(lines) + 1])
    found = []
    for name, (statements, failure) in ran.items():
        line = starts[name]
        end = ends[ends.index(line) + 1]
        own = tuple(site for site in sites if line <= site.span.line < end)
        found.append(Case(name, line, tuple(statements), own, failure, keys))
    return found


def _run(client: Installed, server: Server, conninfo: str, database: str) -> dict[str, tuple[list[str], str | None]]:
    """By case, in order: the statements sent, and why it failed."""
    ran: dict[str, tuple[list[str], str | None]] = {}
    name, at, failure = "", 0, None
    with subprocess.Popen(
        client.words,
        cwd=client.place,
        env=_environment(conninfo),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin
        assert program.stdout
        for line in program.stdout:
            word, _, rest = line.rstrip("\n").partition(" ")
            if word == "failed":
                failure = rest
            if word not in {"case", "done"}:
                continue
            log = server.read_log()
            if name:
                ran[name] = (sent.statements(log[at:], database), failure)
            name, at, failure = rest, len(log), None
            if word == "done":
                break
            program.stdin.write("go\n")
            program.stdin.flush()
        program.communicate(timeout=60)
    if name or program.returncode:
        raise RuntimeError(f"{client.words[-1]} stopped in case {name!r} with exit code {program.returncode}")
    return ran


def _environment(conninfo: str) -> dict[str, str]:
    """What a client's own documentation reads: DATABASE_URL, and the variables of libpq."""
    given = conninfo_to_dict(conninfo)
    host, user, dbname = str(given["host"]), str(given["user"]), str(given["dbname"])
    url = f"postgresql://{user}@localhost/{dbname}?host={quote(host, safe='')}"
    known = {"PGHOST": host, "PGPORT": str(given["port"]), "PGUSER": user, "PGDATABASE": dbname}
    return {**os.environ, **known, "DATABASE_URL": url, "NODE_NO_WARNINGS": "1"}


def _line_of(name: str, lines: list[str]) -> int:
    """The line where the case of that name starts: `"name": async () =>`, or `def name(`."""
    wanted = (f'"{name}"', f"'{name}'", f"def {name}(", f"{name}:", f"async {name}(")
    found = next((i for i, line in enumerate(lines, 1) if any(one in line for one in wanted)), None)
    if found is None:
        raise RuntimeError(f"no line of the program holds the name of case {name!r}")
    return found


def _sites(client: Installed) -> tuple[WriteSite, ...]:
    """The sites of the program as `scan` finds them in the client's folder, without what was installed there."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place) / "project"
        shutil.copytree(client.place, tree, ignore=_LEFT_OUT)
        result = scan([tree], Settings())
    if result.failed:
        raise RuntimeError(str(result.failed))
    own = (site for site in result.sites if site.span.path == client.program)
    return tuple(site for site in own if site.mechanism is not Mechanism.PLAIN_INSERT)
