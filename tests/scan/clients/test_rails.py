from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, DefaultKey, InferenceClause, Mechanism, Status, Unresolved
from pgarbiter.scan.declarations.ruby_words import RAILS, SEQUEL

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_BASE = "class ApplicationRecord < ActiveRecord::Base\n  primary_abstract_class\nend\n"
_MODELS = {
    "app/models/application_record.rb": _BASE,
    "app/models/user.rb": """
class User < ApplicationRecord
  has_many :posts
  has_many :likes, as: :owner
  has_one :profile
end
""",
    "app/models/post.rb": """
class Post < ApplicationRecord
  belongs_to :user
  belongs_to :editor, class_name: "User", foreign_key: :edited_by
  alias_attribute :headline, :title
  attr_readonly :slug
end
""",
    "app/models/like.rb": "class Like < ApplicationRecord\n  belongs_to :owner, polymorphic: true\nend\n",
    "app/models/profile.rb": "class Profile < ApplicationRecord\n  belongs_to :user\n  before_create :fill\nend\n",
}
_SCHEMA = """
ActiveRecord::Schema[7.1].define(version: 2024_01_01_000000) do
  create_table "posts", force: :cascade do |t|
    t.bigint "user_id", null: false
    t.string "title", null: false
    t.string "slug"
    t.integer "edited_by"
    t.datetime "created_at", null: false
    t.datetime "updated_at", null: false
    t.datetime "deleted_at"
    t.index "lower((title)::text)", name: "index_posts_on_lower_title", unique: true
    t.index ["slug"], name: "index_posts_on_slug_alive", unique: true, where: "(deleted_at IS NULL)"
    t.index ["user_id", "title"], name: "by_title", unique: true
    t.index ["edited_by"], name: "index_posts_on_edited_by"
  end
  create_table "likes", id: :uuid, force: :cascade do |t|
    t.string "owner_type"
    t.bigint "owner_id"
  end
  create_table "users", primary_key: "uid", force: :cascade do |t|
    t.string "email"
  end
  create_table "profiles" do |t|
    t.bigint "user_id"
  end
end
"""


def _found(sites: Sites, body: str, **more: str) -> WriteSite:
    files = {**_MODELS, "db/schema.rb": _SCHEMA, **more, "app/jobs/a.rb": body}
    (site,) = [site for site in sites(files) if site.span.path == "app/jobs/a.rb"]
    return site


def _target(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause), site.write.target
    return tuple(element.text for element in site.write.target.elements)


def test_an_upsert_without_a_target_takes_the_primary_key_and_sets_all_other_columns(sites: Sites) -> None:
    site = _found(sites, "Post.upsert_all([{ id: 1, title: 'a', user_id: 2, slug: 's' }])\n")
    assert isinstance(site.write.target, DefaultKey)
    assert site.write.columns == ("id", "title", "user_id", "slug", "created_at", "updated_at")
    assert site.write.set_columns == ("title", "user_id", "updated_at")  # a column that is read-only stays
    assert site.status is Status.RESOLVED


def test_columns_of_unique_by_take_the_order_and_the_predicate_of_the_index(sites: Sites) -> None:
    site = _found(sites, "Post.upsert_all(rows, unique_by: %i[title user_id])\n")
    assert _target(site) == ("user_id", "title")
    site = _found(sites, "Post.insert({ slug: 's' }, unique_by: :slug)\n")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate == "deleted_at IS NULL"
    assert site.write.action is Action.NOTHING


def test_the_name_of_an_index_is_its_columns_or_expressions(sites: Sites) -> None:
    site = _found(sites, "Post.upsert_all([{ title: 'x' }], unique_by: :index_posts_on_lower_title)\n")
    assert _target(site) == ("lower(title::text)",)
    site = _found(sites, "Post.upsert_all([{ title: 'x' }], unique_by: 'by_title')\n")
    assert _target(site) == ("user_id", "title")


def test_an_index_that_no_dump_knows_is_unresolved(sites: Sites) -> None:
    site = _found(sites, "Post.upsert_all([{ title: 'x' }], unique_by: :index_posts_on_other)\n")
    assert isinstance(site.write.target, Unresolved)
    assert "index_posts_on_other" in site.write.target.reason


