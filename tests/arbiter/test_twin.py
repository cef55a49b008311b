"""A twin of the table on another server answers where pg_catalog's own parts are enough, and only there."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.model import DecidedBy, Outcome
from pgarbiter.arbiter.twin import Twin
from pgarbiter.arbiter.verdict import judge_write
from pgarbiter.catalog.read import read_catalog
from pgarbiter.sql import parse_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.arbiter.model import Verdict
    from pgarbiter.server import Server

SCHEMA = """
create type status as enum ('on');
create function low(text) returns text language sql immutable as 'select lower($1)';
create table t (a int, b varchar(10) collate "C", "C d" numeric(10,2),
    g int generated always as (a + 1) stored, w bool);
create unique index t_odd on t (a) where (case when w then 1 else 0 end) = 1;
create unique index t_quoted on t (quote_literal(b)) include (a);
create unique index t_b on t (b collate "POSIX" text_pattern_ops, "C d" desc) where length(b) > 1;
create table typed (a int, s status); create unique index typed_a on typed (a) where (case a when 1 then s end) is null;
create table called (a text); create unique index called_a on called (low(a));
create table viewed (a int); create view seen as select a from viewed; create unique index on viewed ((a / 2));
"""


@pytest.fixture
def verdict(server15: Server, server18: Server) -> Iterator[object]:
    source, twin = server15.create_database(), server18.create_database()
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute(SCHEMA)
        catalog = read_catalog(connection)

    @contextmanager
    def connect() -> Iterator[psycopg.Connection]:
        with psycopg.connect(twin) as opened:
            yield opened

    def judged(text: str) -> Verdict:
        write = parse_writes(text)[0].write
        assert write.table is not None
        relation = catalog.resolve(write.table)
        assert relation is not None
        return judge_write(write, relation, catalog, Twin(connect, catalog.version))

    yield judged
    with psycopg.connect(twin) as opened:
        assert opened.execute("select to_regnamespace('pgarbiter_twin')").fetchone() == (None,)
    server15.drop_database(source)
    server18.drop_database(twin)


@pytest.mark.parametrize(
    ("clause", "arbiters"),
    [
        ("(a) where (case when t.w then 1 else 0 end) = 1", ("t_odd",)),
        ("(a) where (case when w then 1 else 0 end) = 2", ()),
        ("(quote_literal(b))", ("t_quoted",)),
        ('("C d", b) where length(b) > 1', ("t_b",)),
        ('("C d", b) where length(b) > 2', ("t_b",)),
        ('("C d", b) where length(b) > 0', ()),
    ],
)
def test_a_table_of_built_in_parts_is_answered(verdict: object, clause: str, arbiters: tuple[str, ...]) -> None:
    found = verdict(f"insert into t (a) values (1) on conflict {clause} do nothing")  # type: ignore[operator]  # a function
    assert found.arbiters == arbiters
    assert found.outcome is (Outcome.MATCH if arbiters else Outcome.NO_MATCH)
    assert found.decided_by is DecidedBy.TWIN


@pytest.mark.parametrize(
    "text",
    [
        "insert into typed (a) values (1) on conflict (a) where (case a when 1 then s end) is null do nothing",
        "insert into called (a) values ('x') on conflict (lower(a)) do nothing",
        "insert into seen (a) values (1) on conflict ((a / 2 + 0 * 1 - abs(0))) do nothing",
    ],
)
def test_what_is_not_built_in_stays_unknown(verdict: object, text: str) -> None:
    found = verdict(text)  # type: ignore[operator]  # a function
    assert found.outcome is Outcome.UNKNOWN
    assert "twin" in (found.reason or "")
