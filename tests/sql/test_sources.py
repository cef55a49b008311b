"""Where the rows of an upsert come from."""

from __future__ import annotations

import pytest

from pgarbiter.model import QualifiedName, RowSource, Write
from pgarbiter.sql import read_writes

ON_CONFLICT = "ON CONFLICT (a) DO UPDATE SET b = excluded.b"
ORDERS = QualifiedName(None, "orders")


def _write(rows: str, clause: str = ON_CONFLICT) -> Write:
    (found,) = read_writes(f"INSERT INTO t (a, b) {rows} {clause}").writes
    return found.write


def _source(rows: str) -> RowSource:
    found = _write(rows).source
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("VALUES ('x', 1), ('y', 2), ('x', 3)", "'x'"),
        ("VALUES (1, 1), (1, 2)", "1"),
        ("VALUES ('x'::text, 1), ('x', 2)", "'x'"),
        ("VALUES (1, 1), ('1', 2)", None),
        ("VALUES ('x', 1), ('y', 1)", None),
        ("VALUES (NULL, 1), (NULL, 2)", None),
        ("VALUES ($1, 1), ($1, 2)", None),
        ("VALUES (f(), 1), (f(), 2)", None),
        ("VALUES ('x', 1)", None),
    ],
)
def test_constants_that_two_rows_share_are_a_repeated_key(rows: str, expected: str | None) -> None:
    assert _write(rows).repeated == expected


def test_all_columns_of_the_target_must_be_alike() -> None:
    clause = "ON CONFLICT (b, a) DO UPDATE SET b = 1"
    assert _write("VALUES ('x', 1), ('x', 2)", clause).repeated is None
    assert _write("VALUES ('x', 1), ('x', 1)", clause).repeated == "1, 'x'"


@pytest.mark.parametrize(
    "clause",
    [
        "ON CONFLICT (a) DO NOTHING",
        "",
        "ON CONFLICT (a) WHERE b > 1 DO UPDATE SET b = 1",
        "ON CONFLICT (lower(a)) DO UPDATE SET b = 1",
    ],
)
def test_no_key_is_repeated_where_the_rows_may_stay_apart(clause: str) -> None:
    assert _write("VALUES ('x', 1), ('x', 2)", clause).repeated is None


@pytest.mark.parametrize(
    ("rows", "unique"),
    [
        ("SELECT DISTINCT customer, total FROM orders", (("a", "b"),)),
        ("SELECT DISTINCT ON (customer) customer, total FROM orders", (("a",),)),
        ("SELECT DISTINCT ON (o.customer) customer, total FROM orders o", (("a",),)),
        ("SELECT customer, sum(total) FROM orders GROUP BY customer", (("a",),)),
        ("SELECT customer, sum(total) FROM orders GROUP BY 1", (("a",),)),
        ("SELECT lower(customer) AS c, sum(total) FROM orders GROUP BY c", (("a",),)),
        ("SELECT lower(customer), sum(total) FROM orders GROUP BY lower(customer)", (("a",),)),
        ("SELECT customer, sum(total) FROM orders GROUP BY customer, day", ()),
        ("SELECT customer, total FROM orders", ()),
    ],
)
def test_distinct_and_group_by_tell_rows_apart(rows: str, unique: tuple[tuple[str, ...], ...]) -> None:
    assert _source(rows).unique == unique


def test_columns_of_one_table_are_told_with_what_they_are_compared_with() -> None:
    found = _source("SELECT o.customer, $2 FROM orders o JOIN lines l ON l.id = o.id WHERE o.id = $1 AND l.n > 3")
    assert found == RowSource(origins=(("a", ORDERS, "customer"),), constant=("b",), fixed=((ORDERS, "id"),))


def test_a_table_that_is_read_twice_is_told_of_neither() -> None:
    assert _source("SELECT o.customer, p.total FROM orders o JOIN orders p ON p.id > o.id").origins == ()


def test_the_query_of_a_with_clause_is_no_table() -> None:
    assert _source("WITH orders AS (SELECT 1 AS x, 2 AS y) SELECT x, y FROM orders").origins == ()


@pytest.mark.parametrize(
    "rows",
    [
        "SELECT u.x, u.y FROM unnest($1::text[], $2::int[]) AS u (x, y)",
        "SELECT unnest($1::text[]), unnest($2::int[])",
        "SELECT r.x, r.y FROM json_to_recordset($1) AS r (x text, y int)",
    ],
)
def test_items_of_arrays_and_documents_are_what_the_program_lists(rows: str) -> None:
    assert _source(rows).listed == ("a", "b")


@pytest.mark.parametrize(
    "rows",
    [
        "SELECT 'x', 1",
        "SELECT customer, total FROM orders LIMIT 1",
        "SELECT max(customer), count(*) FROM orders",
        "VALUES ('x', 1)",
        "SELECT * FROM orders",
        "SELECT 'x', 1 UNION ALL SELECT 'x', 2",
    ],
)
def test_one_row_and_what_cannot_be_told_have_no_source(rows: str) -> None:
    assert _write(rows).source is None


def test_a_variable_of_a_function_has_one_value() -> None:
    body = "BEGIN INSERT INTO t (a, b) SELECT p, o.total FROM orders o WHERE o.id = p " + ON_CONFLICT + "; END"
    (found,) = read_writes(f"CREATE FUNCTION f(p int) RETURNS void LANGUAGE plpgsql AS $$ {body} $$").writes
    assert found.write.source == RowSource(origins=(("b", ORDERS, "total"),), constant=("a",), fixed=((ORDERS, "id"),))
