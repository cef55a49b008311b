"""Rows that a function makes where it has asked for one with the same values before, in each client of that kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_DJANGO = """
from django.db import models
class Shop(models.Model):
    code = models.CharField(max_length=9)
class Item(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="wares")
    name = models.CharField(max_length=9, db_column="item_name")
    price = models.IntegerField(default=0)
"""


def _keys(found: tuple[WriteSite, ...]) -> list[tuple[str, tuple[str, ...] | None]]:
    """Table and looked up columns of each site, all of which are resolved races of one row."""
    assert {site.mechanism for site in found} <= {Mechanism.SELECT_THEN_INSERT}
    assert {site.status for site in found} <= {Status.RESOLVED}
    return [(site.write.table.name if site.write.table else "", site.key_columns) for site in found]


def _django(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    views = f"from django.db import transaction\nfrom .models import Item, Shop\n{body}"
    return sites({"shop/__init__.py": "", "shop/models.py": _DJANGO, "shop/views.py": views})


@pytest.mark.parametrize(
    "body",
    [
        (
            "def f(shop, name):\n if not Item.objects.filter(shop=shop, name=name).exists():\n"
            "  Item.objects.create(shop=shop, name=name, price=1)\n"
        ),
        (
            "def f(shop, name):\n try:\n  return Item.objects.get(shop_id=shop.pk, name__exact=name)\n"
            " except Item.DoesNotExist:\n  item = Item(shop=shop, name=name)\n  item.save()\n"
        ),
        (
            "async def f(shop, name):\n found = await Item.objects.using('a').filter(shop=shop).filter(name=name)"
            ".afirst()\n"
            " if found is None:\n  found = await Item.objects.acreate(name=name, shop=shop)\n"
        ),
        (
            "def f(shop, name):\n if not shop.wares.filter(name=name).exists():\n  shop.wares.create(name=name)\n"
            "# Item.objects. Item.objects.create("
        ),
    ],
)
def test_a_row_of_django_that_is_made_after_a_lookup_of_its_values_is_a_race(sites: Sites, body: str) -> None:
    (site,) = found = _django(sites, body)
    assert _keys(found) == [("shop_item", ("shop_id", "item_name"))]
    assert site.write.columns == ("shop_id", "item_name", "price")


@pytest.mark.parametrize(
    "body",
    [
        "def f(shop, a, b):\n Item.objects.get(name=a)\n Item.objects.create(shop=shop, name=b)\n",
        (
            "def f(shop, a):\n if Item.objects.filter(name=a, price=3).exists():\n  return\n"
            " Item.objects.create(shop=shop, name=a)\n"
        ),
        "def f(code, a):\n shop = Shop.objects.get(code=a)\n Item.objects.create(shop=shop, name=a)\n",
        (
            "def f(shop, a):\n last = Item.objects.filter(name=a).order_by('price').first()\n"
            " Item.objects.create(shop=shop, name=a, price=last.price)\n"
        ),
        (
            "def f(shop, a):\n if not Item.objects.filter(name__startswith=a).exists():\n"
            "  Item.objects.create(shop=shop, name=a)\n"
        ),
        (
            "def f(shop, a):\n if Item.objects.filter(name=a).count() > 2:\n  return\n"
            " Item.objects.create(shop=shop, name=a)\n"
        ),
        "def f(shop, a):\n Item.objects.create(shop=shop, name=a)\n return Item.objects.get(name=a)\n",
        (
            "def f(a):\n return Item.objects.filter(name=a).first()\n"
            "def g(shop, a):\n Item.objects.create(shop=shop, name=a)\n"
        ),
        "def test(s, a):\n assert not Item.objects.filter(name=a).exists()\n Item.objects.create(shop=s, name=a)\n",
        "class Form:\n def save(self): pass\ndef f(a):\n Item.objects.get(name=a)\n Form(name=a).save()\n",
    ],
)
def test_a_row_of_django_that_no_lookup_of_its_values_decides_is_no_site(sites: Sites, body: str) -> None:
    assert _django(sites, body) == ()
