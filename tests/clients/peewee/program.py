"""Models of Peewee."""

from __future__ import annotations

import datetime as dt
import os

from cases import case, run
from peewee import CharField, DateTimeField, ForeignKeyField, IntegerField, Model, PostgresqlDatabase, Table

db = PostgresqlDatabase(
    os.environ["PGDATABASE"], host=os.environ["PGHOST"], port=os.environ["PGPORT"], user=os.environ["PGUSER"]
)


class Stored(Model):
    class Meta:
        database = db
        schema = "shop"


class Owner(Stored):
    name = CharField(unique=True)


class StockItem(Stored):
    sku = CharField(column_name="code")
    owner = ForeignKeyField(Owner, backref="items")
    amount = IntegerField(null=True)
    gone = DateTimeField(null=True)
    added = DateTimeField(default=dt.datetime.now)


KV = Table("kv", ("k", "v")).bind(db)


@case
def updates_by_fields() -> None:
    insert = StockItem.insert(sku="a", owner=1, amount=2)
    insert.on_conflict(conflict_target=[StockItem.sku, StockItem.owner], preserve=[StockItem.amount]).execute()


@case
def sends_texts_as_they_stand() -> None:
    StockItem.insert(sku="a", owner=1).on_conflict(conflict_target=("code", "owner_id"), preserve="gone").execute()


@case
def updates_some_and_preserves_others() -> None:
    StockItem.insert(sku="a", owner=1, amount=1).on_conflict(
        conflict_target=[StockItem.sku, StockItem.owner],
        preserve=[StockItem.gone],
        update={StockItem.amount: StockItem.amount + 1},
    ).execute()


@case
def ignores_any_conflict() -> None:
    Owner.insert_many([{"name": "a"}, {"name": "b"}]).on_conflict_ignore().execute()


@case
def ignores_conflicts_of_one_column() -> None:
    Owner.insert_many([("a",)], fields=[Owner.name]).on_conflict("IGNORE", conflict_target=[Owner.name]).execute()


@case
def names_a_constraint() -> None:
    Owner.insert(name="a").on_conflict(conflict_constraint="owner_name", update={"name": "a"}).execute()


@case
def binds_the_value_of_a_predicate() -> None:
    StockItem.insert(sku="c", owner=2, amount=3).on_conflict(
        conflict_target=[StockItem.sku], conflict_where=(StockItem.amount == 3), preserve=[StockItem.gone]
    ).execute()


@case
def does_without_a_model() -> None:
    KV.insert(k="a", v="b").on_conflict(conflict_target=[KV.k], preserve=[KV.v]).execute()


@case
def looks_up_and_creates() -> None:
    StockItem.get_or_create(sku="z", owner=1, defaults={"amount": 0})


run()
