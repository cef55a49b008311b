"""Models of a shop: a foreign key, renamed columns, an abstract base, a schema in the name of a table."""

from __future__ import annotations

from django.db import models


class Stamped(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Tag(models.Model):  # noqa: DJ008 - never shown
    word = models.SlugField(primary_key=True)


class Shop(models.Model):  # noqa: DJ008 - never shown
    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=9, db_column="shop_name")
    opened = models.DateTimeField(null=True)
    tags = models.ManyToManyField(Tag)


class Item(Stamped):  # noqa: DJ008 - never shown
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="wares", db_constraint=False)
    name = models.CharField(max_length=9)
    price = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    total = models.GeneratedField(
        expression=models.F("price") * 2,
        output_field=models.DecimalField(max_digits=9, decimal_places=2),
        db_persist=True,
    )

    class Meta(Stamped.Meta):
        abstract = False
        db_table = '"archive"."goods"'
