"""Kotlin sources: strings put together in every way, names across files and packages, functions that write."""

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
    constants = 'const val T = "t"\nenum class Kind(val table: String) { ONE("t"), TWO("u") }\n'
    return {"Store.kt": f"{constants}class Store {{\n    fun save() {{\n{body}\n    }}\n}}\n"}


BODIES = (
    f'exec("INSERT INTO t {TAIL}")',
    f'exec("INSERT INTO $T {TAIL}")',
    f'exec("INSERT INTO ${{T}} (a) " +\n  "VALUES (?) {NOTHING}")',
    f"exec({QUOTES}\n  INSERT INTO t\n  {TAIL}\n{QUOTES}.trimIndent())",
    f"exec({QUOTES}INSERT INTO $T\n  |(a) VALUES (1)\n  |{NOTHING}{QUOTES}.trimMargin())",
    f'exec({QUOTES}INSERT INTO t\n  #(a) VALUES (1)\n  #{NOTHING}{QUOTES}.trimMargin("#"))',
    f'exec("INSERT INTO %s (%2\\$s) VALUES (?) {NOTHING}".format(T, "a"))',
    f'exec(String.format("INSERT INTO %s {TAIL}", T))',
    f'val cols = listOf("a")\nexec("INSERT INTO t (${{cols.joinToString(", ")}}) VALUES (?) {NOTHING}")',
    f'var q = "INSERT INTO t (a) VALUES (1) "\nq += "{NOTHING}"\nexec(q)',
    f'val b = StringBuilder()\nb.append("INSERT INTO ").append(T)\nb.append(" {TAIL}")\nexec(b.toString())',
    f'exec(buildString {{\n  append("INSERT INTO ")\n  append(T)\n  append(" {TAIL}")\n}})',
    f'exec(StringBuilder("INSERT INTO ").apply {{\n  append(T)\n  append(" {TAIL}")\n}}.toString())',
    f'exec(buildString {{\n  appendLine("INSERT INTO t")\n  append("{TAIL}")\n}}.trimIndent())',
    f'exec("INSERT INTO ${{Kind.ONE.table}} {TAIL}")',
    f'val q by lazy {{ "INSERT INTO t {TAIL}" }}\nexec(q)',
    f'exec(listOf("INSERT INTO t", "{TAIL}").joinToString(" "))',
    f'val t = null ?: T\nexec("INSERT INTO $t {TAIL}")',
    f'exec("INSERT INTO $T (a) VALUES (${{row.a}}) {NOTHING}")',
    f'use {{ c -> c.prepareStatement("INSERT INTO t {TAIL}") }}',
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, _within(body))
    assert (str(site.write.table), site.status) == ("t", Status.RESOLVED)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)


def test_lines_stay_exact_in_raw_strings_and_behind_escapes(tmp_path: Path) -> None:
    body = f'exec("INSERT INTO \\"T\\"\\t" + {QUOTES}(a)\n  VALUES (1)\n    {NOTHING}{QUOTES})'
    (site,) = sites_of(tmp_path, _within(body))
    assert (str(site.write.table), site.statement_line, site.span.line, site.span.column) == ("T", 5, 7, 5)


def test_a_dollar_may_be_written_as_a_character(tmp_path: Path) -> None:
    (site,) = sites_of(tmp_path, _within(f"exec(\"INSERT INTO t (a) VALUES (${{'$'}}1) {NOTHING}\")"))
    assert site.sql is not None
    assert "$1" in site.sql


@pytest.mark.parametrize(
    "value", ['if (old) "x" else "y"', 'when (k) { 1 -> "x"; else -> "y" }', 'if (old) {\n "x"\n } else {\n "y"\n }']
)
def test_each_of_several_tables_is_a_site(tmp_path: Path, value: str) -> None:
    assert sorted(_tables(sites_of(tmp_path, _within(f'val t = {value}\nexec("INSERT INTO $t {TAIL}")')))) == ["x", "y"]


def test_what_is_put_into_a_string_may_stand_on_lines_of_its_own(tmp_path: Path) -> None:
    choice = 'when (k) {\n Kind.ONE -> "x"\n Kind.TWO -> "y"\n }'
    body = f"exec({QUOTES}INSERT INTO ${{\n {choice}\n }} {TAIL}{QUOTES})"
    assert sorted(_tables(sites_of(tmp_path, _within(body)))) == ["x", "y"]


