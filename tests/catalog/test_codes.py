from __future__ import annotations

import pytest

from pgarbiter.catalog import codes
from pgarbiter.catalog.model import RelationKind


@pytest.mark.parametrize(
    ("printed", "bare"),
    [
        ("(a IS NULL)", "a IS NULL"),
        ("((a + b))", "a + b"),
        ("(a) + (b)", "(a) + (b)"),
        ("((a) + (b))", "(a) + (b)"),
        ("lower(a)", "lower(a)"),
        ("(a = ')'::text)", "a = ')'::text"),
        ("(a = '(') OR (b = ')')", "(a = '(') OR (b = ')')"),
        ("(a = 'it''s (')", "a = 'it''s ('"),
        ('("odd)" = 1)', '"odd)" = 1'),
        ('("o""(" = 1)', '"o""(" = 1'),
        ("(a = '\\')", "a = '\\'"),
        (None, None),
        ("", ""),
    ],
)
def test_only_parentheses_that_enclose_all_are_taken_off(printed: str | None, bare: str | None) -> None:
    assert codes.bare(printed) == bare


@pytest.mark.parametrize("value", ["true", "TRUE", "t", "on", "On", "yes", "y", "1"])
def test_a_storage_parameter_is_on_in_every_spelling_of_true(value: str) -> None:
    assert codes.is_on(["fillfactor=70", f"user_catalog_table={value}"], "user_catalog_table")


@pytest.mark.parametrize("options", [None, [], ["user_catalog_table=false"], ["user_catalog_table=off"], ["a=true"]])
def test_a_storage_parameter_is_off_otherwise(options: list[str] | None) -> None:
    assert not codes.is_on(options, "user_catalog_table")


def test_packed_numbers_are_read_in_both_forms() -> None:
    assert codes.numbers("1 -2 0") == (1, -2, 0)
    assert codes.numbers("{3,4}") == (3, 4)
    assert codes.numbers("") == codes.numbers(None) == codes.numbers("{}") == ()


def test_an_index_is_no_relation_that_insert_can_name() -> None:
    assert codes.relation_kind("i") is codes.relation_kind("I") is codes.relation_kind("c") is None
    assert codes.relation_kind("p") is RelationKind.PARTITIONED_TABLE
