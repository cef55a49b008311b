"""Statements of JDBI whose table a caller defines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Status

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

TAIL = "VALUES (:email) ON CONFLICT (email) DO NOTHING"


def _tables(place: Path, files: dict[str, str]) -> list[tuple[str, Status]]:
    return [(str(site.write.table), site.status) for site in sites_of(place, files)]


def test_a_name_stands_for_what_the_chain_defines(tmp_path: Path) -> None:
    body = f'handle.createUpdate("INSERT INTO <t> (email) {TAIL}").define("t", "users").bind("email", x).execute();'
    source = f"import org.jdbi.v3.core.Handle;\nclass A {{ void a(Handle handle) {{ {body} }} }}\n"
    assert _tables(tmp_path, {"A.java": source}) == [("users", Status.RESOLVED)]


def test_a_list_of_columns_is_defined_too(tmp_path: Path) -> None:
    sql = "INSERT INTO users (<cols>) VALUES (<values>) ON CONFLICT (email) DO NOTHING"
    body = f'handle.createUpdate("{sql}").defineList("cols", "email", "name").execute()'
    source = f"import org.jdbi.v3.core.Handle\nfun a(handle: Handle) {{ {body} }}\n"
    (site,) = sites_of(tmp_path, {"A.kt": source})
    assert site.write.columns == ("email", "name")


def test_a_method_is_followed_to_its_calls_by_what_its_parameter_defines(tmp_path: Path) -> None:
    method = (
        f'@SqlUpdate("INSERT INTO <t> (email) {TAIL}")\n  void put(@Define("t") String table, @Bind("email") String e);'
    )
    source = f"import org.jdbi.v3.sqlobject.statement.SqlUpdate;\ninterface Dao {{\n  {method}\n}}\n"
    calls = 'class B { void b(Dao dao) { dao.put("users", "x"); } }\n'
    assert ("users", Status.RESOLVED) in _tables(tmp_path, {"Dao.java": source, "B.java": calls})


def test_without_jdbi_the_brackets_mean_nothing(tmp_path: Path) -> None:
    source = f'class A {{ void a() {{ run("INSERT INTO <t> (email) {TAIL}"); }} }}\n'
    assert [status for _, status in _tables(tmp_path, {"A.java": source})] == [Status.UNRESOLVED]


def test_an_upsert_whose_rows_are_added_in_a_loop_is_one_site(tmp_path: Path) -> None:
    body = """StringBuilder b = new StringBuilder("INSERT INTO users (email) VALUES ");
    for (int i = 0; i < n; i++) { if (i > 0) b.append(", "); b.append("(?)"); }
    b.append(" ON CONFLICT (email) DO NOTHING"); run(b.toString());"""
    source = f"class A {{ void a(int n) {{ {body} }} }}\n"
    assert _tables(tmp_path, {"A.java": source}) == [("users", Status.RESOLVED)]
