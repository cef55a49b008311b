"""Scala sources: interpolators, margins, fragments, names across files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

NOTHING = "ON CONFLICT (a) DO NOTHING"
TAIL = f"(a) VALUES (?) {NOTHING}"
QUOTES = '"""'


def _tables(sites: tuple[WriteSite, ...]) -> list[str]:
    return [str(site.write.table) for site in sites if site.status is not Status.UNRESOLVED]


def _within(body: str) -> dict[str, str]:
    return {"Store.scala": f'object Store {{\n  val T = "t"\n  def save(x: Int) = {{\n{body}\n  }}\n}}\n'}


BODIES = (
    f'run("INSERT INTO t {TAIL}")',
    f'run(s"INSERT INTO $T {TAIL}")',
    f'run(s"INSERT INTO ${{T}} (a) " + "VALUES (?) {NOTHING}")',
    f"run({QUOTES}INSERT INTO t\n  |(a) VALUES (1)\n  |{NOTHING}{QUOTES}.stripMargin)",
    f"run(s{QUOTES}INSERT INTO $T\n  |(a) VALUES (1)\n  |{NOTHING}{QUOTES}.stripMargin)",
    f'run("INSERT INTO %s {TAIL}".format(T))',
    f'sql"INSERT INTO t (a) VALUES ($x) {NOTHING}".update.run',
    f'(fr"INSERT INTO t (a)" ++ fr"VALUES ($x)" ++ fr"{NOTHING}").update',
    f'(Fragment.const(s"INSERT INTO $T (a) VALUES (1)") ++ fr"{NOTHING}").update',
    f'sql"INSERT INTO ${{Fragment.const(T)}} (a) VALUES ($x) {NOTHING}".update',
    f'sqlu"INSERT INTO #$T (a) VALUES ($x) {NOTHING}"',
    f'SQL("INSERT INTO t (a) VALUES ({{a}}) {NOTHING}").on("a" -> x).executeUpdate()',
    f'Update[Row](s"INSERT INTO $T {TAIL}").run(row)',
    f'val cols = List("a")\nUpdate[Row](s"INSERT INTO t (${{cols.mkString(", ")}}) VALUES (?) {NOTHING}")',
    f'(fr"INSERT INTO" ++ Fragment.const("t") ++ fr"{TAIL}").update',
    f'run(Seq("INSERT INTO t", "{TAIL}").mkString(" "))',
    f'val parts = List("INSERT INTO t", "{TAIL}")\nrun(parts.mkString("", "\\n", ";"))',
    f'var q = "INSERT INTO t (a) VALUES (1) "\nq += "{NOTHING}"\nrun(q)',
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, _within(body))
    assert (str(site.write.table), site.status) == ("t", Status.RESOLVED)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)


def test_lines_stay_exact_in_raw_strings(tmp_path: Path) -> None:
    body = f"sql{QUOTES}\n    INSERT INTO t (a)\n    VALUES (${{x.get}})\n      {NOTHING}\n{QUOTES}.update"
    (site,) = sites_of(tmp_path, _within(body))
    assert (site.statement_line, site.span.line, site.span.column) == (5, 7, 7)


def test_a_name_that_is_bound_cannot_be_a_table(tmp_path: Path) -> None:
    (site,) = sites_of(tmp_path, _within(f'sql"INSERT INTO $x (a) VALUES (1) {NOTHING}".update'))
    assert site.status is Status.UNRESOLVED


@pytest.mark.parametrize("value", ['if (old) "x" else "y"', 'k match { case 1 => "x"; case _ => "y" }'])
def test_each_of_several_tables_is_a_site(tmp_path: Path, value: str) -> None:
    body = f'val t = {value}\nrun(s"INSERT INTO $t {TAIL}")'
    assert sorted(_tables(sites_of(tmp_path, _within(body)))) == ["x", "y"]


IMPORTS = (
    ("import shop.db.Tables", "Tables.USERS"),
    ("import shop.db.Tables.USERS", "USERS"),
    ("import shop.db.Tables._", "USERS"),
    ("import shop.db.Tables.{USERS => U}", "U"),
    ("import shop.db._", "Tables.USERS"),
    ("import shop.db.Named", "Named.USERS"),
)


@pytest.mark.parametrize(("line", "name"), IMPORTS)
def test_constants_are_found_by_import(tmp_path: Path, line: str, name: str) -> None:
    store = f'package shop.app\n{line}\nobject Store {{ def save() = run(s"INSERT INTO ${{{name}}} {TAIL}") }}\n'
    files = {
        "app/Store.scala": store,
        "db/Tables.scala": 'package shop.db\nobject Tables { val USERS = "users" }\n',
        "db/Named.java": 'package shop.db;\npublic class Named { public static final String USERS = "users"; }\n',
        "old/Tables.scala": 'package shop.old\nobject Tables { val USERS = "old" }\n',
    }
    assert _tables(sites_of(tmp_path, files)) == ["users"]


def test_inherited_names_and_calls_are_followed(tmp_path: Path) -> None:
    files = {
        "Store.scala": (
            "class Store extends Base {\n"
            f'  val own = s"INSERT INTO $table {TAIL}"\n'
            f'  def put(name: String, key: String = "a") = run(s"INSERT INTO $name ($key) VALUES (?) {NOTHING}")\n'
            '  def all() = { put("x"); put("y") }\n}\n'
        ),
        "Base.scala": 'trait Base { val table = "users" }\n',
    }
    assert sorted(_tables(sites_of(tmp_path, files))) == ["users", "x", "y"]


def test_what_is_only_compared_is_no_site(tmp_path: Path) -> None:
    assert not sites_of(tmp_path, _within(f'assertEquals(q, "INSERT INTO t {TAIL}")\nq == "INSERT INTO t {TAIL}"'))
