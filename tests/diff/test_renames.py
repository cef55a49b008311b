"""What only got another name is told as renamed, and nothing that follows from it is told besides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.diff import difference

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
