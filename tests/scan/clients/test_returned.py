"""What a client of PostgREST asks to get back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import ColumnReference

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

JS = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(u, k)\nconst wanted = 'id,b'\n"
PY = "from supabase import create_client\ndb = create_client(u, k)\n"


def _columns(place: Path, name: str, text: str) -> list[str] | None:
    (site,) = sites_of(place, {name: text})
    found = site.write.returning
    assert found is None or all(one == ColumnReference(None, one.name) for one in found)
    return None if found is None else [one.name for one in found]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ("", None),
        (".select()", ["*"]),
        (".select('*').single()", ["*"]),
        (".select('id, total:b, c::text, d->e')", ["id", "b", "c", "d"]),
        (".select(wanted)", ["id", "b"]),
        (".select('id, other(*)')", None),
        (".select(unknown())", None),
        (".eq('id', 1).select('id')", ["id"]),
    ],
)
def test_a_select_behind_an_upsert_is_what_comes_back(tmp_path: Path, chain: str, expected: list[str] | None) -> None:
    text = f"{JS}await db.from('t').upsert({{ id: 1 }}, {{ onConflict: 'id' }}){chain}\n"
    assert _columns(tmp_path, "a.ts", text) == expected


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("", ["*"]),
        (", returning='minimal'", None),
        (", returning=ReturnMethod.minimal", None),
        (", returning=ReturnMethod.representation", ["*"]),
        (", returning=how", None),
    ],
)
def test_supabase_py_gets_all_columns_unless_told_otherwise(
    tmp_path: Path, option: str, expected: list[str] | None
) -> None:
    assert _columns(tmp_path, "a.py", f"{PY}db.table('t').insert({{'id': 1}}{option}).execute()\n") == expected
