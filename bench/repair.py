"""What a unique constraint costs writers on a large table with duplicates: three ways to add it, under one load."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import create_engine, pool

from pgarbiter.online import AddUnique, execute
from pgarbiter.online.model import Table
from pgarbiter.online.session import Session
from pgarbiter.server import start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Event

SUCCESS = "00000"
_INSERTS = 0.5  # of all writes; the others are updates
_TABLE = """
CREATE TABLE t (id bigserial PRIMARY KEY, k bigint NOT NULL, payload text, seen timestamptz);
INSERT INTO t (k, payload, seen)
    SELECT CASE WHEN n %% %(every)s = 0 THEN n - 1 ELSE n END, repeat('x', 40), now()
    FROM generate_series(1, %(rows)s) n;
VACUUM ANALYZE t
"""
_DEDUPE = """
DELETE FROM t USING (SELECT id, row_number() OVER (PARTITION BY k ORDER BY seen DESC, id DESC) AS n FROM t) ranked
WHERE t.id = ranked.id AND ranked.n > 1
"""


@dataclass(slots=True)
class Load:
    """What writers saw: seconds of each statement, how many ended with which SQLSTATE, and how many rows came in."""

    pauses: list[float] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    inserted: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """One way: its load, how long it took, its tries, whether it came to an end, and the rows gone without a trace."""

    load: Load
    seconds: float
    tries: int
    converged: bool
    lost: int

    def row(self, name: str) -> str:
        """A line of the table."""
        cuts = statistics.quantiles(self.load.pauses, n=100, method="inclusive")
        p50, p99, worst = (1000 * each for each in (cuts[49], cuts[98], max(self.load.pauses)))
        states = self.load.states
        failed = ", ".join(f"{count} {state}" for state, count in sorted(states.items()) if state != SUCCESS) or "none"
        ended = f"yes, try {self.tries}" if self.converged else f"no, {self.tries} tries"
        return (
            f"| {name} | {ended} | {self.seconds:.1f} | {p50:.2f} | {p99:.1f} | {worst:.0f}"
            f" | {states.total()} | {failed} | {self.lost} |"
        )


def run(arguments: list[str]) -> None:
    """Print one Markdown table; each way on its own copy of the same table."""
    parser = argparse.ArgumentParser(prog="bench repair")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--writers", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.02, help="of the writers' inserts, those that are duplicates")
    parser.add_argument("--every", type=int, default=100, help="one row of so many is a duplicate at the beginning")
    parser.add_argument("--tries", type=int, default=12)
    given = parser.parse_args(arguments)
    ways: dict[str, Callable[[str], tuple[int, bool]]] = {
        "one transaction: lock, delete, ALTER TABLE ADD UNIQUE": _direct,
        "linters' advice: delete, build concurrently, retry": lambda conninfo: _advised(conninfo, given.tries),
        "op.add_unique_online, quarantine": _ours,
    }
    print(f"\n## Repair: a unique constraint on {given.rows:,} rows, {given.writers} writers\n")
    print("| way | ended | s | writer p50 ms | p99 ms | max ms | writes | failed writes | rows lost |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | --- | ---: |")
    with start("auto") as server:
        template = server.create_database()
        with psycopg.connect(template, autocommit=True) as connection:
            for statement in _TABLE.split(";"):
                connection.execute((statement % vars(given)).encode())
        for name, way in ways.items():
            conninfo = server.create_database(str(conninfo_to_dict(template)["dbname"]))
            print(_measured(conninfo, way, given.writers, given.share).row(name), flush=True)
            server.drop_database(conninfo)


def _measured(conninfo: str, way: Callable[[str], tuple[int, bool]], writers: int, share: float) -> Result:
    before = _asked(conninfo, "SELECT count(*) FROM t")
    with writing(conninfo, writers, share) as load:
        begin = time.perf_counter()
        tries, converged = way(conninfo)
        seconds = time.perf_counter() - begin
    kept = "SELECT count(*) FROM pgarbiter_data.quarantine WHERE kind = 'removed'"
    there = _asked(conninfo, "SELECT to_regclass('pgarbiter_data.quarantine') IS NOT NULL")
    after = _asked(conninfo, "SELECT count(*) FROM t") + (_asked(conninfo, kept) if there else 0)
    return Result(load, seconds, tries, converged, before + load.inserted - after)


def _direct(conninfo: str) -> tuple[int, bool]:
    with psycopg.connect(conninfo) as connection:
        connection.execute("LOCK TABLE t IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(_DEDUPE)
        connection.execute("ALTER TABLE t ADD CONSTRAINT t_k_key UNIQUE (k)")
    return 1, True


def _advised(conninfo: str, tries: int) -> tuple[int, bool]:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for number in range(1, tries + 1):
            connection.execute(_DEDUPE)
            try:
                connection.execute("CREATE UNIQUE INDEX CONCURRENTLY t_k_key ON t (k)")
            except psycopg.errors.UniqueViolation:
                connection.execute("DROP INDEX CONCURRENTLY t_k_key")
            else:
                connection.execute("ALTER TABLE t ADD CONSTRAINT t_k_key UNIQUE USING INDEX t_k_key")
                return number, True
    return tries, False


def _ours(conninfo: str) -> tuple[int, bool]:
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=pool.NullPool
    ).execution_options(isolation_level="AUTOCOMMIT")
    wanted = AddUnique(
        Table("t", "public"), ("k",), constraint=True, duplicates="quarantine", keep="seen DESC NULLS LAST, id DESC"
    )
    with engine.connect() as connection:
        execute(wanted, Session(connection))
    return 1, True


@contextmanager
def writing(conninfo: str, writers: int, share: float) -> Iterator[Load]:
    """Writers in processes of their own, from before the block until its end; then their load is complete."""
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[list[float], Counter[str], int]] = context.Queue()
    ready, stop = context.Barrier(writers + 1), context.Event()
    highest = _asked(conninfo, "SELECT max(k) FROM t")
    children = [
        context.Process(target=_write, args=(conninfo, number, highest, share, ready, stop, results))
        for number in range(writers)
    ]
    for child in children:
        child.start()
    ready.wait(60)
    load = Load()
    try:
        yield load
    finally:
        stop.set()
        for pauses, states, inserted in [results.get(timeout=60) for _ in children]:
            load.pauses += pauses
            load.states += states
            load.inserted += inserted
        for child in children:
            child.join()


def _write(
    conninfo: str, number: int, highest: int, share: float, ready: Any, stop: Event, results: Queue[Any]
) -> None:
    """Insert new keys, a share of them duplicates, and update old rows, each statement on its own."""
    chance, pauses, states, inserted = random.Random(number), list[float](), Counter[str](), 0
    new = highest + 1 + number * 100_000_000
    with psycopg.connect(conninfo, autocommit=True) as connection:
        ready.wait(60)
        while not stop.is_set():
            inserts = chance.random() < _INSERTS
            key = chance.randint(1, highest) if not inserts or chance.random() < share else (new := new + 1)
            begin = time.perf_counter()
            state = _told(connection, *_statement(key, inserts=inserts))
            pauses.append(time.perf_counter() - begin)
            states[state] += 1
            inserted += inserts and state == SUCCESS
    results.put((pauses, states, inserted))


def _statement(key: int, *, inserts: bool) -> tuple[str, Sequence[object]]:
    if inserts:
        return "INSERT INTO t (k, payload, seen) VALUES (%s, 'written', now())", [key]
    return "UPDATE t SET payload = 'changed', seen = now() WHERE id = %s", [key]


def _told(connection: psycopg.Connection[Any], statement: str, values: Sequence[object]) -> str:
    try:
        connection.execute(statement, values)  # type: ignore[call-overload]
    except psycopg.Error as error:
        return error.sqlstate or "lost"
    return SUCCESS


def _asked(conninfo: str, query: str) -> Any:
    with psycopg.connect(conninfo) as connection:
        found = connection.execute(query.encode()).fetchone()
    assert found
    return found[0]
