"""When a conflict target that holds a parameter begins to fail, by what prepares statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from pgarbiter.arbiter.bind import bind
from pgarbiter.arbiter.oracle import Oracle
from pgarbiter.catalog.read import read_catalog
from pgarbiter.rules import check
from pgarbiter.scan import scan
from pgarbiter.schema.model import Loaded, SchemaInfo, ServerInfo
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

UPSERT = "INSERT INTO jobs (queue, state) VALUES ($1, 'active') ON CONFLICT (queue) WHERE state = $2 DO NOTHING"
GO = f'package a\nimport "github.com/jackc/pgx/v5"\nfunc f(c *pgx.Conn) {{ c.Exec(ctx, "{UPSERT}", q, s) }}\n'
JAVA = f'class A {{ void f(Connection c) {{ c.prepareStatement("{UPSERT}"); }} }}\n'.replace("$1", "?").replace(
    "$2", "?"
)
TYPESCRIPT = f'import pg from "pg"\nnew pg.Pool().query("{UPSERT}", [q, s])\n'


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("a.go", GO, "pgx"), ("A.java", JAVA, "10th"), ("a.ts", TYPESCRIPT, "postgres.js"), ("a.sql", UPSERT, None)],
)
def test_each_driver_prepares_in_its_own_way(
    database: str, tmp_path: Path, name: str, text: str, told: str | None
) -> None:
    (tmp_path / name).write_text(text)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE jobs (id bigserial PRIMARY KEY, queue text NOT NULL, state text NOT NULL)")
        connection.execute("CREATE UNIQUE INDEX ON jobs (queue) WHERE state = 'active'")
        loaded = Loaded(read_catalog(connection), ServerInfo("18", "t", "t"), SchemaInfo("sql:schema.sql"), live=True)
        bounds = [bind(site, loaded, oracle=Oracle.on(connection)) for site in scan([tmp_path], Settings()).sites]
    (finding,) = check(bounds, loaded, Settings())
    assert finding.code == "PGA103"
    prepared = [line for line in finding.related if "prepares" in line]
    assert bool(prepared) == (told is not None)
    assert told is None or told in prepared[0]


def test_a_forced_plan_decides_when_the_server_refuses_the_target(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE jobs (id bigserial PRIMARY KEY, queue text NOT NULL, state text NOT NULL)")
        connection.execute("CREATE UNIQUE INDEX ON jobs (queue) WHERE state = 'active'")
        connection.execute("PREPARE activate (text, text) AS " + UPSERT)
        connection.execute("SET plan_cache_mode = force_custom_plan")
        for _ in range(8):
            connection.execute("EXECUTE activate ('a', 'active')")
        connection.execute("SET plan_cache_mode = force_generic_plan")
        with pytest.raises(psycopg.errors.InvalidColumnReference):
            connection.execute("EXECUTE activate ('a', 'active')")
