"""What clients sent to a server, read from its log."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import psycopg

from pgarbiter.errors import SqlSyntaxError
from pgarbiter.sql import read_writes

if TYPE_CHECKING:
    from pgarbiter.server import Server
    from pgarbiter.sql import ParsedWrite

_SETTINGS = {"log_statement": "all", "log_line_prefix": "@@%d@@ ", "log_error_verbosity": "terse"}
_ENTRY = re.compile(r"^@@(?P<database>[^@]*)@@ (?P<kind>[A-Z]+):  (?P<text>.*)$")
_STATEMENT = re.compile(r"^(?:statement|execute [^:]*): (?P<sql>.*)$", re.DOTALL)


def log_statements(server: Server) -> None:
    """Have the server log every statement that it gets from now on."""
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        for name, value in _SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
    for _ in range(200):  # the postmaster reads it when it comes to it
        with psycopg.connect(server.conninfo("postgres")) as connection:
            if connection.execute("SHOW log_line_prefix").fetchone() == (_SETTINGS["log_line_prefix"],):
                return
        time.sleep(0.02)
    raise RuntimeError("the server did not take its new settings")


def statements(log: str, database: str) -> list[str]:
    """The statements of one database in a part of the log, in order; those that failed while planned included."""
    found: list[str] = []
    for entry in _entries(log):
        match = _ENTRY.match(entry.partition("\n")[0])
        if match is None or match["database"] != database:
            continue
        text = "\n".join([match["text"], *(line.removeprefix("\t") for line in entry.split("\n")[1:])])
        logged = _STATEMENT.match(text)
        if match["kind"] == "LOG" and logged is not None:
            found.append(logged["sql"])
        elif match["kind"] == "STATEMENT" and text not in found:
            found.append(text)
    return found


def _entries(log: str) -> list[str]:
    """The log's entries: lines that start with a tab go on with what stands before."""
    return re.split(r"\n(?!\t)", log)


def writes(sent: list[str]) -> list[ParsedWrite]:
    """The writes among the statements, in order; one that is no SQL at all counts as none."""
    found: list[ParsedWrite] = []
    for sql in sent:
        try:
            found += read_writes(sql).writes
        except SqlSyntaxError:
            continue
    return found