def test_indexes_and_timestamps_are_read_from_a_dump_of_sql(sites: Sites) -> None:
    dump = """
CREATE TABLE public.posts (
    id bigint NOT NULL,
    slug text,
    "order" integer,
    created_at timestamp without time zone NOT NULL
);
ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX unique_slugs ON public.posts USING btree (slug) WHERE (slug IS NOT NULL);
"""
    files = {
        **_MODELS,
        "db/structure.sql": dump,
        "a.rb": "Post.upsert_all([{ slug: 's' }], unique_by: :unique_slugs)\n",
    }
    (site,) = [site for site in sites(files) if site.client == "rails"]
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate == "slug IS NOT NULL"
    assert site.write.columns == ("slug", "created_at")


def test_only_what_update_only_names_is_set(sites: Sites) -> None:
    site = _found(sites, "Post.upsert({ user_id: 1, title: 'x' }, unique_by: %i[user_id title], update_only: :slug)\n")
    assert site.write.set_columns == ("slug", "updated_at")


def test_sql_of_on_duplicate_is_read(sites: Sites) -> None:
    body = """
Post.upsert_all(
  [{ user_id: 1, title: "x" }],
  unique_by: [:user_id, :title],
  on_duplicate: Arel.sql("slug = EXCLUDED.slug, edited_by = 1"),
  record_timestamps: false
)
"""
    site = _found(sites, body)
    assert (site.span.line, site.statement_line) == (2, 2)
    assert site.write.set_columns == ("slug", "edited_by")
    assert site.write.columns == ("user_id", "title")


def test_an_upsert_of_nothing_but_its_key_does_nothing_on_conflict(sites: Sites) -> None:
    site = _found(sites, "Like.upsert_all([{ id: 1 }])\n")
    assert site.write.action is Action.NOTHING
    assert isinstance(site.write.target, AnyArbiter)


def test_aliases_are_their_columns(sites: Sites) -> None:
    site = _found(sites, "Post.upsert({ user_id: 1, headline: 'x' }, unique_by: %i[user_id headline])\n")
    assert _target(site) == ("user_id", "title")
    assert "title" in (site.write.columns or ())


def test_rows_are_followed_through_maps_merges_and_variables(sites: Sites) -> None:
    body = """
class Importer
  def call(items)
    rows = items.map do |item|
      base = { user_id: item.user_id, title: item.title }
      base.merge(slug: item.slug)
    end
    rows.each_slice(100) { |batch| Post.insert_all(batch, unique_by: :slug) }
  end
end
"""
    site = _found(sites, body)
    assert site.write.columns == ("user_id", "title", "slug", "created_at", "updated_at")


def test_the_class_around_and_its_methods_are_the_receiver(sites: Sites) -> None:
    more = {
        "app/models/tag.rb": """
class Tag < ApplicationRecord
  self.table_name = "crm.labels"
  self.record_timestamps = false
  def self.bulk(names)
    upsert_all(names.map { |name| { name: name } }, unique_by: :name)
  end
end
"""
    }
    files = {**_MODELS, **more}
    (site,) = sites(files)
    assert str(site.write.table) == "crm.labels"
    assert site.write.columns == ("name",)


def test_relations_and_associations_give_their_attributes_to_rows(sites: Sites) -> None:
    site = _found(sites, "Post.where(user_id: 1).insert_all([{ title: 'x' }])\n")
    assert site.write.columns == ("title", "user_id", "created_at", "updated_at")
    site = _found(sites, "user = User.find(1)\nuser.posts.upsert_all([{ title: 'x' }], unique_by: %i[user_id title])\n")
    assert str(site.write.table) == "posts"
    assert site.write.columns == ("title", "user_id", "created_at", "updated_at")
    site = _found(sites, "Post.recent.insert_all([{ title: 'x' }])\n")
    assert not site.write.complete


def test_an_association_of_what_a_method_of_the_class_found_is_that_of_a_record(sites: Sites) -> None:
    site = _found(sites, "user = User.alive.named(params[:id])\nuser.posts.find_or_create_by(title: 'x')\n")
    assert str(site.write.table) == "posts"
    assert site.key_columns == ("user_id", "title")


