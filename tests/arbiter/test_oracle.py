"""The planner is only ever asked about one rebuilt INSERT, whatever text the clause came from."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.answers import Arbiters, NoAnswer, Refusal
from pgarbiter.arbiter.explain import explain
from pgarbiter.arbiter.model import Outcome
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.catalog.read import read_catalog
from pgarbiter.errors import SqlSyntaxError
from pgarbiter.model import Action, InferenceClause, InferenceElement, QualifiedName, VariableConflict, Write
from pgarbiter.sql.probe import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = """
create table t (a int, b text);
create unique index t_a on t (a) where b is not null;
create schema "odd ; name";
create table "odd ; name"."drop""table" ("select" int unique);
"""
HOSTILE = [
    "a) do nothing; commit; drop table t; --",
    "a) do nothing returning (select 1",
    "a) where true do update set a = 1 --",
    "a, (select pg_sleep(10))",
    "a) values (1); --",
    "a /* ",
    "a; drop table t",
    "(with x as (delete from t returning a) select a from x)",
    "a\0b",
    "",
]


@pytest.fixture
def connection(any_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(any_database, autocommit=True) as opened:
        opened.execute(SCHEMA)
        yield opened


def write(*elements: str, predicate: str | None = None, **more: object) -> Write:
    clause = InferenceClause(tuple(InferenceElement(text, expression=text) for text in elements), predicate)
    return Write(table=QualifiedName(None, "t"), target=clause, action=Action.NOTHING, **more)  # type: ignore[arg-type]  # fields of Write


def ask(connection: psycopg.Connection, asked: Write, table: str = "t") -> object:
    relation = next(r for r in read_catalog(connection).relations() if r.name == table)
    return Oracle.on(connection).ask(asked, relation, ("public",))


def test_arbiters_are_named(connection: psycopg.Connection) -> None:
    assert ask(connection, write("a", predicate="b = 'x'")) == Arbiters(("t_a",))


def test_a_refusal_has_the_servers_words(connection: psycopg.Connection) -> None:
    answer = ask(connection, write("a"))
    assert isinstance(answer, Refusal)
    assert answer.sqlstate == "42P10"
    assert "no unique or exclusion constraint" in answer.message


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_elements_never_reach_a_server(connection: psycopg.Connection, text: str) -> None:
    assert isinstance(ask(connection, write(text)), NoAnswer | Refusal)
    assert isinstance(ask(connection, write("a", predicate=text)), NoAnswer | Refusal)
    assert connection.execute("select to_regclass('t')::text, count(*) from t").fetchone() == ("t", 0)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_makes_no_probe_of_more_than_one_insert(text: str) -> None:
    clause = InferenceClause((InferenceElement(text, expression=text),), text)
    with pytest.raises(SqlSyntaxError):
        probe(QualifiedName(None, "t"), None, clause, {})


def test_statements_beside_the_insert_are_not_run(connection: psycopg.Connection) -> None:
    text = "insert into t (a) values (1) on conflict (a) where length(b) > 0 do nothing; commit; drop table t"
    assert explain(connection, text).outcome is Outcome.MATCH
    assert connection.execute("select to_regclass('t')::text").fetchone() == ("t",)


def test_odd_names_are_quoted(connection: psycopg.Connection) -> None:
    asked = write('"select"', alias="as; drop")
    assert ask(connection, asked, 'drop"table') == Arbiters(('drop"table_select_key',))


def test_a_variable_is_a_parameter(connection: psycopg.Connection) -> None:
    assert ask(connection, write("a", predicate="b = v", variables=("v",))) == Arbiters(("t_a",))
    shadowed = write("a", predicate="b = 'x'", variables=("a",), variable_conflict=VariableConflict.USE_VARIABLE)
    assert isinstance(ask(connection, shadowed), Refusal | NoAnswer)


def test_the_same_question_is_asked_once(connection: psycopg.Connection) -> None:
    opened = []

    @contextmanager
    def connect() -> Iterator[psycopg.Connection]:
        opened.append(1)
        yield connection

    relation = next(r for r in read_catalog(connection).relations() if r.name == "t")
    with Oracle(connect) as oracle:
        for predicate in ("b = 'x'", "b = 'x'", "b = 'y'"):
            assert oracle.ask(write("a", predicate=predicate), relation, ("public",)) == Arbiters(("t_a",))
    assert opened == [1]
    assert oracle.ask(write("a", predicate="b = 'x'"), relation, ("public",)) == Arbiters(("t_a",))
    assert opened == [1]


def test_a_locked_table_is_no_answer(
    connection: psycopg.Connection, any_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pgarbiter.arbiter.planner.LOCK_TIMEOUT_MS", 100)
    relation = next(r for r in read_catalog(connection).relations() if r.name == "t")
    with psycopg.connect(any_database) as other:
        other.execute("lock table t in access exclusive mode")
        answer = Oracle.on(connection).ask(write("a"), relation, ("public",))
    assert isinstance(answer, NoAnswer)
    assert "lock" in answer.reason
