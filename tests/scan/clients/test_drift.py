"""drift: upserts of generated tables, on SQLite unless the project has drift_postgres."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, DefaultKey, InferenceClause, Status

from ..tree import sites_of

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.model import WriteSite

TABLES = """import 'package:drift/drift.dart';
class TodoItems extends Table {
  IntColumn get id => integer().autoIncrement()();
  TextColumn get title => text().named('heading').unique()();
  DateTimeColumn get dueDate => dateTime().nullable()();
}
class Words extends Table {
  TextColumn get word => text()();
  @override
  String get tableName => 'vocabulary';
  @override
  Set<Column> get primaryKey => {word};
}
"""
POSTGRES = "name: app\ndependencies:\n  drift_postgres: ^1.3.0\n"


def _site(place: Path, body: str, pubspec: str = POSTGRES) -> WriteSite:
    source = f"import 'package:drift/drift.dart';\nclass Db {{\n  Future<void> save(x) async {{\n{body}\n  }}\n}}\n"
    (site,) = sites_of(place, {"lib/tables.dart": TABLES, "lib/db.dart": source, "pubspec.yaml": pubspec})
    assert site.client == "drift"
    return site


def test_the_target_is_the_primary_key_when_none_is_given(tmp_path: Path) -> None:
    site = _site(tmp_path, "await into(todoItems).insertOnConflictUpdate(TodoItemsCompanion.insert(title: 'a'));")
    assert str(site.write.table) == "todo_items"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id",)
    assert (site.write.action, site.write.columns) == (Action.UPDATE, ("heading",))


def test_a_target_names_columns_as_the_table_does(tmp_path: Path) -> None:
    clause = "DoUpdate((old) => x, target: [todoItems.title, todoItems.dueDate])"
    site = _site(tmp_path, f"await into(todoItems).insert(x, onConflict: {clause});")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("heading", "due_date")


@pytest.mark.parametrize(
    "body", ["db.words.insertOnConflictUpdate(x);", "batch((b) { b.insertAllOnConflictUpdate(words, x); });"]
)
def test_a_table_may_have_a_name_and_a_key_of_its_own(tmp_path: Path, body: str) -> None:
    site = _site(tmp_path, body)
    assert str(site.write.table) == "vocabulary"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("word",)


def test_a_table_that_is_not_in_the_tree_has_the_name_of_its_getter(tmp_path: Path) -> None:
    site = _site(tmp_path, "into(openOrders).insert(x, onConflict: DoUpdate((old) => x));")
    assert str(site.write.table) == "open_orders"
    assert site.write.target == DefaultKey()


def test_doing_nothing_needs_no_target(tmp_path: Path) -> None:
    site = _site(tmp_path, "into(words).insert(x, onConflict: DoNothing());")
    assert (site.write.target, site.write.action) == (AnyArbiter(), Action.NOTHING)


def test_without_drift_postgres_it_is_for_sqlite(tmp_path: Path) -> None:
    site = _site(tmp_path, "into(words).insertOnConflictUpdate(x);", "name: app\n")
    assert site.status is Status.NOT_POSTGRES
    assert "drift_postgres" in (site.reason or "")


def test_plain_inserts_and_upserts_of_supabase_are_none_of_drift(tmp_path: Path) -> None:
    source = "import 'package:supabase/supabase.dart';\nf(c) => c.from('t').upsert({'id': 1}, onConflict: 'id');\n"
    plain = "import 'package:drift/drift.dart';\nf(db, x) => db.into(db.words).insert(x);\n"
    (site,) = sites_of(tmp_path, {"a.dart": source, "b.dart": plain})
    assert site.client == "supabase-dart"