def test_an_association_that_the_class_itself_does_not_declare_leads_away_from_it(sites: Sites) -> None:
    more = {
        "app/models/concerns/liked.rb": """
module Liked
  extend ActiveSupport::Concern
  included do
    has_many :likes, as: :owner
  end
end
""",
    }
    body = "post = Post.by_slug(params[:slug])\npost.likes.find_or_create_by(weight: 1)\n"
    (site,) = sites({**_MODELS, **more, "app/jobs/like.rb": body})
    assert str(site.write.table) != "posts"


def test_a_child_of_a_table_writes_its_type(sites: Sites) -> None:
    more = {"app/models/draft.rb": "class Draft < Post\nend\n"}
    site = _found(sites, "Draft.insert_all([{ title: 'x' }], record_timestamps: false)\n", **more)
    assert str(site.write.table) == "posts"
    assert site.write.columns == ("title", "type")


def test_a_plain_bulk_insert_has_no_conflict_clause(sites: Sites) -> None:
    assert sites({**_MODELS, "a.rb": "Post.insert_all!([{ title: 'x' }])\nPost.insert!({ title: 'x' })\n"}) == ()


@pytest.mark.parametrize(
    "body",
    [
        "rows.insert(0, row)\n",
        "index.upsert(vectors: [1])\n",
        "class Box\n  def self.upsert(x) = x\nend\nBox.upsert({ a: 1 })\n",
        "class Thing\n  include Mongoid::Document\nend\nThing.find_or_create_by(a: 1)\n",
        "class Row < Sequel::Model\nend\nRow.insert({ a: 1 })\n",
        "Pinecone.upsert([{ id: 1 }])\n",
    ],
)
def test_what_only_looks_like_it_is_no_site(sites: Sites, body: str) -> None:
    assert sites({"lib/a.rb": body}) == ()


def test_before_rails_7_no_timestamps_are_added(sites: Sites) -> None:
    lock = "GEM\n  specs:\n    activerecord (6.1.7)\n      activemodel (= 6.1.7)\n"
    site = _found(sites, "Post.insert_all([{ title: 'x' }])\n", **{"Gemfile.lock": lock})
    assert site.write.columns == ("title",)
    assert site.write.optional == ()


def test_timestamps_of_a_table_that_no_dump_has_are_taken_for_possible(sites: Sites) -> None:
    (site,) = sites({**_MODELS, "a.rb": "Post.insert_all([{ title: 'x' }])\n"})
    assert site.write.columns == ("title",)
    assert "created_at" in site.write.optional


def test_names_of_tables_follow_prefixes_engines_and_inflections(sites: Sites) -> None:
    files = {
        "app/models/application_record.rb": _BASE,
        "app/models/admin.rb": 'module Admin\n  def self.table_name_prefix\n    "admin_"\n  end\nend\n',
        "app/models/admin/member.rb": "class Admin::Member < ApplicationRecord\nend\n",
        "lib/blog/engine.rb": "module Blog\n  class Engine < ::Rails::Engine\n    isolate_namespace Blog\n  end\nend\n",
        "app/models/blog/comment.rb": "module Blog\n  class Comment < ApplicationRecord\n  end\nend\n",
        "app/models/core/octopus.rb": "module Core\n  class Octopus < ApplicationRecord\n  end\nend\n",
        "app/models/order.rb": "class Order < ApplicationRecord\n  class Line < ApplicationRecord\n  end\nend\n",
        "app/models/api_cactus.rb": "class APICactus < ApplicationRecord\nend\n",
        "config/initializers/inflections.rb": """
ActiveSupport::Inflector.inflections(:en) do |inflect|
  inflect.irregular "cactus", "cacti"
  inflect.uncountable %w[staff]
  inflect.plural(/^(octopus)$/i, '\\1es')
end
""",
        "a.rb": """
[Admin::Member, 1]
Admin::Member.insert_all([{ a: 1 }])
Blog::Comment.insert_all([{ a: 1 }])
Core::Octopus.insert_all([{ a: 1 }])
Order::Line.insert_all([{ a: 1 }])
APICactus.insert_all([{ a: 1 }])
""",
    }
    found = [str(site.write.table) for site in sites(files)]
    assert found == ["admin_members", "blog_comments", "octopuses", "order_lines", "api_cacti"]


