"""What is left out of a diff: by the user's rules, and the tables in which tools keep what they have run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.ignore import read_rule
from pgarbiter.errors import SourceError

from .test_drift import after, entry

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.structure.model import Structure

    Base = tuple[psycopg.Connection[Any], Structure]

MUCH = (
    "CREATE INDEX tmp_one ON app.t (free); ALTER TABLE app.t ADD search_vector tsvector;"
    " COMMENT ON TABLE app.lonely IS 'x'; ALTER TABLE app.lonely ENABLE ROW LEVEL SECURITY;"
    " GRANT SELECT ON app.keyed TO PUBLIC; CREATE TABLE app.tmp_two (a int); ALTER TABLE app.orgs ADD a int"
)
ALL = {
    "added index app.t.tmp_one",
    "added column app.t.search_vector",
    "changed table app.lonely comment row_security",
    "changed table app.keyed acl",
    "added table app.tmp_two",
    "added column app.orgs.a",
}
RULES = {
    "index:app.tmp_*": ({"added index app.t.tmp_one"}, set()),
    "index:app.t.tmp_*": ({"added index app.t.tmp_one"}, set()),
    "index": ({"added index app.t.tmp_one"}, set()),
    "column:*.search_vector": ({"added column app.t.search_vector"}, set()),
    "comment": ({"changed table app.lonely comment row_security"}, {"changed table app.lonely row_security"}),
    "property:row_security": ({"changed table app.lonely comment row_security"}, {"changed table app.lonely comment"}),
    "grants": ({"changed table app.keyed acl"}, set()),
    "table:app.tmp_*": ({"added table app.tmp_two"}, set()),
    "table:app.orgs": ({"added column app.orgs.a"}, set()),
    "column": ({"added column app.t.search_vector", "added column app.orgs.a"}, set()),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_out_what_it_names_and_nothing_else(rule: str, base: Base) -> None:
    gone, instead = RULES[rule]
    found = difference(("old", base[1]), ("new", after(base[0], MUCH)), ignore=[read_rule(rule)])
    assert set(map(entry, found.changes)) == ALL - gone | instead
    assert found.ignored == len(gone) - len(instead)
    assert not any("ignore rule" in note for note in found.notes)


def test_a_rule_that_matches_nothing_is_told(base: Base) -> None:
    rules = [read_rule("index:app.nothing*"), read_rule("index:app.tmp*")]
    found = difference(("old", base[1]), ("new", after(base[0], MUCH)), ignore=rules)
    assert [note for note in found.notes if "ignore rule" in note] == [
        'The ignore rule "index:app.nothing*" matched nothing.'
    ]


def test_a_renamed_table_is_known_by_both_names(base: Base) -> None:
    changed = after(base[0], "DROP VIEW app.seen; ALTER TABLE app.t RENAME TO things")
    for name in ("app.t", "app.things"):
        found = difference(("old", base[1]), ("new", changed), ignore=[read_rule(f"table:{name}")])
        assert list(map(entry, found.changes)) == ["removed view app.seen"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("indx:public.a", 'Did you mean "index"?'),
        ("property:ownr", 'Did you mean "owner"?'),
        ("index:", "Write index:GLOB"),
        ("", "These exist"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(text: str, hint: str) -> None:
    with pytest.raises(SourceError, match="ignore rule") as raised:
        read_rule(text)
    assert hint in (raised.value.hint or "")


def test_kinds_of_two_words_may_be_written_with_a_hyphen() -> None:
    assert read_rule("materialized-view:app.*").kind == "materialized view"


BOOKS = (
    "CREATE TABLE app.alembic_version (version_num text PRIMARY KEY);"
    " CREATE TABLE app.migrations (id serial PRIMARY KEY, migration text, batch int);"
    " CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at bigint)"
)


def test_tables_that_a_tool_keeps_on_one_side_are_left_out_with_a_note(base: Base) -> None:
    books = after(base[0], BOOKS)
    for old, new, which in ((base[1], books, "the second"), (books, base[1], "the first")):
        found = difference(("old", old), ("new", new))
        assert found.changes == ()
        assert len(found.notes) == 3
        assert all(f"only in {which}: not compared." in note for note in found.notes)
        assert "Laravel" in found.notes[1]


def test_tables_that_tools_keep_on_both_sides_are_compared(base: Base) -> None:
    found = difference(
        ("old", after(base[0], BOOKS)), ("new", after(base[0], BOOKS + "; ALTER TABLE app.migrations ADD more int"))
    )
    assert list(map(entry, found.changes)) == ["added column app.migrations.more"]
    assert found.notes == ()


def test_an_own_table_of_such_a_name_is_compared(base: Base) -> None:
    found = difference(("old", base[1]), ("new", after(base[0], "CREATE TABLE app.migrations (bird text)")))
    assert list(map(entry, found.changes)) == ["added table app.migrations"]
