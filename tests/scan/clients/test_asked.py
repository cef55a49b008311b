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


_MAPPED = """
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase):
    pass
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    mail: Mapped[str] = mapped_column("email")
    team: Mapped[int]
    def __init__(self, **given): pass
users = Table("people", MetaData(), Column("id", Integer, primary_key=True), Column("email", String))
"""


@pytest.mark.parametrize(
    "body",
    [
        "def f(s, mail):\n if not s.query(User).filter_by(mail=mail).first():\n  s.add(User(mail=mail, team=1))\n",
        (
            "def f(db, mail):\n user = User.query.filter(User.mail == mail).one_or_none()\n if user is None:\n"
            "  user = User(mail=mail, team=1)\n  db.session.add(user)\n  db.session.commit()\n"
        ),
        (
            "async def f(s, data):\n found = await s.execute(select(User).where(User.mail == data.mail))\n"
            " user = found.scalar_one_or_none()\n if user:\n  raise ValueError\n user = User(mail=data.mail, team=2)\n"
            " s.add(user)\n"
        ),
        (
            "def f(s, mail):\n q = select(User.id).where(User.mail == mail)\n if s.scalar(q) is None:\n"
            "  s.execute(insert(User).values(mail=mail, team=3))\n"
        ),
        (
            "def f(s, mail):\n if s.query(s.query(User).filter(User.mail == mail).exists()).scalar():\n  return\n"
            " s.add(User(mail=mail, team=3))\n"
        ),
        (
            "async def f(s, mail):\n u = (await s.scalars(select(User).where(User.mail == mail))).first()\n"
            " s.add(User(mail=mail, team=3))\n"
        ),
    ],
)
def test_a_row_of_a_session_that_is_added_after_a_lookup_of_its_values_is_a_race(sites: Sites, body: str) -> None:
    (site,) = found = sites({"app.py": _MAPPED + body})
    assert _keys(found) == [("users", ("email",))]
    assert site.write.columns == ("email", "team")


def test_a_row_of_core_that_is_inserted_after_a_lookup_of_its_values_is_a_race(sites: Sites) -> None:
    body = (
        "def f(c, mail, name):\n if not c.execute(select(users).where(users.c.email == mail)).first():\n"
        "  c.execute(users.insert().values(email=mail))\n"
    )
    assert _keys(sites({"app.py": _MAPPED + body})) == [("people", ("email",))]


def test_a_row_of_a_session_that_is_added_after_a_lookup_by_its_primary_key_is_a_race(sites: Sites) -> None:
    body = "def f(s, n):\n if not s.get(User, n):\n  s.add(User(id=n, mail='', team=1))\n"
    assert _keys(sites({"app.py": _MAPPED + body})) == [("users", ("id",))]


@pytest.mark.parametrize(
    "body",
    [
        "def f(s, a, b):\n s.query(User).filter_by(mail=a).first()\n s.add(User(mail=b, team=1))\n",
        "def f(s, a):\n s.query(User).filter(User.mail.like(a)).first()\n s.add(User(mail=a, team=1))\n",
        "def f(s, a):\n s.query(User).filter(User.team > a).first()\n s.add(User(mail='', team=a))\n",
        "def f(s, a):\n s.query(User).filter_by(mail=a).order_by(User.id).first()\n s.add(User(mail=a, team=1))\n",
        "def f(s, a):\n s.query(User).filter_by(mail=a).all()\n s.add(User(mail=a, team=1))\n",
        "def f(s, a):\n n = s.scalar(select(func.count()).where(User.mail == a))\n s.add(User(mail=a, team=n))\n",
        "def f(s, a):\n s.add(User(mail=a, team=1))\n return s.query(User).filter_by(mail=a).one()\n",
        "def f(s, a):\n s.query(User).filter_by(mail=a).first()\n s.merge(User(mail=a, team=1))\n",
        (
            "def f(seen, a):\n s = select(User).where(User.mail == a)\n one = seen.get(User)\n"
            " seen.add(Other(mail=a))\n return seen.scalar(s)\n"
        ),
    ],
)
def test_a_row_of_a_session_that_no_lookup_of_its_values_decides_is_no_site(sites: Sites, body: str) -> None:
    assert sites({"app.py": _MAPPED + body}) == ()


