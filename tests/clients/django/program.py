"""Models of Django."""

from __future__ import annotations

import os

import django
from cases import case, run
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["shop"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["PGDATABASE"],
            "HOST": os.environ["PGHOST"],
            "PORT": os.environ["PGPORT"],
            "USER": os.environ["PGUSER"],
        }
    },
)
django.setup()

from shop.models import Item, Shop, Tag  # noqa: E402 - models need the settings


@case
def updates_by_a_column() -> None:
    rows = [Shop(code="a", name="A"), Shop(code="b", name="B")]
    Shop.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=["name", "opened"])


@case
def updates_by_a_foreign_key_and_a_column() -> None:
    Item.objects.bulk_create(
        [Item(shop_id=1, name="x")], update_conflicts=True, unique_fields=["shop", "name"], update_fields=["price"]
    )


@case
def updates_by_the_primary_key() -> None:
    Shop.objects.bulk_create(
        [Shop(id=1, code="a", name="A")], update_conflicts=True, unique_fields=["pk"], update_fields=["code"]
    )


@case
def ignores_any_conflict() -> None:
    Tag.objects.bulk_create([Tag(word="a")], ignore_conflicts=True)


@case
def ignores_conflicts_of_the_table_between_two_models() -> None:
    between = Shop.tags.through
    between.objects.bulk_create([between(shop_id=1, tag_id="a")], ignore_conflicts=True)


@case
def looks_up_and_creates() -> None:
    Shop.objects.get_or_create(code="c", defaults={"name": "C"})


@case
def looks_up_and_updates_or_creates() -> None:
    Item.objects.update_or_create(shop_id=1, name="y", defaults={"price": 3})


@case
async def looks_up_and_creates_asynchronously() -> None:
    await Tag.objects.aget_or_create(word="d")


@case
def looks_up_related_rows() -> None:
    shop = Shop.objects.get(code="a")
    shop.wares.update_or_create(name="z", defaults={"price": 4})


run()
