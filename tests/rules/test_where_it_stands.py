"""What a rule says of the same statement in the application, a test, a seed, and a function that is not in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter import check
from pgarbiter.settings import Settings

from .conftest import SUPABASE

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import FindingsOf

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL UNIQUE, b int NOT NULL UNIQUE);"


@pytest.mark.parametrize(
    ("code", "statement", "severities"),
    [
        ("PGA206", "await db.from('t').upsert({ a: 1, b: 2, id: 3 }, { onConflict: 'id' })", ("note", None, None)),
        ("PGA207", "await db.from('t').upsert({ a: 1, id: 3 }, { onConflict: 'a' })", ("warning", "note", None)),
        (
            "PGA311",
            "await pool.query('INSERT INTO t (id, a, b) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING')",
            ("note", None, None),
        ),
        ("PGA303", "await db.from('t').upsert({ a: 1, b: 2, id: 3 })", ("warning", "warning", None)),
        ("PGA303", "void db.from('t').upsert({ a: 1, b: 2, id: 3 })", ("warning", "warning", "note")),
    ],
    ids=["another index", "the key rewritten", "a conflict swallowed", "unread", "never sent"],
)
def test_what_nobody_would_act_on_is_not_told_there(
    findings_of: FindingsOf, code: str, statement: str, severities: tuple[str | None, ...]
) -> None:
    text = f"import pg from 'pg'\nconst pool = new pg.Pool()\n{SUPABASE.format(statement)}"
    files = {"app.ts": text, "seed.ts": text, "app.test.ts": text}
    found = {f.span.path: f.severity.value for f in findings_of(TABLE, files, code) if f.span is not None}
    assert tuple(found.get(name) for name in files) == severities


FUNCTION = """
CREATE OR REPLACE FUNCTION save({name} jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO t (id, a, b) SELECT x.id, x.a, x.b FROM jsonb_to_recordset({name}) AS x(id int, a int, b int)
  ON CONFLICT (id) DO UPDATE SET a = EXCLUDED.a;
  INSERT INTO t (id, a, b) VALUES (1, 2, 3) ON CONFLICT DO NOTHING;
END $$;
"""


def test_a_function_is_told_where_it_is_in_force(tmp_path: Path) -> None:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    (migrations / "1.sql").write_text(TABLE + FUNCTION.format(name="given"))
    (migrations / "2.sql").write_text("DROP FUNCTION save(jsonb);" + FUNCTION.format(name="rows_of_it"))
    (tmp_path / "dump.sql").write_text(TABLE + FUNCTION.format(name="rows_of_it"))
    report = check(tmp_path, Settings(schema="sql:migrations", cache=False, select=("PGA305", "PGA311")))
    found = [(f.code, f.span.path) for f in report.findings if f.span is not None]
    assert found == [("PGA305", "migrations/2.sql"), ("PGA311", "migrations/2.sql")]
