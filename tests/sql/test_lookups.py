from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgarbiter.sql.lookups import read_lookups, serialised_by


@pytest.mark.parametrize(
    ("text", "table", "columns"),
    [
        ("SELECT id FROM t WHERE a = $1 AND x > 3 AND %s = b", "t", ("a", "b")),
        ("select 1 from s.t where s.t.a = 1 or b = 2", None, ()),
        ("select 1 from s.t x where x.a = :key::uuid", "s.t", ("a",)),
        ('SELECT 1 FROM "T" WHERE "Key" = ?', "T", ("Key",)),
        ("select exists (select 1 from t where k = ${k})", "t", ("k",)),
        ("select 1 from t where a = b", None, ()),
        ("select 1 from {t} where a = 1", None, ()),
        ("update t set a = (select 1 from u where k = 1)", None, ()),
        ("select 1 from t where k = 1 for update", "t", ("k",)),
        ("select 1 from t where k = 1 and day is not distinct from $1", "t", ("k", "day")),
        ("select count(*) from t where k = 1", "t", ("k",)),
        ("select coalesce(sum(n), 0) from t where k = 1", None, ()),
        ("select max(n) + 1, min(n) from t where k = 1", None, ()),
    ],
)
def test_the_columns_of_a_lookup_are_those_compared_with_equals(
    text: str, table: str | None, columns: tuple[str, ...]
) -> None:
    found = read_lookups(text)
    assert [(str(one.table), one.columns) for one in found] == ([(table, columns)] if table else [])


def test_a_variable_is_no_column() -> None:
    (found,) = read_lookups("select 1 from t where k = p_key", frozenset({"p_key"}))
    assert found.columns == ("k",)


@pytest.mark.parametrize(
    "text",
    [
        "select 1 from a x join b on b.id = x.b where x.k = $1 and b.q = 2",
        "select a.k, (select count(*) from b where a.k = b_k) from a",
    ],
)
def test_what_lists_rows_of_several_tables_looks_no_row_up(text: str) -> None:
    assert read_lookups(text) == ()


@given(st.text(max_size=20), st.sampled_from(["é", "$1", "%s", "${x}", "'it''s'"]))
def test_the_offset_is_that_of_select_whatever_stands_before(comment: str, value: str) -> None:
    lead = "".join(char for char in comment if char not in "*/\0" and char.isprintable())
    text = f"/* {lead} */ SELECT {value if value != 'é' else 1} FROM t WHERE k = {value if value != 'é' else 2}"
    (found,) = read_lookups(text)
    assert text[found.offset :].startswith("SELECT")


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert isinstance(read_lookups(f"select {text} perform"), tuple)


@pytest.mark.parametrize(
    ("text", "evidence"),
    [
        ("LOCK TABLE t IN EXCLUSIVE MODE", "LOCK TABLE"),
        ("lock t", "LOCK TABLE"),
        ("SELECT pg_advisory_xact_lock(1)", "pg_advisory_xact_lock()"),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE", "SERIALIZABLE"),
        ("SELECT 'lock table' FROM t FOR UPDATE", None),
    ],
)
def test_what_keeps_others_out_is_told(text: str, evidence: str | None) -> None:
    assert serialised_by(text) == evidence


@pytest.mark.parametrize(
    ("condition", "found"), [("k = $1 AND m = $2", 1), ("k = $1 AND until < now()", 0), ("k = $1 OR m = $2", 0)]
)
def test_a_delete_that_may_leave_a_row_makes_no_room_for_it(condition: str, found: int) -> None:
    assert len(read_lookups(f"DELETE FROM t WHERE {condition}")) == found
