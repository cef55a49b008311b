"""Stand-ins give the answers of the extensions that they stand for: asked of servers with and without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from .conftest import filled

if TYPE_CHECKING:
    from pgarbiter.server import Server

    from .conftest import Filled

SCHEMA = """
CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION hstore;
CREATE TABLE t (a citext UNIQUE, b ltree UNIQUE, c hstore UNIQUE, d text, e int);
CREATE UNIQUE INDEX ON t (lower(a)); CREATE UNIQUE INDEX ON t ((c -> 'x')); CREATE UNIQUE INDEX ON t (lower(b::text));
CREATE UNIQUE INDEX ON t (d) WHERE a = 'x'; CREATE UNIQUE INDEX ON t (e) WHERE b = 'x.y';
INSERT INTO t (a, b, c, d) VALUES ('A', 'x.y', 'x=>1', 'a'), ('b', 'x', 'x=>2', 'b');
"""


@pytest.mark.parametrize(
    "target",
    [
        "(a)",
        "(b)",
        "(c)",
        "(lower(a))",
        "(lower(b::text))",
        "((c -> 'x'))",
        "((c -> 'y'))",
        "(d) WHERE a = 'x'",
        "(d) WHERE a = 'X'",
        "(d) WHERE a = 'y'",
        "(d) WHERE a = 'x'::text",
        "(d) WHERE a = 'x'::citext",
        "(e) WHERE b = 'x.y'",
        "(e) WHERE b = 'x.z'",
        "(a citext_ops)",
        "(a text_ops)",
        "(b ltree_ops)",
        "(c btree_hstore_ops)",
        '(a COLLATE "C")',
        "(a, b)",
    ],
)
def test_a_stand_in_answers_as_the_extension_does(answers: tuple[Filled, Filled], target: str) -> None:
    given, wanted = (_state(each, target) for each in answers)
    assert given == wanted


def test_rows_that_only_differ_in_case_are_in_conflict_under_the_stand_in(answers: tuple[Filled, Filled]) -> None:
    question = "INSERT INTO t (a) VALUES ('B') ON CONFLICT (a) DO NOTHING RETURNING a"
    assert [each.rows(question) for each in answers] == [[], []]


@pytest.fixture(scope="module")
def answers(server18: Server, server15: Server) -> tuple[Filled, Filled]:
    both = filled(server18, SCHEMA), filled(server15, SCHEMA)
    assert [each.failed for each in both] == [[], []]
    assert both[0].result.notes
    assert not both[1].result.notes
    return both


def _state(where: Filled, target: str) -> str | None:
    try:
        where.rows(f"EXPLAIN INSERT INTO t (e) VALUES (1) ON CONFLICT {target} DO NOTHING")
    except psycopg.Error as error:
        return error.sqlstate
    return None
