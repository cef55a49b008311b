"""Two statements in place of one, and upserts whose missing arbiter is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

_IMPORT = "import { supabase } from './supabase'\n"


def _scan(root: Path, name: str, text: str) -> tuple[WriteSite, ...]:
    (root / name).write_text(text, "utf-8")
    return scan([root], Settings()).sites


@pytest.mark.parametrize(
    ("before", "mechanism", "keys"),
    [
        ("supabase.from('t').select('id').eq('email', e).maybeSingle()", Mechanism.SELECT_THEN_INSERT, ("email",)),
        ("supabase.from('t').select().match({ org: o, email: e })", Mechanism.SELECT_THEN_INSERT, ("org", "email")),
        ("supabase.from('t').update({ n: 1 }).eq('email', e).select()", Mechanism.UPDATE_THEN_INSERT, ("email",)),
        ("supabase.from('t').delete().eq('email', e)", Mechanism.DELETE_INSERT, ("email",)),
        ("supabase.from('other').select('id').eq('email', e).single()", Mechanism.PLAIN_INSERT, None),
        ("supabase.from('t').select('id').eq('id', e).single()", Mechanism.PLAIN_INSERT, None),
        ("supabase.from('t').select('n').eq('org', o).order('n').limit(1)", Mechanism.PLAIN_INSERT, None),
        ("supabase.from('t').select('*', { count: 'exact', head: true }).eq('org', o)", Mechanism.PLAIN_INSERT, None),
        ("supabase.from('t').select('id').eq(key, e).single()", Mechanism.PLAIN_INSERT, None),
    ],
    ids=[
        "lookup", "match", "update", "delete", "another table", "by no column that is written", "the last of a list",
        "a count", "by an unknown column",
    ],
)  # fmt: skip
def test_an_insert_after_a_step_by_its_key_is_a_site_of_that_mechanism(
    tmp_path: Path, before: str, mechanism: Mechanism, keys: tuple[str, ...] | None
) -> None:
    code = (
        f"export async function save(o, e) {{\n const r = await {before}\n if (!r.data)\n"
        "  await supabase.from('t').insert({ org: o, email: e })\n}\n"
    )
    (site,) = _scan(tmp_path, "a.ts", _IMPORT + code)
    assert (site.mechanism, site.key_columns) == (mechanism, keys)
    assert site.statement_line == (5 if keys is None else 3)


def test_a_step_of_another_function_is_none(tmp_path: Path) -> None:
    code = (
        "const find = (e) => supabase.from('t').select('id').eq('email', e).single()\n"
        "const add = (e) => supabase.from('t').insert({ email: e })\n"
    )
    assert [site.mechanism for site in _scan(tmp_path, "a.ts", _IMPORT + code)] == [Mechanism.PLAIN_INSERT]


def test_to_delete_and_insert_a_list_is_no_upsert(tmp_path: Path) -> None:
    code = (
        "async function put(id) {\n await supabase.from('tags').delete().eq('post', id)\n"
        " await supabase.from('tags').insert([{ post: id, tag: 'a' }, { post: id, tag: 'b' }])\n}"
    )
    assert [site.mechanism for site in _scan(tmp_path, "a.ts", _IMPORT + code)] == [Mechanism.PLAIN_INSERT]


def test_a_lookup_of_supabase_py_counts_alike(tmp_path: Path) -> None:
    code = (
        "from supabase import create_client\nclient = create_client(url, key)\n\n\ndef save(e):\n"
        "    found = client.table('t').select('id').eq('email', e).execute()\n    if not found.data:\n"
        "        client.table('t').insert({'email': e}).execute()\n"
    )
    (site,) = _scan(tmp_path, "a.py", code)
    assert (site.mechanism, site.key_columns, site.statement_line) == (Mechanism.SELECT_THEN_INSERT, ("email",), 6)


@pytest.mark.parametrize("named", ["e.code === '42P10'", "e.message.includes('no unique or exclusion constraint')"])
def test_an_upsert_whose_missing_arbiter_is_caught_says_so(tmp_path: Path, named: str) -> None:
    code = (
        "async function save() {\n try {\n"
        "  await db.query('insert into t (a) values (1) on conflict (a) do nothing')\n"
        f" }} catch (e) {{ if ({named}) await db.query('insert into t (a) values (1)') }}\n}}"
    )
    upsert = next(s for s in _scan(tmp_path, "a.ts", code) if s.mechanism is Mechanism.ON_CONFLICT)
    assert "(42P10) is caught" in (upsert.reason or "")


_LOOKUP, _INSERT = "SELECT id FROM t WHERE email = $1", "INSERT INTO t (email, org) VALUES ($1, $2)"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("a.go", f"\treturn &Store{{\n\t\tfind: p.P(`{_LOOKUP}`),\n\t\tadd: p.P(`{_INSERT}`),\n\t}}\n"),
        ("b.go", f"\ts.find = p(`{_LOOKUP}`)\n\ts.add = p(`{_INSERT}`)\n\treturn s\n"),
        ("a.js", f"  this.find = db.prepare('{_LOOKUP}')\n  this.add = db.prepare('{_INSERT}')\n"),
    ],
    ids=["entries of a composite literal", "fields that are set", "members of JavaScript"],
)
def test_statements_that_an_object_keeps_prepared_do_not_follow_each_other(
    tmp_path: Path, name: str, code: str
) -> None:
    head = "package a\n\nfunc New(p Prep) *Store {\n" if name.endswith(".go") else "export function make(db) {\n"
    (site,) = _scan(tmp_path, name, head + code + "}\n")
    assert site.mechanism is Mechanism.PLAIN_INSERT


def test_statements_whose_results_are_kept_are_run_there(tmp_path: Path) -> None:
    code = (
        "export async function save(db, e) {\n"
        f"  this.row = await db.query('{_LOOKUP}', [e])\n"
        f"  if (!this.row) this.row = await db.query('{_INSERT}', [e, 1])\n}}\n"
    )
    (site,) = _scan(tmp_path, "a.js", code)
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
