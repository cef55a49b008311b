"""Every layout of SQL migrations is read as its runner would run it for a new database."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pgarbiter.schema.order import read_files
from pgarbiter.schema.source import parse
from pgarbiter.schema.structures import structure_of
from pgarbiter.structure.model import Kind, Relation

if TYPE_CHECKING:
    from pathlib import Path

    from pgarbiter.settings import Settings

CREATE, ADD = "CREATE TABLE t (a int);", "ALTER TABLE t ADD COLUMN b int;"
UNDO = "DROP TABLE t;"
JOURNAL = json.dumps({"entries": [{"idx": 0, "tag": "0000_z"}, {"idx": 1, "tag": "0001_a"}]})
# Layout -> files with their text; columns a and b of table t are what each makes.
LAYOUTS: dict[str, dict[str, str]] = {
    "supabase": {"supabase/migrations/10_a.sql": CREATE, "supabase/migrations/2_b.sql": ADD},
    "prisma": {
        "migrations/migration_lock.toml": 'provider = "postgresql"',
        "migrations/20240101_z/migration.sql": CREATE,
        "migrations/20240201_a/migration.sql": ADD,
    },
    "drizzle": {"drizzle/meta/_journal.json": JOURNAL, "drizzle/0000_z.sql": CREATE, "drizzle/0001_a.sql": ADD},
    "drizzle folders": {"drizzle/20240101_z/migration.sql": CREATE, "drizzle/20240201_a/migration.sql": ADD},
    "golang-migrate": {
        "m/9_a.up.sql": CREATE,
        "m/9_a.down.sql": UNDO,
        "m/10_b.up.sql": ADD,
        "m/10_b.down.sql": "ALTER TABLE t DROP COLUMN b;",
    },
    "goose": {
        "m/00001_a.sql": f"-- +goose Up\n{CREATE}\n-- +goose Down\n{UNDO}",
        "m/00002_b.sql": "-- +goose Up\n-- +goose StatementBegin\nDO $$ BEGIN ALTER TABLE t ADD b int; END $$;\n"
        "-- +goose StatementEnd\n\n-- +goose Down\nALTER TABLE t DROP b;",
    },
    "goose without a transaction": {
        "m/00001_a.sql": f"-- +goose Up\n{CREATE}{ADD}",
        "m/00002_b.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nCREATE INDEX CONCURRENTLY ON t (a);\n-- +goose Down\n"
        "DROP INDEX t_a_idx;",
    },
    "dbmate": {
        "db/migrations/20240101_a.sql": f"-- migrate:up\n{CREATE}\n-- migrate:down\n{UNDO}",
        "db/migrations/20240201_b.sql": f"-- migrate:up transaction:false\n{ADD}\n-- migrate:down\nSELECT 1/0;",
    },
    "sqlx": {"migrations/1_a.up.sql": CREATE, "migrations/1_a.down.sql": UNDO, "migrations/2_b.sql": ADD},
    "diesel": {
        "migrations/00000000000000_initial/up.sql": "SELECT 1;",
        "migrations/00000000000000_initial/down.sql": "SELECT 1/0;",
        "migrations/2023-12-31-235959_z/up.sql": CREATE,
        "migrations/2023-12-31-235959_z/down.sql": UNDO,
        "migrations/2024-01-01-000000_a/up.sql": ADD,
    },
    "flyway": {
        "migration/V1__a.sql": CREATE,
        "migration/U1__a.sql": UNDO,
        "migration/second/V1_1__b.sql": "ALTER TABLE t ADD COLUMN c int;",
        "migration/V1.10__d.sql": "ALTER TABLE t RENAME c TO b;",
        "migration/R__view.sql": "CREATE OR REPLACE VIEW v AS SELECT b FROM t;",
        "migration/beforeMigrate.sql": "SET client_min_messages = warning;",
        "migration/afterMigrate__grants.sql": "GRANT SELECT ON t, v TO PUBLIC;",
        "migration/afterClean.sql": UNDO,
    },
    "flyway with a baseline": {
        "migration/V1__a.sql": UNDO,
        "migration/B2__all.sql": CREATE,
        "migration/V2__b.sql": UNDO,
        "migration/V3__c.sql": ADD,
    },
    "db-migrate, with knex or sequelize": {
        "migrations/sqls/20240101-a-up.sql": CREATE,
        "migrations/sqls/20240101-a-down.sql": UNDO,
        "migrations/sqls/20240201-b-up.sql": ADD,
        "migrations/sqls/20240201-b-down.sql": "SELECT 1/0;",
    },
    "knex": {
        "migrations/20240101_a.up.sql": CREATE,
        "migrations/20240101_a.down.sql": UNDO,
        "migrations/20240201_b.up.sql": ADD,
    },
    "node-pg-migrate": {
        "migrations/1700_a.sql": f"-- Up Migration\n{CREATE}\n-- Down Migration\n{UNDO}",
        "migrations/1800_b.sql": f"-- Up Migration\n{ADD}\n-- Down Migration\n",
    },
    "rails": {
        "db/structure.sql": f"SET search_path = '';\n{(CREATE + ADD).replace(' t ', ' public.t ')}\n"
        'SET search_path TO "$user", public;\nCREATE TABLE schema_migrations (version varchar PRIMARY KEY);\n'
        "INSERT INTO \"schema_migrations\" (version) VALUES\n('20240101000000');",
    },
    "atlas": {
        "migrations/20240101_a.sql": "CREATE TABLE old (a int);",
        "migrations/20240201_checkpoint.sql": f"-- atlas:checkpoint\n\n{CREATE}",
        "migrations/20240301_b.sql": f"-- atlas:txmode none\n\n{ADD}",
        "migrations/atlas.sum": "h1:x",
    },
    "schema.sql": {"schema.sql": CREATE + ADD},
    "one file for each table": {"tables/a.sql": ADD, "tables/t.sql": CREATE},
    "pg_dump": {
        "dump.sql": "--\n-- PostgreSQL database dump\n--\n\n\\restrict AbC\n\nSET statement_timeout = 0;\n"
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.t (a integer, b integer);\n"
        "ALTER TABLE public.t OWNER TO CURRENT_USER;\nCOPY public.t (a, b) FROM stdin;\n1\t2\n\\.\n\n\\unrestrict AbC\n"
    },
}  # fmt: skip


def put(root: Path, files: dict[str, str]) -> str:
    """The files below `root`; the source that they are."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    first = min(files)
    parts = first.split("/")
    return first if len(parts) == 1 or parts[-1] == "structure.sql" else "/".join(parts[: 2 if "sqls" in parts else 1])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_loads_whole_and_in_order(tmp_path: Path, layout: str, server_settings: Settings) -> None:
    where = put(tmp_path, LAYOUTS[layout])
    where = "db/migrations" if layout == "dbmate" else where
    name, found = structure_of(where, replace(server_settings, platform="plain"), tmp_path)
    assert name.endswith(where) or layout == "supabase"
    assert [note for note in found.notes if "statements were loaded" in note] == []
    table = found.objects[Kind.TABLE]["public", "t"]
    assert isinstance(table, Relation)
    assert {column.name for column in table.columns} == {"a", "b"}
    assert ("public", "old") not in found.objects[Kind.TABLE]


def test_files_of_flyway_come_in_its_order(tmp_path: Path) -> None:
    put(tmp_path, LAYOUTS["flyway"])
    assert [file.path for file in read_files(parse("migration", tmp_path), tmp_path)] == [
        "migration/beforeMigrate.sql",
        "migration/V1__a.sql",
        "migration/second/V1_1__b.sql",
        "migration/V1.10__d.sql",
        "migration/R__view.sql",
        "migration/afterMigrate__grants.sql",
    ]
