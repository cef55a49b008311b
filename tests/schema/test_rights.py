"""Statements about rights that did not load: what they leave unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pgarbiter.run import check
from pgarbiter.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

APP = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(u, k)\n"
TABLES = """
CREATE ROLE app; CREATE ROLE other;
CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY);
"""


@pytest.mark.parametrize(
    ("statement", "unknown"),
    [
        ("GRANT INSERT, nonsense ON t TO app;", True),
        ("GRANT nonsense ON t TO app;", True),
        ("GRANT nonsense ON t TO other;", False),
        ("GRANT nonsense ON u TO app;", False),
        ("GRANT nonsense ON ALL TABLES IN SCHEMA public TO app;", True),
        ("GRANT missing TO app;", True),
        ("GRANT missing TO other;", False),
        ("CREATE POLICY p ON t USING (missing());", True),
        ("CREATE POLICY p ON u USING (missing());", False),
        ("ALTER TABLE t OWNER TO missing;", True),
        ("DROP POLICY missing ON t;", True),
    ],
)
def test_what_did_not_load_makes_rights_unknown(tmp_path: Path, statement: str, *, unknown: bool) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text(TABLES + statement)
    (tmp_path / "a.ts").write_text(f"{APP}await db.from('t').insert({{ id: 1 }})\n")
    report = check(tmp_path, Settings(schema="sql:db", role="app", cache=False))
    assert report.schema is not None
    assert report.schema.failed
    (access,) = report.access.values()
    assert (access.reason is not None) == unknown
    if unknown:
        assert access.reason is not None
        assert access.reason.startswith("db/1.sql:4 did not load: ")
    assert any(finding.code == "PGA401" for finding in report.findings) != unknown


def test_what_is_kept_is_what_was_found(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text(f"{TABLES}GRANT nonsense ON t TO app;")
    (tmp_path / "a.ts").write_text(f"{APP}await db.from('t').insert({{ id: 1 }})\n")
    settings = Settings(schema="sql:db", role="app", cache_dir=tmp_path / "cache")
    first, second = (check(tmp_path / "a.ts", settings) for _ in range(2))
    assert first.access == second.access
    assert all(access.reason for access in first.access.values())


@pytest.mark.parametrize(("table", "unknown"), [("net._http_response", True), ("public.t", False)])
def test_what_an_extension_grants_is_not_known_of_its_stand_in(tmp_path: Path, table: str, *, unknown: bool) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "1.sql").write_text(f"CREATE EXTENSION pg_net;\n{TABLES}")
    (tmp_path / "a.py").write_text(f'import psycopg\ncursor.execute("INSERT INTO {table} (id) VALUES (1)")\n')
    report = check(tmp_path, Settings(schema="sql:db", role="app", cache=False))
    (access,) = report.access.values()
    told = 'what extension "pg_net" grants on its tables is not known: a stand-in takes its place'
    assert access.reason == (told if unknown else None)
    assert any(finding.code == "PGA401" for finding in report.findings) != unknown
