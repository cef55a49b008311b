"""What DDL statements create and touch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.sql import foreign_keys_stripped, touched


@pytest.mark.parametrize(
    ("text", "relations", "creates"),
    [
        ('create table if not exists a."T" (id int references b.u)', [], ["a.T"]),
        ("create table x partition of y for values in (1)", ["y"], ["x"]),
        ("create table x (a int) inherits (p, q)", ["p", "q"], ["x"]),
        ("create table x as select * from y", [], ["x"]),
        ("select 1 into x from y", [], ["x"]),
        ("create or replace view v as select * from t", [], ["v"]),
        ("create materialized view m as select 1", [], ["m"]),
        ("create foreign table f (a int) server s", [], ["f"]),
        ("create schema s create table t (a int) create view v as select 1", [], ["s.t", "s.v"]),
        ("create unique index concurrently i on s.t (a)", ["s.t"], []),
        ("alter table only s.t add unique (a)", ["s.t"], []),
        ("alter table t add foreign key (a) references u", ["t"], []),
        ("alter table t attach partition p for values in (1)", ["t", "p"], []),
        ("alter table a.t rename to u", ["a.t"], ["a.u"]),
        ("alter table t rename column a to b", ["t"], []),
        ("alter index i rename to j", ["i"], []),
        ("alter table t set schema s", ["t"], ["s.t"]),
        ("drop table if exists a.t, u cascade", ["a.t", "u"], []),
        ("drop index a.i", ["a.i"], []),
        ("drop trigger tr on a.t", ["a.t"], []),
        ("drop policy p on t", ["t"], []),
        ("create trigger x before insert on t execute function f()", ["t"], []),
        ("create rule r as on insert to t do nothing", ["t"], []),
        ("create policy p on s.t", ["s.t"], []),
        ("comment on column a.t.c is 'x'", ["a.t"], []),
        ("comment on table t is 'x'", ["t"], []),
        ("grant select on t, u to x", ["t", "u"], []),
        ("create type c as (a int)", [], []),
        ("drop type c", [], []),
        ("create table s.t (a int,, b int)", [], ["s.t"]),
        ('create unique index i on "T" (a) wher b', ["T"], []),
        ("alter table if exists only s.t add colum", ["s.t"], []),
    ],
)
def test_a_statement_touches_these(text: str, relations: list[str], creates: list[str]) -> None:
    found = touched(text)
    assert [str(name) for name in found.relations] == relations
    assert [str(name) for name in found.creates] == creates


@pytest.mark.parametrize("text", ["do $$ begin end $$", "select f()", "call p()", "", "select 1; select 2", "nonsense"])
def test_what_runs_code_is_unknown(text: str) -> None:
    assert touched(text).kind == "unknown"


@given(st.text())
def test_any_text_is_looked_at(text: str) -> None:
    assert touched(f"create table {text}").kind


def test_foreign_keys_are_taken_out_with_what_belongs_to_them() -> None:
    text = (
        "create table a.t (id int primary key references u (id) deferrable initially deferred not null,"
        " x int unique deferrable, constraint k foreign key (x) references v on delete cascade, check (x > 1))"
    )
    assert foreign_keys_stripped(text) == (
        "CREATE TABLE a.t (id int PRIMARY KEY NOT NULL, x int UNIQUE DEFERRABLE, CHECK (x > 1))"
    )


@pytest.mark.parametrize(
    "text", ["create table t (a int)", "select 1", "create tabl", "", "alter table t add foreign key (a) references u"]
)
def test_nothing_is_given_where_there_is_no_foreign_key(text: str) -> None:
    assert foreign_keys_stripped(text) is None
