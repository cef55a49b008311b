"""What is not read, or not read in full, is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, InferenceClause, Status
from pgarbiter.scan import files, project, scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.scan.model import ScanResult

_INSERT = "insert into t (a) values (1) on conflict (a) do nothing;\n"
_SUPABASE = "import { createClient } from '@supabase/supabase-js'\nconst supabase = createClient(u, k)\n"


def _scan(root: Path, **texts: str) -> ScanResult:
    """Files given as name="text"; `_D_` in a name is a dot."""
    for name, text in texts.items():
        (root / name.replace("_D_", ".")).write_text(text, "utf-8")
    return scan([root], Settings())


def test_a_large_sql_file_is_read_also_when_the_store_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "KEPT_BYTES", 10)
    monkeypatch.setattr(files, "MOST_BYTES", 20)
    result = _scan(tmp_path, a_D_sql=_INSERT)
    assert (len(result.sites), result.failed) == (1, ())


def test_an_sql_file_beyond_all_measure_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_SQL_BYTES", 20)
    result = _scan(tmp_path, a_D_sql=_INSERT)
    assert [(note.path, note.reason) for note in result.failed] == [("a.sql", "larger than 0 MB, left out")]


def test_a_file_can_have_several_notes(tmp_path: Path) -> None:
    whole = project.Project(files.tree_of([tmp_path], Settings()))
    whole.fail("a.ts", "one")
    whole.fail("a.ts", "other")
    whole.fail("a.ts", "one")
    assert [note.reason for note in whole.failed] == ["one", "other"]


def test_a_file_with_a_note_is_still_searched_for_callers(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_bytes(b"# f\xfcr\nfrom a import save\nsave('t')\n")
    code = "def save(table):\n    db.execute(f'insert into {table} (a) values (1) on conflict (a) do nothing')\n"
    result = _scan(tmp_path, a_D_py=code)
    assert [str(site.write.table) for site in result.sites if site.status is Status.RESOLVED] == ["t"]
    assert [note.path for note in result.notes] == ["b.py"]


@pytest.mark.parametrize("called", ['["upsert"]', "['upsert']"])
def test_a_method_named_by_a_literal_is_called(tmp_path: Path, called: str) -> None:
    result = _scan(tmp_path, a_D_ts=_SUPABASE + f"supabase.from('t'){called}({{ a: 1 }}, {{ onConflict: 'a' }})")
    assert [(str(site.write.table), site.status) for site in result.sites] == [("t", Status.RESOLVED)]


def test_a_call_that_may_be_of_a_wrapper_is_skipped_with_its_reason(tmp_path: Path) -> None:
    wrapper = (
        "export class Repo { upsert(table, row) { return supabase.from(table).upsert(row, { onConflict: 'a' }) } }"
    )
    result = _scan(
        tmp_path, a_D_ts=_SUPABASE + wrapper, b_D_ts="export function f(repo) {\n repo.upsert('t', { a: 1 }) }"
    )
    assert [(one.path, one.line, one.reason) for one in result.skipped] == [
        ("b.ts", 2, 'may be a call of "upsert", which writes; its receiver is not known')
    ]


def test_a_call_on_what_a_library_gives_to_a_class_is_no_call_of_a_wrapper(tmp_path: Path) -> None:
    code = """
class Repo:
    def create(self, table):
        db.execute(f"insert into {table} (a) values (1) on conflict (a) do nothing")
