"""A statement that grows from branch to branch is one site, read in a time that does not grow with its square."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

BRANCHES = 45
_HEAD, _TAIL = "INSERT INTO t (a) SELECT a FROM s WHERE true", " ON CONFLICT (a) DO NOTHING"
_PYTHON = (
    f"def find(a, cur):\n    sql = '{_HEAD}'\n",
    "    if a.f{0}:\n        sql += ' AND c{0} = %s'\n",
    f"    cur.execute(sql + '{_TAIL}')\n",
)
_TYPESCRIPT = (
    f"export function find(a, db) {{\n  let sql = `{_HEAD}`\n",
    "  if (a.f{0}) {{\n    sql += ' AND c{0} = $' + params.push(a.f{0})\n  }}\n",
    f"  return db.query(sql + '{_TAIL}')\n}}\n",
)
_GO = (
    f'package x\n\nfunc Find(a A, db *sql.DB) {{\n  q := "{_HEAD}"\n',
    '  if a.F{0} {{\n    q += " AND c{0} = 1"\n  }}\n',
    f'  db.Exec(q + "{_TAIL}")\n}}\n',
)


def _source(parts: tuple[str, str, str], branches: int) -> str:
    head, branch, tail = parts
    return head + "".join(branch.format(number) for number in range(branches)) + tail


@pytest.mark.parametrize(
    ("name", "parts"), [("a.py", _PYTHON), ("a.ts", _TYPESCRIPT), ("a.go", _GO)], ids=["python", "typescript", "go"]
)
@pytest.mark.parametrize("branches", [1, 2, BRANCHES])
def test_it_is_one_site_with_its_clause(tmp_path: Path, name: str, parts: tuple[str, str, str], branches: int) -> None:
    begin = time.process_time()
    (site,) = sites_of(tmp_path, {name: _source(parts, branches)})
    assert (str(site.write.table), site.mechanism) == ("t", "on_conflict")
    assert time.process_time() - begin < 2


def test_a_variable_of_an_exported_function_is_not_exported(tmp_path: Path) -> None:
    source = (
        "export const find = (db) => {\n  let sql = 'INSERT INTO t (a) VALUES (1)'\n"
        "  sql += ' ON CONFLICT (a) DO NOTHING'\n  return db.query(sql)\n}\n"
    )
    (site,) = sites_of(tmp_path, {"a.ts": source})
    assert site.mechanism == "on_conflict"


def test_what_is_exported_may_be_used_by_itself_elsewhere(tmp_path: Path) -> None:
    files = {
        "a.ts": "export const SQL = 'INSERT INTO t (a) VALUES (1)'\ndb.query(SQL + ' ON CONFLICT (a) DO NOTHING')\n",
        "b.ts": "import {SQL} from './a'\ndb.query(SQL)\n",
    }
    assert {str(site.mechanism) for site in sites_of(tmp_path, files)} == {"plain_insert", "on_conflict"}


def test_a_string_between_that_is_also_run_by_itself_is_a_site_of_its_own(tmp_path: Path) -> None:
    source = (
        "def put(cur, more):\n    sql = 'INSERT INTO t (a)'\n    sql += ' VALUES (1)'\n    cur.execute(sql)\n"
        "    sql += ' ON CONFLICT (a) DO NOTHING'\n    cur.execute(sql)\n"
    )
    assert {str(site.mechanism) for site in sites_of(tmp_path, {"a.py": source})} == {"plain_insert", "on_conflict"}
