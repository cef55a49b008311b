"""What the rules about indexes say, case by case, and what the server does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from .conftest import FindingsOf

UPSERT = "INSERT INTO t (a, k) VALUES (1, '2') ON CONFLICT (a, k) DO NOTHING;"


@pytest.mark.parametrize(
    ("column", "name", "severities"),
    [
        ("text", "end_time", ["note"]),
        ("varchar(40)", "createdAt", ["note"]),
        ("text DEFAULT now()::text", "key", ["warning"]),
        ("text DEFAULT to_char(CURRENT_TIMESTAMP, 'YYYY')", "key", ["warning"]),
        ("timestamptz", "end_time", []),
        ("text", "date", []),
        ("text", "format", []),
        ("text", "time", []),
        ("text", "timestamp", ["note"]),
        ("text DEFAULT 'now()'", "key", []),
        ("bigint", "ts", []),
    ],
)
def test_a_point_in_time_is_told_by_default_or_name(
    findings_of: FindingsOf, column: str, name: str, severities: list[str]
) -> None:
    ddl = f'CREATE TABLE t (a int, "{name}" {column} NOT NULL, UNIQUE (a, "{name}"));'
    found = findings_of(ddl, UPSERT.replace("k", f'"{name}"'), "PGA502")
    assert [f.severity for f in found] == severities


def test_a_text_key_that_no_upsert_infers_is_left_alone(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (a int, k text, end_time text UNIQUE, UNIQUE (a, k));"
    assert findings_of(ddl, UPSERT, "PGA502") == ()


@pytest.mark.parametrize(
    ("change", "severity", "told"),
    [
        ("indisvalid = false", "warning", "refuses duplicates"),
        ("indisvalid = false, indisready = false", "warning", "No query uses it"),
        ("indisvalid = false, indisunique = false", "note", "all writes pay for it"),
    ],
)
def test_what_an_unfinished_index_costs(findings_of: FindingsOf, change: str, severity: str, told: str) -> None:
    ddl = "CREATE TABLE t (a int, k text, other int, UNIQUE (a, k)); CREATE UNIQUE INDEX late ON t (other);"
    ddl += f"UPDATE pg_index SET {change} WHERE indexrelid = 'late'::regclass;"
    (found,) = findings_of(ddl, UPSERT, "PGA504")
    assert (found.severity, found.object) == (severity, "index public.late")
    assert told in found.effect
    assert "REINDEX INDEX CONCURRENTLY public.late" in found.remedy


def test_what_reindex_left_behind_is_to_be_dropped(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (a int, k text, UNIQUE (a, k)); CREATE UNIQUE INDEX x_ccold1 ON t (a, k);"
    ddl += "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'x_ccold1'::regclass;"
    (found,) = findings_of(ddl, UPSERT, "PGA504")
    assert found.remedy == (
        "It is the old index, which only had to be dropped: DROP INDEX CONCURRENTLY public.x_ccold1;"
    )


def test_an_invalid_index_is_told_once(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (a int, k text); CREATE UNIQUE INDEX late ON t (a, k);"
    ddl += "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'late'::regclass;"
    assert [f.code for f in findings_of(ddl, UPSERT)] == ["PGA107"]


def test_an_index_of_a_partitioned_table_that_lacks_a_partition(findings_of: FindingsOf) -> None:
    ddl = """
    CREATE TABLE t (a int, k text, UNIQUE (a, k)) PARTITION BY LIST (a);
    CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
    CREATE INDEX late ON ONLY t (k);
    """
    (found,) = findings_of(ddl, UPSERT, "PGA504")
    assert "ATTACH PARTITION" in found.remedy


def test_the_server_warns_of_the_collation_too(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE people (name text COLLATE pg_c_utf8 PRIMARY KEY)")
        connection.execute("UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_c_utf8'")
    told: list[str] = []
    with psycopg.connect(database) as connection:
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        connection.execute("INSERT INTO people VALUES ('Ada'), ('Bea') ON CONFLICT (name) DO NOTHING")
    assert told == ['collation "pg_c_utf8" has version mismatch']


def test_a_schema_source_says_nothing_of_versions(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (a int, k text COLLATE pg_c_utf8, UNIQUE (a, k));"
    ddl += "UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_c_utf8';"
    assert findings_of(ddl, UPSERT, "PGA503", live=False) == ()


def test_the_remedies_of_a_changed_collation_run(findings_of: FindingsOf, database: str) -> None:
    ddl = "CREATE TABLE t (a int, k text COLLATE pg_c_utf8, UNIQUE (a, k));"
    ddl += "UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_c_utf8';"
    (found,) = findings_of(ddl, UPSERT, "PGA503")
    with psycopg.connect(database, autocommit=True) as connection:
        for statement in found.remedy.split(": ", 1)[1].split(";")[:2]:
            connection.execute(statement.rpartition(": ")[2].encode())
        left = connection.execute(
            "SELECT FROM pg_collation WHERE collname = 'pg_c_utf8' AND collversion <> pg_collation_actual_version(oid)"
        )
        assert left.rowcount == 0


TWICE = """
CREATE TABLE orders (id bigint PRIMARY KEY, number text NOT NULL, day date NOT NULL, note text, UNIQUE (number, day));
CREATE TABLE lines (number text, day date);
"""
WRITES = "INSERT INTO orders (id, number, day) VALUES (1, 'a', '2026-01-01');"


@pytest.mark.parametrize(
    ("index", "told"),
    [
        ("CREATE UNIQUE INDEX other ON orders (number, day)", True),
        ("CREATE UNIQUE INDEX other ON orders (day, number)", False),
        ("CREATE UNIQUE INDEX other ON orders (number, day DESC)", False),
        ("CREATE UNIQUE INDEX other ON orders (number text_pattern_ops, day)", False),
        ('CREATE UNIQUE INDEX other ON orders (number COLLATE "C", day)', False),
        ("CREATE UNIQUE INDEX other ON orders (number, day) INCLUDE (note)", False),
        ("CREATE UNIQUE INDEX other ON orders (number, day) WHERE note IS NULL", False),
        ("CREATE UNIQUE INDEX other ON orders (number, day) NULLS NOT DISTINCT", False),
        ("CREATE UNIQUE INDEX other ON orders (number, day, id)", False),
        ("CREATE INDEX other ON orders (number, day)", False),
    ],
)
def test_an_index_is_redundant_when_it_refuses_and_serves_nothing_more(
    findings_of: FindingsOf, index: str, *, told: bool
) -> None:
    found = findings_of(f"{TWICE}{index};", WRITES, "PGA501")
    assert [finding.object for finding in found] == (["index public.other"] if told else [])


def test_an_index_that_a_foreign_key_references_cannot_just_be_dropped(findings_of: FindingsOf) -> None:
    index = (
        "ALTER TABLE orders DROP CONSTRAINT orders_number_day_key; CREATE UNIQUE INDEX other ON orders (number, day);"
    )
    reference = "ALTER TABLE lines ADD FOREIGN KEY (number, day) REFERENCES orders (number, day);"
    again = "ALTER TABLE orders ADD UNIQUE (number, day);"
    assert findings_of(TWICE + index + reference + again, WRITES, "PGA501") == ()


def test_of_two_constraints_the_later_one_is_redundant(findings_of: FindingsOf) -> None:
    key = "ALTER TABLE orders ADD CONSTRAINT other UNIQUE (number, day);"
    (found,) = findings_of(TWICE + key, WRITES, "PGA501")
    assert found.remedy == "Drop it: ALTER TABLE public.orders DROP CONSTRAINT other."
