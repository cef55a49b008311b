"""What a chain of Drizzle or Kysely has the server give back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

DRIZZLE = """
import { drizzle } from 'drizzle-orm/node-postgres'
import { integer, pgTable } from 'drizzle-orm/pg-core'
const db = drizzle(url)
export const t = pgTable('t', { id: integer('the_id').primaryKey(), b: integer() })
"""
KYSELY = "import { Kysely } from 'kysely'\nconst db = new Kysely<Database>({ dialect })\n"
_INSERT = "db.insert(t).values({ id: 1, b: 2 })"
_CONFLICT = ".onConflictDoUpdate({ target: t.id, set: { b: 3 } })"
_INTO = "db.insertInto('t').values({ id: 1, b: 2 })"
_DO_NOTHING = ".onConflict((oc) => oc.column('id').doNothing())"


def _asked(place: Path, text: str) -> tuple[list[str] | None, bool]:
    (site,) = sites_of(place, {"a.ts": text})
    found = site.write.returning
    return (None if found is None else [one.name for one in found]), site.write.returning_known


@pytest.mark.parametrize("before", [_INSERT, _INSERT + _CONFLICT])
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("", (None, True)),
        (".returning()", (["the_id", "b"], True)),
        (".execute()", (None, True)),
        (".returning({ id: t.id })", (None, False)),
    ],
)
def test_drizzle_gives_back_what_returning_asks_for(
    tmp_path: Path, before: str, after: str, expected: tuple[list[str] | None, bool]
) -> None:
    assert _asked(tmp_path, f"{DRIZZLE}await {before}{after}\n") == expected


def test_a_query_that_goes_on_from_a_variable_is_followed(tmp_path: Path) -> None:
    text = f"{DRIZZLE}const query = {_INSERT}{_CONFLICT}\nawait query.returning()\n"
    assert _asked(tmp_path, text) == (["the_id", "b"], True)


@pytest.mark.parametrize("before", [_INTO, _INTO + _DO_NOTHING])
@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (".execute()", (None, True)),
        (".returning('id').executeTakeFirst()", (["id"], True)),
        (".returning(['t.id', 'b as c']).execute()", (["id", "b"], True)),
        (".returningAll().execute()", (["*"], True)),
        (".returning((eb) => eb.ref('id')).execute()", (None, False)),
    ],
)
def test_kysely_gives_back_what_returning_asks_for(
    tmp_path: Path, before: str, after: str, expected: tuple[list[str] | None, bool]
) -> None:
    assert _asked(tmp_path, f"{KYSELY}await {before}{after}\n") == expected
