from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Action, AnyArbiter, InferenceClause, Mechanism, Status, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[[dict[str, str]], tuple[WriteSite, ...]]

_BASE = """
from django.db import models
class Stamped(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
    class Meta:
        abstract = True
        app_label = "stamps"
class OfShop(models.Model):
    code = models.CharField(max_length=9)
    objects = models.Manager()
    class Meta:
        abstract = True
"""
_MODELS = """
from decimal import Decimal
from django.contrib.auth.models import AbstractUser
from django.db import models
from library.models import Tracked
from .base import OfShop, Stamped
class LowerField(models.CharField):
    pass
class ItemManager(models.Manager["Item"]):
    def take(self, name):
        return self.get_or_create(name=name)
class Shop(OfShop):
    KINDS = [("a", "A")]
    name = LowerField(max_length=9, db_column="shop_name")
    tags = models.ManyToManyField("Tag", related_name="shops")
class Tag(OfShop):
    code = None
    word = models.SlugField(primary_key=True)
class Item(Stamped):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="wares")
    name = models.CharField(max_length=9)
    price = models.DecimalField(default=Decimal("0"))
    total = models.GeneratedField(expression=models.F("price"), output_field=models.DecimalField(), db_persist=True)
    objects = ItemManager()
class Special(Item):
    reason = models.TextField()
class Cheap(Item):
    class Meta:
        proxy = True
class Foreign(Tracked, models.Model):
    a = models.IntegerField()
class Member(AbstractUser):
    class Meta(AbstractUser.Meta):
        db_table = '"people"."members"'
"""
_LOT = """
from django.db import models
class Lot(models.Model):
    a = models.IntegerField()
"""
_HEAD = """
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from shop import models
from shop.models import Cheap, Foreign, Item, Member, Shop, Special, Tag
"""


def _read(sites: Sites, body: str, **more: str) -> tuple[WriteSite, ...]:
    files = {
        "shop/__init__.py": "",
        "shop/base.py": _BASE,
        "shop/models.py": _MODELS,
        "shop/migrations/0001_initial.py": "class Migration(migrations.Migration): ...",
        "shop/store.py": _HEAD + body,
        **more,
    }
    return tuple(site for site in sites(files) if site.span.path == "shop/store.py")


def _only(sites: Sites, body: str, **more: str) -> WriteSite:
    (site,) = _read(sites, body, **more)
    return site


def test_table_and_columns_come_from_the_app_the_fields_and_abstract_bases(sites: Sites) -> None:
    site = _only(sites, "Shop.objects.bulk_create(rows, ignore_conflicts=True)")
    assert str(site.write.table) == "shop_shop"
    assert site.write.columns is not None
    assert set(site.write.columns) == {"shop_name", "code"}
    assert isinstance(site.write.target, AnyArbiter)
    assert site.write.action is Action.NOTHING
    assert site.status is Status.RESOLVED


def test_a_model_without_a_meta_takes_that_of_its_abstract_base(sites: Sites) -> None:
    site = _only(sites, "Item.objects.bulk_create(rows)")
    assert str(site.write.table) == "stamps_item"
    assert site.write.columns is not None
    assert set(site.write.columns) == {"created", "changed", "shop_id", "name", "price"}
    assert site.mechanism is Mechanism.PLAIN_INSERT


def test_the_generated_key_is_sent_only_when_a_row_gives_it(sites: Sites) -> None:
    options = "update_conflicts=True, unique_fields=['pk'], update_fields=['name']"
    body = f"Shop.objects.bulk_create([Shop(id=1, name='a')], {options})"
    site = _only(sites, body)
    assert site.write.columns is not None
    assert "id" in site.write.columns
    assert isinstance(site.write.target, InferenceClause)
    assert site.write.target.columns == ("id",)
    assert site.write.set_columns == ("shop_name",)