_ACTIVE = {
    "peewee": (
        "from peewee import CharField, IntegerField, Model\nclass User(Model):\n"
        " mail = CharField(column_name='email')\n age = IntegerField(default=0)\n class Meta: table_name = 'users'\n"
    ),
    "tortoise": (
        "from tortoise import fields\nfrom tortoise.models import Model\nclass User(Model):\n"
        " mail = fields.CharField(max_length=9, source_field='email')\n age = fields.IntField(default=0)\n"
        " class Meta:\n  table = 'users'\n"
    ),
    "piccolo": (
        "from piccolo.columns import Integer, Varchar\nfrom piccolo.table import Table\n"
        "class User(Table, tablename='users'):\n mail = Varchar(db_column_name='email')\n age = Integer(default=0)\n"
    ),
}


@pytest.mark.parametrize(
    ("client", "body"),
    [
        ("peewee", "def f(mail):\n if User.get_or_none(User.mail == mail) is None:\n  User.create(mail=mail, age=1)\n"),
        ("peewee", "def f(m):\n if not User.select().where(User.mail == m).exists():\n  User(mail=m, age=1).save()\n"),
        ("peewee", "def f(m):\n try:\n  User.get(User.mail == m)\n except User.DoesNotExist:\n  User.create(mail=m)\n"),
        ("tortoise", "async def f(m):\n if not await User.filter(mail=m).exists():\n  await User.create(mail=m)\n"),
        ("tortoise", "async def f(m):\n u = await User.get_or_none(mail=m)\n if not u:\n  await User(mail=m).save()\n"),
        (
            "piccolo",
            "async def f(m):\n if not await User.exists().where(User.mail == m):\n  await User(mail=m).save()\n",
        ),
        (
            "piccolo",
            (
                "async def f(m):\n if not await User.objects().get(User.mail == m):\n"
                "  await User.objects().create(mail=m)\n"
            ),
        ),
    ],
)
def test_a_row_of_a_model_that_is_made_after_a_lookup_of_its_values_is_a_race(
    sites: Sites, client: str, body: str
) -> None:
    (site,) = found = sites({"app.py": _ACTIVE[client] + body})
    assert _keys(found) == [("users", ("email",))]
    assert (site.client, site.write.columns) == (client, ("email", "age"))


@pytest.mark.parametrize(
    ("client", "body"),
    [
        ("peewee", "def f(a, b):\n User.get_or_none(User.mail == a)\n User.create(mail=b)\n"),
        ("peewee", "def f(a):\n User.get_or_none(User.mail ** a)\n User.create(mail=a)\n"),
        (
            "peewee",
            "def f(a):\n User.select().where(User.mail == a).order_by(User.age).first()\n User.create(mail=a)\n",
        ),
        ("peewee", "def f(a):\n User.create(mail=a)\n return User.get(User.mail == a)\n"),
        ("tortoise", "async def f(a):\n await User.filter(mail__not=a).exists()\n await User.create(mail=a)\n"),
        ("tortoise", "async def f(a):\n await User.filter(mail=a).count()\n await User.create(mail=a)\n"),
        ("piccolo", "async def f(a):\n await User.objects().where(User.mail == a)\n await User(mail=a).save()\n"),
        ("piccolo", "async def f(a):\n await User.exists().where(User.age > a)\n await User(age=a).save()\n"),
    ],
)
def test_a_row_of_a_model_that_no_lookup_of_its_values_decides_is_no_site(sites: Sites, client: str, body: str) -> None:
    assert sites({"app.py": _ACTIVE[client] + body}) == ()


