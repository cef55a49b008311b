from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import InferenceClause, Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_MODEL = """
-- orders, one row each
{{{{
  config(
    materialized = 'incremental',
    {options}
  )
}}}}
with source as (
    select *, now() as seen from {{{{ ref('raw_orders') }}}}
),
final as (
    select o.id as order_id, o.total, {{{{ dbt_utils.surrogate_key(['a']) }}}} as key
    from source as o
    {{% if is_incremental() %}}
    where o.seen > (select max(seen) from {{{{ this }}}})
    {{% endif %}}
)
select * from final
"""


def _only(sites: Sites, options: str, **more: str) -> WriteSite:
    (site,) = sites({"models/marts/fct_orders.sql": _MODEL.format(options=options), **more})
    return site


def test_rows_of_a_key_are_deleted_and_inserted(sites: Sites) -> None:
    site = _only(sites, "unique_key = ['order_id', 'total']")
    assert site.mechanism is Mechanism.DELETE_INSERT
    assert (str(site.write.table), site.span.line) == ("fct_orders", 3)
    assert site.key_columns == ("order_id", "total")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.columns == ("order_id", "total", "key")
    assert site.status is Status.RESOLVED


@pytest.mark.parametrize(
    ("options", "mechanism"),
    [
        ("unique_key='order_id', incremental_strategy=\"merge\"", Mechanism.MERGE),
        ("unique_key='order_id', incremental_strategy='delete+insert'", Mechanism.DELETE_INSERT),
    ],
)
def test_the_strategy_is_the_mechanism(sites: Sites, options: str, mechanism: Mechanism) -> None:
    assert _only(sites, options).mechanism is mechanism


def test_an_alias_is_the_table_and_a_computed_one_is_not_known(sites: Sites) -> None:
    assert str(_only(sites, "alias='orders', unique_key='id'").write.table) == "orders"
    site = _only(sites, "alias=var('name'), unique_key='id'")
    assert site.write.table is None
    assert "alias is computed" in (site.reason or "")


def test_a_key_that_is_an_expression_is_none(sites: Sites) -> None:
    site = _only(sites, "unique_key=\"a || '-' || b\"")
    assert site.key_columns is None
    assert site.status is Status.UNRESOLVED


def test_columns_that_a_loop_makes_are_not_all_known(sites: Sites) -> None:
    body = """{{ config(materialized='incremental', unique_key='id') }}
select id, {% for kind in kinds %}
  sum({{ kind }}) as {{ kind }}_total, {% endfor %} now() as seen from {{ ref('x') }}"""
    (site,) = sites({"models/totals.sql": body})
    assert site.write.columns == ("id", "seen")
    assert not site.write.complete


def test_a_snapshot_is_merged_into_its_schema(sites: Sites) -> None:
    body = """{% snapshot orders_snapshot %}
{{ config(target_schema='history', unique_key='id', strategy='timestamp', updated_at='changed') }}
select * from {{ source('shop', 'orders') }}
{% endsnapshot %}"""
    (site,) = sites({"snapshots/orders.sql": body})
    assert site.mechanism is Mechanism.MERGE
    assert str(site.write.table) == "history.orders_snapshot"
    assert site.status is Status.PARTIAL


@pytest.mark.parametrize(
    ("profile", "status"), [("type: snowflake", Status.NOT_POSTGRES), ("type: postgres", Status.RESOLVED)]
)
def test_profiles_tell_the_database(sites: Sites, profile: str, status: Status) -> None:
    profiles = {"profiles.yml": f"shop:\n  outputs:\n    dev:\n      {profile}\n"}
    assert _only(sites, "unique_key='order_id'", **profiles).status is status


@pytest.mark.parametrize("options", ["incremental_strategy='append'", "on_schema_change='fail'"])
def test_a_model_that_only_appends_is_no_site(sites: Sites, options: str) -> None:
    assert not sites({"models/marts/fct_orders.sql": _MODEL.format(options=options)})


def test_models_of_other_kinds_are_no_sites(sites: Sites) -> None:
    assert not sites({"models/a.sql": "-- not incremental\n{{ config(materialized='view') }}\nselect 1 as id"})


def test_a_macro_with_on_conflict_is_read_as_sql(sites: Sites) -> None:
    body = """{% macro put(relation) %}
insert into {{ relation }} (id, v) select id, v from {{ this }}
on conflict (id) do update set v = excluded.v
{% endmacro %}"""
    (site,) = sites({"macros/put.sql": body})
    assert (site.mechanism, site.span.line) == (Mechanism.ON_CONFLICT, 3)
    assert site.write.columns == ("id", "v")


_BARE = """
select o.id as order_id, o.total from {{ ref('raw_orders') }} as o
{% if is_incremental() %} where o.seen > (select max(seen) from {{ this }}) {% endif %}
"""
_PROJECT = """
name: 'shop'
version: '1.0'
models:
  shop:
    +materialized: view
    staging:
      +materialized: table
    marts:
      +materialized: incremental   # all of them
      +unique_key: order_id
      fct_orders:
        +unique_key: ['order_id', "total"]
"""
_PROPERTIES = """
version: 2
models:
  - name: other
    config:
      materialized: table
  - name: fct_orders
    description: "orders: one row each"
    columns:
      - name: order_id
        config:
          unique_key: wrong
    config:
      materialized: incremental
      incremental_strategy: merge
      unique_key:
        - order_id
        - total
"""


def test_the_project_file_configures_models_by_folder(sites: Sites) -> None:
    files = {"dbt_project.yml": _PROJECT, "models/marts/fct_orders.sql": _BARE, "models/marts/more.sql": _BARE}
    found = sites({**files, "models/staging/stg_orders.sql": _BARE})
    assert [(str(site.write.table), site.mechanism, site.key_columns) for site in found] == [
        ("fct_orders", Mechanism.DELETE_INSERT, ("order_id", "total")),
        ("more", Mechanism.DELETE_INSERT, ("order_id",)),
    ]
    assert found[0].write.columns == ("order_id", "total")


def test_properties_of_a_model_come_before_the_project_file(sites: Sites) -> None:
    (site,) = sites(
        {
            "dbt_project.yml": _PROJECT,
            "models/marts/_models.yml": _PROPERTIES,
            "models/marts/fct_orders.sql": _BARE,
        }
    )
    assert (site.mechanism, site.key_columns) == (Mechanism.MERGE, ("order_id", "total"))


def test_a_model_says_more_of_itself_than_its_project(sites: Sites) -> None:
    text = "{{ config(unique_key='total') }}\n" + _BARE
    (site,) = sites({"dbt_project.yml": _PROJECT, "models/marts/fct_orders.sql": text})
    assert (site.mechanism, site.key_columns, site.span.line) == (Mechanism.DELETE_INSERT, ("total",), 1)


def test_a_model_that_nothing_calls_incremental_is_none(sites: Sites) -> None:
    assert sites({"models/marts/fct_orders.sql": _BARE}) == ()