"""
    other = "from django.db import models\nclass Tag(models.Model):\n    pass\nTag.objects.create(name='x')\n"
    result = _scan(tmp_path, a_D_py=code, b_D_py=other)
    assert not [one for one in result.skipped if one.path == "b.py"]


def test_more_texts_than_are_read_are_said(tmp_path: Path) -> None:
    choices = "".join("${" + f"f{i} ? 'a{i}' : 'b{i}'" + "}" for i in range(5))
    result = _scan(tmp_path, a_D_ts=f"q(`insert into t{choices} (a) values (1)`)")
    assert {site.reason for site in result.sites} == {"it can be more than the texts that were read"}
    assert len(result.sites) == 16


def test_as_many_texts_as_are_read_are_not_said_to_be_more(tmp_path: Path) -> None:
    choices = "".join("${" + f"f{i} ? 'a{i}' : 'b{i}'" + "}" for i in range(4))
    result = _scan(tmp_path, a_D_ts=f"q(`insert into t{choices} (a) values (1)`)")
    assert (len(result.sites), {site.reason for site in result.sites}) == (16, {None})


def _branches(count: int) -> str:
    return "".join(f"    if x == {i}:\n        table = 't{i}'\n" for i in range(count))


def test_more_values_of_a_name_than_are_looked_at_are_said(tmp_path: Path) -> None:
    code = f"def f(x):\n{_branches(5)}    db.execute('insert into ' + table + ' (a) values (1)')\n"
    result = _scan(tmp_path, a_D_py=code)
    assert {site.reason for site in result.sites} == {"it can be more than the texts that were read"}


def test_four_values_of_a_name_are_all_of_them(tmp_path: Path) -> None:
    code = f"def f(x):\n{_branches(4)}    db.execute('insert into ' + table + ' (a) values (1)')\n"
    assert {site.reason for site in _scan(tmp_path, a_D_py=code).sites} == {None}


def test_rows_that_can_be_more_than_are_looked_at_are_not_complete(tmp_path: Path) -> None:
    rows = "".join(f"    if x == {i}:\n        row = {{'a': {i}}}\n" for i in range(5))
    code = f"def f(supabase, x):\n{rows}    supabase.table('t').upsert(row, on_conflict='a').execute()\n"
    (site,) = _scan(tmp_path, a_D_py=code).sites
    assert (site.status, site.write.complete) == (Status.PARTIAL, False)


def test_do_select_is_unresolved(tmp_path: Path) -> None:
    (site,) = _scan(tmp_path, a_D_sql="insert into t (a) values (1) on conflict (a) do select returning a;").sites
    assert (site.status, site.reason) == (Status.UNRESOLVED, "ON CONFLICT DO SELECT is not known to the parser")


def test_holes_of_a_binding_tag_are_parameters(tmp_path: Path) -> None:
    code = "sql`insert into t (a, b) values (${a}, ${b}) on conflict (a) where b = ${c} do nothing`"
    (site,) = _scan(tmp_path, a_D_ts=code).sites
    assert isinstance(site.write.target, InferenceClause)
    assert (site.write.target.predicate, site.write.target.predicate_parameters) == ("b = $3", True)


@pytest.mark.parametrize("hole", ["${condition}", "${sql.raw(x)}", "b = ${sql.raw(x)}"])
def test_holes_of_a_binding_tag_that_are_text_are_no_parameters(tmp_path: Path, hole: str) -> None:
    code = "sql`insert into t (a, b) values (1, 2) on conflict (a) where " + hole + " do nothing`"
    (site,) = _scan(tmp_path, a_D_ts=code).sites
    assert site.status is Status.UNRESOLVED


def test_a_dollar_before_a_hole_makes_a_parameter(tmp_path: Path) -> None:
    code = "q(`insert into t (a, b) values ($${i}, $${i + 1}) on conflict (a) do update set b = $${i + 1}`)"
    (site,) = _scan(tmp_path, a_D_ts=code).sites
    assert (site.status, site.write.columns, site.write.action) == (Status.RESOLVED, ("a", "b"), Action.UPDATE)


def test_a_list_that_a_loop_fills_is_not_read_as_an_empty_one(tmp_path: Path) -> None:
    code = """function save(row) {
  const columns = []
  for (const name in row) { columns.push(quote(name)) }
  return q(`insert into t (${columns.join(', ')}) values (1) on conflict (a) do nothing`)
}"""
    (site,) = _scan(tmp_path, a_D_ts=code).sites
    assert (str(site.write.table), site.status, site.reason) == (
        "t",
        Status.PARTIAL,
        "some columns are only known at run time",
    )


def test_a_value_with_very_many_ways_is_cut_and_said(tmp_path: Path) -> None:
    steps = "".join(f"  if (a{i}) q = q + 'x{i}'\n  else q = q + 'y{i}'\n" for i in range(12))
    code = "function f() {\n  let q = 'insert into t'\n" + steps + "  return run(q + ' (a) values (1)')\n}"
    result = _scan(tmp_path, a_D_ts=code)
    assert {site.reason for site in result.sites} == {"it can be more than the texts that were read"}
    assert len(result.sites) == 16


def test_a_client_that_is_made_on_first_use_has_one_schema(tmp_path: Path) -> None:
    code = """import { createClient } from '@supabase/supabase-js'
let client: SupabaseClient | null = null
export function database() {
  if (!client) { client = createClient(u, k, { db: { schema: 'app' } }) }
  return client
}
database().from('t').upsert({ a: 1 }, { onConflict: 'a' })"""
    (site,) = _scan(tmp_path, a_D_ts=code).sites
    assert (str(site.write.table), site.status) == ("app.t", Status.RESOLVED)


def test_texts_that_differ_in_values_alone_are_one_site(tmp_path: Path) -> None:
    code = "q(`insert into t (a) values (${x ? '1' : '2'}) on conflict (a) do nothing`)"
    (site,) = _scan(tmp_path, a_D_ts=code).sites
    assert (site.status, site.reason) == (Status.RESOLVED, None)


@pytest.mark.parametrize(("clause", "mechanism"), [("", "plain_insert"), (" on conflict do nothing", "on_conflict")])
def test_what_does_not_parse_is_an_upsert_only_with_a_clause(tmp_path: Path, clause: str, mechanism: str) -> None:
    code = f"q(`insert into t select [1], if(a, b) from numbers(3) as of{clause}`)"
    assert {site.mechanism.value for site in _scan(tmp_path, a_D_ts=code).sites} == {mechanism}
