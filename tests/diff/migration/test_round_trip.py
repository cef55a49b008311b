"""The plan of a diff, run on the old database, leaves no difference but what the plan says it cannot write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.diff import difference
from pgarbiter.diff.migration import backwards, plan, withheld
from pgarbiter.diff.migration.unwritten import INVALID
from pgarbiter.diff.model import Severity
from pgarbiter.structure import ddl
from pgarbiter.structure.model import Kind
from pgarbiter.structure.read import read_structure
from tests.diff.conftest import base  # noqa: F401 - a fixture
from tests.diff.drift import DRIFTS
from tests.diff.test_drift import after
from tests.diff.test_renames import RENAMES

if TYPE_CHECKING:
    from pgarbiter.diff.migration import Plan
    from pgarbiter.structure.model import Structure

Based = tuple[psycopg.Connection[Any], "Structure"]


def run(connection: psycopg.Connection[Any], found: Plan) -> Structure:
    """The structure after the plan, in the transaction of the caller."""
    for statement in ddl.SESSION:
        connection.execute(statement.replace("SET ", "SET LOCAL ").encode())
    for step in found.steps:
        try:
            connection.execute(step.sql.encode())
        except psycopg.Error as error:
            error.add_note("\n".join(each.sql for each in found.steps))
            raise
    return read_structure(connection, own_transaction=False)


def left(one: Structure, two: Structure, found: Plan) -> list[str]:
    """What is still different, but for what the plan says it leaves out."""
    out = {each.subject for each in found.unwritten}
    changes = difference(("one", one), ("two", two), detect_renames=False).changes
    wrong = [f"{change.action} {change.subject} {change.properties}" for change in changes if change.subject not in out]
    return [*wrong, *(each.sql for each in found.steps)] if wrong else []


def skip(name: str, connection: psycopg.Connection[Any]) -> str:
    drift = DRIFTS[name]
    if connection.info.server_version // 10000 < drift.since:
        pytest.skip(f"needs version {drift.since}")
    return drift.ddl


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_made_by_its_plan(name: str, base: Based) -> None:  # noqa: F811 - the fixture
    connection, before = base
    wanted = after(connection, skip(name, connection))
    roles = " ".join(each + ";" for each in DRIFTS[name].ddl.split(";") if "CREATE ROLE" in each)
    found = plan(difference(("old", before), ("new", wanted)))
    with connection.transaction(force_rollback=True):
        connection.execute(roles.encode() or b"SELECT")
        assert left(run(connection, found), wanted, found) == []


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_is_taken_back_by_its_plan(name: str, base: Based) -> None:  # noqa: F811 - the fixture
    connection, before = base
    ddl_ = skip(name, connection)
    with connection.transaction(force_rollback=True):
        connection.execute(ddl_.encode())
        drifted = read_structure(connection, own_transaction=False)
        found = plan(difference(("old", drifted), ("new", before)))
        assert left(run(connection, found), before, found) == []


@pytest.mark.parametrize("name", DRIFTS)
def test_what_is_told_as_destructive_is_not_written_unasked(name: str, base: Based) -> None:  # noqa: F811
    connection, before = base
    wanted = after(connection, skip(name, connection))
    for one, two in ((before, wanted), (wanted, before)):
        found = difference(("one", one), ("two", two))
        way = plan(found)
        # No column of the drifts has a label that goes, and one that is taken for renamed stays in the rows.
        told = {
            change.subject
            for change in found.changes
            if change.severity is Severity.DESTRUCTIVE and change.subject.kind is not Kind.ENUM
        }
        kept_back = {way.steps[index].subject for index in withheld(way)} | {each.subject for each in way.unwritten}
        assert told - kept_back == set(), [step.sql for step in way.steps]


@pytest.mark.parametrize("name", RENAMES)
def test_a_rename_is_written_as_one_and_taken_back(name: str, base: Based) -> None:  # noqa: F811 - the fixture
    connection, before = base
    wanted = after(connection, RENAMES[name][0])
    found = difference(("old", before), ("new", wanted))
    forth, back = plan(found), plan(backwards(found))
    with connection.transaction(force_rollback=True):
        assert left(run(connection, forth), wanted, forth) == []
        assert left(run(connection, back), before, back) == []
    written = [step.sql for step in forth.steps]
    assert not any("DROP TABLE" in each or "DROP COLUMN" in each for each in written)


RICH = (Path(__file__).parents[2] / "structure" / "rich.sql").read_text("utf-8")
NEWER = (Path(__file__).parents[2] / "structure" / "rich_18.sql").read_text("utf-8")
EMPTY = "CREATE ROLE rich_reader"
# Everything that is there by itself, some with other properties.
OTHER = (
    EMPTY
    + """;
