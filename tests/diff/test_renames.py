"""What only got another name is told as renamed, and nothing that follows from it is told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.named import read_renames
from pgarbiter.errors import SourceError

from .test_drift import after, entry

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.structure.model import Structure

RENAMES = {
    "a table": (
        "DROP VIEW app.seen; ALTER TABLE app.t RENAME TO things",
        ["removed view app.seen", "renamed table app.things"],
    ),
    "a table that others reference": (
        "ALTER TABLE app.orgs ADD a int, ADD b int",
        ["added column app.orgs.a", "added column app.orgs.b"],
    ),
    "a table that moves": (
        "CREATE SCHEMA more; ALTER TABLE app.t SET SCHEMA more",
        ["added schema more", "renamed table more.t"],
    ),
    "a column of keys and indexes": ("ALTER TABLE app.t RENAME qty TO amount", ["renamed column app.t.amount"]),
    "the column of a foreign key": ("ALTER TABLE app.t RENAME org TO owner", ["renamed column app.t.owner"]),
    "a constraint": (
        "ALTER TABLE app.t RENAME CONSTRAINT t_org_fkey TO belongs",
        ["renamed constraint app.t.belongs"],
    ),
    "a primary key": (
        "ALTER TABLE app.keyed RENAME CONSTRAINT keyed_pkey TO pk",
        ["renamed constraint app.keyed.pk"],
    ),
    "an index": ("ALTER INDEX app.plain RENAME TO simple", ["renamed index app.t.simple"]),
}


@pytest.mark.parametrize("name", RENAMES)
def test_a_rename_is_one_entry(name: str, base: tuple[psycopg.Connection[Any], Structure]) -> None:
    ddl, expected = RENAMES[name]
    found = difference(("old", base[1]), ("new", after(base[0], ddl)))
    assert sorted(map(entry, found.changes)) == sorted(expected)


def test_without_detection_a_rename_is_what_went_and_what_came(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    changed = after(base[0], "ALTER TABLE app.lonely RENAME a TO c")
    found = difference(("old", base[1]), ("new", changed), detect_renames=False)
    assert list(map(entry, found.changes)) == ["removed column app.lonely.a", "added column app.lonely.c"]


GIVEN = {
    "app.t.free=app.t.unbound": ("ALTER TABLE app.t RENAME free TO unbound", ["renamed column app.t.unbound"]),
    "app.t.free=unbound": ("ALTER TABLE app.t RENAME free TO unbound", ["renamed column app.t.unbound"]),
    "app.lonely=app.alone": ("ALTER TABLE app.lonely RENAME TO alone", ["renamed table app.alone"]),
    'app.lonely=app."a.b=""c"': (
        'ALTER TABLE app.lonely RENAME TO "a.b=""c"',
        ['renamed table app.a.b="c'],
    ),
}


@pytest.mark.parametrize("text", GIVEN)
def test_a_rename_that_is_given_is_one_entry(text: str, base: tuple[psycopg.Connection[Any], Structure]) -> None:
    ddl, expected = GIVEN[text]
    given = read_renames([text])
    found = difference(("old", base[1]), ("new", after(base[0], ddl)), detect_renames=False, renamed=given)
    assert (list(map(entry, found.changes)), found.notes) == (expected, ())


def test_a_column_is_given_by_the_old_name_of_its_table(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    given = read_renames(["app.lonely=app.alone", "app.lonely.a=c"])
    changed = after(base[0], "ALTER TABLE app.lonely RENAME a TO c; ALTER TABLE app.lonely RENAME TO alone")
    found = difference(("old", base[1]), ("new", changed), renamed=given)
    assert list(map(entry, found.changes)) == ["renamed table app.alone", "renamed column app.alone.c"]


def test_a_rename_that_is_none_is_told(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    found = difference(("old", base[1]), ("new", base[1]), renamed=read_renames(["app.t.birds=fish"]))
    assert found.notes[0].startswith('The rename of "app.t.birds" to "app.t.fish" is none here')


@pytest.mark.parametrize(
    "text",
    ["a", "a=b", "a.b=", "=a.b", "a.b=c.d.e", "a..b=c.d", "a.b.c=a.x.c", 'a."b=c.d', "a.b=c=d", "a.b.c.d=a.b.c.e"],
)
def test_a_rename_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="rename") as raised:
        read_renames([text])
    assert raised.value.hint


def test_a_name_is_not_renamed_twice() -> None:
    with pytest.raises(SourceError, match="twice"):
        read_renames(["a.b=c", "a.d=c"])


HINTS = {  # alike in all but the name is told as renamed: these have another default, or another place
    "ALTER TABLE app.t DROP note, ADD notes text DEFAULT 1": "became notes, say so with --rename app.t.note=notes.",
    "ALTER TABLE app.lonely DROP a, ADD b1 int DEFAULT 1, ADD z text": None,
    "ALTER TABLE app.lonely DROP a, ADD zebra int DEFAULT 1": "--rename app.lonely.a=zebra.",
    'ALTER TABLE app.lonely DROP a, ADD "A" int DEFAULT 1': "--rename 'app.lonely.a=\"A\"'.",
    "DROP TABLE app.lonely; CREATE TABLE app.lone (a int, b int, c int)": "--rename app.lonely=app.lone.",
    "ALTER TABLE app.t DROP note, ADD notes int": None,
    "ALTER TABLE app.t DROP note, ADD colour text": "became colour, say so with --rename app.t.note=colour.",
}


@pytest.mark.parametrize("ddl", HINTS)
def test_a_likely_rename_is_hinted_at(ddl: str, base: tuple[psycopg.Connection[Any], Structure]) -> None:
    found = difference(("old", base[1]), ("new", after(base[0], ddl)))
    hints = [change.hint for change in found.changes if change.hint]
    expected = HINTS[ddl]
    assert len(hints) == (expected is not None)
    assert expected is None or hints[0].endswith(expected)
