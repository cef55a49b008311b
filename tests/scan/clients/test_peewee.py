from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, NamedConstraint, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_MODELS = """
import datetime
from peewee import *
from playhouse.postgres_ext import PostgresqlExtDatabase
db = PostgresqlExtDatabase("app")
class Base(Model):
    class Meta:
        database = db
        schema = "shop"
class Owner(Base):
    name = CharField(unique=True)
class OwnerField(ForeignKeyField):
    pass
class StockItem(Base):
    sku = CharField(column_name="code")
    owner = OwnerField(Owner, backref="items")
    amount = IntegerField()
    gone = DateTimeField(null=True)
    added = DateTimeField(default=datetime.datetime.now)
class Snake(Base):
    a = IntegerField()
    class Meta:
        legacy_table_names = False
class HTTPLog2Entry(Snake):
    b = IntegerField()
"""
_HEAD = "from app.models import HTTPLog2Entry, Owner, Snake, StockItem\n"


def _only(sites: Sites, body: str) -> WriteSite:
    (site,) = sites({"app/__init__.py": "", "app/models.py": _MODELS, "app/run.py": _HEAD + body})
    return site


def test_names_of_table_and_columns_come_from_the_model_and_its_bases(sites: Sites) -> None:
    body = """
(StockItem
 .insert(sku="a", owner=1, amount=2)
 .on_conflict(conflict_target=(StockItem.sku, StockItem.owner), preserve=[StockItem.amount],
              update={StockItem.gone: None})
 .execute())
"""
    site = _only(sites, body)
    assert str(site.write.table) == "shop.stockitem"
    assert site.write.columns == ("code", "owner_id", "amount", "added")
    assert site.write.set_columns == ("amount", "gone")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("code", "owner_id")
    assert site.span.line == 5
    assert site.status is Status.RESOLVED


def test_texts_are_sent_as_they_stand(sites: Sites) -> None:
    site = _only(sites, "StockItem.insert(sku='a').on_conflict(conflict_target='sku', preserve=('amount',))")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("sku",)
    assert site.write.set_columns == ("amount",)


def test_a_predicate_binds_its_values(sites: Sites) -> None:
    options = "conflict_target=[StockItem.sku], conflict_where=(StockItem.amount == 3) & StockItem.gone.is_null()"
    site = _only(sites, f"StockItem.insert(sku='a').on_conflict({options}, preserve=[StockItem.amount])")
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.predicate == "amount = 3 AND gone IS NULL"
    assert site.write.target.predicate_parameters


def test_a_constraint_is_named(sites: Sites) -> None:
    site = _only(sites, "Owner.insert(name='a').on_conflict(conflict_constraint='owner_name', update={'name': 'b'})")
    assert site.write.target == NamedConstraint("owner_name")
    assert site.write.set_columns == ("name",)


def test_rows_of_several_calls_are_followed(sites: Sites) -> None:
    body = """
def put(pairs):
    rows = [{"sku": a, "owner_id": b} for a, b in pairs]
    query = StockItem.insert_many(rows)
    query.on_conflict_ignore().execute()
"""
    site = _only(sites, body)
    assert site.write.columns == ("code", "owner_id", "added")
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING


def test_rows_may_be_tuples_with_their_fields(sites: Sites) -> None:
    site = _only(
        sites, "Owner.insert_many(rows(), fields=[Owner.name]).on_conflict('IGNORE', conflict_target=Owner.name)"
    )
    assert site.write.columns == ("name",)
    assert site.write.action is Action.NOTHING
    assert isinstance(site.write.target, InferenceClause)


def test_snake_case_is_used_where_it_is_asked_for(sites: Sites) -> None:
    site = _only(sites, "HTTPLog2Entry.insert(a=1).on_conflict_ignore()")
    assert str(site.write.table) == "shop.http_log2_entry"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("preserve=[Owner.name]", "Peewee refuses"),
        ("conflict_target=keys(), preserve=[Owner.name]", 'the result of "keys"'),
        ("conflict_target=[Owner.name], conflict_where=where(), preserve=[Owner.name]", "the predicate"),
    ],
)
def test_a_target_that_cannot_be_told_says_why(sites: Sites, options: str, told: str) -> None:
    site = _only(sites, f"Owner.insert(name='a').on_conflict({options})")
    assert isinstance(site.write.target, Unresolved)
    assert told in (site.reason or "")


def test_a_lookup_before_an_insert_is_a_race(sites: Sites) -> None:
    site = _only(sites, "StockItem.get_or_create(sku='a', owner=1, defaults={'amount': 0})")
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("code", "owner_id")
    assert site.write.columns == ("code", "owner_id", "amount", "added")


def test_replacing_is_not_for_postgres(sites: Sites) -> None:
    assert _only(sites, "Owner.insert(name='a').on_conflict_replace()").status is Status.NOT_POSTGRES
    assert _only(sites, "Owner.insert(name='a').on_conflict('REPLACE')").status is Status.NOT_POSTGRES


def test_a_table_without_a_model_is_named_by_its_call(sites: Sites) -> None:
    body = """
from peewee import Table
KV = Table("kv", ("k", "v"))
KV.insert(k=1, v=2).on_conflict(conflict_target=[KV.k], preserve=[KV.v])
"""
    site = _only(sites, body)
    assert str(site.write.table) == "kv"
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("k",)
