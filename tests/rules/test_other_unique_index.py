"""Which unique indexes can refuse the row of an upsert that has found its arbiter."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from .conftest import FindingsOf

TABLE = """
CREATE TABLE t (
    id bigint PRIMARY KEY, a int NOT NULL DEFAULT 1, b int, c uuid DEFAULT gen_random_uuid(),
    made timestamptz DEFAULT now(), gone boolean NOT NULL DEFAULT false, deleted_at timestamptz
);
"""
INSERT = "INSERT INTO t (id, b) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET b = excluded.b;"


@pytest.mark.parametrize(
    ("index", "found"),
    [
        ("(b)", 1),
        ("(a, b)", 1),  # a has the same default each time
        ("(lower(b::text))", 1),
        ("(b) WHERE deleted_at IS NULL", 1),
        ("(b) WHERE NOT gone", 1),
        ("(b) INCLUDE (id)", 1),
        ("(b, deleted_at) NULLS NOT DISTINCT", 1),
        ("(b, id)", 0),
        ("(b, c)", 0),
        ("(b, made)", 0),
        ("(b, deleted_at)", 0),
        ("(b) WHERE deleted_at IS NOT NULL", 0),
        ("(b) WHERE gone", 0),
        ("(a)", 0),
    ],
)
def test_an_index_is_fed_when_each_key_has_a_value(findings_of: FindingsOf, index: str, found: int) -> None:
    assert len(findings_of(TABLE + f"CREATE UNIQUE INDEX other ON t {index};", INSERT, "PGA206")) == found


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("INSERT INTO t (id, b) VALUES (1, 2) ON CONFLICT (id) DO NOTHING;", 1),
        ("INSERT INTO t (id, b) VALUES (1, 2) ON CONFLICT DO NOTHING;", 0),
        ("INSERT INTO t (id, b) VALUES (1, NULL) ON CONFLICT (id) DO NOTHING;", 0),
        ("INSERT INTO t (id, b) VALUES (1, 2) ON CONFLICT (b) DO NOTHING;", 0),  # whoever writes it makes the id up
        ("INSERT INTO t (id, b) VALUES (1, 2);", 0),
    ],
)
def test_only_a_target_leaves_something_uncovered(findings_of: FindingsOf, sql: str, found: int) -> None:
    assert len(findings_of(TABLE + "CREATE UNIQUE INDEX other ON t (b);", sql, "PGA206")) == found


def test_a_key_wider_than_the_primary_key_does_not_cover_it(findings_of: FindingsOf) -> None:
    sql = "INSERT INTO t (id, a) VALUES (1, 2) ON CONFLICT (id, a) DO NOTHING;"
    (found,) = findings_of(TABLE + "CREATE UNIQUE INDEX pair ON t (id, a);", sql, "PGA206")
    assert "by (id) is refused" in found.effect


def test_an_invalid_index_refuses_what_it_does_not_infer(findings_of: FindingsOf, database: str) -> None:
    ddl = TABLE + "CREATE UNIQUE INDEX other ON t (b);"
    ddl += "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'other'::regclass;"
    (found,) = findings_of(ddl, INSERT, "PGA206")
    assert found.related == ('index "other" is invalid: it infers nothing, but refuses',)
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO t (id, b) VALUES (7, 2)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(INSERT.encode())


def test_what_the_client_may_leave_out_is_not_said_to_be_written(findings_of: FindingsOf) -> None:
    ddl = TABLE + "CREATE UNIQUE INDEX other ON t (b);"
    client = "db.from('t').upsert({ id: 1, ...rest })\ndb.from('t').upsert({ id: 1, b: 2 })"
    assert [f.span and f.span.line for f in findings_of(ddl, client, "PGA206")] == [4]
