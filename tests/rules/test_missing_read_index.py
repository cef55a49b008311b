"""Which index serves a declared read, held against the planner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.catalog.read import read_catalog
from pgarbiter.rules.missing_read_index import serves
from pgarbiter.settings import Read

if TYPE_CHECKING:
    from .conftest import FindingsOf

TABLE = "CREATE TABLE t (a int, b int, c int NOT NULL, d text, e int)"
WHERE = "a = 1 AND b = 2"
RANGE = Read(table="t", equal=("a", "b"), range="c")
ORDER = Read(table="t", equal=("a", "b"), order=("c DESC", "d DESC"))
MIXED = Read(table="t", equal=("a", "b"), order=("c", "d desc"))
BOTH = Read(table="t", equal=("a", "b"), range="c", order=("c", "d"))
EQUAL = Read(table="t", equal=("a",))
SQL = {
    RANGE: f"{WHERE} AND c > 3",
    ORDER: f"{WHERE} ORDER BY c DESC, d DESC",
    MIXED: f"{WHERE} ORDER BY c, d DESC",
    BOTH: f"{WHERE} AND c > 3 ORDER BY c, d",
    EQUAL: "a = 1",
}


@pytest.mark.parametrize(
    ("index", "served"),
    [
        ("(a, b, c)", {RANGE, EQUAL}),
        ("(b, a, c)", {RANGE}),
        ("(a, c, b)", {EQUAL}),
        ("(a, b, c, d)", {RANGE, ORDER, BOTH, EQUAL}),
        ("(a, b, c DESC, d DESC)", {RANGE, ORDER, BOTH, EQUAL}),
        ("(a, b, c, d DESC)", {RANGE, MIXED, EQUAL}),
        ("(a, b, c DESC, d)", {RANGE, MIXED, EQUAL}),
        ("(a DESC, b, c, d)", {RANGE, ORDER, BOTH, EQUAL}),
        ("(a, b) INCLUDE (c)", {EQUAL}),
        ("(a, b, e, c)", {EQUAL}),
        ("(a, b, c DESC NULLS LAST, d DESC NULLS LAST)", {RANGE, EQUAL}),
        ("(a, b, c) WHERE a IS NOT NULL", {RANGE, EQUAL}),
        ("(a, b, c) WHERE e IS NOT NULL", set()),
        ("(a, b, c) WHERE e > 0", set()),
        ("USING hash (a)", {EQUAL}),
        ('(a, b, c, d COLLATE "C")', {RANGE, EQUAL}),
        ("(a, b, c, d text_pattern_ops)", {RANGE, EQUAL}),
        ("((a + 0), b, c)", set()),
    ],
)
def test_an_index_serves_what_the_planner_reads_from_it_alone(database: str, index: str, served: set[Read]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE.encode())
        connection.execute(f"CREATE INDEX i ON t {index}".encode())
        relation = read_catalog(connection).relation("public", "t")
        assert relation
        assert {read for read in SQL if serves(relation.indexes[0], read)} == served
        for setting in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
            connection.execute(f"SET enable_{setting} = off".encode())
        for read in SQL:
            plan = _plan(connection, read)
            alone = "Index" in plan and "Sort" not in plan and "Filter" not in plan and _bound(plan, read)
            assert alone or read not in served, plan


def _plan(connection: psycopg.Connection, read: Read) -> str:
    rows = connection.execute(f"EXPLAIN (COSTS OFF) SELECT * FROM t WHERE {SQL[read]}".encode())
    return "\n".join(line for (line,) in rows)


def _bound(plan: str, read: Read) -> bool:
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    return all(f"({column} " in condition for column in (*read.equal, *((read.range,) if read.range else ())))


def test_the_remedy_serves_the_read(findings_of: FindingsOf, database: str) -> None:
    (found,) = findings_of(TABLE + ";", "SELECT 1;", "PGA505", read=(MIXED,))
    assert found.remedy == "CREATE INDEX CONCURRENTLY ON public.t (a, b, c, d DESC);"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(found.remedy.encode())
        relation = read_catalog(connection).relation("public", "t")
    assert relation
    assert serves(relation.indexes[0], MIXED)


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (Read(table="gone", equal=("a",)), 'table "gone" of a declared read does not exist'),
        (Read(table="t", equal=("f",)), '"f" of a declared read is not in "t"'),
        (Read(table="public.t", order=("e",)), "the declared read ordered by e"),
    ],
)
def test_a_read_that_cannot_be_judged_is_told(findings_of: FindingsOf, read: Read, told: str) -> None:
    (found,) = findings_of(TABLE + ";", "SELECT 1;", "PGA505", read=(read,))
    assert told in found.message
