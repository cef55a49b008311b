"""Names resolved across files, and wrappers followed to their calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Status
from pgarbiter.scan import scan
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite


def _scan(root: Path, **files: str) -> tuple[WriteSite, ...]:
    """Sites of files given as name="text"; `__` in a name is a slash, `_D_` a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_D_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    result = scan([root], Settings())
    assert not result.failed
    return result.sites


def _tables(sites: tuple[WriteSite, ...]) -> list[str | None]:
    return [site.write.table.name if site.write.table else None for site in sites]


def test_a_constant_of_another_file_is_followed_through_a_re_export(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        src__names_D_ts="export const T = 'users' as const;",
        src__index_D_ts="export { T as TABLE } from './names.js';",
        src__save_D_ts="import { TABLE } from '.';\nq(`INSERT INTO ${TABLE} (a) VALUES (1)`)",
    )
    assert _tables(sites) == ["users"]


def test_aliases_of_tsconfig_are_followed_and_its_comments_allowed(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        tsconfig_D_json='{ // paths\n "compilerOptions": {"baseUrl": ".", "paths": {"~db/*": ["src/db/*"],}} }',
        src__db__names_D_ts="export enum Tables { Users = 'users' }",
        src__save_D_ts="import { Tables } from '~db/names'\nq(`insert into ${Tables.Users} (a) values (1)`)",
    )
    assert _tables(sites) == ["users"]


def test_packages_of_a_workspace_are_followed(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        packages__db__package_D_json='{"name": "@acme/db"}',
        packages__db__src__index_D_ts="export * from './tables'",
        packages__db__src__tables_D_ts="export const TABLES = { users: 'users' }",
        apps__web__a_D_ts="import { TABLES } from '@acme/db'\nq(`insert into ${TABLES.users} (a) values (1)`)",
    )
    assert _tables(sites) == ["users"]


def test_python_packages_and_relative_imports_are_followed(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        app__names_D_py="TABLE = 'users'",
        app__db__again_D_py="from ..names import TABLE as T",
        app__use_D_py="from app.db import again\nrun(f'insert into {again.T} (a) values (1)')",
    )
    assert _tables(sites) == ["users"]


def test_a_circle_of_imports_ends(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_ts="export { T } from './b'",
        b_D_ts="export { T } from './a'",
        c_D_ts="import { T } from './a'\nq(`insert into ${T} (a) values (1) on conflict (a) do nothing`)",
    )
    assert [site.status for site in sites] == [Status.UNRESOLVED]


def test_a_clause_of_another_file_is_reported_where_it_stands(tmp_path: Path) -> None:
    (site,) = _scan(
        tmp_path,
        sql_D_py="A = 1\nSUFFIX = ' ON CONFLICT (a) DO NOTHING'",
        use_D_py="from sql import SUFFIX\nrun('INSERT INTO t (a) VALUES (1)' + SUFFIX)",
    )
    assert (site.span.path, site.span.line, site.span.column) == ("sql.py", 2, 12)
    assert site.status is Status.RESOLVED


def test_each_call_of_a_wrapper_is_a_site(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        db_D_py=(
            "def put(table, key='id'):\n"
            "    run(f'INSERT INTO {table} (id, v) VALUES (%s, %s) ON CONFLICT ({key}) DO NOTHING')\n"
        ),
        use_D_py="from db import put\nput('users')\nput(table='orders', key='v')\nput(name())\n",
    )
    assert [(site.span.path, site.span.line, table) for site, table in zip(sites, _tables(sites), strict=True)] == [
        ("db.py", 2, None),
        ("use.py", 2, "users"),
        ("use.py", 3, "orders"),
    ]


_PUT = "def put(table):\n    run(f'INSERT INTO {table} (id) VALUES (1) ON CONFLICT (id) DO NOTHING')\n"


@pytest.mark.parametrize(
    ("use", "followed"),
    [
        ("put('users')\nput('orders')\n", 2),
        ("def save(table):\n    put(table)\nsave('users')\n", 1),
        ("put('users')\nput(name())\n", 0),
        ("def save(table):\n    put(table)\n", 0),
        ("", 0),
    ],
    ids=["all are resolved", "through a second wrapper", "one is not", "a wrapper that nobody calls", "no calls"],
)
def test_a_wrapper_is_open_unless_all_its_calls_are_known(tmp_path: Path, use: str, followed: int) -> None:
    wrapper = _scan(tmp_path, db_D_py=_PUT, use_D_py=f"from db import put\n{use}")[0]
    assert (wrapper.status, wrapper.followed, wrapper.is_open) == (Status.UNRESOLVED, followed, followed == 0)


