"""How long reading a catalog takes, beside its floor (the same raw rows, nothing built) and SQLAlchemy's reflection."""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from pgarbiter.catalog import snapshot
from pgarbiter.catalog.queries import statements
from pgarbiter.catalog.read import read_catalog
from pgarbiter.server import start

from .generate import generate

if TYPE_CHECKING:
    from collections.abc import Callable

_SYSTEM = "^(pg_|information_schema$)"
_BY_RELATION = (
    "relations", "columns", "indexes", "constraints", "policies", "triggers", "rules", "views", "parents",
)  # fmt: skip
_BY_DATABASE = ("domains", "collations", "opclasses", "methods")
_SLOW_RUNS = {200: 5, 2000: 3}  # runs of the peers that take many times the floor; 1 for larger databases
_RUNS = 5


class Subject:
    """One generated database, with all that can be done to it. Each call opens a connection of its own."""

    def __init__(self, conninfo: str) -> None:
        self.conninfo = conninfo
        with psycopg.connect(conninfo) as connection:
            schemas = connection.execute("SELECT oid, nspname, nspname ~ %s FROM pg_namespace", [_SYSTEM]).fetchall()
            pairs = connection.execute("SELECT DISTINCT atttypid, atttypmod FROM pg_attribute").fetchall()
        self.system = [oid for oid, _, system in schemas if system]
        self.builtin = [oid for oid, name, _ in schemas if name in ("pg_catalog", "information_schema")]
        self.schemas = [name for _, name, system in schemas if not system]
        self.types = {"types": [oid for oid, _ in pairs], "typmods": [typmod for _, typmod in pairs]}
        with psycopg.connect(conninfo, autocommit=True) as connection:
            self.snapshot = snapshot.dump(read_catalog(connection))

    def floor(self) -> object:
        """The statements of the reader, fetched with plain tuples and without the garbage collector."""
        gc.disable()
        try:
            with psycopg.connect(self.conninfo) as connection:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                return self._fetched(connection)
        finally:
            gc.enable()

    def _fetched(self, connection: psycopg.Connection[Any]) -> object:
        texts = statements(connection.info.server_version)

        def fetch(name: str, **parameters: object) -> object:
            with psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
                return cursor.execute(texts[name].encode(), parameters or None, prepare=False).fetchall()

        first = [fetch("session"), fetch("settings", lock_timeout="2s"), fetch("schemas")]
        rows = [fetch(name, system=self.system, only=None) for name in _BY_RELATION]
        small = [fetch(name) for name in _BY_DATABASE]
        return first, rows, small, fetch("types", **self.types), fetch("system", builtin=self.builtin)

    def read(self) -> object:
        """What `pgarbiter` does before the first relation is asked for."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            return read_catalog(connection)

    def read_and_find(self) -> object:
        """The same, and 500 names looked up (those that there are give a relation), as 500 write sites would."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            catalog = read_catalog(connection)
        return [catalog.relation(f"app_{(n - 1) % 4}", f"t{n}") for n in range(1, 501)]

    def read_and_build(self) -> object:
        """The same, and every relation built."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            return list(read_catalog(connection).relations())

    def load_and_find(self) -> object:
        """A snapshot loaded, and 500 names looked up (those that there are give a relation)."""
        catalog = snapshot.load(self.snapshot)
        return [catalog.relation(f"app_{(n - 1) % 4}", f"t{n}") for n in range(1, 501)]

    def _engine(self) -> Any:
        """The peer's engine; imported here, since the floor of `bench check` is a process without the peer."""
        import sqlalchemy

        return sqlalchemy.create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(self.conninfo), poolclass=sqlalchemy.NullPool
        )

    def inspect(self) -> object:
        """SQLAlchemy's bulk reflection."""
        import sqlalchemy

        with self._engine().connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            readers = (
                inspector.get_multi_columns,
                inspector.get_multi_pk_constraint,
                inspector.get_multi_unique_constraints,
                inspector.get_multi_indexes,
                inspector.get_multi_check_constraints,
                inspector.get_multi_foreign_keys,
            )
            return [read(schema=schema) for schema in self.schemas for read in readers]

    def reflect(self) -> object:
        """SQLAlchemy's MetaData; foreign keys are not followed, which would recurse too deeply."""
        import sqlalchemy

        metadata, engine = sqlalchemy.MetaData(), self._engine()
        for schema in self.schemas:
            metadata.reflect(engine, schema=schema, resolve_fks=False)
        return metadata


def run(arguments: list[str]) -> None:
    """Print one Markdown table: medians in milliseconds, and ratios to the floor of the same size."""
    parser = argparse.ArgumentParser(prog="bench catalog")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2000, 10000])
    parser.add_argument("--no-peers", action="store_true", help="leave SQLAlchemy out")
    parser.add_argument("--database-url", help="server to make the databases on (default: one of our own)")
    options = parser.parse_args(arguments)
    print("\n## Catalog\n\n12 columns and 5 indexes a table; each run opens its own connection.\n")
    print("| tables | what | runs | median ms | min ms | x floor |\n| ---: | --- | ---: | ---: | ---: | ---: |")
    with start(options.database_url or "auto") as server:
        for size in options.sizes:
            conninfo = server.create_database()
            generate(conninfo, size)
            _report(size, _measured(size, Subject(conninfo), peers=not options.no_peers))
            server.drop_database(conninfo)


def _measured(size: int, subject: Subject, *, peers: bool) -> dict[str, list[float]]:
    ours: dict[str, Callable[[], object]] = {
        "floor: same rows, nothing built": subject.floor,
        "read_catalog": subject.read,
        "read_catalog, 500 names asked for": subject.read_and_find,
        "read_catalog, every relation built": subject.read_and_build,
        "snapshot loaded, 500 names asked for": subject.load_and_find,
    }
    theirs: dict[str, Callable[[], object]] = {
        "SQLAlchemy inspector.get_multi_*": subject.inspect,
        "SQLAlchemy MetaData.reflect": subject.reflect,
    }
    times = _alternated(ours, _RUNS)
    return times | _alternated(theirs, _SLOW_RUNS.get(size, 1)) if peers else times


def _alternated(candidates: dict[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for turn in range(runs):
        names = list(candidates)
        for name in names if turn % 2 == 0 else reversed(names):
            gc.collect()
            begin = time.perf_counter()
            kept = candidates[name]()
            times[name].append((time.perf_counter() - begin) * 1000)
            del kept
    return times


def _report(size: int, times: dict[str, list[float]]) -> None:
    floor = statistics.median(next(iter(times.values())))
    for name, values in times.items():
        median = statistics.median(values)
        print(
            f"| {size} | {name} | {len(values)} | {median:.0f} | {min(values):.0f} | {median / floor:.2f} |", flush=True
        )
