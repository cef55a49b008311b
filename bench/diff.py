"""How long reading and comparing structures takes, beside the raw rows of the same statements and beside peers."""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

from pgarbiter.catalog.collector import paused
from pgarbiter.catalog.read import LOCK_TIMEOUT_MS
from pgarbiter.diff import difference
from pgarbiter.server import start
from pgarbiter.structure import snapshot
from pgarbiter.structure.fetch import fetching
from pgarbiter.structure.read import read_structure

from . import peers
from .generate import generate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pgarbiter.diff.model import Diff
    from pgarbiter.server import Server
    from pgarbiter.structure.model import Structure

    Work = Callable[[], object]

_DRIFTS = (
    "ALTER TABLE app_0.t1 ADD later int",
    "ALTER TABLE app_1.t2 DROP payload",
    "DROP INDEX app_2.t3_created_at_size_3_idx",
    "ALTER TABLE app_3.t4 ALTER name SET NOT NULL",
    "ALTER TABLE app_0.t5 ALTER status SET DEFAULT 'x'",
    "ALTER TABLE app_1.t6 ENABLE ROW LEVEL SECURITY",
    "COMMENT ON TABLE app_2.t7 IS 'x'",
    "CREATE TABLE app_3.extra (a int)",
    "ALTER TABLE app_0.t9 ADD CHECK (amount < 9)",
    "CREATE INDEX ON app_1.t10 (amount)",
)
_RUNS = 5
_PEER_RUNS = {200: 3, 2000: 2}  # 1 for larger databases


def floor(conninfo: str) -> object:
    """Our own statements fetched as plain tuples, nothing built, without the garbage collector."""
    with psycopg.connect(conninfo) as connection, paused():
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        with fetching(connection, LOCK_TIMEOUT_MS) as rows:
            return dict(rows)


def read(conninfo: str) -> Structure:
    """What `pgarbiter snapshot` does before it writes."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        return read_structure(connection)


def compare(old: str, new: str) -> Diff:
    """What `pgarbiter diff` does before it reports: two databases read at the same time, and compared."""
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(read, (old, new))
    return difference(("old", first), ("new", second))


def sqlalchemy_metadata(conninfo: str) -> Any:
    """The peer's reflection; foreign keys are not followed, which would recurse too deeply."""
    import sqlalchemy

    engine, metadata = _engine(conninfo), sqlalchemy.MetaData()
    for schema in range(4):
        metadata.reflect(engine, schema=f"app_{schema}", resolve_fks=False)
    return metadata


def alembic_diff(metadata: Any, conninfo: str) -> object:
    """The comparison of a model, which is there already, with a database."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "schema" or (name or "").startswith("app_")

    with _engine(conninfo).connect() as connection:
        options = {"include_schemas": True, "include_name": ours, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def _engine(conninfo: str) -> Any:
    import sqlalchemy

    creator = partial(psycopg.connect, conninfo)
    return sqlalchemy.create_engine("postgresql+psycopg://", creator=creator, poolclass=sqlalchemy.NullPool)


def run(arguments: list[str]) -> None:
    """Print one Markdown table: medians in milliseconds, and ratios to the floor of the same size."""
    parser = argparse.ArgumentParser(prog="bench diff")
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2000, 10000])
    parser.add_argument("--runs", type=int, default=_RUNS)
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--database-url", help="server to make the databases on (default: one of our own)")
    parser.add_argument("--memory-of", nargs=2, metavar="CONNINFO", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.memory_of:
        compare(*options.memory_of)
        print(_peak_megabytes())
        return
    print("\n## Diff\n\n12 columns and 5 indexes a table; each run opens its own connections.\n")
    print("| tables | what | runs | median ms | min ms | x floor |\n| ---: | --- | ---: | ---: | ---: | ---: |")
    programs = nullcontext() if options.no_peers else peers.installed()
    with start(options.database_url or "auto") as server, programs as found:
        for size in options.sizes:
            old, new = _databases(server, size)
            _measure(size, old, new, options.runs, found)
            server.drop_database(old)
            server.drop_database(new)


def _peak_megabytes() -> int:
    """Of this program alone: getrusage() would count the parent that it was forked from."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 1024