_GO = """package store
import "gorm.io/gorm"
type User struct {
	ID    uint `gorm:"primaryKey"`
	Email string
	Team  uint
}
func make(db *gorm.DB, mail string, other string, team uint) error {
	var user User
"""


@pytest.mark.parametrize(
    "body",
    [
        (
            'if err := db.Where("email = ?", mail).First(&user).Error; err != nil {\n'
            "return db.Create(&User{Email: mail, Team: team}).Error\n}\n"
        ),
        "db.Where(&User{Email: mail}).Take(&user)\nuser = User{Email: mail, Team: team}\ndb.Create(&user)\n",
    ],
)
def test_a_row_of_gorm_that_is_created_after_a_lookup_of_its_values_is_a_race(sites: Sites, body: str) -> None:
    (site,) = found = sites({"store.go": f"{_GO}{body}return nil\n}}\n"})
    assert _keys(found) == [("users", ("email",))]
    assert site.write.columns == ("email", "team")


@pytest.mark.parametrize(
    "body",
    [
        'db.Where("email = ?", other).First(&user)\ndb.Create(&User{Email: mail, Team: team})\n',
        'db.Where("email LIKE ?", mail).First(&user)\ndb.Create(&User{Email: mail, Team: team})\n',
        'db.Where("email = ?", mail).Order("id").First(&user)\ndb.Create(&User{Email: mail, Team: team})\n',
        'db.Create(&User{Email: mail, Team: team})\ndb.Where("email = ?", mail).First(&user)\n',
    ],
)
def test_a_row_of_gorm_that_no_lookup_of_its_values_decides_is_no_site(sites: Sites, body: str) -> None:
    assert sites({"store.go": f"{_GO}{body}return nil\n}}\n"}) == ()


_PHP = """<?php
namespace App\\Jobs;
use App\\Models\\Post;
use Illuminate\\Support\\Facades\\DB;
class Save
{
    public function handle($slug, $other)
    {
"""
_POST = """<?php
namespace App\\Models;
use Illuminate\\Database\\Eloquent\\Model;
class Post extends Model
{
    public $timestamps = false;
}
"""


def _laravel(sites: Sites, body: str) -> tuple[WriteSite, ...]:
    return sites({"app/Jobs/Save.php": f"{_PHP}{body}\n    }}\n}}\n", "app/Models/Post.php": _POST})


@pytest.mark.parametrize(
    "body",
    [
        "if (!Post::where('slug', $slug)->exists()) {\n Post::create(['slug' => $slug, 'likes' => 0]);\n}",
        (
            "$p = Post::query()->where('slug', '=', $slug)->first();\nif (!$p) {\n"
            " $p = Post::create(['slug' => $slug, 'likes' => 0]);\n}"
        ),
        (
            "if (!DB::table('posts')->where(['slug' => $slug])->first()) {\n"
            " DB::table('posts')->insert(['slug' => $slug, 'likes' => 0]);\n}"
        ),
    ],
)
def test_a_row_of_laravel_that_is_created_after_a_lookup_of_its_values_is_a_race(sites: Sites, body: str) -> None:
    (site,) = found = _laravel(sites, body)
    assert _keys(found) == [("posts", ("slug",))]
    assert site.write.columns == ("slug", "likes")


@pytest.mark.parametrize(
    "body",
    [
        "Post::where('slug', $other)->first();\nPost::create(['slug' => $slug]);",
        "Post::where('slug', 'like', $slug)->exists();\nPost::create(['slug' => $slug]);",
        "Post::where('slug', $slug)->orderBy('id')->first();\nPost::create(['slug' => $slug]);",
        "Post::create(['slug' => $slug]);\nreturn Post::where('slug', $slug)->first();",
        "Post::where('slug', $slug)->first();\nDB::table('tags')->insert(['slug' => $slug]);",
    ],
)
def test_a_row_of_laravel_that_no_lookup_of_its_values_decides_is_no_site(sites: Sites, body: str) -> None:
    assert _laravel(sites, body) == ()
