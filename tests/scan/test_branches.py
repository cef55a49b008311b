"""Branches of a wrapper that are decided by what a call gives it, and those that are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Status
from pgarbiter.run import check
from pgarbiter.settings import Settings

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = " (a, x) VALUES (1, 2) ON CONFLICT (a)"
_PARTIAL = " WHERE x IS NOT NULL"
_SCHEMA = """
CREATE TABLE part (a int NOT NULL, x int);
CREATE UNIQUE INDEX part_a ON part (a) WHERE x IS NOT NULL;
CREATE TABLE whole (a int PRIMARY KEY, x int);
"""
# What puts the statement together, and calls for a predicate, for none, and for whatever is the case.
_PROGRAMS = {
    "ternary.ts": f"""
export async function up(t: string, partial = false) {{
  const sql = 'INSERT INTO ' + t + '{_HEAD}' + (partial ? '{_PARTIAL}' : '') + ' DO NOTHING'
  await client.query(sql)
}}
up('part', true); up('whole'); up('part', flag)
""",
    "options.js": f"""
export async function up({{ t, partial }}) {{
  let sql = `INSERT INTO ${{t}}{_HEAD}`
  if (partial) {{
    sql += '{_PARTIAL}'
  }}
  await client.query(sql + ' DO NOTHING')
}}
up({{ t: 'part', partial: true }}); up({{ t: 'whole' }}); up({{ t: 'part', partial: flag }})
""",
    "leaves.js": f"""
function up(t, mode) {{
  if (!(mode === 'partial')) return client.query(`INSERT INTO ${{t}}{_HEAD} DO NOTHING`)
  return client.query(`INSERT INTO ${{t}}{_HEAD}{_PARTIAL} DO NOTHING`)
}}
up('part', 'partial'); up('whole', 'all'); up('part', mode)
""",
    "conditional.py": f"""
def up(cur, t, partial=False):
    cur.execute("INSERT INTO " + t + "{_HEAD}" + ("{_PARTIAL}" if partial else "") + " DO NOTHING")
up(cur, "part", True); up(cur, "whole"); up(cur, "part", flag)
""",
    "chain.py": f"""
def up(cur, t, mode=None):
    if mode is None:
        where = ""
    elif mode == "partial" and t:
        where = "{_PARTIAL}"
    else:
        raise ValueError(mode)
    cur.execute(f"INSERT INTO {{t}}{_HEAD}{{where}} DO NOTHING")
up(cur, "part", mode="partial"); up(cur, "whole"); up(cur, "part", mode)
""",
    "a.go": f"""package store
func Up(db DB, t string, partial bool) {{
	where := ""
	if partial {{
		where = "{_PARTIAL}"
	}}
	db.Exec(fmt.Sprintf("INSERT INTO %s{_HEAD}%s DO NOTHING", t, where))
}}
func all(db DB) {{ Up(db, "part", true); Up(db, "whole", false); Up(db, "part", flag) }}
""",
    "a.rb": f"""
def up(t, partial: false)
  sql = "INSERT INTO #{{t}}{_HEAD}"
  sql += "{_PARTIAL}" if partial
  conn.exec(sql + " DO NOTHING")
end
up("part", partial: true); up("whole"); up("part", partial: flag)
""",
    "unless.rb": f"""
def up(t, partial)
  return conn.exec("INSERT INTO #{{t}}{_HEAD} DO NOTHING") unless partial
  conn.exec("INSERT INTO #{{t}}{_HEAD}{_PARTIAL} DO NOTHING")
end
up("part", true); up("whole", nil); up("part", flag)
""",
    "a.php": f"""<?php
function up($t, $partial = false) {{
    $where = $partial ? '{_PARTIAL}' : '';
    $pdo->exec("INSERT INTO {{$t}}{_HEAD} {{$where}} DO NOTHING");
}}
up('part', true); up('whole'); up('part', $flag);
""",
    "A.java": f"""class A {{
  void up(String t, boolean partial) {{
    jdbc.update("INSERT INTO " + t + "{_HEAD}" + (partial ? "{_PARTIAL}" : "") + " DO NOTHING");
  }}
  void all() {{ up("part", true); up("whole", false); up("part", flag); }}
}}
""",
    "A.cs": f"""class A {{
  void Up(string t, bool partial = false) {{
    var sql = "INSERT INTO " + t + "{_HEAD}";
    if (partial) sql += "{_PARTIAL}";
    conn.Execute(sql + " DO NOTHING");
  }}
  void All() {{ Up("part", true); Up("whole"); Up("part", partial: flag); }}
}}
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text(_SCHEMA)
    return tmp_path


@pytest.mark.parametrize("name", _PROGRAMS)
def test_the_branch_that_a_call_decides_is_its_only_site(name: str, project: Path) -> None:
    (project / name).write_text(_PROGRAMS[name])
    bounds = check(project, Settings(schema="sql:db")).bound or ()
    seen = [
        (str(one.site.write.table), _predicate(one.site.write.target) is not None, one.verdict.outcome.value)
        for one in bounds
        if one.site.status is Status.RESOLVED
    ]
    decided, undecided = seen[:2], sorted(seen[2:])
    assert decided == [("part", True, "match"), ("whole", False, "match")]
    assert undecided == [("part", False, "unknown"), ("part", True, "match")]


def _predicate(target: object) -> str | None:
    return target.predicate if isinstance(target, InferenceClause) else None


def test_a_statement_that_fails_in_every_way_is_told_to_fail(project: Path) -> None:
    (project / "a.py").write_text(
        f'def up(c, x):\n    c.execute("INSERT INTO part{_HEAD}" + (" DO NOTHING" if x else " DO UPDATE SET a=1"))\n'
    )
    bounds = check(project, Settings(schema="sql:db")).bound or ()
    assert [one.verdict.outcome.value for one in bounds] == ["no_match", "no_match"]


