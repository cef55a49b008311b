"""Dart sources: strings put together in every way, names across files, and what supabase-dart sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, DefaultKey, InferenceClause, Mechanism, QualifiedName, Scope, Status

from .tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

NOTHING = "ON CONFLICT (a) DO NOTHING"
TAIL = f"(a) VALUES (1) {NOTHING}"


def _within(body: str, members: str = "") -> str:
    return f"""import 'package:postgres/postgres.dart';

class Store {{
  {members}
  Future<void> save(String table, {{String key = 'id'}}) async {{
    {body}
    await db.execute(Sql.named(q));
  }}
}}
"""


BODIES = (
    f"final q = 'INSERT INTO t {TAIL}';",
    f"final q = 'INSERT INTO t '\n        '(a) VALUES (1) '\n        \"{NOTHING}\";",
    f"final q = 'INSERT INTO ' + 't' + ' {TAIL}';",
    f"const t = 't'; final q = 'INSERT INTO $t {TAIL}';",
    f"const t = 't'; final q = '''\n      INSERT INTO ${{t}} {TAIL}\n    ''';",
    f"final q = r'''INSERT INTO t {TAIL}''';",
    f"var q = 'INSERT INTO t (a) VALUES (1) '; q += '{NOTHING}';",
    f"final q = ['INSERT INTO', 't', '{TAIL}'].join(' ');",
    f"final b = StringBuffer('INSERT INTO t ')..write('{TAIL}'); final q = b.toString();",
    f"final b = StringBuffer(); b.write('INSERT INTO t '); b.writeln('{TAIL}'); final q = b.toString();",
    "final q = 'INSERT INTO ${names['host']} TAIL'; }\n  static const names = {'host': 't'}; void f() { var q = 1;",
    """final q = 'INSERT INTO ${Tables.hosts.sql} TAIL';
  }
}
enum Tables { hosts('t'); const Tables(this.sql); final String sql; }
class Other { void f() { var q = 1;""",
)


@pytest.mark.parametrize("body", BODIES)
def test_a_statement_may_be_put_together_in_many_ways(tmp_path: Path, body: str) -> None:
    (site,) = sites_of(tmp_path, {"lib/store.dart": _within(body.replace("TAIL", TAIL))})
    assert str(site.write.table) == "t"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a",)
    assert (site.language, site.client) == ("dart", "raw-sql")


@pytest.mark.parametrize(
    "member", ["static const table_ = 't';", "final String table_ = 't';", "String get table_ => 't';"]
)
def test_a_member_of_the_class_is_known(tmp_path: Path, member: str) -> None:
    (site,) = sites_of(tmp_path, {"a.dart": _within(f"final q = 'INSERT INTO $table_ {TAIL}';", member)})
    assert str(site.write.table) == "t"


def test_constants_of_other_files_are_known(tmp_path: Path) -> None:
    tables = "const hosts = 'hosts';\nclass Keys { static const host = 'host'; }\n"
    body = "final q = 'INSERT INTO $hosts (${Keys.host}) VALUES (1) ON CONFLICT (${Keys.host}) DO NOTHING';"
    (site,) = sites_of(tmp_path, {"lib/tables.dart": tables, "lib/data/store.dart": _within(body)})
    assert (str(site.write.table), site.write.columns) == ("hosts", ("host",))


def test_lines_stay_exact_in_long_strings(tmp_path: Path) -> None:
    body = "final q = '''\n    INSERT INTO \"T\"\\t(a)\n    VALUES (1)\n    ON CONFLICT (a)\n    DO NOTHING''';"
    (site,) = sites_of(tmp_path, {"a.dart": _within(body)})
    assert (site.statement_line, site.span.line, site.span.column) == (7, 9, 5)


def test_a_wrapper_is_followed_to_its_calls(tmp_path: Path) -> None:
    store = _within("final q = 'INSERT INTO $table ($key) VALUES (1) ON CONFLICT ($key) DO NOTHING';").replace(
        "save(", "saveRow("
    )
    job = "Future<void> run(Store store) => store.saveRow('hosts', key: 'host');\n"
    found = sites_of(tmp_path, {"store.dart": store, "job.dart": job})
    own = next(site for site in found if site.span.path == "job.dart")
    assert (str(own.write.table), own.write.columns) == ("hosts", ("host",))


@pytest.mark.parametrize("package", ["sqflite/sqflite.dart", "powersync/powersync.dart", "drift/drift.dart"])
def test_sqlite_in_the_file_is_evidence(tmp_path: Path, package: str) -> None:
    source = f"import 'package:{package}';\nvoid f() {{ db.execute('INSERT INTO t {TAIL}'); }}\n"
    (site,) = sites_of(tmp_path, {"a.dart": source})
    assert site.status is Status.NOT_POSTGRES


def test_generated_files_are_told_by_their_names(tmp_path: Path) -> None:
    (site,) = sites_of(tmp_path, {"a.g.dart": f"const q = 'INSERT INTO t {TAIL}';\n"})
    assert site.scope is Scope.GENERATED


IMPORT = "import 'package:supabase_flutter/supabase_flutter.dart';\nfinal supabase = Supabase.instance.client;\n"


def _sent(tmp_path: Path, statement: str, more: str = "") -> WriteSite:
    source = f"{IMPORT}{more}\nFuture<void> save(User user, List<User> users) async {{\n  {statement}\n}}\n"
    (site,) = sites_of(tmp_path, {"lib/a.dart": source})
    assert site.client == "supabase-dart"
    return site


def test_an_upsert_is_read_with_its_options(tmp_path: Path) -> None:
    site = _sent(
        tmp_path, "await supabase.from('t').upsert({'a': 1, 'b': 2}, onConflict: 'a,b', ignoreDuplicates: true);"
    )
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a", "b")
    assert (str(site.write.table), site.write.action, site.write.columns) == ("t", Action.NOTHING, ("a", "b"))
    site = _sent(tmp_path, "await supabase.schema('s').from('t').upsert({'a': 1});")
    assert (site.write.table, site.write.target) == (QualifiedName("s", "t"), DefaultKey())
    assert (site.write.action, site.write.set_columns, site.status) == (Action.UPDATE, ("a",), Status.RESOLVED)


USER = """class User {
  final int id;
  final String? name;
  User(this.id, this.name);
  Map<String, dynamic> toJson() => {'id': id, 'full_name': name};
}
"""


def test_rows_of_classes_are_what_their_methods_return(tmp_path: Path) -> None:
    for statement in (
        "await supabase.from('users').upsert(user.toJson());",
        "await supabase.from('users').upsert(users.map((u) => u.toJson()).toList());",
        "await supabase.from('users').upsert([for (final u in users) u.toJson()]);",
        "final rows = users.map((u) { return u.toJson(); }).toList(); await supabase.from('users').upsert(rows);",
        "await supabase.from('users').upsert({...user.toJson()});",
    ):
        site = _sent(tmp_path, statement, USER)
        assert site.write.columns == ("id", "full_name"), statement
        assert site.status is Status.RESOLVED


def test_a_key_that_is_sent_on_a_condition_leaves_the_columns_open(tmp_path: Path) -> None:
    site = _sent(tmp_path, "await supabase.from('t').upsert({'a': 1, if (x) 'b': 2});")
    assert (site.write.columns, site.write.complete, site.status) == (("a",), False, Status.PARTIAL)


def test_a_lookup_before_an_insert_is_racy(tmp_path: Path) -> None:
    site = _sent(
        tmp_path,
        "final found = await supabase.from('t').select().eq('a', 1).maybeSingle();\n"
        "  if (found == null) { await supabase.from('t').insert({'a': 1}); }",
    )
    assert (site.mechanism, site.key_columns) == (Mechanism.SELECT_THEN_INSERT, ("a",))


def test_what_an_arrow_returns_is_a_site_too(tmp_path: Path) -> None:
    site = _sent(tmp_path, "await retry(\n    () => supabase.from('t').upsert({'a': 1}, onConflict: 'a'),\n  );")
    assert (str(site.write.table), site.statement_line, site.span.line) == ("t", 6, 6)
    site = _sent(tmp_path, "await each(users, (u) => supabase.from('t').insert({'a': u.id}));")
    assert site.write.columns == ("a",)


def test_lists_maps_and_storage_are_no_tables(tmp_path: Path) -> None:
    source = f"""{IMPORT}void f(List<int> xs) {{
  final l = List.from(xs); l.insert(0, 1); List.from(xs).insert(0, 1); index.upsert(vectors);
  supabase.storage.from('b').upload('x', file, fileOptions: FileOptions(upsert: true));
}}
"""
    assert sites_of(tmp_path, {"a.dart": source}) == ()


def test_a_call_in_a_cascade_is_a_call(tmp_path: Path) -> None:
    source = f"""import 'package:postgres/postgres.dart';
void f(Session s) {{ s..execute('INSERT INTO t {TAIL}')..x.y('SELECT 1'); }}
"""
    (site,) = sites_of(tmp_path, {"lib/a.dart": source})
    assert (str(site.write.table), site.status) == ("t", Status.RESOLVED)
