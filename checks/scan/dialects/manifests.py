"""What a package's manifest says: the drivers that it depends on, when they are all for one database."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from .drivers import POSTGRES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SCRIPT = (
    ("SQLite", r"better-sqlite3|sqlite3?|sql\.js|@libsql/client|expo-sqlite|react-native-sqlite-storage|wa-sqlite"),
    ("MySQL", r"mysql2?|mariadb|@planetscale/database|@tidbcloud/serverless"),
    ("SQL Server", "mssql|tedious"),
    ("DuckDB", r"duckdb|@duckdb/[\w-]+"),
    # Prisma needs no driver beside it: it may speak to any database.
    (
        POSTGRES,
        r"pg|postgres|pg-[\w-]+|slonik|@vercel/postgres|@neondatabase/.*|@supabase/.*|@electric-sql/.*|@prisma/.*",
    ),
)
_PYTHON = (
    ("SQLite", r"aiosqlite|apsw|pysqlite3(-binary)?|sqlcipher3"),
    ("MySQL", r"pymysql|mysqlclient|mysql-connector(-python)?|aiomysql|asyncmy|mariadb"),
    ("SQL Server", "pymssql"),
    ("Oracle", r"cx[-_]oracle|oracledb"),
    ("DuckDB", r"duckdb"),
    (POSTGRES, r"psycopg.*|asyncpg|pg8000|aiopg|supabase|postgrest|.*postgres.*|prisma"),
)
# Patterns over the text of a manifest that is no data format, or whose dependencies stand in many places.
_GO = (
    (
        "SQLite",
        r"mattn/go-sqlite3|modernc\.org/sqlite|gorm\.io/driver/sqlite|glebarez/|ncruces/go-sqlite3|zombiezen\.com/go/sqlite",
    ),
    ("MySQL", r"go-sql-driver/mysql|gorm\.io/driver/mysql"),
    ("SQL Server", r"go-mssqldb|gorm\.io/driver/sqlserver"),
    (POSTGRES, r"lib/pq|jackc/pgx|gorm\.io/driver/postgres|go-pg/pg|pgdriver|supabase|embedded-postgres"),
)
_RUBY = (
    ("SQLite", r"""^\s*gem\s+["']sqlite3["']"""),
    ("MySQL", r"""^\s*gem\s+["'](?:mysql2|trilogy)["']"""),
    (POSTGRES, r"""^\s*gem\s+["'](?:pg|activerecord-postgis-adapter)["']"""),
)
_PHP = (
    ("SQLite", r'"ext-(?:pdo_)?sqlite3?"'),
    ("MySQL", r'"ext-(?:pdo_)?mysqli?"'),
    (POSTGRES, r'"ext-(?:pdo_)?pgsql"'),
)
_JVM = (
    ("SQLite", r"\bsqlite-jdbc\b|\bandroidx\.room\b"),
    ("MySQL", r"\bmysql-connector-(?:j|java)\b|\bmariadb-java-client\b|\br2dbc-mysql\b"),
    ("SQL Server", r"\bmssql-jdbc\b"),
    ("Oracle", r"\bojdbc\d*\b"),
    (POSTGRES, r"postgres|\bpgjdbc|\bsupabase\b"),
)
_CSHARP = (
    ("SQLite", r"Sqlite|System\.Data\.SQLite"),
    ("MySQL", r"MySql"),
    ("SQL Server", r"EntityFrameworkCore\.SqlServer|Data\.SqlClient"),
    (POSTGRES, r"Npgsql|Postgre"),
)
_RUST = (
    ("SQLite", r"""^\s*rusqlite\b|^\s*libsql\b|["']sqlite["']|["']sqlx-sqlite["']"""),
    ("MySQL", r"""["']mysql["']|["']sqlx-mysql["']|^\s*mysql(?:_async)?\b"""),
    (POSTGRES, r"""["']postgres["']|["']sqlx-postgres["']|^\s*(?:tokio-|deadpool-)?postgres\b"""),
)
_ELIXIR = (
    ("SQLite", r":ecto_sqlite3|:exqlite"),
    ("MySQL", r":myxql"),
    ("SQL Server", r":tds\b"),
    (POSTGRES, r":postgrex"),
)
_SWIFT = (
    ("SQLite", r"GRDB|SQLite\.swift|sqlite-nio|fluent-sqlite-driver"),
    ("MySQL", r"fluent-mysql-driver|mysql-nio"),
    (POSTGRES, r"postgres|supabase"),
)
_DART = (
    ("SQLite", r"^\s+(?:sqflite\w*|sqlite3\w*|sqlite_async|drift|powersync\w*):"),
    ("MySQL", r"^\s+(?:mysql1|mysql_client):"),
    (POSTGRES, r"^\s+(?:postgres|supabase\w*|drift_postgres):"),
)
_TEXTS = {
    "go.mod": _GO,
    "Gemfile": _RUBY,
    "composer.json": _PHP,
    "pom.xml": _JVM,
    "build.gradle": _JVM,
    "build.gradle.kts": _JVM,
    "*.csproj": _CSHARP,
    "*.fsproj": _CSHARP,
    "Cargo.toml": _RUST,
    "mix.exs": _ELIXIR,
    "Package.swift": _SWIFT,
    "pubspec.yaml": _DART,
}
_PROJECTS = (".csproj", ".fsproj")
_DATA = {"package.json": _SCRIPT, "pyproject.toml": _PYTHON}
_LANGUAGES = {
    "python": ("pyproject.toml",),
    "javascript": ("package.json",),
    "typescript": ("package.json",),
    "go": ("go.mod",),
    "ruby": ("Gemfile",),
    "php": ("composer.json",),
    "java": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "kotlin": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "scala": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "xml": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "csharp": ("*.csproj", "*.fsproj"),
    "rust": ("Cargo.toml",),
    "elixir": ("mix.exs",),
    "swift": ("Package.swift",),
    "dart": ("pubspec.yaml",),
    "sql": (*_DATA, *_TEXTS),
}


