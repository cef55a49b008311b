"""op.set_not_null_online and op.drop_not_null_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgarbiter.online import execute
from pgarbiter.online.model import OnlineError, Table
from pgarbiter.online.not_null import DropNotNull, SetNotNull

from .ending import ended_everywhere, watched

if TYPE_CHECKING:
    from pgarbiter.online.session import Session

Connection = psycopg.Connection[Any]


def _names(session: Session, operation: SetNotNull) -> list[str]:
    seen: list[str] = []

    def told(event: str, _operation: object, step: Any) -> None:
        if event == "before":
            seen.append(step.name)

    watched(session, operation, told)
    return seen


def _is_not_null(connection: Connection, table: str = "t") -> bool:
    """By the catalog, and by a NULL that is refused."""
    with pytest.raises(psycopg.errors.NotNullViolation):
        connection.execute(f"INSERT INTO {table} DEFAULT VALUES")
    found = connection.execute(
        "SELECT attnotnull AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = attrelid"
        " AND (contype = 'c' OR NOT convalidated)) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'a'",
        [table],
    ).fetchone()
    return found == (True,)


def test_nulls_are_refused_before_anything_is_changed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, 1), (2, NULL)")
    with pytest.raises(OnlineError, match=r'^1 row of .* NULL in column "a".*\(2\); nothing was changed') as told:
        execute(SetNotNull(Table("t"), "a"), session)
    assert 'nulls="backfill"' in (told.value.hint or "")
    another.execute("UPDATE t SET a = NULL")


def test_nulls_get_their_value_in_batches(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)")
    another.execute("INSERT INTO t (a) SELECT nullif(i % 2, 0) FROM generate_series(1, 5000) i")
    operation = SetNotNull(Table("t"), "a", nulls="backfill", value="-id")
    expected = ["rows", "add", "validate"] + ([] if session.version >= 180000 else ["set", "drop proof"])
    assert _names(session, operation) == expected
    assert _is_not_null(another)
    assert another.execute("SELECT count(*) FROM t WHERE a = -id").fetchone() == (2500,)
    assert _names(session, operation) == []


def test_rows_with_null_are_taken_out_and_come_back_with_the_downgrade(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int, a int); INSERT INTO t VALUES (1, 1), (2, NULL), (2, NULL)")
    operation = SetNotNull(Table("t"), "a", nulls="quarantine")
    execute(operation, session)
    assert another.execute("SELECT id, a FROM t").fetchall() == [(1, 1)]
    assert another.execute("SELECT count(*) FROM pgarbiter_data.quarantine").fetchone() == (2,)
    execute(operation.reverse(), session)
    assert another.execute("SELECT id, a FROM t ORDER BY id").fetchall() == [(1, 1), (2, None), (2, None)]


def test_the_table_is_not_scanned_under_the_strong_lock(session: Session, another: Connection) -> None:
    """What would scan is SET NOT NULL without proof: the server says so at debug level."""
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
    notices: list[str] = []
    driver: psycopg.Connection[Any] = session._connection.connection.driver_connection  # type: ignore[assignment]
    driver.add_notice_handler(lambda told: notices.append(told.message_primary or ""))
    session.run("SET client_min_messages = debug1")
    execute(SetNotNull(Table("t"), "a"), session)
    proven = 'existing constraints on column "t.a" are sufficient to prove that it does not contain nulls'
    assert any(proven in told for told in notices) == (session.version < 180000)
    assert _is_not_null(another)


@pytest.mark.pg(">= 18")
def test_a_not_null_that_was_left_unvalidated_counts_as_not_done(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (NULL)")
    another.execute("ALTER TABLE t ADD CONSTRAINT theirs NOT NULL a NOT VALID")
    with pytest.raises(OnlineError, match=r"^1 row of .* is not validated"):
        execute(SetNotNull(Table("t"), "a"), session)
    execute(SetNotNull(Table("t"), "a", nulls="backfill", value="7"), session)
    found = another.execute("SELECT conname, convalidated FROM pg_constraint WHERE conrelid = 't'::regclass").fetchall()
    assert found == [("theirs", True)]
    assert another.execute("SELECT a FROM t").fetchall() == [(7,)]


@pytest.mark.parametrize(
    "tables",
    [
        (
            "CREATE TABLE t (k int DEFAULT 1, a int) PARTITION BY LIST (k);"
            "CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (1);"
            "CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (2, 3) PARTITION BY LIST (k);"
            "CREATE TABLE t_2_3 PARTITION OF t_2 FOR VALUES IN (3); INSERT INTO t VALUES (1, NULL), (3, NULL)"
        ),
        (
            "CREATE TABLE t (k int, a int); CREATE TABLE t_1 () INHERITS (t); INSERT INTO t VALUES (1, NULL);"
            "INSERT INTO t_1 VALUES (1, NULL)"
        ),
    ],
    ids=["partitions", "inheritance"],
)
def test_all_tables_of_a_tree_get_it(session: Session, another: Connection, tables: str) -> None:
    another.execute(tables)
    operation = SetNotNull(Table("t"), "a", nulls="backfill", value="0")
    execute(operation, session)
    assert _is_not_null(another)
    assert _is_not_null(another, "t_1")
    execute(operation.reverse(), session)
    another.execute("INSERT INTO t_1 (a) VALUES (NULL)") if "INHERITS" in tables else another.execute(
        "INSERT INTO t (a) VALUES (NULL)"
    )


def test_a_run_that_ended_at_any_step_is_resumed(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY DEFAULT 0, a int); INSERT INTO t VALUES (1, NULL), (2, 2)")
    steps = ended_everywhere(session, SetNotNull(Table("t"), "a", nulls="backfill", value="0"))
    # The only batch of "rows" was committed before the end, so no later run found anything to do there.
    assert steps == ["add", "validate"] + ([] if session.version >= 180000 else ["set", "drop proof"])
    assert _is_not_null(another)
    assert another.execute("SELECT id, a FROM t ORDER BY id").fetchall() == [(1, 0), (2, 2)]


def test_a_column_that_is_not_there_is_told(session: Session, another: Connection) -> None:
    another.execute("CREATE TABLE t (a int)")
    with pytest.raises(OnlineError, match=r'column "b" of "public.t" does not exist; nothing was changed'):
        execute(SetNotNull(Table("t"), "b"), session)
    with pytest.raises(OnlineError, match="do not fit each other; nothing was changed"):
        execute(SetNotNull(Table("t"), "a", nulls="backfill"), session)
    with pytest.raises(OnlineError, match='"ignore" is no policy'):
        execute(SetNotNull(Table("t"), "a", nulls="ignore"), session)


def test_the_reverse_of_the_reverse_is_the_same() -> None:
    operation = SetNotNull(Table("t"), "a", "quarantine", None, "my rule")
    assert operation.reverse() == DropNotNull(Table("t"), "a", "my rule")
    assert operation.reverse().reverse() == operation


def test_a_writer_that_goes_on_writing_nulls_does_not_stop_it(session: Session, another: Connection) -> None:
    another.execute(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int); INSERT INTO t VALUES (DEFAULT, NULL)"
    )

    def write(event: str, _operation: object, step: Any) -> None:
        if event == "batch" and step.name == "rows":
            another.execute("INSERT INTO t (a) VALUES (NULL)")

    watched(session, SetNotNull(Table("t"), "a", nulls="quarantine"), write)
    assert _is_not_null(another)
    written = another.execute("SELECT last_value FROM t_id_seq").fetchone()
    assert another.execute("SELECT count(*) + 1 FROM pgarbiter_data.quarantine").fetchone() == written
