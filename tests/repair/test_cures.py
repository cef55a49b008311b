"""What is offered for each rule; all of it has been tried by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Ended

OWNED = """
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE r (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, k text NOT NULL UNIQUE);
ALTER TABLE r ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON r USING (user_id = current_setting('app.user')::int);
"""
SUPABASE = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(a, b)\n"


@pytest.mark.parametrize(
    ("code", "schema", "app", "cures", "chosen"),
    [
        (
            "PGA105",
            "CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX t_a ON t (a);",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT t_a DO NOTHING;\n",
            ["name-columns", "make-constraint"],
            "name-columns",
        ),
        (
            "PGA105",
            "CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL);",
            "INSERT INTO t (id, a) VALUES (1, 1) ON CONFLICT ON CONSTRAINT gone DO NOTHING;\n",
            ["name-columns"],
            None,
        ),
        (
            "PGA105",
            "CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL);",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT gone DO NOTHING;\n",
            [],
            None,
        ),
        (
            "PGA106",
            "CREATE TABLE t (a int NOT NULL CONSTRAINT k UNIQUE DEFERRABLE);",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n",
            ["not-deferrable"],
            None,
        ),
        (
            "PGA106",
            "CREATE TABLE t (a int PRIMARY KEY DEFERRABLE);",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n",
            [],
            None,
        ),
        (
            "PGA108",
            "CREATE TABLE t (a int NOT NULL, b int, EXCLUDE USING btree (a WITH =));",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 1;\n",
            ["unique-index"],
            "unique-index",
        ),
        (
            "PGA109",
            "CREATE TABLE t (a text NOT NULL); CREATE UNIQUE INDEX t_a ON t (lower(a));",
            SUPABASE + "db.from('t').upsert({ a: 1 }, { onConflict: 'a' })\n",
            ["unique-index"],
            "unique-index",
        ),
        (
            "PGA111",
            "CREATE TABLE t (a int NOT NULL UNIQUE, b int NOT NULL UNIQUE, c int);",
            "INSERT INTO t (a, b) VALUES (1, 2) ON CONFLICT DO UPDATE SET c = 1;\n",
            ["target-t_a_key", "target-t_b_key"],
            None,
        ),
        (
            "PGA202",
            "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL);",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO NOTHING;\n",
            ["drop-not-null"],
            None,
        ),
        (
            "PGA204",
            "CREATE TABLE t (id serial PRIMARY KEY, a int NOT NULL UNIQUE);",
            SUPABASE + "db.from('t').upsert({ a: 1 })\n",
            ["target-t_a_key"],
            "target-t_a_key",
        ),
        (
            "PGA205",
            "CREATE TABLE t (a int NOT NULL, b int, UNIQUE (a, b));",
            "INSERT INTO t (a) VALUES (1) ON CONFLICT (a, b) DO NOTHING;\n",
            ["not-null", "nulls-not-distinct"],
            "nulls-not-distinct",
        ),
        (
            "PGA302",
            OWNED,
            "INSERT INTO r (id, user_id, k) VALUES (1, 2, 'x') ON CONFLICT (k) DO UPDATE SET user_id = 3;\n",
            ["owner-in-key"],
            None,
        ),
    ],
)
def test_a_rule_has_these_cures(
    tmp_path: Path,
    command: Callable[..., Ended],
    code: str,
    schema: str,
    app: str,
    cures: list[str],
    chosen: str | None,
) -> None:
    (tmp_path / "schema.sql").write_text(schema)
    (tmp_path / ("app.ts" if "supabase" in app else "app.sql")).write_text(app)
    options = ("--schema", "sql:schema.sql", "--format", "json", "--rule", code, "--no-cache")
    proposal = command("repair", tmp_path, *options).proposal(code)
    assert ([cure["name"] for cure in proposal["cures"]], proposal["chosen"]) == (cures, chosen)
