"""Text that format() makes, against the server's own format()."""

from __future__ import annotations

import psycopg
import pytest

from pgarbiter.model import AnyArbiter, QualifiedName
from pgarbiter.sql import read_writes
from pgarbiter.sql.dynamic import assembled
from pgarbiter.sql.lexis import lex
from pgarbiter.sql.traced import Traced


@pytest.mark.parametrize(
    "call",
    [
        "format('insert into %I values (1)', 'audit')",
        "format('insert into %I.%I values (1)', 'my app', 'Audit \"log\"')",
        "format('insert into %s values (%L)', 'app.audit', 'it''s')",
        "format('insert into %2$I values (%1$L, %L)', 'a', 'b', 'c')",
        "format('insert into %1$I (%1$s, %s)', 'a', 'b')",
        "format('insert into %I -- 100%%', 'a'::text)",
        "format($f$insert into %I$f$, $$b$$)",
        "format('insert into %I', E'a\\tb')",
        "format('insert'\n' into %s', 'a')",
    ],
)
def test_arguments_that_are_literals_are_put_in_as_the_server_does(database: str, call: str) -> None:
    made = assembled(Traced.of(call), tuple(lex(call, placeholders=False)))
    with psycopg.connect(database) as connection:
        row = connection.execute(f"SELECT {call}".encode()).fetchone()
    assert row is not None
    assert made is not None
    # The server quotes only names that need it.
    assert made.text.replace('"', "") == row[0].replace('"', "")


@pytest.mark.parametrize(
    "call",
    [
        "format('insert into %I values (1)', name)",
        "format('insert into %I values (1)', 'a' || suffix)",
        "format('insert into %I values (1)', lower('A'))",
        "format('insert into %*I values (1)', 3, 'a')",
        "format('insert into %2$I values (1)', 'a')",
    ],
)
def test_other_arguments_stay_unknown(call: str) -> None:
    made = assembled(Traced.of(call), tuple(lex(call, placeholders=False)))
    assert made is not None
    assert "\ue000" in made.text


def test_the_table_of_an_executed_format_is_known() -> None:
    text = """create function f() returns void language plpgsql as $$
    begin
      execute format('insert into %I.%I (a) values ($1) on conflict do nothing', 'app', 'audit') using 1;
    end $$"""
    (write,) = read_writes(text).writes
    assert write.write.table == QualifiedName("app", "audit")
    assert write.write.target == AnyArbiter()
    assert text[write.conflict_offset :].startswith("on conflict do nothing")