def test_a_method_that_is_only_called_alike_is_no_call_of_the_wrapper(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        db_D_ts="export class Repo { save(t: string) { this.q(`insert into ${t} (a) values (1)`) } }",
        use_D_ts=(
            "import { Repo } from './db'\nclass Other { save(t: string) {} }\n"
            "new Other().save('wrong'); new Repo().save('users'); cache.save('unknown')"
        ),
    )
    assert _tables(sites) == [None, "users"]


def test_a_wrapper_of_a_wrapper_is_followed(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_ts=(
            "const put = (t: string) => q(`insert into ${t} (a) values (1)`)\n"
            "const putUser = (suffix: string) => put(`users_${suffix}`)\n"
            "putUser('eu')"
        ),
    )
    assert "users_eu" in _tables(sites)


@pytest.mark.parametrize(
    "text",
    [
        "let sql = 'insert into t (a) values (1)'\nif (x) { sql += ' on conflict (a) do nothing' }\nq(sql)",
        "const sql = 'insert into t (a) values (1)' + (x ? ' on conflict (a) do nothing' : '')\nq(sql)",
        "const all = ['insert into t (a) values (1)']\nif (x) all.push('on conflict (a) do nothing')\nq(all.join(' '))",
    ],
)
def test_a_clause_that_is_sometimes_there_is_found(tmp_path: Path, text: str) -> None:
    sites = _scan(tmp_path, a_D_ts=text)
    assert [site.write.target.columns for site in sites if site.mechanism.value == "on_conflict"] == [("a",)]  # type: ignore[union-attr]  # an inference clause
    assert set(_tables(sites)) == {"t"}


def test_an_inner_name_shadows_an_outer_one(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_ts=(
            "const T = 'around'\n"
            "function f() { const T = 'inside'; q(`insert into ${T} (a) values (1)`) }\n"
            "q(`insert into ${T} (a) values (1)`)"
        ),
    )
    assert _tables(sites) == ["inside", "around"]


def test_a_bound_string_of_a_tagged_template_is_no_text(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path, a_D_ts="const v = 'not sql'\nsql`insert into t (a) values (${v}) on conflict (a) do nothing`"
    )
    assert [site.status for site in sites] == [Status.RESOLVED]


def test_a_string_that_a_tag_is_given_is_bound_and_one_that_an_untagged_template_is_given_is_text(
    tmp_path: Path,
) -> None:
    tagged = "sql`insert into t (a) values (${'no sql'}) on conflict (a) do nothing`"
    plain = "db.query(dedent`insert into ${'t'} (a) values (${`1`}) on conflict (${'a'}) do nothing`)"
    for code in (tagged, plain):
        (site,) = _scan(tmp_path, a_D_ts=code)
        assert (str(site.write.table), site.status, site.write.columns) == ("t", Status.RESOLVED, ("a",))


def test_the_columns_of_a_postgres_js_call_are_read(tmp_path: Path) -> None:
    (site,) = _scan(
        tmp_path,
        a_D_ts="await sql`insert into t ${sql(row, 'a', 'b')} on conflict (a) do update set ${sql(row, 'b')}`",
    )
    assert (site.write.columns, site.write.set_columns) == (("a", "b"), ("b",))


def test_a_string_in_a_function_that_only_is_named_raw_is_found(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_ts="async function raw(s: string) { return client.query(s) }\nawait raw(`insert into t (a) values (1)`)",
    )
    assert _tables(sites) == ["t"]


def test_ids_survive_edits_elsewhere_in_the_file(tmp_path: Path) -> None:
    text = "q('insert into t (a) values (1)')\nq('insert into t (a) values (1)')"
    before = [site.id for site in _scan(tmp_path, a_D_ts=text)]
    after = [site.id for site in _scan(tmp_path, a_D_ts=f"// more\nconst x = 1\n{text}")]
    assert before == after
    assert len(set(before)) == 2


def test_prose_about_conflicts_is_no_site(tmp_path: Path) -> None:
    sites = _scan(tmp_path, a_D_ts="it('keeps one row (ON CONFLICT DO NOTHING)', () => {})\nlog('insert into failed')")
    assert sites == ()


def test_evidence_of_sqlite_makes_a_site_not_judged(tmp_path: Path) -> None:
    (site,) = _scan(
        tmp_path, a_D_py="import sqlite3\nc.execute('INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO NOTHING')"
    )
    assert (site.status, site.reason) == (Status.NOT_POSTGRES, "the file imports an SQLite driver")


def test_scripts_of_a_component_are_read_at_their_places(tmp_path: Path) -> None:
    (site,) = _scan(
        tmp_path, a_D_vue="<template>it's</template>\n<script setup>\nq('insert into t (a) values (1)')\n</script>"
    )
    assert (site.span.line, site.span.column) == (3, 4)


