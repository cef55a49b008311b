from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]


def _found(sites: Sites, body: str, **more: str) -> WriteSite:
    (site,) = sites({**more, "lib/a.rb": body})
    return site


def test_a_dataset_of_a_schema_is_written_by_its_target(sites: Sites) -> None:
    body = """
rows = items.map { |item| { a: item.a, b: item.b } }
DB[Sequel[:app][:pairs]]
  .insert_conflict(target: %i[a b], update: { b: Sequel[:excluded][:b], n: Sequel[:pairs][:n] + 1 })
  .multi_insert(rows)
"""
    site = _found(sites, body)
    assert str(site.write.table) == "app.pairs"
    assert (site.span.line, site.statement_line) == (4, 3)
    assert site.write.columns == ("a", "b")
    assert site.write.set_columns == ("b", "n")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("a", "b")


def test_a_predicate_is_the_sql_of_its_literals(sites: Sites) -> None:
    body = "DB[:t].insert_conflict(target: :a, conflict_where: { gone: nil, live: true, kind: 'x' }).insert(a: 1)\n"
    target = _found(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "gone IS NULL AND live IS TRUE AND kind = 'x'"


def test_a_predicate_may_be_a_column_or_sql(sites: Sites) -> None:
    body = "DB[:t].insert_conflict(target: :a, conflict_where: :live).insert(a: 1)\n"
    target = _found(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "live"
    body = "DB[:t].insert_conflict(target: :a, conflict_where: Sequel.lit('n > 3')).insert(a: 1)\n"
    target = _found(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert target.predicate == "n > 3"


def test_an_expression_may_be_the_target(sites: Sites) -> None:
    body = "DB[:t].insert_conflict(target: Sequel.function(:lower, :email), update: { n: 1 }).insert(email: 'x')\n"
    target = _found(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert [element.text for element in target.elements] == ["lower(email)"]


def test_a_constraint_is_named(sites: Sites) -> None:
    site = _found(sites, "DB[:t].insert_conflict(constraint: :t_a_key, update: { n: 1 }).import(%i[a n], rows)\n")
    assert site.write.target == NamedConstraint("t_a_key")
    assert site.write.columns == ("a", "n")


def test_an_update_without_a_target_is_refused_by_the_server(sites: Sites) -> None:
    site = _found(sites, "DB[:t].insert_conflict(update: { n: 1 }).insert(a: 1)\n")
    assert isinstance(site.write.target, Unresolved)


def test_conflicts_are_ignored_without_a_target(sites: Sites) -> None:
    site = _found(sites, "DB[:t].returning.insert_conflict.insert(a: 1)\n")
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING


def test_a_way_of_sqlite_is_not_for_postgresql(sites: Sites) -> None:
    site = _found(sites, "DB[:t].insert_conflict(:replace).insert(a: 1)\n")
    assert site.status is Status.NOT_POSTGRES


def test_models_have_the_table_that_they_name_or_that_is_named_after_them(sites: Sites) -> None:
    files = {
        "models.rb": """
class Person < Sequel::Model
end
class Thing < Sequel::Model(:old_things)
end
class Other < Sequel::Model(DB[:sch_others])
end
module Shop
  class LineItem < Sequel::Model
    set_dataset Sequel[:shop][:items]
  end
end
class Base < Sequel::Model
  plugin :single_table_inheritance, :kind
end
class Child < Base
end
class Parent < Sequel::Model
end
class Doubtful < Parent
end
""",
        "use.rb": "".join(
            f"{name}.dataset.insert_conflict.insert(a: 1)\n"
            for name in ("Person", "Thing", "Other", "Shop::LineItem", "Child", "Doubtful")
        ),
    }
    tables = [str(site.write.table) for site in sites(files)]
    assert tables == ["people", "old_things", "sch_others", "shop.items", "bases", "None"]


def test_a_project_may_name_its_tables_in_the_singular(sites: Sites) -> None:
    site = _found(
        sites,
        "class Page < Sequel::Model\nend\nPage.dataset.insert_conflict.insert(a: 1)\n",
        **{"db.rb": "Sequel::Model.plugin :singular_table_names\n"},
    )
    assert str(site.write.table) == "page"


def test_a_dataset_is_followed_through_variables_and_methods(sites: Sites) -> None:
    body = """
class Store
  TABLE = :events
  def dataset = DB[TABLE]
  def save(row)
    dataset.insert_conflict(target: :id).insert(id: row.id, body: row.body)
  end
end
"""
    site = _found(sites, body)
    assert str(site.write.table) == "events"
    assert site.write.columns == ("id", "body")


def test_an_instance_may_be_saved_so_by_a_plugin(sites: Sites) -> None:
    body = """
class Vm < Sequel::Model(:vm)
end
Vm.new(name: "a", arch: "x").insert_conflict(target: :name, update: { arch: "x" }).save_changes
"""
    site = _found(sites, body)
    assert str(site.write.table) == "vm"
    assert site.write.columns == ("name", "arch")
    assert not site.write.complete


def test_lookups_that_create_are_races(sites: Sites) -> None:
    body = """
class Tag < Sequel::Model
end
Tag.find_or_create(name: n) { |tag| tag.kind = 1 }
Tag.update_or_create({ name: n }, kind: 2)
"""
    first, second = sites({"lib/a.rb": body})
    assert [site.mechanism for site in (first, second)] == [Mechanism.SELECT_THEN_INSERT] * 2
    assert [site.key_columns for site in (first, second)] == [("name",), ("name",)]
    assert second.write.action is Action.UPDATE
    assert second.write.set_columns == ("kind",)


def test_other_classes_with_such_methods_are_no_models(sites: Sites) -> None:
    assert sites({"lib/a.rb": "class Bag\n  def self.find_or_create(x) = x\nend\nBag.find_or_create(a: 1)\n"}) == ()
