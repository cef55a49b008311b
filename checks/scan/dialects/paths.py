"""What a path says of the database that a file is for: `sqlite3/queries.sql` beside `postgres/`, `V1__a.mysql.sql`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from .drivers import POSTGRES

if TYPE_CHECKING:
    from collections.abc import Collection

_WORDS = {
    **dict.fromkeys(("sqlite", "sqlite3", "libsql", "d1", "rusqlite"), "SQLite"),
    **dict.fromkeys(("mysql", "mysql5", "mysql8", "mariadb"), "MySQL"),
    **dict.fromkeys(("mssql", "sqlserver", "tsql"), "SQL Server"),
    **dict.fromkeys(("oracle", "plsql"), "Oracle"),
    "clickhouse": "ClickHouse",
    "trino": "Trino",
    "bigquery": "BigQuery",
    "duckdb": "DuckDB",
    "h2": "H2",
    "db2": "Db2",
    **dict.fromkeys(("postgres", "postgresql", "pgsql", "pg", "psql"), POSTGRES),
}
# Databases that speak PostgreSQL's protocol: only beside a twin for PostgreSQL itself are they another one.
_KIN = {"cockroach": "CockroachDB", "cockroachdb": "CockroachDB", "crdb": "CockroachDB", "yugabyte": "YugabyteDB"}
# "d1", "pg" and "h2" are words of other trades inside of a name: alone, or as a suffix before .sql, they are not.
_SHORT = frozenset({"d1", "pg", "h2", "db2", "oracle"})
_JVM = (".sql", ".java", ".kt", ".kts", ".scala", ".groovy")  # H2 is a database of Java, elsewhere HTTP/2 or a heading
# A program that carries rows from one database to another writes to a third thing for all that its name says.
_CARRYING = frozenset({
    "to", "2", "from", "import", "importer", "imports", "export", "exporter", "migrate", "migrator", "sync", "copy",
    "convert", "converter", "transfer", "etl", "dump", "backup", "vs", "and", "or", "compare",
})  # fmt: skip
_OURS = tuple(word for word, dialect in _WORDS.items() if dialect == POSTGRES)
_SQL = (".sql", ".psql", ".pgsql")
_TOKEN = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+")


class Told(NamedTuple):
    """The database that a path names, and the piece of the path that does."""

    dialect: str
    piece: str


def told_by(path: str, paths: Collection[str]) -> Told | None:
    """What the innermost piece of a path that names one database says; None when none does, or it names several.

    `paths` are those of all files and directories of the tree.
    """
    *folders, name = path.split("/")
    if name.casefold().endswith(_SQL) and (found := _dotted(path, name, paths)):
        return found
    stem, _, _ = name.rpartition(".")
    for depth in range(len(folders), -1, -1):
        piece = stem if depth == len(folders) else folders[depth]
        found_here = _named(piece) - (set() if name.casefold().endswith(_JVM) else {"H2"})
        if len(found_here) > 1:
            return None
        if found_here:
            return Told(found_here.pop(), name if depth == len(folders) else f"{piece}/")
        parent = "/".join(folders[:depth])
        if depth < len(folders) and (kin := _KIN.get(piece.casefold())) and _has_twin(parent, paths):
            return Told(kin, f"{piece}/, beside one for PostgreSQL")
    return None


def _dotted(path: str, name: str, paths: Collection[str]) -> Told | None:
    """`queries.sqlite.sql`, `001_users.cockroach.up.sql` beside `001_users.postgres.up.sql`."""
    parts = name.split(".")
    for index, part in enumerate(parts[1:-1], 1):
        word = part.casefold()
        if word in _WORDS:
            return Told(_WORDS[word], f".{part}")
        if word in _KIN:
            twins = (".".join((*parts[:index], twin, *parts[index + 1 :])) for twin in _OURS)
            if any(path.removesuffix(name) + twin in paths for twin in twins):
                return Told(_KIN[word], f".{part}, beside one for PostgreSQL")
    return None


def _named(piece: str) -> set[str]:
    if piece.casefold() in _WORDS:
        return {_WORDS[piece.casefold()]}
    return {_WORDS[token] for token in words_in(piece) if token in _WORDS and token not in _SHORT}


def words_in(piece: str) -> set[str]:
    """The words of a name, in lower case; none of one that carries rows from one database to another."""
    tokens = _tokens(piece)
    return tokens if _CARRYING.isdisjoint(tokens) else set()


def _tokens(piece: str) -> set[str]:
    words = {word.casefold() for word in _TOKEN.findall(piece)}
    parts = {part.casefold() for part in re.split(r"[-_. ]", piece)}
    # `SQLiteStore`, `MySQLStore`: capitals inside of the word itself.
    inner = {word for word in ("sqlite", "mysql", "postgres", "mariadb") if re.search(rf"(?i){word}(?![a-z])", piece)}
    named = re.findall(r"SQLite|MySQL|Sqlite|Mysql|Postgres|MariaDB|S(?:ql|QL)Server", piece)
    inner |= {word.casefold() for word in named}
    return words | parts | inner


def _has_twin(parent: str, paths: Collection[str]) -> bool:
    lead = f"{parent}/" if parent else ""
    return any(f"{lead}{word}" in paths for word in _OURS)