def test_why_a_way_is_in_doubt_is_told(project: Path) -> None:
    (project / "a.py").write_text(
        f'def up(cur, x):\n    cur.execute("INSERT INTO part{_HEAD}" + ("{_PARTIAL}" if x else "") + " DO NOTHING")\n'
    )
    report = check(project, Settings(schema="sql:db"))
    doubted = next(one for one in report.bound or () if one.verdict.outcome.value == "unknown")
    assert "the program decides at run time what it sends" in (doubted.verdict.reason or "")
    assert [finding.rule for finding in report.findings] == ["cannot-tell"]


@pytest.mark.parametrize(
    "change",
    ["partial = bool(partial)", "partial |= extra", "for partial in modes:\n        pass", "partial, other = other, 1"],
)
def test_a_parameter_that_may_have_been_changed_decides_nothing(change: str, tmp_path: Path) -> None:
    body = f"""
def up(cur, t, partial, other=0):
    {change}
    cur.execute("INSERT INTO " + t + "{_HEAD}" + ("{_PARTIAL}" if partial else "") + " DO NOTHING")
up(cur, "part", True)
"""
    sites = [site for site in sites_of(tmp_path, {"a.py": body}) if site.status is Status.RESOLVED]
    assert {_predicate(site.write.target) for site in sites} == {None, "x IS NOT NULL"}


def test_a_variable_of_a_loop_decides_nothing(tmp_path: Path) -> None:
    body = f"""
function save(t) {{
  let first = true
  for (const row of rows) {{
    client.query(`INSERT INTO ${{t}}{_HEAD} ${{first ? '{_PARTIAL}' : ''}} DO NOTHING`)
    first = false
  }}
}}
save('part')
"""
    sites = [site for site in sites_of(tmp_path, {"a.js": body}) if site.status is Status.RESOLVED]
    assert {_predicate(site.write.target) for site in sites} == {None, "x IS NOT NULL"}


def test_a_wrapper_of_a_wrapper_passes_on_what_decides(tmp_path: Path) -> None:
    body = f"""
def inner(cur, t, partial):
    cur.execute("INSERT INTO " + t + "{_HEAD}" + ("{_PARTIAL}" if partial else "") + " DO NOTHING")
def outer(cur, t, partial=False):
    if not t:
        return
    inner(cur, t, partial)
outer(cur, "part", partial=True)
outer(cur, "whole")
"""
    sites = [site for site in sites_of(tmp_path, {"a.py": body}) if site.status is Status.RESOLVED]
    assert [(str(site.write.table), _predicate(site.write.target)) for site in sites] == [
        ("part", "x IS NOT NULL"),
        ("whole", None),
    ]


def test_a_branch_beyond_those_that_are_followed_makes_the_statement_unresolved(tmp_path: Path) -> None:
    ways = "".join(f'    {"el" * (n > 0)}if kind == "{n}":\n        where = " WHERE x = {n}"\n' for n in range(7))
    body = f"""
def up(cur, t, kind):
{ways}    cur.execute(f"INSERT INTO {{t}}{_HEAD}{{where}} DO NOTHING")
up(cur, "part", "0")
"""
    assert {site.status for site in sites_of(tmp_path, {"a.py": body})} == {Status.UNRESOLVED}


def test_branches_that_write_alike_are_one_site_of_a_call(tmp_path: Path) -> None:
    body = """
def up(cur, t, fast):
    if fast.available:
        execute_values(cur, f"INSERT INTO {t} (a, x) VALUES %s ON CONFLICT (a) DO NOTHING", rows)
    else:
        cur.executemany(f"INSERT INTO {t} (a, x) VALUES (%s, %s) ON CONFLICT (a) DO NOTHING", rows)
up(cur, "whole", engine)
"""
    sites = [site for site in sites_of(tmp_path, {"a.py": body}) if site.status is Status.RESOLVED]
    assert [str(site.write.table) for site in sites] == ["whole"]


def test_a_string_is_what_it_was_where_a_branch_adds_nothing_to_it(tmp_path: Path) -> None:
    body = """
def up(cur, t, ignore=False, returning=None):
    sql = f"INSERT INTO {t} (a, x) VALUES (1, 2) "
    if ignore:
        sql += "ON CONFLICT DO NOTHING"
    else:
        sql += "ON CONFLICT (a) DO UPDATE SET x = 1"
    if returning:
        sql += f" RETURNING {returning}"
    cur.execute(sql)
up(cur, "one", ignore=True)
up(cur, "two", returning="a")
up(cur, "three")
"""
    sites = [site for site in sites_of(tmp_path, {"a.py": body}) if site.status is Status.RESOLVED]
    assert [(str(site.write.table), str(site.write.action)) for site in sites] == [
        ("one", "nothing"),
        ("two", "update"),
        ("three", "update"),
    ]


def test_the_cases_of_a_switch_are_ways_of_a_call(project: Path) -> None:
    (project / "a.js").write_text(f"""
function up(t, kind) {{
  switch (kind) {{
    case 'partial': return q(`INSERT INTO ${{t}}{_HEAD}{_PARTIAL} DO NOTHING`)
    default: return q(`INSERT INTO ${{t}}{_HEAD} DO NOTHING`)
  }}
}}
up('part', 'partial')
""")
    bounds = check(project, Settings(schema="sql:db")).bound or ()
    judged = [one.verdict.outcome.value for one in bounds if one.site.status is Status.RESOLVED]
    assert sorted(judged) == ["match", "unknown"]
