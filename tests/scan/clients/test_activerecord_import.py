from __future__ import annotations

from typing import TYPE_CHECKING

from pgarbiter.model import Action, AnyArbiter, DefaultKey, InferenceClause, NamedConstraint, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_MODELS = {
    "app/models/application_record.rb": "class ApplicationRecord < ActiveRecord::Base\n  primary_abstract_class\nend\n",
    "app/models/book.rb": "class Book < ApplicationRecord\n  alias_attribute :name, :title\nend\n",
}
_SCHEMA = """
ActiveRecord::Schema.define(version: 1) do
  create_table "books" do |t|
    t.string "title"
    t.datetime "created_at"
    t.datetime "updated_at"
  end
end
"""


def _found(sites: Sites, body: str, **more: str) -> WriteSite:
    (site,) = sites({**_MODELS, **more, "lib/a.rb": body})
    return site


def test_a_list_of_columns_takes_the_primary_key_for_its_target(sites: Sites) -> None:
    site = _found(sites, "Book.import books, on_duplicate_key_update: %i[title price]\n")
    assert str(site.write.table) == "books"
    assert isinstance(site.write.target, DefaultKey)
    assert site.write.set_columns == ("title", "price")


def test_columns_that_are_listed_are_written_with_the_timestamps_of_the_table(sites: Sites) -> None:
    body = "Book.import([:name, :isbn], rows, on_duplicate_key_update: { conflict_target: [:isbn], columns: :all })\n"
    site = _found(sites, body, **{"db/schema.rb": _SCHEMA})
    assert site.write.columns == ("title", "isbn", "created_at", "updated_at")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("isbn",)


def test_keys_of_hashes_are_written(sites: Sites) -> None:
    body = """
rows = data.map { |row| { title: row[0], isbn: row[1] } }
Book.import!(rows, on_duplicate_key_ignore: true, validate: false, timestamps: false)
"""
    site = _found(sites, body)
    assert site.write.columns == ("title", "isbn")
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING


def test_targets_and_predicates_are_sql_as_it_stands(sites: Sites) -> None:
    body = """
Book.bulk_import(books, on_duplicate_key_update: {
  conflict_target: ["lower(title)", :Shelf], index_predicate: "gone IS NULL", columns: { title: :title }
})
"""
    target = _found(sites, body).write.target
    assert isinstance(target, InferenceClause)
    assert [element.text for element in target.elements] == ["lower(title)", "shelf"]
    assert target.predicate == "gone IS NULL"


def test_a_constraint_is_named(sites: Sites) -> None:
    body = "Book.import(books, on_duplicate_key_update: { constraint_name: :books_title_key, columns: [:title] })\n"
    assert _found(sites, body).write.target == NamedConstraint("books_title_key")


def test_options_are_followed_into_variables(sites: Sites) -> None:
    body = """
OPTIONS = { on_duplicate_key_update: { conflict_target: %i[isbn], columns: %i[title] } }.freeze
Book.import(books, OPTIONS)
Book.import(books, **OPTIONS, validate: false)
"""
    found = sites({**_MODELS, "lib/a.rb": body})
    assert [site.write.target.columns for site in found if isinstance(site.write.target, InferenceClause)] == [
        ("isbn",),
        ("isbn",),
    ]


def test_ignoring_conflicts_of_one_target_names_it(sites: Sites) -> None:
    target = _found(sites, "Book.import(books, on_duplicate_key_ignore: { conflict_target: :isbn })\n").write.target
    assert isinstance(target, InferenceClause)
    assert target.columns == ("isbn",)


def test_a_target_that_a_parameter_gives_is_followed(sites: Sites) -> None:
    body = """
def load(rows, key)
  Book.import(rows, on_duplicate_key_update: { conflict_target: key, columns: [:title] })
end
load(rows, [:isbn])
"""
    found = sites({**_MODELS, "lib/a.rb": body})
    assert [type(site.write.target) for site in found] == [Unresolved, InferenceClause]


def test_an_update_that_is_switched_off_is_none(sites: Sites) -> None:
    assert sites({**_MODELS, "lib/a.rb": "Book.import(books, on_duplicate_key_update: nil)\n"}) == ()
