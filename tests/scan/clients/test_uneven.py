"""Rows of one request that do not all have the same keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import Write

JS = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(u, k)\n"


def _write(place: Path, text: str, name: str = "a.ts") -> Write:
    (site,) = sites_of(place, {name: text})
    return site.write


@pytest.mark.parametrize(
    ("rows", "lacking"),
    [
        ("[{ id: 1, a: 2 }, { id: 2, b: 3 }]", ("a", "b")),
        ("users.map((u) => ({ id: u.id, ...(u.a && { a: u.a }) }))", ("a",)),
        ("users.map((u) => ({ id: u.id, ...(u.a ? { a: u.a } : {}) }))", ("a",)),
        ("users.map((u) => ({ id: u.id, ...(u.a == null ? {} : { a: u.a, b: 1 }) }))", ("a", "b")),
        ("users.map((u) => ({ id: u.id, ...(u.a ? { a: u.a } : null) }))", ("a",)),
        ("users.map((u) => { const a = u.a; return { id: u.id, ...(a && { a }) } })", ("a",)),
        ("users.map(({ id, a }) => ({ id, a: a || undefined }))", ("a",)),
        ("users.map((u) => ({ id: u.id, a: u.a ? f(u) : undefined }))", ("a",)),
    ],
)
def test_keys_that_depend_on_the_item_are_those_that_a_row_may_lack(
    tmp_path: Path, rows: str, lacking: tuple[str, ...]
) -> None:
    write = _write(tmp_path, f"{JS}await db.from('t').upsert({rows})\n")
    assert (write.lacking, write.lacking_default) == (lacking, False)
    assert write.complete


@pytest.mark.parametrize(
    "rows",
    [
        "[{ id: 1, a: 2 }, { id: 2, a: 3 }]",
        "{ id: 1, ...(given && { a: given }) }",
        "[{ id: 1, ...(given && { a: given }) }]",
        "users.map((u) => ({ id: u.id, ...(wanted && { a: u.a }) }))",
        "users.map((u) => ({ id: u.id, a: wanted ? u.a : undefined }))",
        "users.map((u) => ({ id: u.id, a: u.a ?? null }))",
        "users.map((u) => ({ id: u.id, ...u.rest }))",
    ],
)
def test_rows_that_are_made_alike_lack_nothing(tmp_path: Path, rows: str) -> None:
    assert _write(tmp_path, f"{JS}await db.from('t').upsert({rows})\n").lacking == ()


def test_rows_that_a_loop_collects_lack_what_depends_on_its_variable(tmp_path: Path) -> None:
    loop = "const rows = []\nfor (const u of users) rows.push({ id: u.id, ...(u.a && { a: u.a }) })\n"
    assert _write(tmp_path, f"{JS}{loop}await db.from('t').upsert(rows)\n").lacking == ("a",)


def test_a_client_may_ask_for_defaults_in_place_of_null(tmp_path: Path) -> None:
    rows = "[{ id: 1, a: 2 }, { id: 2 }]"
    write = _write(tmp_path, f"{JS}await db.from('t').upsert({rows}, {{ defaultToNull: false }})\n")
    assert (write.lacking, write.lacking_default) == (("a",), True)


def test_a_key_that_is_set_for_sure_afterwards_is_in_each_row(tmp_path: Path) -> None:
    rows = "users.map((u) => { const row = { id: u.id, ...(u.a && { a: u.a }) }; row.a = 1; return row })"
    assert _write(tmp_path, f"{JS}await db.from('t').upsert({rows})\n").lacking == ()


def test_python_sends_the_columns_of_all_rows_too(tmp_path: Path) -> None:
    text = "from supabase import create_client\ndb = create_client(u, k)\n"
    rows = '[{"id": 1, "a": 2}, {"id": 2}]'
    assert _write(tmp_path, f'{text}db.table("t").upsert({rows}).execute()\n', "a.py").lacking == ("a",)
