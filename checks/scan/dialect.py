"""Evidence that a file's SQL is meant for SQLite or MySQL, and that it is meant for PostgreSQL."""

from __future__ import annotations

import re
from functools import lru_cache

_QUOTED = r"""["']"""
# What a file imports or opens is the strongest evidence there is; SQL markers come from the SQL reader.
_SQLITE_PACKAGES = r"better-sqlite3|sqlite3?|node:sqlite|bun:sqlite|sql\.js|@libsql/[\w-]+|expo-sqlite"
_SQLITE_DRIZZLE = "drizzle-orm/(sqlite-core|better-sqlite3|libsql|d1|bun-sqlite)"
_MYSQL_PACKAGES = "mysql2?|mysql2/promise|mariadb|drizzle-orm/mysql-core"
_POSTGRES_PACKAGES = (
    r"pg|postgres|pg-promise|slonik|@vercel/postgres|@neondatabase/serverless|pg-pool|@supabase/[\w-]+"
    "|drizzle-orm/(pg-core|postgres-js|node-postgres|neon-http|vercel-postgres)"
)
_OTHER = tuple(
    (re.compile(pattern, re.MULTILINE), reason)
    for pattern, reason in (
        (r"^\s*(import|from)\s+(aio)?sqlite3?\b|^\s*import\s+apsw\b", "imports an SQLite driver"),
        (rf"{_QUOTED}({_SQLITE_PACKAGES})({_QUOTED}|/)", "imports an SQLite driver"),
        (rf"{_QUOTED}{_SQLITE_DRIZZLE}", "imports drizzle for SQLite"),
        (r"\bsqlalchemy\.dialects(\.| import )sqlite\b", "imports sqlalchemy.dialects.sqlite"),
        (rf"{_QUOTED}({_MYSQL_PACKAGES})({_QUOTED}|/)", "imports a MySQL driver"),
        (r"^\s*(import|from)\s+(pymysql|MySQLdb|mysql\.connector|aiomysql|asyncmy)\b", "imports a MySQL driver"),
        (r"\bsqlalchemy\.dialects(\.| import )mysql\b", "imports sqlalchemy.dialects.mysql"),
        (r"\bD1Database\b", "uses Cloudflare D1, which is SQLite"),
        (r"\bmodernc\.org/sqlite\b|\bmattn/go-sqlite3\b", "imports an SQLite driver"),
        (r"(?i:^\s*PRAGMA\s+\w+)", "holds PRAGMA, which is SQLite's"),
        (r"\bAUTOINCREMENT\b", "holds AUTOINCREMENT, which is SQLite's"),
    )
)
_HINTS = ("sqlite", "mysql", "mariadb", "libsql", "sql.js", "d1", "apsw", "pragma", "autoincrement", "asyncmy")
_POSTGRES = re.compile(
    r"^\s*(import|from)\s+(psycopg2?|asyncpg|pg8000|aiopg|psycopg_pool)\b"
    r"|\bsqlalchemy\.dialects(\.| import )postgresql\b"
    rf"|{_QUOTED}({_POSTGRES_PACKAGES})({_QUOTED}|/)"
    r"|\bpostgres(ql)?(\+\w+)?://|\bpostgres(ql)?\b|\$1\b|\bpg_(catalog|advisory_\w+)\b",
    re.MULTILINE | re.IGNORECASE,
)


@lru_cache(maxsize=64)
def evidence(text: str) -> str | None:
    """Why a host file's SQL is not PostgreSQL's; None without evidence, or when it shows PostgreSQL too."""
    lower = text.casefold()
    if not any(word in lower for word in _HINTS):  # most files: far quicker than the patterns
        return None
    found = next((reason for pattern, reason in _OTHER if pattern.search(text)), None)
    return None if found is None or _POSTGRES.search(text) else f"the file {found}"
