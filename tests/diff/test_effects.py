"""What a change costs, there and back again, on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.model import Severity
from pgarbiter.diff.type_change import Loss, type_change
from pgarbiter.structure.read import read_structure

if TYPE_CHECKING:
    from pgarbiter.structure.model import Structure

CHANGE, COSMETIC, DESTRUCTIVE, LOCKS = Severity.CHANGE, Severity.COSMETIC, Severity.DESTRUCTIVE, Severity.LOCKS
CASES = {  # the worst of the change, and of the way back
    "CREATE TABLE app.extra (a int)": (CHANGE, DESTRUCTIVE),
    "CREATE VIEW app.other AS SELECT 1 AS a": (CHANGE, CHANGE),
    "CREATE SEQUENCE app.other": (CHANGE, DESTRUCTIVE),
    "COMMENT ON TABLE app.t IS 'other'": (COSMETIC, COSMETIC),
    "ALTER TABLE app.lonely SET UNLOGGED": (LOCKS, LOCKS),
    "ALTER TABLE app.parted DETACH PARTITION app.part2": (CHANGE, LOCKS),
    "ALTER TABLE app.t ADD extra int": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.t ADD extra int DEFAULT 1": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.t ADD extra timestamptz DEFAULT now()": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.t ADD extra uuid DEFAULT gen_random_uuid()": (LOCKS, DESTRUCTIVE),
    "ALTER TABLE app.t ADD extra int DEFAULT app.f(1)": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.lonely ADD extra int GENERATED ALWAYS AS IDENTITY": (LOCKS, DESTRUCTIVE),
    "ALTER TABLE app.t ADD extra int GENERATED ALWAYS AS (rank + 1) STORED": (LOCKS, CHANGE),
    "ALTER TABLE app.t ALTER qty TYPE bigint": (LOCKS, DESTRUCTIVE),
    "ALTER TABLE app.t ALTER code TYPE varchar(60)": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.t ALTER code TYPE text": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.t ALTER price TYPE numeric(14,2)": (CHANGE, DESTRUCTIVE),
    "ALTER TABLE app.t ALTER price TYPE numeric(14,3)": (LOCKS, DESTRUCTIVE),
    "ALTER TABLE app.t ALTER qty SET NOT NULL": (LOCKS, CHANGE),
    "ALTER TABLE app.t ALTER note SET STATISTICS 7": (COSMETIC, COSMETIC),
    "ALTER TABLE app.t ALTER note SET STORAGE EXTERNAL": (COSMETIC, COSMETIC),
    'ALTER TABLE app.t ALTER note TYPE text COLLATE "C"': (LOCKS, LOCKS),
    "ALTER TABLE app.t ADD CHECK (qty > 0)": (LOCKS, CHANGE),
    "ALTER TABLE app.t ADD CHECK (qty > 0) NOT VALID": (CHANGE, CHANGE),
    "ALTER TABLE app.t ADD FOREIGN KEY (qty) REFERENCES app.orgs": (LOCKS, CHANGE),
    "ALTER TABLE app.t ADD FOREIGN KEY (qty) REFERENCES app.orgs NOT VALID": (CHANGE, CHANGE),
    "ALTER TABLE app.t ADD UNIQUE (free)": (LOCKS, CHANGE),
    "CREATE INDEX other ON app.t (free)": (LOCKS, CHANGE),
    "ALTER TABLE app.t ADD extra app.mail": (LOCKS, DESTRUCTIVE),
    "ALTER INDEX app.t_email_key SET (fillfactor = 50)": (CHANGE, CHANGE),
    "ALTER SEQUENCE app.counter INCREMENT 2": (CHANGE, CHANGE),
    "ALTER INDEX app.expressed ALTER COLUMN 1 SET STATISTICS 7": (CHANGE, CHANGE),
    "ALTER TYPE app.mood RENAME VALUE 'sad' TO 'glum'": (DESTRUCTIVE, DESTRUCTIVE),
    "ALTER DOMAIN app.mail DROP CONSTRAINT mail_check": (CHANGE, LOCKS),
    "ALTER TYPE app.pair ADD ATTRIBUTE c int": (CHANGE, DESTRUCTIVE),
    "DROP STATISTICS app.linked": (COSMETIC, COSMETIC),
    "DROP FUNCTION app.f": (CHANGE, CHANGE),
}


def after(connection: psycopg.Connection[Any], ddl: str) -> Structure:
    with connection.transaction(force_rollback=True):
        connection.execute(ddl.encode())
        return read_structure(connection, own_transaction=False)


@pytest.mark.parametrize("ddl", CASES)
def test_a_change_costs_what_the_server_takes(ddl: str, base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    changed = after(connection, ddl)
    ways = [difference(("old", one), ("new", two)).changes for one, two in ((before, changed), (changed, before))]
    assert tuple(min((change.severity for change in way), key=lambda each: each.rank) for way in ways) == CASES[ddl]
    assert all(change.effects for way in ways for change in way)


def test_an_invalid_index_is_told_as_such(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    spoilt = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'app.left_over'::regclass"
    changed = after(connection, f"CREATE UNIQUE INDEX left_over ON app.t (free); {spoilt}")
    (change,) = difference(("old", before), ("new", changed)).changes
    assert [(each.severity, each.text) for each in change.effects] == [
        (CHANGE, "an invalid index serves no query and no ON CONFLICT")
    ]


def test_no_index_is_built_for_a_partition_that_leaves(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, _ = base
    made = "CREATE TABLE app.p (k int PRIMARY KEY) PARTITION BY LIST (k); CREATE TABLE app.q PARTITION OF app.p DEFAULT"
    one, two = (after(connection, made + each) for each in ("", "; ALTER TABLE app.p DETACH PARTITION app.q"))
    assert {change.severity for change in difference(("old", one), ("new", two)).changes} == {CHANGE}


def test_a_constraint_that_is_not_valid_yet_reads_no_table(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    if connection.info.server_version < 180000:
        pytest.skip("needs version 18")
    changed = after(connection, "ALTER TABLE app.t ADD CONSTRAINT q NOT NULL qty NOT VALID")
    (change,) = difference(("old", before), ("new", changed)).changes
    assert change.severity is CHANGE


def test_no_way_around_the_lock_is_told_that_a_partitioned_table_does_not_have(
    base: tuple[psycopg.Connection[Any], Structure],
) -> None:
    connection, before = base
    found = difference(("old", before), ("new", after(connection, "CREATE INDEX other ON app.parted (v)")))
    assert found.changes[0].severity is LOCKS
    assert "CONCURRENTLY" not in found.changes[0].effects[0].text


def test_texts_name_the_lock_and_the_way_around_it(base: tuple[psycopg.Connection[Any], Structure]) -> None:
    connection, before = base
    found = difference(("old", before), ("new", after(connection, "CREATE INDEX other ON app.t (free)")))
    assert "SHARE" in found.changes[0].effects[0].text
    assert "CONCURRENTLY" in found.changes[0].effects[0].text


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("integer", "bigint", "7"),
        ("integer", "numeric(9,0)", "2147483647"),
        ("integer", "numeric(10,0)", "2147483647"),
        ("bigint", "integer", "9223372036854775807"),
        ("smallint", "real", "32767"),
        ("integer", "real", "16777217"),
        ("integer", "double precision", "2147483647"),
        ("bigint", "double precision", "9007199254740993"),
        ("numeric(12,2)", "numeric(14,3)", "9999999999.99"),
        ("numeric(12,2)", "numeric(12,4)", "9999999999.99"),
        ("numeric", "numeric(12,2)", "0.001"),
        ("character varying(5)", "character varying(4)", "'abcde'"),
        ("character varying(5)", "character varying(6)", "'abcde'"),
        ("character varying(5)", "text", "'abcde'"),
        ("text", "character varying(5)", "'abcdef'"),
        ("text", "character varying", "'abcdef'"),
        ("timestamp(3) without time zone", "timestamp(0) without time zone", "'2020-01-01 00:00:00.123'"),
        ("timestamp(0) without time zone", "timestamp without time zone", "'2020-01-01 00:00:00'"),
        ("timestamp without time zone", "date", "'2020-01-01 01:00:00'"),
        ("date", "timestamp without time zone", "'2020-01-01'"),
        ("bit varying(3)", "bit varying(5)", "B'101'"),
    ],
)
def test_rewrites_and_losses_are_those_of_the_server(
    old: str, new: str, value: str, base: tuple[psycopg.Connection[Any], Structure]
) -> None:
    connection, told = base[0], type_change(old, new)
    look = f"SELECT pg_relation_filenode('app.one'), a::{old}::text FROM app.one".encode()
    with connection.transaction(force_rollback=True):
        connection.execute(f"CREATE TABLE app.one (a {old})".encode())
        connection.execute(f"INSERT INTO app.one VALUES ({value})".encode())
        node, before = connection.execute(look).fetchone() or (0, "")
        try:
            with connection.transaction():
                connection.execute(f"ALTER TABLE app.one ALTER a TYPE {new}".encode())
        except psycopg.errors.DataError:
            assert told.loss is Loss.SOME
            return
        other, after = connection.execute(look).fetchone() or (0, "")
    assert told.rewrites == (other != node)
    assert told.loss is (Loss.NONE if after == before else Loss.SOME)