ANNOTATIONS = (
    '@SqlUpdate("INSERT INTO t {}")',
    '@SqlUpdate("INSERT INTO $T {}")',
    '@Query(value = "INSERT INTO t {}", nativeQuery = true)',
    '@Insert("INSERT INTO", "t", "{}")',
    '@Insert(value = ["INSERT INTO", "t", "{}"])',
    f"@Query({QUOTES}INSERT INTO t {{}}{QUOTES})",
)


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_annotations_hold_statements(tmp_path: Path, annotation: str) -> None:
    text = f'const val T = "t"\ninterface Dao {{\n    {annotation.format(TAIL)}\n    fun put(a: String): Int\n}}\n'
    (site,) = sites_of(tmp_path, {"Dao.kt": text})
    assert (str(site.write.table), site.span.line, site.status) == ("t", 3, Status.RESOLVED)


IMPORTS = (
    ("import shop.db.USERS", "USERS"),
    ("import shop.db.USERS as U", "U"),
    ("import shop.db.*", "USERS"),
    ("import shop.db.Tables", "Tables.USERS"),
    ("import shop.db.Tables.USERS", "USERS"),
    ("import shop.db.Repo", "Repo.USERS"),
    ("import shop.db.Named", "Named.USERS"),
)


@pytest.mark.parametrize(("line", "name"), IMPORTS)
def test_constants_are_found_by_import(tmp_path: Path, line: str, name: str) -> None:
    store = f'package shop.app\n{line}\nclass Store {{ fun save() = exec("INSERT INTO ${{{name}}} {TAIL}") }}\n'
    tables = 'package shop.db\nconst val USERS = "users"\nobject Tables { const val USERS = "users" }\n'
    repo = 'class Repo {\n    companion object {\n        const val USERS = "users"\n    }\n}\n'
    files = {
        "app/Store.kt": store,
        "db/All.kt": tables + repo,
        "db/Named.java": 'package shop.db;\npublic class Named { public static final String USERS = "users"; }\n',
        "old/All.kt": 'package shop.old\nconst val USERS = "old"\nobject Tables { const val USERS = "old" }\n',
    }
    assert _tables(sites_of(tmp_path, files)) == ["users"]


def test_each_call_of_a_function_that_writes_is_a_site(tmp_path: Path) -> None:
    wrapper = (
        'class Store {\n    fun putInto(table: String, key: String = "id") {\n'
        '        exec("INSERT INTO $table($key) VALUES (?) ON CONFLICT ($key) DO NOTHING")\n    }\n}\n'
    )
    caller = (
        "class App(private val store: Store) {\n    fun run(other: Store) {\n"
        '        store.putInto("a", "x")\n        other.putInto(key = "y", table = "b")\n'
        '        Store().putInto("c")\n        listOf<Int>().putInto("d")\n    }\n}\n'
    )
    sites = sites_of(tmp_path, {"Store.kt": wrapper, "App.kt": caller})
    assert sorted(_tables(sites)) == ["a", "b", "c"]


def test_what_is_only_compared_is_no_site(tmp_path: Path) -> None:
    body = f'assertEquals("INSERT INTO t {TAIL}", sql)\nif (sql == "INSERT INTO t {TAIL}") println(1)'
    assert not sites_of(tmp_path, _within(body))


def test_a_constant_that_is_only_a_part_is_no_site_of_its_own(tmp_path: Path) -> None:
    body = f'exec(Q + " {NOTHING}")'
    text = _within(body)["Store.kt"] + 'private const val Q = "INSERT INTO t (a) VALUES (1)"\n'
    assert _tables(sites_of(tmp_path, {"Store.kt": text})) == ["t"]


def test_queries_on_entities_name_no_tables(tmp_path: Path) -> None:
    head = "import org.springframework.data.jpa.repository.Query\n"
    one = f'    @Query("INSERT INTO Note (a) VALUES (:a) {NOTHING}")\n    fun one(a: String)\n'
    two = f'    @Query("INSERT INTO note (a) VALUES (:a) {NOTHING}", nativeQuery = true)\n    fun two(a: String)\n'
    sites = sites_of(tmp_path, {"Notes.kt": f"{head}interface Notes {{\n{one}{two}}}\n"})
    assert [site.status for site in sites] == [Status.UNRESOLVED, Status.RESOLVED]
