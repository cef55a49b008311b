"""Names in PL/pgSQL bodies: what shadows a column of the target, against the function's own execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.model import Outcome
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.arbiter.verdict import judge_write
from pgarbiter.catalog.read import read_catalog
from pgarbiter.sql import parse_writes

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = """
create table t (a int, b int, c text, constraint t_k unique (a));
create unique index t_c on t (b) where c = 'x';
create unique index t_sum on t ((a + b));
create unique index t_null on t (a) where c is not null;
"""


@pytest.fixture
def connection(any_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(any_database, autocommit=True) as opened:
        opened.execute(SCHEMA)
        yield opened


@pytest.mark.parametrize("declared", ["p int, q text", "a int, q text", "b int, c text", "excluded_a int, a text"])
@pytest.mark.parametrize("setting", ["", "#variable_conflict use_column\n", "#variable_conflict use_variable\n"])
@pytest.mark.parametrize(
    "clause",
    [
        "(a) do nothing",
        "on constraint t_k do nothing",
        "(b) where c = 'x' do nothing",
        "(b) where c = q do nothing",
        "((a + b)) do nothing",
        "(a) do update set c = excluded.c",
        "(a) do update set b = b",
        "(a) do update set b = p",
        "(a) where c = q do nothing",
        "do nothing",
    ],
)
def test_a_function_fails_where_we_say_so(
    connection: psycopg.Connection, declared: str, setting: str, clause: str
) -> None:
    body = f"{setting}begin insert into t (a, b) values (7, 8) on conflict {clause}; end"
    text = f"create function f({declared}) returns void language plpgsql as $$\n{body}\n$$"
    connection.execute(text.encode())
    error = called(connection)
    write = parse_writes(text)[0].write
    assert write.table is not None
    catalog = read_catalog(connection)
    relation = catalog.resolve(write.table)
    assert relation is not None
    for asked in (None, Oracle.on(connection)):
        verdict = judge_write(write, relation, catalog, asked)
        if verdict.outcome is Outcome.UNKNOWN:
            # The type of a variable is not known to the catalog, nor to the planner that is asked.
            assert "use_variable" in setting
        elif error is not None and error[0] == "42883":
            assert verdict.outcome is Outcome.NO_MATCH
        else:
            assert (verdict.sqlstate, verdict.message) == (error or (None, None)), verdict.reason


def called(connection: psycopg.Connection, text: str = "select f(null, null)") -> tuple[str | None, str | None] | None:
    try:
        with connection.transaction(force_rollback=True):
            connection.execute("set local plan_cache_mode = force_generic_plan")
            connection.execute(text.encode())
    except psycopg.Error as error:
        return error.sqlstate, error.diag.message_primary
    return None


@pytest.mark.parametrize(
    "clause",
    [
        "(a) where c = new.c do nothing",
        "(b) where c = new.c do nothing",
        "(b) where c = 'x' and b = new.b do nothing",
        "(a) do update set b = new.b",
        "((a + new.b)) do nothing",
    ],
)
def test_the_row_of_a_trigger_is_a_variable(connection: psycopg.Connection, clause: str) -> None:
    body = f"begin insert into t (a, b) values (7, 8) on conflict {clause}; return new; end"
    text = f"create function f() returns trigger language plpgsql as $$ {body} $$"
    connection.execute(text.encode())
    connection.execute("create table source (a int, b int, c text)")
    connection.execute("create trigger f before insert on source for each row execute function f()")
    error = called(connection, "insert into source values (1, 1, 'x')")
    write = parse_writes(text)[0].write
    assert write.table is not None
    catalog = read_catalog(connection)
    relation = catalog.resolve(write.table)
    assert relation is not None
    for asked in (None, Oracle.on(connection)):
        verdict = judge_write(write, relation, catalog, asked)
        known = verdict.outcome is not Outcome.UNKNOWN
        assert (not known and asked is None) or (verdict.sqlstate, verdict.message) == (error or (None, None))