@pytest.mark.parametrize(
    ("word", "plural"),
    [
        ("post", "posts"), ("category", "categories"), ("person", "people"), ("status", "statuses"), ("datum", "data"),
        ("police", "police"), ("tax_information", "tax_informations"), ("quiz", "quizzes"), ("index", "indices"),
        ("wife", "wives"), ("hero", "heros"), ("axis", "axes"), ("zombie", "zombies"), ("news", "news"),
    ],
)  # fmt: skip
def test_plurals_are_those_of_rails(word: str, plural: str) -> None:
    assert RAILS.plural(word) == plural


def test_sequel_has_plurals_of_its_own() -> None:
    assert [SEQUEL.plural(word) for word in ("octopus", "news", "zombie", "police")] == [
        "octopuses", "news", "zombies", "polices",
    ]  # fmt: skip


def test_a_lookup_that_creates_is_a_race_of_its_key(sites: Sites) -> None:
    site = _found(sites, "Post.create_with(slug: 's').find_or_create_by!(user: user, title: 'x')\n")
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("user_id", "title")
    assert site.write.columns == ("user_id", "title", "slug")
    assert site.write.complete


def test_associations_of_a_key_are_their_columns(sites: Sites) -> None:
    site = _found(sites, "Like.find_or_create_by(owner: post)\n")
    assert site.key_columns == ("owner_id", "owner_type")
    site = _found(sites, "Post.find_or_create_by(editor: someone)\n")
    assert site.key_columns == ("edited_by",)
    site = _found(sites, "user = User.find_by(email: 'a')\nuser.likes.find_or_create_by(kind: 1)\n")
    assert site.key_columns == ("owner_id", "owner_type", "kind")


def test_first_or_create_looks_up_by_what_stands_before(sites: Sites) -> None:
    site = _found(sites, "Post.where(user_id: 1, title: 'x').first_or_create!(slug: 's')\n")
    assert site.key_columns == ("user_id", "title")
    assert site.write.columns == ("user_id", "title", "slug")


def test_create_or_find_by_inserts_first(sites: Sites) -> None:
    assert _found(sites, "Post.create_or_find_by(title: 'x')\n").mechanism is Mechanism.INSERT_THEN_SELECT


def test_what_is_initialised_counts_when_it_is_saved(sites: Sites) -> None:
    body = "def go\n  one = Post.find_or_initialize_by(title: 'x')\n  one.slug = 's'\n  one.save!\nend\n"
    site = _found(sites, body)
    assert site.key_columns == ("title",)
    assert not site.write.complete


def test_what_is_only_initialised_is_no_site(sites: Sites) -> None:
    assert sites({**_MODELS, "a.rb": "def go = Post.find_or_initialize_by(title: 'x')\n"}) == ()


def test_callbacks_and_blocks_may_set_more_columns(sites: Sites) -> None:
    assert not _found(sites, "Profile.find_or_create_by(user: u)\n").write.complete
    assert not _found(sites, "Post.find_or_create_by(title: 't') { |post| post.slug = 's' }\n").write.complete


def test_a_key_that_a_scope_adds_to_is_not_known(sites: Sites) -> None:
    assert isinstance(_found(sites, "Post.mine.find_or_create_by(title: 't')\n").write.target, Unresolved)


def test_a_method_of_the_class_that_is_called_on_a_relation_has_no_known_key(sites: Sites) -> None:
    more = {
        "app/models/tag.rb": "class Tag < ApplicationRecord\n  def self.ensure(n) = find_or_create_by(name: n)\nend\n",
        "app/models/account.rb": "class Shop < ApplicationRecord\n has_many :tags\n def go = tags.ensure('x')\nend\n",
    }
    (site,) = sites({**_MODELS, **more})
    assert isinstance(site.write.target, Unresolved)


def test_a_model_of_a_library_has_no_table_that_could_be_guessed(sites: Sites) -> None:
    site = _found(sites, "Doorkeeper::Application.find_or_create_by(name: 'x')\n")
    assert site.write.table is None
    assert "Doorkeeper::Application" in (site.reason or "")


def test_a_class_that_derives_from_one_of_a_library_has_no_known_table(sites: Sites) -> None:
    site = _found(sites, "class Item < Spree::Base\nend\nItem.upsert_all([{ sku: 1 }], unique_by: :sku)\n")
    assert site.write.table is None


