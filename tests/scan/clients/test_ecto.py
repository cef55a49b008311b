from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_ITEM = """defmodule Shop.Stock.Item do
  use Ecto.Schema
  import Ecto.Changeset

  schema "items" do
    field :sku, :string
    field :unit_price, :decimal, source: :price
    field :state, :string, default: "new"
    field :total, :integer, virtual: true
    belongs_to :owner, Shop.Owner, foreign_key: :owned_by
    has_many :tags, Shop.Tag
    timestamps(updated_at: false)
  end

  def changeset(item \\\\ %__MODULE__{}, attrs) do
    item
    |> cast(attrs, [:sku, :unit_price])
    |> validate_required([:sku])
    |> unique_constraint(:sku)
  end
end
"""


def _only(sites: Sites, body: str, **files: str) -> WriteSite:
    module = f"defmodule Shop.Stock do\n  alias Shop.Repo\n  alias Shop.Stock.Item\n\n{body}\nend\n"
    (site,) = sites({"lib/stock/item.ex": _ITEM, "lib/stock.ex": module, **files})
    return site


def _columns(site: WriteSite) -> tuple[str, ...]:
    assert isinstance(site.write.target, InferenceClause)
    return site.write.target.columns


def test_fields_are_sent_under_their_sources_and_targets_too(sites: Sites) -> None:
    body = """  def save(rows) do
    Repo.insert_all(Item, [%{sku: "a", unit_price: 1}],
      on_conflict: {:replace, [:unit_price]},
      conflict_target: [:sku, :owned_by]
    )
  end"""
    site = _only(sites, body)
    assert str(site.write.table) == "items"
    assert site.write.columns == ("sku", "price")
    assert site.write.set_columns == ("price",)
    assert _columns(site) == ("sku", "owned_by")
    assert (site.span.line, site.statement_line) == (7, 6)
    assert site.status is Status.RESOLVED


def test_insert_fills_in_defaults_and_timestamps_but_insert_all_does_not(sites: Sites) -> None:
    body = '  def save, do: Repo.insert!(%Item{sku: "a", total: 1, unit_price: nil}, on_conflict: :nothing)'
    site = _only(sites, body)
    assert site.write.columns == ("sku", "state", "inserted_at")
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING


def test_a_changeset_is_followed_to_its_struct_through_pipes_and_functions(sites: Sites) -> None:
    body = """  def save(attrs) do
    attrs
    |> Item.changeset()
    |> Ecto.Changeset.put_change(:state, "done")
    |> Repo.insert(on_conflict: [set: [state: "done"], inc: [unit_price: 1]], conflict_target: :sku)
  end"""
    site = _only(sites, body)
    assert str(site.write.table) == "items"
    assert site.write.columns == ("sku", "state", "inserted_at")
    assert site.write.optional == ("price",)
    assert site.write.set_columns == ("state", "price")
    assert site.status is Status.RESOLVED


def test_all_fields_but_the_target_are_replaced(sites: Sites) -> None:
    body = "  def save(i), do: Repo.insert_all(Item, [%{sku: i}], on_conflict: :replace_all, conflict_target: :sku)"
    assert _only(sites, body).write.set_columns == ("id", "price", "state", "owned_by", "inserted_at")


def test_fields_can_be_left_out_of_what_is_replaced(sites: Sites) -> None:
    body = """  def save(rows) do
    opts = [on_conflict: {:replace_all_except, [:id, :inserted_at]}, conflict_target: ~w(sku)a]
    Repo.insert_all(Item, rows, opts)
  end"""
    site = _only(sites, body)
    assert site.write.set_columns == ("price", "state", "owned_by")
    assert site.status is Status.PARTIAL


def test_a_query_says_what_is_set(sites: Sites) -> None:
    body = """  def save(rows) do
    update = from(i in Item, update: [set: [unit_price: fragment("EXCLUDED.price")]], where: i.state == "new")
    Repo.insert_all(Item, rows, on_conflict: update, conflict_target: [:sku])
  end"""
    assert _only(sites, body).write.set_columns == ("price",)


def test_a_fragment_is_sent_as_it_stands(sites: Sites) -> None:
    body = """  def save(rows) do
    Repo.insert_all("items", rows,
      on_conflict: :nothing,
      conflict_target: {:unsafe_fragment, "(lower(sku)) WHERE state = 'new'"})
  end"""
    site = _only(sites, body)
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate == "state = 'new'"
    assert [element.expression for element in site.write.target.elements] == ["lower(sku)"]


def test_a_multi_has_its_arguments_after_the_name(sites: Sites) -> None:
    body = """  def save(rows) do
    Ecto.Multi.new()
    |> Ecto.Multi.insert_all(:items, Item, Enum.map(rows, fn row -> %{sku: row.sku, unit_price: row.price} end),
      on_conflict: :nothing, conflict_target: :sku)
    |> Repo.transaction()
  end"""
    site = _only(sites, body)
    assert site.write.columns == ("sku", "price")
    assert site.status is Status.RESOLVED


def test_the_prefix_of_a_call_stands_before_that_of_the_schema(sites: Sites) -> None:
    body = '  def save(rows), do: Repo.insert_all(Item, rows, on_conflict: :nothing, prefix: "archive")'
    assert str(_only(sites, body).write.table) == "archive.items"


