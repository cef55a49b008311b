"""A target beside the unique indexes of its table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pgarbiter.arbiter import model as arbiter
from pgarbiter.model import (
    AnyArbiter,
    ConflictTarget,
    DefaultKey,
    InferenceClause,
    InferenceElement,
    Mechanism,
    NamedConstraint,
    Unresolved,
)
from pgarbiter.report.indexes import BOTH, ONLY_INDEX, ONLY_TARGET, UNTOLD, Row, compared

from .conftest import ACCOUNTS, COLUMNS, EXPRESSION, INDEX, MATCH, NO_MATCH, _bound, _site

PKEY = ACCOUNTS.indexes[0]
OTHER = replace(PKEY, oid=8, name="accounts_user_id_external_id_key", primary=False, keys=(
    replace(PKEY.keys[0], column="external_id"), replace(PKEY.keys[0], column="user_id"),
))  # fmt: skip
TABLE = replace(ACCOUNTS, indexes=(PKEY, INDEX, OTHER))


def _rows(target: ConflictTarget, verdict: arbiter.Verdict, **changes: object) -> dict[str, Row]:
    bound = replace(_bound(_site(1, target, **changes), verdict), relation=TABLE, base=TABLE)
    return {row.name: row for row in compared(bound)}


def _keys(row: Row) -> list[tuple[str, str]]:
    return [tuple(key) for key in row.keys]


def test_keys_that_only_one_of_both_has_are_marked_and_stand_under_those_of_the_target() -> None:
    near = arbiter.Candidate(INDEX, (arbiter.ColumnsDiffer((), ("user_id",)),))
    rows = _rows(COLUMNS, replace(NO_MATCH, candidates=(near,)))
    assert list(rows) == ["conflict target", INDEX.name, OTHER.name, PKEY.name]
    assert _keys(rows["conflict target"]) == [("user_id", UNTOLD), ("external_id", UNTOLD)]
    assert _keys(rows[INDEX.name]) == [("user_id", ONLY_TARGET), ("external_id", BOTH)]
    assert rows[INDEX.name].why == ('lacks the column "user_id"',)
    assert _keys(rows[PKEY.name]) == [("user_id", ONLY_TARGET), ("external_id", ONLY_TARGET), ("id", ONLY_INDEX)]
    assert rows[PKEY.name].why == ('also has the column "id" and lacks the columns "external_id" and "user_id"',)


def test_an_arbiter_comes_first_with_its_keys_in_the_order_of_the_target() -> None:
    rows = _rows(COLUMNS, replace(MATCH, arbiters=(OTHER.name,)))
    assert list(rows)[1] == OTHER.name
    assert rows[OTHER.name].arbiter
    assert _keys(rows[OTHER.name]) == [("user_id", BOTH), ("external_id", BOTH)]


def test_a_predicate_is_what_refuses_an_index() -> None:
    partial = replace(OTHER, predicate="(deleted_at IS NULL)", nulls_not_distinct=True, include=("a", "b"))
    near = arbiter.Candidate(partial, (arbiter.PredicateNotImplied("(deleted_at IS NULL)", None),))
    row = _rows(COLUMNS, replace(NO_MATCH, candidates=(near,)))[OTHER.name]
    assert row.refused
    assert row.where == "(deleted_at IS NULL)"
    assert {sign for _, sign in _keys(row)} == {BOTH}
    assert row.facts == ("unique constraint", "NULLS NOT DISTINCT", "INCLUDE (a, b)")


def test_of_expressions_names_do_not_tell_who_has_them() -> None:
    rows = _rows(EXPRESSION, MATCH)
    assert rows["conflict target"].where == "deleted_at IS NULL"
    assert {sign for row in list(rows.values())[2:] for _, sign in _keys(row)} == {UNTOLD}
    differing = arbiter.Candidate(PKEY, (arbiter.ExpressionsDiffer(("id",), ("lower(email)",)),))
    row = _rows(EXPRESSION, replace(NO_MATCH, candidates=(differing,)))[PKEY.name]
    assert _keys(row) == [("lower(email)", ONLY_TARGET), ("id", ONLY_INDEX)]
    unlike = arbiter.Candidate(PKEY, (arbiter.ColumnsDiffer((), ()),))
    assert _keys(_rows(COLUMNS, replace(NO_MATCH, candidates=(unlike,)))[PKEY.name]) == [("id", UNTOLD)]


@pytest.mark.parametrize(
    ("target", "name", "keys"),
    [
        (NamedConstraint("k"), "conflict target", ["constraint k"]),
        (DefaultKey(), "its primary key", ["id"]),
        (AnyArbiter(), "any conflict", []),
    ],
)
def test_other_targets_are_told_by_what_they_name(target: ConflictTarget, name: str, keys: list[str]) -> None:
    rows = _rows(target, replace(NO_MATCH, candidates=(arbiter.Candidate(INDEX, (arbiter.NotAConstraint(),)),)))
    assert [key.text for key in rows[name].keys] == keys
    expected = {BOTH} if isinstance(target, DefaultKey) else {UNTOLD}
    assert {sign for _, sign in _keys(rows[INDEX.name])} == expected


def test_a_racy_site_is_compared_by_what_it_looks_up() -> None:
    rows = _rows(AnyArbiter(), MATCH, mechanism=Mechanism.SELECT_THEN_INSERT, key_columns=("external_id",))
    assert next(iter(rows)) == "looked up by"
    assert _keys(rows[INDEX.name]) == [("external_id", BOTH)]


@pytest.mark.parametrize("target", [Unresolved("it is computed"), AnyArbiter()])
def test_a_site_without_a_target_has_nothing_to_compare(target: ConflictTarget) -> None:
    assert _rows(target, MATCH, mechanism=Mechanism.PLAIN_INSERT) == {}
    assert _rows(Unresolved("it is computed"), MATCH) == {}


def test_a_table_that_nobody_knows_has_no_indexes() -> None:
    clause = InferenceClause((InferenceElement("a", "a"),))
    assert compared(_bound(_site(1, clause), MATCH)) == ()


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"primary": True}, ("primary key",)),
        ({"exclusion": True, "unique": False}, ("exclusion constraint",)),
        ({"unique": False}, ("not unique",)),
        ({"constraint": None}, ("unique index",)),
        ({"immediate": False}, ("unique constraint", "deferrable")),
        ({"valid": False}, ("unique constraint", "invalid")),
    ],
)
def test_what_matters_of_an_index_is_told(changes: dict[str, object], facts: tuple[str, ...]) -> None:
    index = replace(INDEX, **changes)  # type: ignore[arg-type]
    rows = _rows(COLUMNS, replace(NO_MATCH, candidates=(arbiter.Candidate(index, (arbiter.NotUnique(),)),)))
    assert rows[INDEX.name].facts == facts