def test_sql_asks_a_model_for_its_table(sites: Sites) -> None:
    body = """
class Post < ApplicationRecord
  def self.touch_all(id)
    connection.execute("INSERT INTO #{quoted_table_name} (id) VALUES (#{id}) ON CONFLICT (id) DO NOTHING")
    connection.execute("INSERT INTO #{Admin::Log.table_name} (id) VALUES (#{id}) ON CONFLICT (id) DO NOTHING")
  end
end
"""
    log = "module Admin\n  class Log < ApplicationRecord\n    self.table_name = 'audit.logs'\n  end\nend\n"
    found = sites({"app/models/post.rb": body, "app/models/admin/log.rb": log})
    assert [str(site.write.table) for site in found] == ["posts", "audit.logs"]


@pytest.mark.parametrize(
    "body",
    [
        "return if seen.exists?(1)\n    Post.find_by(title: t) || Post.create!(title: t, slug: 's')",
        "return if Post.exists?(title: t)\n    Post.create(title: t, slug: 's')",
        "unless Post.where(title: t).exists?\n      Post.create(title: t, slug: 's')\n    end",
        "post = Post.where(title: t).first || Post.create({ title: t, slug: 's' })",
    ],
)
def test_a_row_that_is_created_after_a_lookup_is_a_race(sites: Sites, body: str) -> None:
    site = _found(sites, f"class Job\n  def go(t)\n    {body}\n  end\nend\n")
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("title",)
    assert site.write.columns == ("title", "slug")
    assert site.statement_line in {3, 4}


@pytest.mark.parametrize(
    "body",
    [
        "Post.exists?(title: t)\n    User.create(email: 'a')",
        "Post.exists?(id: 3)\n    Post.create(title: t)",
        "Post.create(title: t) unless done",
        "Post.exists?\n    Post.create(title: t)",
    ],
)
def test_a_row_that_is_created_for_another_reason_is_none(sites: Sites, body: str) -> None:
    assert sites({**_MODELS, "lib/a.rb": f"class Job\n  def go(t)\n    {body}\n  end\nend\n"}) == ()


def test_an_abstract_class_has_no_table(sites: Sites) -> None:
    body = "class Run < ApplicationRecord\n  self.abstract_class = true\n  def self.go(rows) = insert_all(rows)\nend\n"
    site = _found(sites, body)
    assert site.write.table is None
    assert "abstract" in (site.reason or "")


def test_methods_without_a_receiver_are_those_of_the_class_or_the_record(sites: Sites) -> None:
    body = """
class User < ApplicationRecord
  has_many :posts
  def title!(text) = posts.find_or_create_by(title: text)
  def self.anyone(mail) = unscoped.where(email: mail).first_or_create
end
"""
    first, second = (site for site in sites({**_MODELS, "app/models/user.rb": body}))
    assert (str(first.write.table), first.key_columns) == ("posts", ("user_id", "title"))
    assert (str(second.write.table), second.key_columns) == ("users", ("email",))


def test_a_slice_of_a_hash_has_the_keys_that_it_names(sites: Sites) -> None:
    site = _found(sites, "Post.find_or_create_by(params.slice(:user_id, :title))\n")
    assert site.key_columns == ("user_id", "title")


def test_an_association_leads_to_a_class_inside_of_its_own_first(sites: Sites) -> None:
    more = {
        "app/models/import.rb": "class Import < ApplicationRecord\n  has_many :mappings\n  has_many :posts\nend\n",
        "app/models/import/mapping.rb": "class Import::Mapping < ApplicationRecord\n  self.table_name = 'maps'\nend\n",
        "app/models/mapping.rb": "class Mapping < ApplicationRecord\nend\n",
    }
    site = _found(sites, "Import.find(1).mappings.find_or_create_by(key: 1)\n", **more)
    assert str(site.write.table) == "maps"
    assert site.key_columns == ("import_id", "key")


def test_a_bulk_insert_names_no_primary_key(sites: Sites) -> None:
    model = "class Line < ApplicationRecord\n  self.primary_key = [:order_id, :line_no]\nend\n"
    rows = "[{ order_id: 1, line_no: 2 }]"
    site = _found(sites, f"Line.insert_all({rows})\n", **{"app/models/line.rb": model})
    assert isinstance(site.write.target, AnyArbiter)
    assert _target(_found(sites, f"Line.upsert_all({rows})\n", **{"app/models/line.rb": model})) == (
        "order_id",
        "line_no",
    )
