"""Rows that Python's ORMs make where an UPDATE or a DELETE of the same values stands before in their function."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from pgarbiter.model import Mechanism

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgarbiter.model import WriteSite

    Sites = Callable[..., tuple[WriteSite, ...]]

_DJANGO = """
from django.db import models
class Book(models.Model):
    title = models.TextField()
    pages = models.IntegerField()
    class Meta:
        app_label = "lib"
"""
_PEEWEE = """
from peewee import CharField, IntegerField, Model, PostgresqlDatabase
class Book(Model):
    title = CharField()
    pages = IntegerField()
    class Meta:
        database = PostgresqlDatabase("lib")
        table_name = "lib_book"
"""
_TORTOISE = """
from tortoise import fields
from tortoise.models import Model
class Book(Model):
    id = fields.IntField(pk=True)
    title = fields.TextField()
    pages = fields.IntField()
    class Meta:
        table = "lib_book"
"""
_SQLALCHEMY = """
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase): ...
class Book(Base):
    __tablename__ = "lib_book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    pages: Mapped[int]
"""
_UPDATE, _DELETE = Mechanism.UPDATE_THEN_INSERT, Mechanism.DELETE_INSERT


@pytest.mark.parametrize(
    ("models", "body", "mechanism"),
    [
        (_DJANGO, ("n = Book.objects.filter(title=t).update(pages=p)\nif not n:\n"
                  "    Book.objects.create(title=t, pages=p)"), _UPDATE),
        (_DJANGO, ("if not Book.objects.filter(title=t).update(pages=p):\n"
                  "    Book.objects.create(title=t, pages=p)"), _UPDATE),
        (_DJANGO, "Book.objects.filter(title=t).delete()\nBook(title=t, pages=p).save()", _DELETE),
        (_PEEWEE, ("n = Book.update(pages=p).where(Book.title == t).execute()\nif n == 0:\n"
                  "    Book.create(title=t, pages=p)"), _UPDATE),
        (_PEEWEE, "Book.delete().where(Book.title == t).execute()\nBook.create(title=t, pages=p)", _DELETE),
        (_TORTOISE, ("n = await Book.filter(title=t).update(pages=p)\nif not n:\n"
                    "    await Book.create(title=t, pages=p)"), _UPDATE),
        (_TORTOISE, "await Book.filter(title=t).delete()\nawait Book.create(title=t, pages=p)", _DELETE),
        (_SQLALCHEMY, ("r = s.execute(update(Book).where(Book.title == t).values(pages=p))\nif r.rowcount == 0:\n"
                      "    s.execute(insert(Book).values(title=t, pages=p))"), _UPDATE),
        (_SQLALCHEMY, ("n = s.query(Book).filter_by(title=t).update({'pages': p})\nif not n:\n"
                      "    s.add(Book(title=t, pages=p))"), _UPDATE),
        (_SQLALCHEMY, "s.execute(delete(Book).where(Book.title == t))\ns.add(Book(title=t, pages=p))", _DELETE),
        (_SQLALCHEMY, "s.query(Book).filter(Book.title == t).delete()\ns.add(Book(title=t, pages=p))", _DELETE),
    ],
)  # fmt: skip
def test_a_change_that_decides_on_an_insert_is_seen(sites: Sites, models: str, body: str, mechanism: Mechanism) -> None:
    (site,) = sites({"save.py": _function(models, body)})
    assert (site.mechanism, str(site.write.table), site.key_columns) == (mechanism, "lib_book", ("title",))


@pytest.mark.parametrize(
    "body",
    [
        "Book.objects.filter(title=t).update(pages=p)\nBook.objects.create(title=t, pages=p)",
        "Book.objects.filter(title=t).delete()\nfor p in pages:\n    Book.objects.create(title=t, pages=p)",
        "if not p:\n    Book.objects.filter(title=t).delete()\nelse:\n    Book.objects.create(title=t, pages=p)",
        "if not p:\n    Book.objects.filter(title=t).delete()\n    return\nBook.objects.create(title=t, pages=p)",
        "n = Book.objects.filter(title=other).update(pages=p)\nif not n:\n    Book.objects.create(title=t, pages=p)",
        "Book.objects.filter(title=t).exclude(pages=p).delete()\nBook.objects.create(title=t, pages=p)",
    ],
    ids=["no condition", "a list is replaced", "another branch", "it leaves", "another value", "another condition"],
)
def test_a_change_that_decides_nothing_is_none(sites: Sites, body: str) -> None:
    assert sites({"save.py": _function(_DJANGO, body)}) == ()


def _function(models: str, body: str) -> str:
    return f"{dedent(models)}async def save(s, t, p, pages, other):\n{indent(body, '    ')}\n"
