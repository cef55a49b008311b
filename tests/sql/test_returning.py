"""What RETURNING reads, and whether DO UPDATE has a condition."""

from __future__ import annotations

import pytest

from pgarbiter.model import ColumnReference
from pgarbiter.sql import parse_writes, read_writes


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("", None),
        ("returning 1", ()),
        ("returning *", [(None, "*")]),
        ("returning t.*, id", [("t", "*"), (None, "id")]),
        ("returning lower(a) || b as c", [(None, "a"), (None, "b")]),
        ("returning old.id, new.id", [("old", "id"), ("new", "id")]),
        ("returning (xmax = 0)", [(None, "xmax")]),
        ("returning (select max(x) from u)", ()),
    ],
)
def test_columns_of_returning_are_read(clause: str, expected: list[tuple[str | None, str]] | None) -> None:
    (parsed,) = parse_writes(f"insert into t (a) values (1) on conflict (a) do nothing {clause}")
    found = parsed.write.returning
    assert found == (None if expected is None else tuple(ColumnReference(*pair) for pair in expected))


def test_a_column_that_is_put_in_at_run_time_is_left_out() -> None:
    (parsed,) = read_writes("insert into t (a) values (?) returning id").writes
    assert parsed.write.returning == (ColumnReference(None, "id"),)


def test_a_condition_of_the_update_is_told_from_that_of_the_target() -> None:
    conditional = parse_writes("insert into t (a) values (1) on conflict (a) do update set b = 1 where t.b > 1")
    partial = parse_writes("insert into t (a) values (1) on conflict (a) where b > 1 do update set b = 1")
    assert conditional[0].write.conditional
    assert not partial[0].write.conditional
