"""op.change_type_online of a column that row security policies name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.change_type import ChangeType
from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.presets import TextToTimestamptz, WidenToBigint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]

TABLES = """\
CREATE SCHEMA app;
CREATE FUNCTION app.mine() RETURNS int LANGUAGE sql STABLE AS $$ SELECT current_setting('app.mine')::int $$;
CREATE TABLE app.t (id int PRIMARY KEY, "Owner" int NOT NULL);
INSERT INTO app.t SELECT n, n % 2 FROM generate_series(1, 10) n;
ALTER TABLE app.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Own rows" ON app.t TO reader USING ("Owner" = app.mine()) WITH CHECK ("Owner" = app.mine() AND id > 0);
CREATE POLICY additions ON app.t AS RESTRICTIVE FOR INSERT TO reader WITH CHECK ("Owner" = ANY ('{0,1}'::int[]));
COMMENT ON POLICY additions ON app.t IS 'only these';
CREATE TABLE docs (t int, note text);
INSERT INTO docs SELECT n, 'doc ' || n FROM generate_series(1, 10) n;
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY by_parent ON docs USING (
    EXISTS (SELECT FROM app.t WHERE t.id = docs.t AND t."Owner" IN (SELECT x."Owner" FROM app.t x)));
GRANT USAGE ON SCHEMA app TO reader;
GRANT ALL ON app.t, docs TO reader;
"""
POLICIES = """\
SELECT polrelid::regclass::text, polname, polcmd::text, polpermissive, polroles, pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid), obj_description(oid, 'pg_policy') FROM pg_policy ORDER BY 1, 2"""


@pytest.fixture
def reader(another: Connection) -> Iterator[Connection]:
    another.execute("CREATE ROLE reader")
    another.execute(TABLES)
    yield another
    another.execute("RESET ALL; DROP OWNED BY reader CASCADE; DROP ROLE reader")


def _policies(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(POLICIES).fetchall()


def _seen(connection: Connection, owner: int) -> tuple[int, int]:
    """How many rows and documents the reader has as that owner."""
    with connection.transaction():
        connection.execute(f"SET LOCAL ROLE reader; SET LOCAL app.mine = {owner}")
        found = connection.execute("SELECT (SELECT count(*) FROM app.t), (SELECT count(*) FROM docs)").fetchone()
    assert found
    return found[0], found[1]


def test_policies_of_all_tables_say_the_same_of_the_new_column(session: Session, reader: Connection) -> None:
    before = _policies(reader)
    assert _seen(reader, 1) == (5, 5)
    execute(WidenToBigint(Table("t", "app"), "Owner"), session)
    execute(WidenToBigint(Table("t", "app"), "id"), session)
    assert [str(row).replace("::bigint", "") for row in _policies(reader)] == [str(row) for row in before]
    assert _seen(reader, 1) == (5, 5)
    assert _seen(reader, 2) == (0, 0)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), reader.transaction():
        reader.execute('SET LOCAL ROLE reader; SET LOCAL app.mine = 7; INSERT INTO app.t (id, "Owner") VALUES (70, 7)')


def test_the_swap_names_the_tables_that_it_locks(session: Session, reader: Connection) -> None:
    reader.execute("SELECT 1")
    steps = {step.name: step for step in WidenToBigint(Table("t", "app"), "id").steps(session)}
    assert [lock.table for lock in steps["swap"].locks] == ["public.docs", "app.t"]


@pytest.mark.parametrize(
    ("policy", "operation", "message"),
    [
        (
            "CREATE POLICY p ON t USING (at LIKE '2024%')",
            TextToTimestamptz(Table("t"), "at"),
            r'policy "p" of "public.t", which names column "at" of "public.t", does not fit type timestamp with',
        ),
        (
            "CREATE TABLE other (at text); CREATE POLICY p ON other USING (at IN (SELECT t.at FROM t))",
            TextToTimestamptz(Table("t"), "at"),
            'policy "p" of "public.other".* operator does not exist: text = timestamp with time zone',
        ),
        (
            "CREATE POLICY p ON t WITH CHECK (length(at) > 3)",
            ChangeType(Table("t"), "at", "integer"),
            r"function pg_catalog\.length\(integer\) does not exist|function length\(integer\) does not exist",
        ),
    ],
)
def test_a_policy_that_does_not_fit_the_new_type_is_told_before_anything_is_changed(
    session: Session, another: Connection, policy: str, operation: ChangeType, message: str
) -> None:
    another.execute("CREATE TABLE t (at text)")
    another.execute(policy)
    before = _policies(another)
    with pytest.raises(OnlineError, match=f"({message}).*nothing was changed"):
        execute(operation, session)
    assert _policies(another) == before
    assert another.execute("SELECT count(*) FROM pg_attribute WHERE attname = 'at_pgarbiter'").fetchone() == (0,)
