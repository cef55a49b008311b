"""How a file of each language names the driver of a database: in an import, when it connects, or by its dialect."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

POSTGRES = "PostgreSQL"
_Q = r"""["'`]"""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a pattern found in a file says. `imported`: it holds for the function that it stands in, if it is in one."""

    pattern: str
    dialect: str
    told: str  # the file ...
    imported: bool = True


def _imports(dialect: str, pattern: str) -> Sign:
    article = "an" if dialect[0] in "SO" and dialect != "SQL Server's" else "a"
    return Sign(pattern, dialect, f"imports {article} {dialect} driver")


def _names(dialect: str, pattern: str, told: str) -> Sign:
    return Sign(pattern, dialect, told, imported=False)


def _modules(names: str) -> str:
    before = r"(?:[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*,[ \t]*)*"  # `import os, sqlite3`
    return rf'^[ \t]*"?(?:import|from)[ \t]+{before}(?:{names})\b'  # in a notebook a line is a string


def _packages(names: str) -> str:
    return rf"{_Q}(?:{names})(?:{_Q}|/)"


_URLS = (
    _names("SQLite", r"\b(?:jdbc:|file:)?sqlite3?:(?://|memory|[\w./]+\.(?:db|sqlite3?)\b)", "holds an sqlite: URL"),
    _names("MySQL", r"\b(?:jdbc:)?(?:mysql2?|mariadb)(?:\+\w+)?://", "holds a mysql:// URL"),
    _names("SQL Server", r"\b(?:jdbc:sqlserver|mssql(?:\+\w+)?)://", "holds a URL of SQL Server"),
    _names(POSTGRES, r"\b(?:jdbc:)?postgres(?:ql)?(?:\+\w+)?://", "holds a postgres:// URL"),
)
_SQL_WORDS = (
    _names("SQLite", r"(?i:^\s*PRAGMA\s+\w+)", "holds PRAGMA, which is SQLite's"),
    _names("SQLite", r"\bAUTOINCREMENT\b", "holds AUTOINCREMENT, which is SQLite's"),
)
_PYTHON = (
    _imports("SQLite", _modules(r"aiosqlite|sqlite3|pysqlite3|apsw|sqlcipher3|libsql\w*")),
    _imports("MySQL", _modules(r"pymysql|MySQLdb|mysql\.connector|aiomysql|asyncmy|mariadb")),
    _imports("DuckDB", _modules("duckdb")),
    _imports("SQL Server", _modules("pymssql")),
    _imports("Oracle", _modules("cx_Oracle|oracledb")),
    _imports(POSTGRES, _modules(r"psycopg2?|asyncpg|pg8000|aiopg|psycopg_pool|psycopg2cffi|pgserver")),
    *(
        Sign(rf"\bsqlalchemy\.dialects(?:\.| import ){word}\b", dialect, f"imports sqlalchemy.dialects.{word}")
        for word, dialect in (("sqlite", "SQLite"), ("mysql", "MySQL"), ("mssql", "SQL Server"), ("oracle", "Oracle"))
    ),
    Sign(r"\bsqlalchemy\.dialects(?:\.| import )postgresql\b", POSTGRES, "imports sqlalchemy.dialects.postgresql"),
)
_SCRIPT = (
    _imports(
        "SQLite",
        _packages(
            r"better-sqlite3|sqlite3?|node:sqlite|bun:sqlite|sql\.js|@libsql/[\w-]+|expo-sqlite|wa-sqlite|@sqlite\.org/[\w-]+"
            r"|react-native-sqlite-storage|@capacitor-community/sqlite|@op-engineering/op-sqlite|@?better-sqlite3-[\w-]+"
        ),
    ),
    Sign(
        rf"{_Q}drizzle-orm/(?:sqlite-core|better-sqlite3|libsql|d1|bun-sqlite)", "SQLite", "imports drizzle for SQLite"
    ),
    _imports(
        "MySQL",
        _packages(r"mysql2?(?:/promise)?|mariadb|@planetscale/database|@tidbcloud/serverless|drizzle-orm/mysql[\w-]+"),
    ),
    _imports("SQL Server", _packages("mssql|tedious")),
    _imports("Oracle", _packages("oracledb")),
    _imports("DuckDB", _packages(r"duckdb|@duckdb/[\w-]+")),
    _names("SQLite", r"\bD1Database\b", "uses Cloudflare D1, which is SQLite"),
    _imports(
        POSTGRES,
        _packages(
            r"pg|postgres|pg-promise|slonik|@vercel/postgres|@neondatabase/serverless|pg-pool|@supabase/[\w-]+"
            r"|@electric-sql/pglite|drizzle-orm/(?:pg-core|postgres-js|node-postgres|neon-\w+|vercel-postgres|pglite)"
        ),
    ),
)
_GO = (
    _imports(
        "SQLite",
        _packages(
            r"(?:github\.com/(?:mattn/go-sqlite3|glebarez/(?:go-)?sqlite|ncruces/go-sqlite3|tursodatabase/[\w-]+)"
            r"|modernc\.org/sqlite|gorm\.io/driver/sqlite|zombiezen\.com/go/sqlite|crawshaw\.io/sqlite"
            r"|github\.com/uptrace/bun/dialect/sqlitedialect|github\.com/doug-martin/goqu/v\d+/dialect/sqlite3)"
        ),
    ),
    _imports(
        "MySQL",
        _packages(
            r"(?:github\.com/go-sql-driver/mysql|gorm\.io/driver/mysql|github\.com/uptrace/bun/dialect/mysqldialect"
            r"|github\.com/doug-martin/goqu/v\d+/dialect/mysql)"
        ),
    ),
    _imports("SQL Server", _packages(r"gorm\.io/driver/sqlserver|github\.com/(?:microsoft|denisenkom)/go-mssqldb")),
    _imports("ClickHouse", _packages(r"github\.com/ClickHouse/clickhouse-go")),
    _names("SQLite", rf"\bOpen\(\s*{_Q}sqlite3?{_Q}", "opens an SQLite database"),
    _names("MySQL", rf"\bOpen\(\s*{_Q}mysql{_Q}", "opens a MySQL database"),
    _names(POSTGRES, rf"\bOpen\(\s*{_Q}(?:postgres|pgx){_Q}", "opens a PostgreSQL database"),
    _imports(
        POSTGRES,
        _packages(
            r"github\.com/(?:lib/pq|jackc/pgx|go-pg/pg|uptrace/bun/dialect/pgdialect|uptrace/bun/driver/pgdriver)"
            r"|gorm\.io/driver/postgres|github\.com/doug-martin/goqu/v\d+/dialect/postgres"
        ),
    ),
)
_RUBY = (
    _imports("SQLite", rf"\brequire\s*\(?\s*{_Q}sqlite3{_Q}|\bSQLite3::"),
    _imports("MySQL", rf"\brequire\s*\(?\s*{_Q}(?:mysql2?|trilogy){_Q}|\bMysql2::"),
    _imports(POSTGRES, rf"\brequire\s*\(?\s*{_Q}pg{_Q}|\bPG(?:::|\.connect)"),
)
_PHP = (
    _names("SQLite", rf"\bPDO\(\s*{_Q}sqlite:|\bnew\s+\\?SQLite3\b", "opens an SQLite database"),
    _names("MySQL", rf"\bPDO\(\s*{_Q}mysql:|\bmysqli(?:_\w+)?\s*\(", "opens a MySQL database"),
    _names("MySQL", r"\$wpdb\b", "uses $wpdb, which is WordPress on MySQL"),
    _names(POSTGRES, rf"\bPDO\(\s*{_Q}pgsql:|\bpg_(?:query|connect|execute)\w*\s*\(|{_Q}pgsql{_Q}", "opens PostgreSQL"),
)
_JVM = (
    _imports("SQLite", r"\borg\.sqlite\b|\bandroid\.database\.sqlite\b|\bandroidx\.(?:room|sqlite)\b"),
    _imports("MySQL", r"\bcom\.mysql\b|\borg\.mariadb\b"),
    _imports("SQL Server", r"\bcom\.microsoft\.sqlserver\b"),
    _imports("Oracle", r"\boracle\.jdbc\b"),
    _imports("Cassandra", r"\bcom\.datastax\b|\borg\.apache\.cassandra\b"),
    _imports("ClickHouse", r"\bcom\.clickhouse\b"),
    _imports(POSTGRES, r"\borg\.postgresql\b|\bcom\.impossibl\.postgres\b|\bio\.r2dbc\.postgresql\b"),
)
_CSHARP = (
    _imports("SQLite", r"\bMicrosoft\.Data\.Sqlite\b|\bSystem\.Data\.SQLite\b|\bUseSqlite\("),
    _imports("MySQL", r"\bMySql\.Data\b|\bMySqlConnector\b|\bUseMySql\("),
    _imports("SQL Server", r"\b(?:Microsoft|System)\.Data\.SqlClient\b|\bUseSqlServer\("),
    _imports(POSTGRES, r"\bNpgsql\b|\bUseNpgsql\("),
)
_RUST = (
    _imports(
        "SQLite",
        r"\brusqlite::|\blibsql::|\bsqlx::(?:sqlite\b|Sqlite\w*)|\bSqlite(?:Pool|Connection)\b|diesel::sqlite\b",
    ),
    _imports(
        "MySQL", r"\bsqlx::(?:mysql\b|MySql\w*)|\bMySqlPool\b|\bMysqlConnection\b|\bmysql_async::|diesel::mysql\b"
    ),
    _imports(
        POSTGRES,
        r"\b(?:tokio_postgres|postgres|deadpool_postgres)::|\bsqlx::(?:postgres\b|Postgres|Pg\w+)|\bPg(?:Pool|Connection)\b"
        r"|diesel::pg\b",
    ),
)
_ELIXIR = (
    _imports("SQLite", r"\bEcto\.Adapters\.SQLite3\b|\bExqlite\b"),
    _imports("MySQL", r"\bEcto\.Adapters\.MyXQL\b|\bMyXQL\b"),
    _imports("SQL Server", r"\bEcto\.Adapters\.Tds\b"),
    _imports(POSTGRES, r"\bEcto\.Adapters\.Postgres\b|\bPostgrex\b"),
)
_SWIFT = (
    _imports("SQLite", r"^\s*import\s+(?:SQLite3?|GRDB|FluentSQLiteDriver|SQLiteNIO)\b"),
    _imports("MySQL", r"^\s*import\s+(?:FluentMySQLDriver|MySQLNIO)\b"),
    _imports(POSTGRES, r"^\s*import\s+(?:FluentPostgresDriver|PostgresNIO|PostgresKit|PostgresClientKit)\b"),
)
_DART = (
    _imports("SQLite", _packages(r"package:(?:sqflite\w*|sqlite3|sqlite_async|drift|powersync\w*)")),
    _imports("MySQL", _packages(r"package:(?:mysql1|mysql_client)")),
    _imports(POSTGRES, _packages(r"package:(?:postgres|supabase\w*|drift_postgres)")),
)
_SHELL = (
    _names("SQLite", r"^[ \t]*(?:[|&;]\s*)?sqlite3\s+", "runs sqlite3"),
    _names("MySQL", r"^[ \t]*(?:[|&;]\s*)?(?:mysql|mariadb)\s+-", "runs mysql"),
    _names(POSTGRES, r"\bpsql\b", "runs psql"),
)
_BY_LANGUAGE = {
    "python": _PYTHON,
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "go": _GO,
    "ruby": _RUBY,
    "php": _PHP,
    "java": _JVM,
    "kotlin": _JVM,
    "scala": _JVM,
    "csharp": _CSHARP,
    "rust": _RUST,
    "elixir": _ELIXIR,
    "swift": _SWIFT,
    "dart": _DART,
    "shell": _SHELL,
    "yaml": _SHELL,
}


@cache
def signs_of(language: str) -> tuple[tuple[re.Pattern[str], Sign], ...]:
    """The compiled signs of a language; those of URLs for every one."""
    own = _BY_LANGUAGE.get(language, ())
    words = _SQL_WORDS if language != "sql" else ()  # of a file of SQL the reader of statements tells them
    return tuple((re.compile(sign.pattern, re.MULTILINE), sign) for sign in (*own, *_URLS, *words))
