"""Evidence that a file's SQL is meant for SQLite or MySQL, and that it is meant for PostgreSQL."""

from __future__ import annotations

import re
from functools import lru_cache

_QUOTED = r"""["']"""
# What a file imports or opens is the strongest evidence there is; SQL markers come from the SQL reader.
_OTHER = (
    (re.compile(r"^\s*(import|from)\s+(aio)?sqlite3?\b|^\s*import\s+apsw\b", re.MULTILINE), "imports sqlite3"),
    (re.compile(rf"{_QUOTED}(better-sqlite3|sqlite3?|node:sqlite|bun:sqlite|sql\.js|@libsql/[\w-]+|expo-sqlite)({_QUOTED}|/)"), "imports an SQLite driver"),
    (re.compile(rf"{_QUOTED}(drizzle-orm/(sqlite-core|better-sqlite3|libsql|d1|bun-sqlite))"), "imports drizzle for SQLite"),
    (re.compile(r"\bsqlalchemy\.dialects(\.| import )sqlite\b"), "imports sqlalchemy.dialects.sqlite"),
    (re.compile(r"^\s*(import|from)\s+aiosqlite\b", re.MULTILINE), "imports aiosqlite"),
    (re.compile(rf"{_QUOTED}(mysql2?|mysql2/promise|mariadb|drizzle-orm/mysql-core)({_QUOTED}|/)"), "imports a MySQL driver"),
    (re.compile(r"^\s*(import|from)\s+(pymysql|MySQLdb|mysql\.connector|aiomysql|asyncmy)\b", re.MULTILINE), "imports a MySQL driver"),
    (re.compile(r"\bsqlalchemy\.dialects(\.| import )mysql\b"), "imports sqlalchemy.dialects.mysql"),
    (re.compile(r"\bD1Database\b"), "uses Cloudflare D1, which is SQLite"),
    (re.compile(r"\bmodernc\.org/sqlite\b|\bmattn/go-sqlite3\b"), "imports an SQLite driver"),
    (re.compile(r"^\s*PRAGMA\s+\w+", re.MULTILINE | re.IGNORECASE), "holds PRAGMA, which is SQLite's"),
    (re.compile(r"\bAUTOINCREMENT\b"), "holds AUTOINCREMENT, which is SQLite's"),
)  # fmt: skip
_HINTS = ("sqlite", "mysql", "mariadb", "libsql", "sql.js", "d1", "apsw", "pragma", "autoincrement", "asyncmy")
_POSTGRES = re.compile(
    r"^\s*(import|from)\s+(psycopg2?|asyncpg|pg8000|aiopg|psycopg_pool)\b"
    r"|\bsqlalchemy\.dialects(\.| import )postgresql\b"
    rf"|{_QUOTED}(pg|postgres|pg-promise|slonik|@vercel/postgres|@neondatabase/serverless|pg-pool|drizzle-orm/(pg-core|postgres-js|node-postgres|neon-http|vercel-postgres)|@supabase/[\w-]+)({_QUOTED}|/)"
    r"|\bpostgres(ql)?(\+\w+)?://|\bpostgres\b|\$1\b|\bpg_(catalog|advisory_\w+)\b",
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