def test_conflict_options_may_be_given_by_position_and_through_a_dictionary(sites: Sites) -> None:
    body = """
OPTIONS = {"update_conflicts": True, "unique_fields": ("shop", "name"), "update_fields": ["price"]}
Item.objects.using("other").bulk_create(rows, 500, **OPTIONS)
Item._default_manager.bulk_create(rows, 500, True)
"""
    first, second = _read(sites, body)
    assert isinstance(first.write.target, InferenceClause)
    assert first.write.target.columns == ("shop_id", "name")
    assert second.write.action is Action.NOTHING


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("update_conflicts=True, update_fields=['name']", "Django refuses"),
        ("update_conflicts=True, unique_fields=['nam'], update_fields=['name']", 'has no field "nam"'),
        ("update_conflicts=True, unique_fields=keys(), update_fields=['name']", 'the result of "keys"'),
        ("ignore_conflicts=flag()", "chosen at run time"),
        ("**options()", "chosen at run time"),
    ],
)
def test_a_target_that_cannot_be_told_says_why(sites: Sites, options: str, told: str) -> None:
    site = _only(sites, f"Shop.objects.bulk_create(rows, {options})")
    assert isinstance(site.write.target, Unresolved)
    assert site.status is Status.UNRESOLVED
    assert told in (site.reason or "")


def test_a_lookup_before_an_insert_is_a_race_by_the_columns_of_its_fields(sites: Sites) -> None:
    body = "await models.Item.objects.aupdate_or_create(shop_id=1, name__exact='x', defaults=dict(price=2))"
    site = _only(sites, "async def f():\n    " + body)
    assert site.mechanism is Mechanism.SELECT_THEN_INSERT
    assert site.key_columns == ("shop_id", "name")
    assert site.write.set_columns == ("price", "changed")
    assert site.write.columns is not None
    assert set(site.write.columns) == {"created", "changed", "shop_id", "name", "price"}


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("Item.objects.get_or_create(name__iexact='x')", '"name__iexact" is no comparison'),
        ("Item.objects.get_or_create(shop__name='x')", '"shop__name" is no comparison'),
        ("Item.objects.filter(price=1).get_or_create(name='x')", "filtered before"),
        ("Item.objects.get_or_create(**lookup())", "put together at run time"),
    ],
)
def test_a_lookup_by_more_than_equality_has_no_key(sites: Sites, call: str, told: str) -> None:
    site = _only(sites, call)
    assert site.key_columns is None
    assert told in (site.reason or "")


def test_a_model_that_inherits_from_another_is_kept_in_several_tables_but_a_proxy_is_not(sites: Sites) -> None:
    special, cheap = _read(sites, "Special.objects.get_or_create(name='x')\nCheap.objects.get_or_create(name='x')")
    assert special.write.table is None
    assert "several tables" in (special.reason or "")
    assert str(cheap.write.table) == "stamps_item"


def test_a_field_set_to_none_takes_an_inherited_one_away(sites: Sites) -> None:
    site = _only(sites, "Tag.objects.bulk_create(rows)")
    assert site.write.columns == ("word",)


def test_fields_of_unknown_bases_leave_the_columns_open(sites: Sites) -> None:
    site = _only(sites, "Foreign.objects.bulk_create(rows)")
    assert site.write.columns == ("a",)
    assert site.status is Status.PARTIAL


def test_a_schema_is_taken_from_a_quoted_table_and_columns_from_the_library(sites: Sites) -> None:
    site = _only(sites, "Member.objects.get_or_create(username='x')")
    assert str(site.write.table) == "people.members"
    assert site.write.columns is not None
    assert {"username", "password", "is_staff"} <= set(site.write.columns)


def test_models_of_django_itself_are_known(sites: Sites) -> None:
    site = _only(sites, "ContentType.objects.get_or_create(app_label='a', model='b')")
    assert str(site.write.table) == "django_content_type"
    assert site.key_columns == ("app_label", "model")


def test_related_rows_are_looked_up_by_their_foreign_key_too(sites: Sites) -> None:
    site = _only(sites, "def f(shop):\n    shop.wares.update_or_create(name='x')")
    assert str(site.write.table) == "stamps_item"
    assert site.key_columns == ("shop_id", "name")


def test_the_table_between_two_models_is_known(sites: Sites) -> None:
    body = "Between = Shop.tags.through\nBetween.objects.bulk_create(rows, ignore_conflicts=True)"
    site = _only(sites, body)
    assert str(site.write.table) == "shop_shop_tags"
    assert site.write.columns == ("shop_id", "tag_id")


def test_a_manager_writes_the_model_that_has_it(sites: Sites) -> None:
    files = {"shop/__init__.py": "", "shop/base.py": _BASE, "shop/models.py": _MODELS}
    (site,) = sites(files)
    assert str(site.write.table) == "stamps_item"
    assert site.key_columns == ("name",)