def test_a_statement_put_together_in_steps_is_one_site(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_py=(
            "def one():\n    sql = 'INSERT INTO t (a) '\n    sql += 'VALUES (1) '\n"
            "    sql += 'ON CONFLICT (a) DO NOTHING'\n    run(sql)\n"
        ),
    )
    assert [(site.span.line, site.mechanism.value, site.status) for site in sites] == [
        (4, "on_conflict", Status.RESOLVED)
    ]


def test_a_statement_put_together_in_steps_is_one_site_whatever_is_put_behind_it(tmp_path: Path) -> None:
    text = """def store(module):
    out = ''
    out += 'insert into t (a, b)\\n'
    out += "values ('x', 1)\\n"
    out += 'on conflict (a)\\n'
    out += 'do update set b = 2;\\n'
    out += '\\n'
    return out
"""
    (site,) = _scan(tmp_path, a_D_py=text)
    assert (site.span.line, site.status, site.write.set_columns) == (5, Status.RESOLVED, ("b",))


def test_rows_that_are_put_behind_values_in_a_loop_are_one_site_with_them(tmp_path: Path) -> None:
    code = (
        "export function addLogs(db, id, count) {\n"
        "  let query = `INSERT INTO logs (id, at) values\\n`\n"
        "  const rows = []\n"
        "  for (let i = 0; i < count; i++) rows.push(`(${id}, ${i})`)\n"
        "  query += rows.join(',') + ';'\n"
        "  return db.query(query)\n}\n"
        "addLogs(db, 1, 2)\n"
    )
    (site,) = _scan(tmp_path, a_D_js=code)
    assert (site.status, site.span.line, site.write.columns) == (Status.RESOLVED, 2, ("id", "at"))


def test_the_branches_of_a_condition_are_sites_of_their_own(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_py=(
            "def two(x):\n    sql = 'INSERT INTO t (a) VALUES (1)'\n    if x:\n"
            "        sql += ' ON CONFLICT (a) DO NOTHING'\n    else:\n"
            "        sql += ' ON CONFLICT (b) DO NOTHING'\n    run(sql)\n"
        ),
    )
    assert [site.span.line for site in sites] == [4, 6]


def test_a_statement_that_is_also_run_without_its_clause_is_a_site_too(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_ts=(
            "const sql = 'insert into t (a) values (1)'\nawait q(sql)\nawait q(sql + ' on conflict (a) do nothing')"
        ),
    )
    assert [(site.span.line, site.mechanism.value) for site in sites] == [(1, "plain_insert"), (3, "on_conflict")]


def test_a_name_of_another_function_is_no_part(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_py=(
            "def f():\n    sql = 'insert into t (a) values (1)'\n    run(sql)\n"
            "def g():\n    sql = 'select 1'\n    run(sql + ' on commit')\n"
        ),
    )
    assert [site.span.line for site in sites] == [2]


@pytest.mark.parametrize(
    ("arguments", "table"),
    [("'t'", "public.t"), ("'t', {}", "public.t"), ("'t', { schema: 's' }", "s.t"), ("null", "public.rest")],
)
def test_the_first_value_that_is_there_is_taken(tmp_path: Path, arguments: str, table: str) -> None:
    code = (
        "function save(table, options) {\n"
        "  return q(`insert into ${options?.schema ?? 'public'}.${table || 'rest'} (a) values (1)`)\n"
        f"}}\nsave({arguments})\n"
    )
    sites = _scan(tmp_path, a_D_ts=code)
    assert [str(site.write.table) for site in sites if site.span.line == 4] == [table]


def test_helpers_of_one_name_in_two_languages_have_their_own_calls(tmp_path: Path) -> None:
    sites = _scan(
        tmp_path,
        a_D_py="import psycopg\n"
        "def save(cur, t, k):\n    cur.execute(f'INSERT INTO {t} (a) VALUES (1) ON CONFLICT ({k}) DO NOTHING')\n"
        "save(psycopg.connect(''), 'of_python', 'a')\n",
        b_D_ts="import { Pool } from 'pg'\n"
        "const save = (db: Pool, t: string, k: string) =>\n"
        "  db.query(`INSERT INTO ${t} (a) VALUES (1) ON CONFLICT (${k}) DO NOTHING`)\n"
        "save(new Pool(), 'of_typescript', 'a')\n",
    )
    known = [site for site in sites if site.status is Status.RESOLVED]
    assert _tables(tuple(known)) == ["of_python", "of_typescript"]
    assert not any(site.is_open for site in sites)