CREATE SCHEMA one;
CREATE TYPE one.mood AS ENUM ('so\\so', 'ok');
CREATE TABLE one.linked (id bigint PRIMARY KEY, u1 smallint, u2 varchar(10) NOT NULL, parent bigint, "Id" bigint);
CREATE INDEX hashed ON one.linked (u2);
CREATE VIEW one.first AS SELECT u2 AS "Odd Col" FROM one.linked;
CREATE TABLE one.parted (k int, at date, v text, ref int) PARTITION BY RANGE (k, at);
CREATE TABLE one.parted_1 PARTITION OF one.parted FOR VALUES FROM (1, '2020-01-01') TO (5, MAXVALUE);
CREATE TABLE one.parted_2 (k int, at date, v text, ref int) PARTITION BY LIST (k);
CREATE TABLE one.base (id bigint, note text);
CREATE TABLE one.child (extra int, id bigint, note text);
CREATE SEQUENCE one.serials_id_seq;
CREATE FUNCTION one.twice(y int) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
"""
)


@pytest.mark.parametrize(
    ("one", "two"), [(EMPTY, RICH), (RICH, EMPTY), (RICH, OTHER), (OTHER, RICH)], ids=["make", "drop", "lose", "gain"]
)
def test_a_rich_schema_is_made_and_dropped(one: str, two: str, any_database: str) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        newer = ";" + NEWER if connection.info.server_version >= 180000 else ""
        before, wanted = (read(connection, each + (newer if each is RICH else "")) for each in (one, two))
        found = plan(difference(("old", before), ("new", wanted), detect_renames=False))
        with connection.transaction(force_rollback=True):
            connection.execute((one + (newer if one is RICH else "")).encode())
            connection.execute("SET LOCAL search_path = ''")
            assert left(run(connection, found), wanted, found) == []


PARTED = "CREATE TABLE p (k int NOT NULL, PRIMARY KEY (k)) PARTITION BY LIST (k);"
PART = "CREATE TABLE part (k int NOT NULL, PRIMARY KEY (k));"
ATTACH = "ALTER TABLE p ATTACH PARTITION part FOR VALUES IN (1);"
WAYS = {
    "made as partition": ("CREATE TABLE part PARTITION OF p FOR VALUES IN (1);", "ALTER TABLE p DETACH PARTITION part"),
    "attached": (PART + ATTACH, "ALTER TABLE p DETACH PARTITION part"),
    "never one": ("CREATE TABLE part PARTITION OF p FOR VALUES IN (1);", PART),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_partition_whose_columns_are_not_null_leaves_its_parent(way: str, any_database: str) -> None:
    one, two = WAYS[way]
    one, two = PARTED + one, PARTED + (two if two is PART else one + two)
    with psycopg.connect(any_database, autocommit=True) as connection:
        before, wanted = (read(connection, each) for each in (one, two))
        found = plan(difference(("old", before), ("new", wanted)))
        with connection.transaction(force_rollback=True):
            connection.execute(one.encode())
            assert left(run(connection, found), wanted, found) == []


def test_what_would_get_the_name_of_a_table_that_stays_is_not_made(any_database: str) -> None:
    with psycopg.connect(any_database, autocommit=True) as connection:
        before, wanted = (read(connection, f"CREATE {each}") for each in ("TABLE t (a int)", "VIEW t AS SELECT 1 AS a"))
        found = plan(difference(("old", before), ("new", wanted)))
        assert list(withheld(found)) == list(range(len(found.steps)))
        assert any(step.sql.startswith("CREATE VIEW") for step in found.steps)


def test_an_index_that_is_invalid_there_is_not_made(any_database: str) -> None:
    spoilt = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass"
    with psycopg.connect(any_database, autocommit=True) as connection:
        before = read(connection, "CREATE TABLE t (a int)")
        wanted = read(connection, f"CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a); {spoilt}")
        found = plan(difference(("old", before), ("new", wanted)))
        assert found.steps == ()
        assert [each.reason for each in found.unwritten] == [INVALID]
        # One that waits for those of the partitions is made.
        parted = PARTED + "CREATE TABLE part PARTITION OF p FOR VALUES IN (1);"
        before, wanted = (read(connection, parted + each) for each in ("", "CREATE INDEX i ON ONLY p (k)"))
        found = plan(difference(("old", before), ("new", wanted)))
        assert [step.sql for step in found.steps] == ["CREATE INDEX i ON ONLY public.p USING btree (k)"]


def read(connection: psycopg.Connection[Any], script: str) -> Structure:
    with connection.transaction(force_rollback=True):
        connection.execute(script.encode())
        return read_structure(connection, own_transaction=False)
