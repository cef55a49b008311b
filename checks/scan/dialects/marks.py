"""What a file itself shows of the database that it is for, each mark with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .drivers import POSTGRES, signs_of

# One of these words stands in every sign of another database: looking for them first is far quicker than the patterns.
_HINTS = (
    "sqlite", "mysql", "mariadb", "libsql", "sql.js", "d1", "apsw", "pragma", "autoincrement", "asyncmy", "duckdb",
    "mssql", "oracle", "sqlserver", "sqlclient", "clickhouse", "wpdb", "room", "grdb", "exqlite", "myxql", "trilogy",
    "tds", "drift", "datastax", "cassandra", "sqflite", "planetscale", "tidb", "tedious", "sqlcipher", "turso",
    "powersync",
)  # fmt: skip
_MENTIONED = re.compile(r"\bpostgres(ql)?\b|\$1\b|\bpg_(catalog|advisory_\w+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign of a database at a place. `imported`: it holds for the function that it stands in, if it is in one."""

    offset: int
    dialect: str
    told: str
    imported: bool


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of one file, in source order, and whether PostgreSQL is at least mentioned."""

    found: tuple[Mark, ...]
    mentioned: bool


@lru_cache(maxsize=256)
def marks_of(text: str, language: str) -> Marks:
    """What the text shows; nothing, for most files, that name no other database than PostgreSQL."""
    lower = text.casefold()
    if not any(word in lower for word in _HINTS):
        return Marks((), mentioned=True)
    found = [
        Mark(match.start() + len(match[0]) - len(match[0].lstrip()), sign.dialect, sign.told, sign.imported)
        for pattern, sign in signs_of(language)
        for match in pattern.finditer(text)
    ]
    ordered = tuple(sorted(found, key=lambda mark: (mark.offset, mark.dialect)))
    mentioned = _MENTIONED.search(text) is not None or any(mark.dialect == POSTGRES for mark in found)
    return Marks(ordered, mentioned)