def test_a_table_is_named_beside_a_schema(sites: Sites) -> None:
    body = '  def save(rows), do: Repo.insert_all({"old_items", Item}, rows, on_conflict: :nothing)'
    assert str(_only(sites, body).write.table) == "old_items"


def test_a_selecting_query_gives_the_columns(sites: Sites) -> None:
    body = """  def copy do
    query = from(i in "old", select: %{sku: i.sku, unit_price: i.price})
    Repo.insert_all(Item, query, on_conflict: :nothing, conflict_target: :sku)
  end"""
    assert _only(sites, body).write.columns == ("sku", "price")


def test_a_binary_primary_key_is_made_by_the_client_under_a_project_s_own_use(sites: Sites) -> None:
    own = """defmodule Shop.Schema do
  defmacro __using__(_opts) do
    quote do
      use Ecto.Schema
      @primary_key {:uuid, :binary_id, autogenerate: true}
      @schema_prefix "app"
      @timestamps_opts [type: :utc_datetime, inserted_at: :created]
    end
  end
end
"""
    tag = """defmodule Shop.Tag do
  use Shop.Schema

  schema "tags" do
    field :name, :string
    timestamps()
  end
end
"""
    body = "  def tag(n), do: Repo.insert_all(Shop.Tag, [%{name: n}], on_conflict: :nothing, conflict_target: :name)"
    site = _only(sites, body, **{"lib/schema.ex": own, "lib/tag.ex": tag})
    assert str(site.write.table) == "app.tags"
    assert site.write.columns == ("name", "uuid")


def test_nil_is_sent_as_default(sites: Sites) -> None:
    body = "  def save, do: Repo.insert_all(Item, [%{sku: nil, state: 1}], on_conflict: :nothing)"
    assert _only(sites, body).write.defaulted == ("sku",)


def test_a_wrapper_is_followed_by_its_keywords(sites: Sites) -> None:
    body = """  def save(rows), do: bulk(rows, for: Item, on_conflict: :nothing, conflict_target: :sku)

  defp bulk(rows, options) do
    schema = Keyword.fetch!(options, :for)
    Repo.insert_all(schema, rows, Keyword.drop(options, [:for]))
  end"""
    site = _only(sites, body)
    assert str(site.write.table) == "items"
    assert _columns(site) == ("sku",)
    assert site.span.line == 5


def test_a_lookup_by_a_key_and_an_insert_race(sites: Sites) -> None:
    body = """  def find(sku) do
    case Repo.get_by(Item, sku: sku) do
      nil -> Repo.insert(%Item{sku: sku})
      item -> {:ok, item}
    end
  end

  def plain(sku), do: Repo.insert(%Item{sku: sku})"""
    site = _only(sites, body)
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("sku",)


def test_an_unknown_schema_is_not_guessed(sites: Sites) -> None:
    site = _only(sites, "  def save(struct), do: Repo.insert(struct, on_conflict: :nothing, conflict_target: :sku)")
    assert site.write.table is None
    assert site.status is Status.UNRESOLVED


@pytest.mark.parametrize(
    "line",
    [
        "# Repo.insert_all(Item, rows, on_conflict: :nothing)",
        '@doc "Repo.insert_all(Item, rows, on_conflict: :nothing)"',
        ":ets.insert(:cache, on_conflict: :nothing)",
        "Repo.insert_all(Item, rows, returning: true)",
        "Repo.insert_all(Item, rows, on_conflict: :raise)",
    ],
)
def test_other_code_is_no_upsert(sites: Sites, line: str) -> None:
    body = f"defmodule A do\n  alias Shop.Stock.Item\n  alias Shop.Repo\n  {line}\n  def go(rows), do: rows\nend\n"
    assert sites({"lib/item.ex": _ITEM, "lib/a.ex": body}) == ()


def test_another_database_is_told_by_its_adapter(sites: Sites) -> None:
    repo = "defmodule A do\n  use Ecto.Repo, adapter: Ecto.Adapters.SQLite3\n\n"
    call = '  def go(rows), do: Repo.insert_all("t", rows, on_conflict: :nothing)\nend\n'
    (site,) = sites({"lib/a.ex": repo + call})
    assert site.status is Status.NOT_POSTGRES


def test_an_alias_that_a_use_quotes_is_known(sites: Sites) -> None:
    files = {
        "lib/shop/context.ex": """
defmodule Shop.Context do
  defmacro __using__(_opts) do
    quote do
      import Ecto.Query
      alias Shop.Repo
      use Shop.Shared
    end
  end
end
""",
        "lib/shop/shared.ex": """
defmodule Shop.Shared do
  defmacro __using__(which) when is_atom(which), do: apply(__MODULE__, which, [])
  defmacro __using__(_opts) do
    quote do
      alias Shop.Other
    end
  end
  def names do
    quote do
      alias Shop.{
        Sales.Order, # of this year
        Stock.Item
      }
    end
  end
end
""",
        "lib/shop/item.ex": """
defmodule Shop.Stock.Item do
  use Ecto.Schema
  schema "stock_items" do
    field :sku, :string
  end
end
""",
        "lib/shop/items.ex": """
defmodule Shop.Items do
  use Shop.Context
  use Shop.Shared, :names
  def put(sku), do: Repo.insert(%Item{sku: sku}, on_conflict: :nothing, conflict_target: :sku)
end
""",
    }
    (site,) = sites(files)
    assert str(site.write.table) == "stock_items"
    assert site.status is Status.RESOLVED