class Manifests:
    """The manifests of one tree; `read` gives the bytes of a file."""

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes]) -> None:
        self._read = read
        self._by_folder: dict[str, list[str]] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            if name in _DATA or name in _TEXTS or name.endswith(_PROJECTS):
                self._by_folder.setdefault(folder, []).append(path)
        self._known: dict[str, frozenset[str]] = {}

    def only_dialect(self, path: str, language: str) -> tuple[str, str] | None:
        """The database and the manifest nearest to the file, when all drivers named there are for that one."""
        wanted = _LANGUAGES.get(language, ())
        folder = posixpath.dirname(path)
        while True:
            near = [one for one in self._by_folder.get(folder, ()) if _is_one_of(one, wanted)]
            if near:
                found = {dialect for one in near for dialect in self._dialects(one)}
                return (found.pop(), near[0]) if len(found) == 1 else None
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _dialects(self, manifest: str) -> frozenset[str]:
        if manifest not in self._known:
            name, text = posixpath.basename(manifest), self._read(manifest).decode("utf-8", "replace")
            self._known[manifest] = frozenset(_from_data(name, text) if name in _DATA else _from_text(name, text))
        return self._known[manifest]


def _is_one_of(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(posixpath.basename(path), pattern) for pattern in patterns)


def _from_text(name: str, text: str) -> Iterator[str]:
    table = next(found for pattern, found in _TEXTS.items() if fnmatchcase(name, pattern))
    return (dialect for dialect, pattern in table if re.search(pattern, text, re.MULTILINE))


def _from_data(name: str, text: str) -> Iterator[str]:
    """Of development dependencies only those for PostgreSQL count: tests run on something lighter."""
    try:
        document = json.loads(text) if name == "package.json" else tomllib.loads(text)
    except (ValueError, RecursionError):
        return
    own, others = (_package if name == "package.json" else _pyproject)(document)
    for dialect, pattern in _DATA[name]:
        names = {*own, *others} if dialect == POSTGRES else own
        if any(re.fullmatch(pattern, one, re.IGNORECASE) for one in names):
            yield dialect


def _package(document: Any) -> tuple[set[str], set[str]]:
    return _keys(document, "dependencies"), {
        *_keys(document, "devDependencies"),
        *_keys(document, "peerDependencies"),
        *_keys(document, "optionalDependencies"),
    }


def _keys(document: Any, name: str) -> set[str]:
    table = document.get(name) if isinstance(document, dict) else None
    return set(table) if isinstance(table, dict) else set()


def _pyproject(document: dict[str, Any]) -> tuple[set[str], set[str]]:
    project, tools = document.get("project", {}), document.get("tool", {})
    poetry = tools.get("poetry", {}) if isinstance(tools, dict) else {}
    own = {*_required(project.get("dependencies")), *_required(poetry.get("dependencies"))}
    groups = (project.get("optional-dependencies", {}), document.get("dependency-groups", {}), poetry.get("group", {}))
    return own, {
        name for group in groups if isinstance(group, dict) for one in group.values() for name in _required(one)
    }


def _required(given: Any) -> Iterator[str]:
    """Names of requirements: `["psycopg[binary]>=3"]`, `{psycopg = "^3"}`, `{dependencies = {..}}`."""
    if isinstance(given, dict):
        yield from given
        yield from _required(given.get("dependencies"))
    elif isinstance(given, list):
        for one in given:
            found = re.match(r"[\w.-]+", one.strip()) if isinstance(one, str) else None
            if found is not None:
                yield found[0]
