"""explain() on open connections: what it answers, and that it leaves the connection as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

from pgarbiter.arbiter.explain import explain
from pgarbiter.arbiter.model import DecidedBy, Outcome
from pgarbiter.errors import PgArbiterError, SqlSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = """
create table t (a int, b int, email text, active bool, d text unique deferrable);
create unique index t_ab on t (a, b);
create unique index t_email on t (upper(email));
create unique index t_active on t (a) where active;
create unique index t_odd on t (b) where (case when active then 1 else 0 end) = 1;
create schema other;
create table other.t (a int, b int unique);
"""
ODD = "insert into t (b) values (1) on conflict (b) where (case when t.active then 1 else 0 end) = 1 do nothing"


@pytest.fixture
def connection(any_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(any_database) as opened:
        opened.execute(SCHEMA)
        opened.commit()
        yield opened


def test_columns_are_decided_from_the_catalog(connection: psycopg.Connection) -> None:
    found = explain(connection, "insert into t (a, b) values (1, 2) on conflict (b, a) do nothing")
    assert (found.outcome, found.arbiters, found.decided_by) == (Outcome.MATCH, ("t_ab",), DecidedBy.CATALOG)


def test_an_expression_that_the_catalog_cannot_prove_is_put_to_the_planner(connection: psycopg.Connection) -> None:
    found = explain(connection, ODD)
    assert (found.outcome, found.arbiters, found.decided_by) == (Outcome.MATCH, ("t_odd",), DecidedBy.SERVER)


def test_without_the_planner_the_same_is_unknown_with_a_reason(connection: psycopg.Connection) -> None:
    found = explain(connection, ODD, ask_server=False)
    assert found.outcome is Outcome.UNKNOWN
    assert found.reason
    assert found.decided_by is None


@pytest.mark.parametrize("statement", [ODD, "insert into t (a) values (1) on conflict (nope) do nothing"])
def test_an_idle_connection_is_left_idle(connection: psycopg.Connection, statement: str) -> None:
    explain(connection, statement)
    assert connection.info.transaction_status is TransactionStatus.IDLE


@pytest.mark.parametrize("clause", ["(b) where (case when t.active then 1 else 0 end) = 1", "(nofn(a))", "(a)"])
def test_an_open_transaction_stays_open_and_writable(connection: psycopg.Connection, clause: str) -> None:
    connection.execute("set local search_path to other, public")
    connection.execute("create table mine (a int)")
    explain(connection, f"insert into public.t (a) values (1) on conflict {clause} do nothing")
    assert connection.info.transaction_status is TransactionStatus.INTRANS
    assert connection.execute("show search_path").fetchone() == ("other, public",)
    assert connection.execute("insert into mine values (1) returning a").fetchone() == (1,)


def test_tables_of_the_same_transaction_are_seen(connection: psycopg.Connection) -> None:
    connection.execute("create table mine (a int unique)")
    found = explain(connection, "insert into mine values (1) on conflict (a) do nothing")
    assert found.arbiters == ("mine_a_key",)


def test_autocommit_and_other_row_factories_work(any_database: str) -> None:
    with psycopg.connect(any_database, autocommit=True, row_factory=dict_row) as opened:
        opened.execute(SCHEMA)
        for _ in range(12):
            assert explain(opened, ODD).arbiters == ("t_odd",)
        assert opened.execute("select name from pg_prepared_statements where name like 'pgarb%'").fetchall() == []


def test_a_parameter_fails_under_the_generic_plan(connection: psycopg.Connection) -> None:
    found = explain(connection, "insert into t (a) values (1) on conflict (a) where active = $1 do nothing")
    assert (found.outcome, found.sqlstate) == (Outcome.NO_MATCH, "42P10")
    assert found.sites[0].verdict.parameter_in_predicate


def test_a_parameter_that_no_value_would_help_is_no_matter_of_plans(connection: psycopg.Connection) -> None:
    found = explain(connection, "insert into t (b) values (1) on conflict (email) where active = $1 do nothing")
    assert (found.outcome, found.sqlstate) == (Outcome.NO_MATCH, "42P10")
    assert not found.sites[0].verdict.parameter_in_predicate


def test_the_search_path_stands_in_for_the_sessions(connection: psycopg.Connection) -> None:
    text = "insert into t (b) values (1) on conflict (b) do nothing"
    assert explain(connection, text).outcome is Outcome.NO_MATCH
    assert explain(connection, text, search_path=("other",)).arbiters == ("t_b_key",)


def test_the_worst_insert_of_a_statement_counts(connection: psycopg.Connection) -> None:
    found = explain(
        connection,
        "with x as (insert into t (a, b) values (1, 2) on conflict (a, b) do nothing returning a)"
        " insert into other.t select a, a from x on conflict (a) do nothing",
    )
    assert sorted(site.outcome for site in found.sites) == [Outcome.MATCH, Outcome.NO_MATCH]
    assert (found.outcome, found.sqlstate) == (Outcome.NO_MATCH, "42P10")


def test_a_deferrable_arbiter_is_refused_though_the_planner_takes_it(connection: psycopg.Connection) -> None:
    found = explain(connection, "insert into t (d) values ('x') on conflict (d) do nothing")
    assert (found.outcome, found.sqlstate) == (Outcome.NO_MATCH, "55000")
    assert found.candidates[0].index.name == "t_d_key"


def test_an_absent_table_is_no_match(connection: psycopg.Connection) -> None:
    found = explain(connection, "insert into nope values (1) on conflict do nothing")
    assert (found.outcome, found.sqlstate) == (Outcome.NO_MATCH, "42P01")


def test_a_plain_insert_is_not_judged(connection: psycopg.Connection) -> None:
    found = explain(connection, "insert into t (a, nope) values (1, 2)")
    assert (found.outcome, found.sqlstate) == (Outcome.NOT_JUDGED, "42703")


def test_a_failed_transaction_is_a_clear_error(connection: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error):
        connection.execute("select nope")
    with pytest.raises(PgArbiterError, match="has failed"):
        explain(connection, ODD)


def test_text_that_is_no_sql_is_an_error(connection: psycopg.Connection) -> None:
    with pytest.raises(SqlSyntaxError):
        explain(connection, "insert into t values (1) on conflict (a) do")


def test_a_role_without_grants_is_answered(connection: psycopg.Connection) -> None:
    connection.execute("drop role if exists pgarbiter_nobody")
    connection.execute("create role pgarbiter_nobody")
    connection.execute("grant usage on schema public to pgarbiter_nobody")
    connection.execute("set local role pgarbiter_nobody")
    assert explain(connection, ODD).outcome is Outcome.MATCH
    refused = explain(connection, "insert into t (b) values (1) on conflict (initcap(email)) do nothing")
    assert (refused.outcome, refused.sqlstate) == (Outcome.NO_MATCH, "42P10")


def test_nothing_of_the_statement_but_its_conflict_clause_is_planned(connection: psycopg.Connection) -> None:
    connection.execute("create table log (a int)")
    connection.execute(
        "create function spy(a int) returns int immutable language plpgsql"
        " as $$begin insert into log values (a); return a; end$$"
    )
    text = ODD.replace("values (1)", "values (spy(1))").replace("do nothing", "do update set a = spy(2)")
    assert explain(connection, text).outcome is Outcome.MATCH
    found = explain(connection, "insert into t (b) values (1) on conflict (b) where spy(1) = 1 do nothing")
    assert found.outcome is not Outcome.MATCH  # it cannot write either: the probe is read only
    assert connection.execute("select count(*) from log").fetchone() == (0,)