def test_a_model_asked_for_by_name_is_that_of_its_migration_there(sites: Sites) -> None:
    body = """
def forward(apps, editor):
    Shop = apps.get_model("shop", "Shop")
    Shop.objects.get_or_create(name="x")
"""
    files = {
        "shop/__init__.py": "",
        "shop/base.py": _BASE,
        "shop/models.py": _MODELS,
        "shop/migrations/0002_x.py": body,
    }
    site = next(site for site in sites(files) if site.span.path == "shop/migrations/0002_x.py")
    assert str(site.write.table) == "shop_shop"
    assert not site.write.complete
    assert "its migration" in (site.reason or "")


def test_the_label_of_an_app_is_that_of_its_configuration(sites: Sites) -> None:
    files = {
        "site/goods/apps.py": "class Goods(AppConfig):\n    name = 'site.goods'\n    label = 'wares'",
        "site/goods/inner/models.py": _LOT,
        "site/goods/run.py": "from .inner.models import Lot\nLot.objects.bulk_create(rows)",
    }
    (site,) = sites(files)
    assert str(site.write.table) == "wares_lot"


def test_a_long_table_name_is_cut_as_django_cuts_it(sites: Sites) -> None:
    name = "A" * 70
    files = {"app/models.py": _LOT.replace("Lot", name) + f"{name}.objects.bulk_create(rows)"}
    (site,) = sites(files)
    assert site.write.table is not None
    assert site.write.table.name == "app_" + "a" * 55 + "e841"


def test_a_wrapper_is_followed_to_the_model_that_it_is_given(sites: Sites) -> None:
    body = """
def flush(model, rows, keys):
    model.objects.bulk_create(rows, update_conflicts=True, unique_fields=keys, update_fields=["name"])
flush(Shop, [], ["code"])
"""
    wrapper, call = _read(sites, body)
    assert wrapper.status is Status.UNRESOLVED
    assert not wrapper.is_open
    assert str(call.write.table) == "shop_shop"
    assert isinstance(call.write.target, InferenceClause)
    assert call.write.target.columns == ("code",)


@pytest.mark.parametrize(
    "body",
    [
        "class Cache:\n    def get_or_create(self, key): ...\nCache().get_or_create(key='a')",
        "registry.tools.get_or_create('a')",
        "class Own(models.Manager):\n    def bulk_create(self, rows):\n        return super().bulk_create(rows)",
    ],
)
def test_what_is_no_manager_of_a_model_is_no_site(sites: Sites, body: str) -> None:
    assert not sites({"app/run.py": "from django.db import models\n" + body})


@pytest.mark.parametrize(("engine", "status"), [("sqlite3", Status.NOT_POSTGRES), ("postgresql", Status.RESOLVED)])
def test_settings_tell_the_database(sites: Sites, engine: str, status: Status) -> None:
    settings = f"DATABASES = {{'default': {{'ENGINE': 'django.db.backends.{engine}', 'NAME': 'x'}}}}"
    site = _only(sites, "Shop.objects.bulk_create(rows)", **{"site/settings.py": settings})
    assert site.status is status


@pytest.mark.parametrize(("setting", "table"), [("", "auth_user"), ("AUTH_USER_MODEL = 'shop.Shop'", "shop_shop")])
def test_the_user_model_is_that_of_the_settings(sites: Sites, setting: str, table: str) -> None:
    body = "from django.contrib.auth import get_user_model\nget_user_model().objects.get_or_create(pk=1)"
    site = _only(sites, body, **{"site/settings.py": setting})
    assert str(site.write.table) == table


def test_what_a_constructor_gives_an_instance_is_no_column(sites: Sites) -> None:
    constructor = """
    def __init__(self, *args, **kwargs):
        self.old = self.state()
        self.b = kwargs.pop("b")
"""
    lot = _LOT + constructor
    (site,) = sites({"app/models.py": lot + "Lot.objects.bulk_create(rows)"})
    assert site.write.columns == ("a",)
    assert site.status is Status.RESOLVED


def test_rows_that_two_models_call_alike_are_of_neither(sites: Sites) -> None:
    other = """
from django.db import models
class Crate(models.Model):
    shop = models.ForeignKey("shop.Shop", on_delete=models.CASCADE, related_name="wares")
"""
    site = _only(sites, "def f(x):\n    x.wares.update_or_create(name='a')", **{"depot/models.py": other})
    assert site.write.table is None
    assert 'related rows "x.wares"' in (site.reason or "")
