"""A RETURNING that a client may send unseen: said to be unknown only where it would make a difference."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.access.decide import decide
from pgarbiter.access.returning import may_come_back
from pgarbiter.catalog.read import read_catalog

from ..scan.tree import sites_of
from .running import plain, run

if TYPE_CHECKING:
    from pathlib import Path


Connection = psycopg.Connection[Any]

SETUP = """
CREATE ROLE app; GRANT USAGE ON SCHEMA public TO app; CREATE TABLE t (k int PRIMARY KEY, name text, owner text);
"""
INSERT = "INSERT INTO t (k, name) VALUES (1, 'b')"
ALL_OPEN = "CREATE POLICY i ON t FOR INSERT WITH CHECK (true);"


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("GRANT INSERT, SELECT ON t TO app", None),
        (
            "GRANT INSERT, SELECT (k, name) ON t TO app",
            'whether RETURNING, which is not known, reads "owner", which "app" may not',
        ),
        (
            f"GRANT INSERT, SELECT ON t TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY; {ALL_OPEN}",
            "whether there is a RETURNING that reads columns, for which row security refuses the row",
        ),
        (
            (
                "GRANT INSERT, SELECT ON t TO app; ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
                f"{ALL_OPEN} CREATE POLICY s ON t FOR SELECT USING (true)"
            ),
            None,
        ),
    ],
)
def test_it_is_said_where_what_comes_back_decides(connection: Connection, sql: str, reason: str | None) -> None:
    connection.execute(sql.encode())
    catalog = read_catalog(connection, own_transaction=False)
    write = plain(INSERT).write
    relation = catalog.relation("public", "t")
    assert relation is not None
    assert decide(write, relation, catalog, "app", comes_back=True).reason == reason
    assert decide(write, relation, catalog, "app").reason is None
    assert run(connection, "app", INSERT, counts=False).sqlstate is None
    answer = run(connection, "app", f"{INSERT} RETURNING *", counts=False)
    assert (answer.sqlstate == "42501") == (reason is not None)


LARAVEL = "<?php\nuse Illuminate\\Support\\Facades\\DB;\nDB::table('t')->upsert([['k' => 1]], ['k'], ['name']);\n"
JS = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient(u, k)\nawait db.from('t')"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.php", LARAVEL, False),
        ("a.py", 'cursor.execute("INSERT INTO t (k) VALUES (1)")\n', False),
        ("a.ts", f"{JS}.insert({{ k: 1 }})\n", False),
        ("a.ts", f"{JS}.insert({{ k: 1 }}).select('k')\n", False),
        ("a.ts", f"{JS}.insert({{ k: 1 }}).select('k, other(*)')\n", True),
    ],
)
def test_what_may_come_back_is_told_by_the_client(tmp_path: Path, name: str, text: str, *, expected: bool) -> None:
    (site,) = sites_of(tmp_path, {name: text})
    assert may_come_back(site) is expected
    assert may_come_back(replace(site, client="prisma", write=replace(site.write, returning_known=False))) is (
        site.write.returning is None
    )
