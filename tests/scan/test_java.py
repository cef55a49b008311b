"""Java sources: strings put together in every way, names across files and packages, methods that write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Mechanism, Scope, Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

NOTHING = "ON CONFLICT (a) DO NOTHING"
TAIL = f"(a) VALUES (?) {NOTHING}"


def _tables(sites: tuple[WriteSite, ...]) -> list[str]:
    return [str(site.write.table) for site in sites if site.status is not Status.UNRESOLVED]


def _within(body: str) -> dict[str, str]:
    return {"Store.java": f'class Store {{\n  static final String T = "t";\n  void save() {{\n{body}\n  }}\n}}\n'}


KIND = """
  }
  enum Kind {
    ONE("t"), TWO("u");
    final String table;
    Kind(String table) { this.table = table; }
    String getTable() { return table; }"""
HANDED_ON = """
  }
  enum Kind {
    ONE("t"), TWO("u", true);
    @Getter private final String table;
    final boolean old;
    Kind(String table) { this(table, false); }
    Kind(String table, boolean old) { this.table = table; this.old = old; }"""
MADE = """
  }
  @Getter @AllArgsConstructor
  enum Kind {
    ONE(1, "t"), TWO(2, "u");
    private static final String OTHER = "v";
    private final int code;
    private final String table;"""
BODIES = (
    f'jdbc.update("INSERT INTO t {TAIL}", a);',
    f'jdbc.update("INSERT INTO " + T + " (a) " +\n "VALUES (?) " + "{NOTHING}", a);',
    f'jdbc.update(String.format("INSERT INTO %s (%2$s) VALUES (?) {NOTHING}", "t", "a"));',
    f'jdbc.update("INSERT INTO %s {TAIL}".formatted(T));',
    f'String q = "INSERT INTO t (a) VALUES (1) "; q += "{NOTHING}"; run(q);',
    f'String q = String.join(" ", "INSERT INTO t (a)", "VALUES (1)", "{NOTHING}");',
    f'var b = new StringBuilder(); b.append("INSERT INTO t ").append("{TAIL}"); run(b.toString());',
    f'StringBuilder b = new StringBuilder("INSERT INTO ");\n b.append(T); b.append(" {TAIL}"); run(b.toString());',
    f'run(new StringBuilder().append("INSERT INTO ").append(T).append(" {TAIL}").toString());',
    f'run("INSERT INTO $T {TAIL}".replace("$T", T));',
    f'run("INSERT INTO t (" + String.join(", ", List.of("a")) + ") VALUES (?) {NOTHING}");',
    f'run("INSERT INTO " + Kind.ONE.getTable() + " {TAIL}");\n{KIND}',
    f'run("INSERT INTO " + Kind.ONE.getTable() + " {TAIL}");\n{HANDED_ON}',
    f'run("INSERT INTO " + Kind.ONE.getTable() + " {TAIL}");\n{MADE}',
    f'run("INSERT INTO " + name() + " {TAIL}"); }} String name() {{ return T; ',
    f'run("""\n      INSERT INTO t\n        {TAIL}\n      """);',
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, _within(body))
    assert (str(site.write.table), site.status) == ("t", Status.RESOLVED)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)


def test_lines_stay_exact_in_text_blocks_and_behind_escapes(tmp_path: Path) -> None:
    body = f'    run("""\n        INSERT INTO \\"T\\" (a) \\\n        VALUES (1)\n          {NOTHING}\n        """);'
    (site,) = sites_of(tmp_path, _within(body))
    assert (str(site.write.table), site.statement_line, site.span.line, site.span.column) == ("T", 5, 7, 11)


def test_a_conditional_table_is_two_sites(tmp_path: Path) -> None:
    body = f'String t = old ? "x" : "y"; run("INSERT INTO " + t + " {TAIL}");'
    assert sorted(_tables(sites_of(tmp_path, _within(body)))) == ["x", "y"]


def test_a_switch_names_each_of_its_tables(tmp_path: Path) -> None:
    body = f'String t = switch (k) {{ case A -> "x"; default -> "y"; }}; run("INSERT INTO " + t + " {TAIL}");'
    assert sorted(_tables(sites_of(tmp_path, _within(body)))) == ["x", "y"]


ANNOTATIONS = (
    '@SqlUpdate("INSERT INTO t {}")',
    '@SqlUpdate("INSERT INTO " + T + " {}")',
    '@SqlBatch(value = "INSERT INTO t {}")',
    '@Query(value = "INSERT INTO t {}", nativeQuery = true)',
    '@NamedNativeQuery(name = "put", query = "INSERT INTO t {}")',
    '@NamedNativeQueries({{@NamedNativeQuery(name = "put", query = "INSERT INTO t {}")}})',
)


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_annotations_hold_statements(tmp_path: Path, annotation: str) -> None:
    text = f'interface Dao {{\n  String T = "t";\n  {annotation.format(TAIL)}\n  int put(String a);\n}}\n'
    (site,) = sites_of(tmp_path, {"Dao.java": text})
    assert (str(site.write.table), site.span.line, site.status) == ("t", 3, Status.RESOLVED)


IMPORTS = (
    ("import shop.db.Tables;", "Tables.USERS"),
    ("import static shop.db.Tables.USERS;", "USERS"),
    ("import static shop.db.Tables.*;", "USERS"),
    ("import shop.db.*;", "Tables.USERS"),
    ("", "shop.db.Tables.USERS"),
    ("import shop.db.Tables.Inner;", "Inner.USERS"),
    ("import shop.db.Tables;", "Tables.Inner.USERS"),
)


@pytest.mark.parametrize(("line", "name"), IMPORTS)
def test_constants_are_found_by_import(tmp_path: Path, line: str, name: str) -> None:
    store = (
        f'package shop.app;\n{line}\nclass Store {{ void save() {{ run("INSERT INTO " + {name} + " {TAIL}"); }} }}\n'
    )
    tables = (
        "package shop.db;\npublic final class Tables { public static final String USERS = Names.U;\n"
        '  public static class Inner { public static final String USERS = "us" + "ers"; } }\n'
    )
    files = {
        "app/src/shop/app/Store.java": store,
        "db/src/shop/db/Tables.java": tables,
        "db/src/shop/db/Names.java": 'package shop.db;\nclass Names { static final String U = "users"; }\n',
        "old/Tables.java": 'package shop.old;\npublic class Tables { public static final String USERS = "old"; }\n',
    }
    assert _tables(sites_of(tmp_path, files)) == ["users"]


def test_a_class_of_another_package_is_not_meant(tmp_path: Path) -> None:
    files = {
        "app/Store.java": f'package a;\nclass Store {{ void save() {{ run("INSERT INTO " + T.X + " {TAIL}"); }} }}\n',
        "app/T.java": 'package b;\npublic class T { public static final String X = "users"; }\n',
    }
    (site,) = sites_of(tmp_path, files)
    assert site.status is Status.UNRESOLVED


def test_inherited_constants_are_found(tmp_path: Path) -> None:
    files = {
        "Store.java": f'class Store extends Base {{ void save() {{ run("INSERT INTO " + TABLE + " {TAIL}"); }} }}\n',
        "Base.java": "abstract class Base implements Names { }\n",
        "Names.java": 'interface Names { String TABLE = "users"; }\n',
    }
    assert _tables(sites_of(tmp_path, files)) == ["users"]


WRAPPER = """class Store implements Saving {
  void putInto(String table, String key) {
    jdbc.update("INSERT INTO " + table + "(" + key + ") VALUES (?) ON CONFLICT (" + key + ") DO NOTHING");
  }
  void putInto(String table) { putInto(table, "id"); }
}
"""


def test_each_call_of_a_method_that_writes_is_a_site(tmp_path: Path) -> None:
    caller = """class App {
  private final Saving store;
  void run(Store own) {
    store.putInto("a", "x");
    own.putInto("b", "y");
    own.putInto("c");
    new Store().putInto("d", "z");
    List.of().putInto("e", "no");
  }
}
"""
    files = {"Store.java": WRAPPER, "App.java": caller, "Saving.java": "interface Saving { }\n"}
    assert sorted(_tables(sites_of(tmp_path, files))) == ["a", "b", "c", "d"]


def test_what_is_only_compared_is_no_site(tmp_path: Path) -> None:
    body = f'assertEquals("INSERT INTO t {TAIL}", sql); assertThat(sql).isEqualTo("INSERT INTO t {TAIL}");'
    assert not sites_of(tmp_path, _within(body))


@pytest.mark.parametrize("path", ["src/test/java/Store.java", "StoreTest.java", "StoreIT.java"])
def test_tests_are_known_by_their_place(tmp_path: Path, path: str) -> None:
    (site,) = sites_of(tmp_path, {path: _within(f'run("INSERT INTO t {TAIL}");')["Store.java"]})
    assert site.scope is Scope.TEST


def test_a_driver_for_another_database_is_evidence(tmp_path: Path) -> None:
    text = "import org.sqlite.SQLiteDataSource;\n" + _within(f'run("INSERT INTO t {TAIL}");')["Store.java"]
    (site,) = sites_of(tmp_path, {"Store.java": text})
    assert site.status is Status.NOT_POSTGRES


ENTITIES = (
    ("jpa", '@Query("INSERT INTO Note (a) VALUES (:a) {}")', Status.UNRESOLVED),
    ("jpa", '@Query(value = "INSERT INTO note (a) VALUES (:a) {}", nativeQuery = true)', Status.RESOLVED),
    ("r2dbc", '@Query("INSERT INTO note (a) VALUES (:a) {}")', Status.RESOLVED),
    (
        "jpa.NamedQuery;\nimport jakarta.persistence",
        '@NamedQuery(name = "put", query = "INSERT INTO Note (a) VALUES (:a) {}")',
        Status.UNRESOLVED,
    ),
)


@pytest.mark.parametrize(("module", "annotation", "status"), ENTITIES)
def test_queries_on_entities_name_no_tables(tmp_path: Path, module: str, annotation: str, status: Status) -> None:
    head = f"import org.springframework.data.{module}.repository.Query;\n"
    text = f"{head}interface Notes {{\n  {annotation.format(NOTHING)}\n  int put(String a);\n}}\n"
    (site,) = sites_of(tmp_path, {"Notes.java": text})
    assert site.status is status


@pytest.mark.parametrize("method", ["createQuery", "createMutationQuery"])
def test_a_query_that_is_created_may_be_one_on_entities(tmp_path: Path, method: str) -> None:
    body = f'em.{method}("INSERT INTO Note (a) VALUES (1) {NOTHING}").executeUpdate();'
    native = f'em.createNativeQuery("INSERT INTO note (a) VALUES (1) {NOTHING}").executeUpdate();'
    files = _within(body + "\n" + native)
    sites = sites_of(tmp_path, {"Store.java": "import jakarta.persistence.EntityManager;\n" + files["Store.java"]})
    assert [site.status for site in sites] == [Status.UNRESOLVED, Status.RESOLVED]
    assert {site.status for site in sites_of(tmp_path, files)} == {Status.RESOLVED}  # JDBI's, as far as the file tells


def test_an_insert_after_a_lookup_by_a_named_statement_is_racy(tmp_path: Path) -> None:
    text = """class Store {
  private static final String FIND = "SELECT a FROM t WHERE a = ?";
  private static final String PUT = "INSERT INTO t (a) VALUES (?)";
  void save(String a) {
    if (jdbc.queryForObject(FIND, String.class, a) == null) {
      connection.prepareStatement(PUT).execute();
    }
  }
}
"""
    (site,) = sites_of(tmp_path, {"Store.java": text})
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("a",))