def _databases(server: Server, size: int) -> tuple[str, str]:
    """Two databases of that many tables, ten changes apart."""
    found = server.create_database(), server.create_database()
    for conninfo in found:
        generate(conninfo, size)
    with psycopg.connect(found[1], autocommit=True) as connection:
        for statement in _DRIFTS:
            connection.execute(sql.SQL(statement))  # type: ignore[arg-type]  # they are literals
    return found


def _measure(size: int, old: str, new: str, runs: int, programs: Mapping[str, Path] | None) -> None:
    ours: dict[str, Work] = {
        "floor: same rows, nothing built": partial(floor, old),
        "read_structure": partial(read, old),
        "two floors, one after the other": lambda: (floor(old), floor(new)),
        "two databases read and compared": partial(compare, old, new),
    }
    times = _alternated(ours, runs)
    kept = read(old)
    text = snapshot.dump(kept)
    times |= _alternated(
        {"snapshot written": lambda: snapshot.dump(kept), "snapshot read": lambda: snapshot.load(text)}, 3
    )
    if programs is not None:
        times |= _peers(old, new, programs, _PEER_RUNS.get(size, 1))
    _report(size, times)
    changes = len(compare(old, new).changes)
    memory = subprocess.run(
        [sys.executable, "-m", "bench", "diff", "--memory-of", old, new], capture_output=True, text=True, check=True
    ).stdout.strip()
    print(
        f"| {size} | {changes} changes told, {memory} MB at most, snapshot {len(text) / 1e6:.1f} MB | | | | |",
        flush=True,
    )


def _peers(old: str, new: str, programs: Mapping[str, Path], runs: int) -> dict[str, list[float]]:
    metadata = sqlalchemy_metadata(old)
    works: dict[str, Work] = {
        "SQLAlchemy MetaData.reflect (one database)": partial(sqlalchemy_metadata, old),
        "alembic compare_metadata (model there, one database)": partial(alembic_diff, metadata, new),
    }
    first, second = peers.url(old), peers.url(new)
    if place := programs.get("migra"):
        works["migra (two databases)"] = partial(peers.run, place / "migra", "--unsafe", first, second)
    if place := programs.get("results"):
        works["results dbdiff (two databases)"] = partial(peers.run, place / "results", "dbdiff", first, second)
    if dump := _pg_dump(old):
        works["pg_dump -s (one database)"] = partial(peers.run, dump, "-s", "-d", old)
    times: dict[str, list[float]] = {}
    for name, work in works.items():
        with suppress(subprocess.TimeoutExpired):
            times |= _alternated({name: work}, runs)
    return times


def _pg_dump(conninfo: str) -> Path | None:
    """pg_dump of the server's own version, which stands beside the server's program."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'").fetchone()
    place = Path(row[0]) / "pg_dump" if row else None
    return place if place and place.is_file() else None


def _alternated(works: Mapping[str, Work], runs: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(runs):
        for name in works if turn % 2 == 0 else reversed(list(works)):
            gc.collect()
            begin = time.perf_counter()
            kept = works[name]()
            times[name].append((time.perf_counter() - begin) * 1000)
            del kept
    return times


def _report(size: int, times: Mapping[str, list[float]]) -> None:
    medians = {name: statistics.median(values) for name, values in times.items()}
    one, two = medians["floor: same rows, nothing built"], medians["two floors, one after the other"]
    for name, values in times.items():
        of = two if "two" in name else one
        ratio = f"{medians[name] / of:.2f}{' of two' if of == two else ''}"
        print(f"| {size} | {name} | {len(values)} | {medians[name]:.0f} | {min(values):.0f} | {ratio} |", flush=True)
