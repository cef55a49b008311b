"""Arrays of JavaScript that are made of each item of another one, in the text of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

_INSERT = "INSERT INTO users (id, name, n) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET"


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ("COLUMNS.map((c) => `${c} = EXCLUDED.${c}`)", ("id", "name", "n")),
        ("COLUMNS.filter((c) => c !== 'id').map((c) => `${c} = EXCLUDED.${c}`)", ("name", "n")),
        ("COLUMNS.filter(c => !KEYS.includes(c)).map(c => c + ' = EXCLUDED.' + c)", ("name", "n")),
    ],
    ids=["of each", "without one", "without those of a list"],
)
def test_a_known_list_is_gone_through_item_by_item(tmp_path: Path, changes: str, columns: tuple[str, ...]) -> None:
    text = (
        "const COLUMNS = ['id', 'name', 'n']\nconst KEYS = ['id']\n"
        f"const changes = {changes}.join(', ')\nawait db.query(`{_INSERT} ${{changes}}`, values)\n"
    )
    (site,) = sites_of(tmp_path, {"save.ts": text})
    assert (site.write.set_columns, site.status) == (columns, Status.RESOLVED)


def test_another_condition_leaves_the_list_open(tmp_path: Path) -> None:
    text = (
        "const COLUMNS = ['id', 'name', 'n']\n"
        "const changes = COLUMNS.filter((c) => isChanged(c)).map((c) => `${c} = EXCLUDED.${c}`).join(', ')\n"
        f"await db.query(`{_INSERT} ${{changes}}`, values)\n"
    )
    (site,) = sites_of(tmp_path, {"save.ts": text})
    assert site.status is Status.PARTIAL


def test_names_that_are_spread_are_put_in(tmp_path: Path) -> None:
    text = (
        "const KEYS = ['id', 'day']\nconst ALL = [...KEYS, 'n']\n"
        "await db.query(`INSERT INTO t (${ALL.join(', ')}) VALUES ($1, $2, $3) ON CONFLICT (id, day) DO NOTHING`, v)\n"
        "const built = kysely.insertInto('t').values({ id, day })\n"
        "await built.onConflict((oc) => oc.columns([...KEYS]).doNothing()).execute()\n"
    )
    raw, built = sites_of(tmp_path, {"save.ts": "import { Kysely } from 'kysely'\n" + text})
    assert raw.write.columns == ("id", "day", "n")
    assert built.write.target.columns == ("id", "day")


def test_a_spread_of_what_is_not_known_leaves_a_list_open(tmp_path: Path) -> None:
    text = "await db.query(`INSERT INTO t (${[...names, 'n'].join(', ')}) VALUES (1) ON CONFLICT (id) DO NOTHING`)\n"
    (site,) = sites_of(tmp_path, {"save.ts": text})
    assert (site.write.columns, site.status) == (None, Status.PARTIAL)
