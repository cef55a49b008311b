"""When the key of an upsert is new each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import FindingsOf

INSERT = "INSERT INTO t (a) VALUES (1) ON CONFLICT (k) DO UPDATE SET a = 2;"


@pytest.mark.parametrize(
    ("column", "severities"),
    [
        ("k int GENERATED ALWAYS AS IDENTITY", ["warning"]),
        ("k serial", ["warning"]),
        ("k uuid DEFAULT gen_random_uuid()", ["warning"]),
        ("k text DEFAULT 'k_' || gen_random_uuid()", ["warning"]),
        ("k text DEFAULT upper(md5(random()::text))", ["warning"]),
        ("k timestamptz DEFAULT now()", ["warning"]),
        ("k timestamptz DEFAULT CURRENT_TIMESTAMP", ["warning"]),
        ("k timestamptz DEFAULT date_trunc('hour', now())", []),
        ("k date DEFAULT now()", []),
        ("k text DEFAULT current_setting('app.key')", []),
        ("k int DEFAULT 1", []),
        ("k int DEFAULT own()", []),  # it may be anything
    ],
)
def test_a_default_is_new_each_time(findings_of: FindingsOf, column: str, severities: list[str]) -> None:
    ddl = "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1';"
    ddl += f"CREATE TABLE t ({column} NOT NULL UNIQUE, a int);"
    assert [f.severity for f in findings_of(ddl, INSERT, "PGA204")] == severities


def test_a_trigger_may_fill_the_key(findings_of: FindingsOf) -> None:
    ddl = """
    CREATE TABLE t (k serial UNIQUE, a int);
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.k := NEW.a; RETURN NEW; END';
    CREATE TRIGGER fill BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
    """
    (found,) = findings_of(ddl, INSERT, "PGA204")
    assert found.severity == "note"
    assert '"fill"' in found.effect


def test_an_identity_that_ignores_what_is_written_is_new_each_time(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (k int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int);"
    sql = "INSERT INTO t (k, a) OVERRIDING USER VALUE VALUES (1, 1) ON CONFLICT (k) DO UPDATE SET a = 2;"
    assert len(findings_of(ddl, sql, "PGA204")) == 1


def test_a_second_arbiter_that_is_written_can_be_in_conflict(findings_of: FindingsOf) -> None:
    ddl = "CREATE TABLE t (k serial PRIMARY KEY, a int UNIQUE);"
    assert findings_of(ddl, "INSERT INTO t (k, a) VALUES (1, 1) ON CONFLICT (k) DO NOTHING;", "PGA204") == ()
