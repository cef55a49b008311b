from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, DefaultKey, InferenceClause, Mechanism, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]


def _only(sites: Sites, body: str, **files: str) -> WriteSite:
    (site,) = sites({"src/a.ts": body, **files})
    return site


def _key(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def test_the_schema_of_a_client_made_in_another_file_counts(sites: Sites) -> None:
    client = "export const ops = createClient(U, K, { db: { schema: 'ops' } })"
    found = sites({
        "src/client.ts": client,
        "src/a.ts": "import { ops } from './client'\nawait ops.from('jobs').upsert({ id: 1 })",
    })  # fmt: skip
    assert [str(site.write.table) for site in found] == ["ops.jobs"]


def test_the_schema_of_a_client_that_a_function_makes_counts(sites: Sites) -> None:
    body = """
    import { createClient } from '@supabase/supabase-js'
    const admin = () => createClient(U, K, { db: { schema: 'admin' } })
    await admin().from('jobs').upsert({ id: 1 })
    """
    assert str(_only(sites, body).write.table) == "admin.jobs"


def test_the_schema_of_a_client_held_by_a_class_counts(sites: Sites) -> None:
    body = """
    class Repo {
      private client = createClient(U, K, { db: { schema: 'ops' } })
      put(x) { return this.client.from('jobs').upsert(x, { onConflict: 'id' }) }
    }
    """
    assert str(_only(sites, body).write.table) == "ops.jobs"


def test_a_schema_in_the_chain_wins_over_the_client(sites: Sites) -> None:
    body = """
    const db = createClient(U, K, { db: { schema: 'ops' } })
    await db.schema('billing').from('invoices').upsert({ id: 1 })
    """
    assert str(_only(sites, body).write.table) == "billing.invoices"


def test_a_schema_that_is_computed_leaves_the_table_unresolved(sites: Sites) -> None:
    site = _only(sites, "await db.schema(tenant()).from('t').upsert({ id: 1 }, { onConflict: 'id' })")
    assert site.write.table is None
    assert site.status is Status.UNRESOLVED
    assert "schema" in (site.reason or "")


def test_constants_of_another_file_are_resolved(sites: Sites) -> None:
    names = "export const TABLES = { jobs: 'jobs' } as const\nexport const KEY = ['tenant_id', 'name']"
    body = """
    import { KEY, TABLES } from './names'
    await supabase.from(TABLES.jobs as never).upsert({ tenant_id: 1, name: 'x' }, { onConflict: KEY.join(',') })
    """
    (site,) = sites({"src/names.ts": names, "src/a.ts": body})
    assert str(site.write.table) == "jobs"
    assert _key(site) == ("tenant_id", "name")


def test_blanks_around_target_columns_are_no_part_of_them(sites: Sites) -> None:
    site = _only(sites, "await supabase.from('t').upsert({ a: 1, b: 2 }, { onConflict: 'a , b' })")
    assert _key(site) == ("a", "b")


def test_case_and_odd_characters_of_keys_are_kept(sites: Sites) -> None:
    site = _only(sites, "await supabase.from('My Table').upsert({ userId: 1, 'odd key': 2 }, { onConflict: 'userId' })")
    assert str(site.write.table) == "My Table"
    assert site.write.columns == ("userId", "odd key")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.elements[0].text == '"userId"'


@pytest.mark.parametrize(
    "options", ["", ", {}", ", { onConflict: '' }", ", { onConflict: undefined }", ", { count: 'exact' }"]
)
def test_without_a_target_the_primary_key_is_meant(sites: Sites, options: str) -> None:
    site = _only(sites, f"await supabase.from('t').upsert({{ id: 1 }}{options})")
    assert site.write.target == DefaultKey()


def test_both_targets_of_a_ternary_are_sites(sites: Sites) -> None:
    found = sites({"a.ts": "await supabase.from('t').upsert({ id: 1, k: 2 }, { onConflict: one ? 'id' : 'id,k' })"})
    assert [_key(site) for site in found] == [("id",), ("id", "k")]


def test_a_target_with_an_unknown_side_is_unresolved(sites: Sites) -> None:
    body = "const save = (rows: object[], key?: string) => supabase.from('t').upsert(rows, { onConflict: key ?? 'id' })"
    site = _only(sites, body)
    assert isinstance(site.write.target, Unresolved)
    assert str(site.write.table) == "t"


def test_options_in_a_variable_are_read(sites: Sites) -> None:
    body = """
    const opts = { onConflict: 'slug', ignoreDuplicates: true }
    await supabase.from('t').upsert({ slug: 1 }, opts)
    """
    site = _only(sites, body)
    assert _key(site) == ("slug",)
    assert site.write.action is Action.NOTHING
    assert site.write.set_columns is None


def test_a_spread_in_the_options_may_hold_a_target(sites: Sites) -> None:
    site = _only(sites, "await supabase.from('t').upsert({ slug: 1 }, { ...given(), count: 'exact' })")
    assert isinstance(site.write.target, Unresolved)


def test_rows_of_an_array_write_the_union_of_their_keys_and_null_where_they_lack_one(sites: Sites) -> None:
    site = _only(sites, "await supabase.from('t').upsert([{ a: 1, b: 2 }, { a: 2, c: 3 }], { onConflict: 'a' })")
    assert site.write.columns == ("a", "b", "c")
    assert set(site.write.nulls) == {"b", "c"}
    assert site.write.rows == 2


def test_rows_that_lack_a_key_take_the_default_when_asked_to(sites: Sites) -> None:
    body = "await supabase.from('t').upsert([{ a: 1, b: 2 }, { a: 2 }], { onConflict: 'a', defaultToNull: false })"
    assert _only(sites, body).write.nulls == ()


def test_undefined_is_not_sent_and_null_is(sites: Sites) -> None:
    site = _only(sites, "await supabase.from('t').upsert({ id: 1, gone: undefined, note: null })")
    assert site.write.columns == ("id", "note")
    assert site.write.nulls == ("note",)


def test_keys_given_after_the_row_was_made_are_written_too(sites: Sites) -> None:
    body = "const row: any = { id: 1 }\nrow.name = 'x'\nrow['extra'] = 2\nawait supabase.from('t').upsert(row)"
    site = _only(sites, body)
    assert site.write.columns == ("id", "name", "extra")
    assert site.write.complete


def test_rows_pushed_in_a_loop_are_read(sites: Sites) -> None:
    body = """
    const list = []
    for (const r of rows) { list.push({ id: r.id, v: r.v }) }
    await supabase.from('t').upsert(list, { onConflict: 'id' })
    """
    site = _only(sites, body)
    assert site.write.columns == ("id", "v")
    assert site.write.rows is None


def test_rows_spread_into_an_array_are_not_known(sites: Sites) -> None:
    site = _only(sites, "await supabase.from('t').upsert([...base, { id: 2, z: 1 }], { onConflict: 'id' })")
    assert site.write.columns == ("id", "z")
    assert not site.write.complete
    assert site.status is Status.PARTIAL


def test_a_builder_in_a_variable_is_followed(sites: Sites) -> None:
    site = _only(sites, "const q = supabase.from('audit')\nawait q.insert([{ a: 1 }])")
    assert str(site.write.table) == "audit"
    assert site.mechanism is Mechanism.PLAIN_INSERT


def test_an_upsert_by_its_options_without_a_table_is_unresolved(sites: Sites) -> None:
    site = _only(sites, "async function up(q: any) { await q.upsert({ a: 1 }, { onConflict: 'a' }) }")
    assert site.write.table is None
    assert site.status is Status.UNRESOLVED


def test_a_wrapper_is_judged_where_it_is_called(sites: Sites) -> None:
    body = """
    export async function put(table: string, rows: object[], key = 'id') {
      return supabase.from(table).upsert(rows, { onConflict: key })
    }
    """
    call = "import { put } from './put'\nawait put('regions', [{ code: 'N' }], 'code')"
    found = sites({"src/put.ts": body, "src/call.ts": call})
    resolved = [site for site in found if site.status is Status.RESOLVED]
    assert [(str(site.write.table), _key(site), site.span.path) for site in resolved] == [
        ("regions", ("code",), "src/call.ts")
    ]


@pytest.mark.parametrize(
    "body",
    [
        "await supabase.storage.from('b').upload('x', f, { upsert: true })",
        "map.upsert('k', 1)",
        "index.namespace('x').upsert([{ id: '1', values: [] }])",
        "await db.insert(users).values({ id: 1 }).onConflictDoNothing()",
        "await knex('t').insert({ a: 1 })",
        "await db.collection('t').insert({ a: 1 })",
        "// supabase.from('t').upsert({ a: 1 }, { onConflict: 'a' })",
        "const help = `supabase.from('t').upsert(rows, { onConflict: 'a' })`",
        "Array.from('abc').insert(1)",
    ],
)
def test_what_is_no_postgrest_write_is_no_site(sites: Sites, body: str) -> None:
    assert [site.client for site in sites({"a.ts": body}) if site.client == "supabase-js"] == []


def test_python_rows_changed_in_place_and_appended_are_read(sites: Sites) -> None:
    body = """
from supabase import create_client, ClientOptions
client = create_client(URL, KEY, options=ClientOptions(schema="etl"))
def put(items, **more):
    row = {"a": 1}
    row["b"] = 2
    row.update(c=3)
    client.table("t1").upsert(row, on_conflict="a", ignore_duplicates=True).execute()
    batch = []
    for i in items:
        batch.append({"k": i.k, "v": i.v})
    client.table("t2").upsert(batch).execute()
    client.table("t3").upsert({"z": 1}, **more).execute()
"""
    first, second, third = sites({"a.py": body})
    assert (str(first.write.table), first.write.columns, first.write.action) == (
        "etl.t1",
        ("a", "b", "c"),
        Action.NOTHING,
    )
    assert (str(second.write.table), second.write.columns, second.write.target) == ("etl.t2", ("k", "v"), DefaultKey())
    assert isinstance(third.write.target, Unresolved)


def test_keyword_dictionaries_of_python_are_put_in(sites: Sites) -> None:
    body = 'OPTIONS = {"on_conflict": "a,b"}\nsupabase.table("t").upsert({"a": 1, "b": 2}, **OPTIONS).execute()'
    (site,) = sites({"a.py": body})
    assert _key(site) == ("a", "b")


def test_tables_of_other_python_stores_are_no_sites(sites: Sites) -> None:
    body = 'TinyDB("x").table("t").insert({"a": 1})\nsys.path.insert(0, "x")\ndb.upsert("p", {"a": 1})'
    assert sites({"a.py": body}) == ()


@pytest.mark.parametrize(
    ("name", "source", "columns", "complete"),
    [
        ("a.ts", "{ ...fixed, b: 1 }", ("a", "c", "b"), True),
        ("a.ts", "{ b: 1, ...fixed, ...fetched() }", ("b", "a", "c"), False),
        ("a.ts", "{ ...fixed, [key()]: 1 }", ("a", "c"), False),
        ("a.py", '{**fixed, "b": 1}', ("a", "c", "b"), True),
        ("a.py", '{"b": 1, **fetched()}', ("b",), False),
    ],
)
def test_what_is_spread_into_a_row_is_written_where_it_is_known(
    sites: Sites, name: str, source: str, columns: tuple[str, ...], *, complete: bool
) -> None:
    bound = "const fixed = " if name == "a.ts" else "fixed = "
    call = "supabase.from('t').upsert(ROW, { onConflict: 'b' })"
    call = call if name == "a.ts" else "supabase.table('t').upsert(ROW, on_conflict='b').execute()"
    (site,) = sites({name: f"{bound}{{'a': 1, 'c': 2}}\n{call.replace('ROW', source)}\n"})
    assert (site.write.columns, site.write.complete) == (columns, complete)
