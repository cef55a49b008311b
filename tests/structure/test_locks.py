"""What a table that a migration holds keeps the reader from, and what it does not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.errors import ServerError
from pgarbiter.structure.model import Kind
from pgarbiter.structure.read import read_structure

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection = psycopg.Connection[Any]
TIMEOUT_MS = 150

# A table with nearly everything, and nothing that holds an expression.
PLAIN = """
CREATE TYPE mood AS ENUM ('a'); CREATE DOMAIN small AS int CHECK (VALUE < 9);
CREATE TABLE other (id int PRIMARY KEY);
CREATE TABLE parent (k int, z text COLLATE "C", PRIMARY KEY (k, z)) PARTITION BY RANGE (k, z);
CREATE TABLE t PARTITION OF parent FOR VALUES FROM (1, 'a') TO (7, MAXVALUE);
ALTER TABLE t ADD CONSTRAINT nothing_of_its_own UNIQUE (z, k) INCLUDE (k) DEFERRABLE;
ALTER TABLE parent ADD at timestamptz DEFAULT now() + '1 day', ADD s small DEFAULT 1,
    ADD ref int REFERENCES other ON DELETE CASCADE, ADD span int4range, ADD m mood DEFAULT 'a';
ALTER TABLE t ADD CONSTRAINT apart EXCLUDE USING gist (span WITH &&);
CREATE INDEX by_z ON t (z text_pattern_ops DESC) WITH (fillfactor = 50);
CREATE STATISTICS st ON k, z FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER tr BEFORE UPDATE OF k ON t FOR EACH ROW EXECUTE FUNCTION f('x');
CREATE FUNCTION g(t) RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
CREATE PUBLICATION p FOR TABLE t; COMMENT ON COLUMN t.k IS 'c'; GRANT SELECT (k) ON t TO PUBLIC;
"""
EXPRESSIONS = {
    "a check": "CREATE TABLE t (a int CHECK (a > 1))",
    "a generated column": "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED)",
    "an index's predicate": "CREATE TABLE t (a int); CREATE INDEX ON t (a) WHERE a > 1",
    "an index's expression": "CREATE TABLE t (a int); CREATE INDEX ON t ((a + 1))",
    "two expressions of an index": "CREATE TABLE t (a int); CREATE INDEX ON t ((a + 1), (a + 2))",
    "a policy": "CREATE TABLE t (a int); CREATE POLICY p ON t USING (a > 1)",
    "a trigger's condition": "CREATE TABLE t (a int); CREATE TRIGGER r BEFORE UPDATE ON t FOR EACH ROW "
    "WHEN (NEW.a > 1) EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "a rule": "CREATE TABLE t (a int); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
    "a view over it": "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t",
    "a function over it": "CREATE TABLE t (a int); "
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a FROM t; END",
    "a partition key": "CREATE TABLE t (a int) PARTITION BY LIST ((a + 1))",
    "statistics": "CREATE TABLE t (a int); CREATE STATISTICS s ON (a + 1), a FROM t",
}


@pytest.fixture
def reader(any_database: str) -> Iterator[Connection]:
    with psycopg.connect(any_database, autocommit=True) as connection:
        yield connection


def test_a_table_without_expressions_is_read_while_a_migration_holds_it(any_database: str, reader: Connection) -> None:
    reader.execute(PLAIN)
    free = read_structure(reader)
    with psycopg.connect(any_database) as holder:
        holder.execute("LOCK TABLE parent, t, other IN ACCESS EXCLUSIVE MODE")
        held = read_structure(reader, lock_timeout_ms=1)
    assert held == free
    table = held.objects[Kind.TABLE]["public", "t"]
    assert len(table.columns) == 7  # type: ignore[union-attr]


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_an_expression_is_waited_for_and_its_table_named(name: str, any_database: str, reader: Connection) -> None:
    reader.execute(EXPRESSIONS[name].encode())
    reader.execute("CREATE TABLE another_that_is_held (a int)")
    with psycopg.connect(any_database) as holder:
        holder.execute("LOCK TABLE another_that_is_held, t IN ACCESS EXCLUSIVE MODE")
        pid, begin = holder.info.backend_pid, time.monotonic()
        with pytest.raises(ServerError) as raised:
            read_structure(reader, lock_timeout_ms=TIMEOUT_MS)
        waited = time.monotonic() - begin
    assert raised.value.message.startswith(f'could not read the catalog: waited {TIMEOUT_MS} ms for table "public.t", ')
    assert raised.value.message.endswith(f"locked by process {pid}")
    assert waited >= TIMEOUT_MS / 1000
    assert read_structure(reader).objects[Kind.TABLE]  # the connection is as it was
