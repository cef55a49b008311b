"""A client that looks a row up again when its INSERT fails, with and without the index that makes it fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.catalog.read import read_catalog
from pgarbiter.rules import check
from pgarbiter.scan import scan
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

_MODEL = """
from django.db import models
class Shop(models.Model):
    code = models.CharField(max_length=9)
    class Meta:
        app_label = "shop"
        db_table = "shops"
Shop.objects.get_or_create(code="a")
"""


@pytest.mark.parametrize(
    ("index", "codes"),
    [
        ("CREATE UNIQUE INDEX ON shops (code)", []),
        ("CREATE UNIQUE INDEX ON shops (code) WHERE code <> ''", ["PGA301"]),
        ("CREATE INDEX ON shops (code)", ["PGA301"]),
    ],
)
def test_a_lookup_that_is_made_again_is_no_race_where_an_index_decides(
    database: str, tmp_path: Path, index: str, codes: list[str]
) -> None:
    (tmp_path / "shop.py").write_text(_MODEL, "utf-8")
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE shops (id bigserial PRIMARY KEY, code text NOT NULL)")
        connection.execute(index.encode())
        catalog = read_catalog(connection)
    loaded = Loaded(catalog, ServerInfo("18", "test", "test"), SchemaInfo("sql:schema.sql"), live=True)
    bounds = tuple(bind(site, loaded) for site in scan([tmp_path], Settings()).sites)
    assert [finding.code for finding in check(bounds, loaded, Settings())] == codes
