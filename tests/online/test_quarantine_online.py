"""op.quarantine_online and op.restore_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import Quarantine, Restore, execute
from pgarbiter.online.model import OnlineError, Table

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

OPERATION = Quarantine(Table("t", "public"), "a IS NULL", "nobody knows whose they are")


def test_rows_go_and_come_back_and_a_second_run_does_nothing(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, NULL), (2, 2), (3, NULL)")
    for _ in range(2):
        execute(OPERATION, session)
        assert another.execute("SELECT id FROM t").fetchall() == [(2,)]
    for _ in range(2):
        execute(OPERATION.reverse(), session)
        assert another.execute("SELECT id, a FROM t ORDER BY id").fetchall() == [(1, None), (2, 2), (3, None)]
    execute(OPERATION, session)
    execute(OPERATION.reverse(), session)
    assert (
        another.execute("SELECT operation, step, rows_touched FROM pgarbiter_data.journal ORDER BY id").fetchall()
        == [
            ("quarantine_online", "quarantine", 2),
            ("restore_online", "restore", 2),
        ]
        * 2
    )


def test_a_restore_before_anything_was_taken_out_does_nothing(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (id int)")
    execute(Restore(Table("t"), "any"), session)
    assert another.execute("SELECT to_regnamespace('pgarbiter_data')").fetchone() == (None,)


def test_a_role_that_may_not_delete_is_told_and_nothing_is_taken(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, NULL)")
    role = "pgarbiter_test_reader"
    ((name,),) = another.execute("SELECT quote_ident(current_database())").fetchall()
    another.execute(f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role}")
    another.execute(f"GRANT SELECT ON t TO {role}; GRANT CREATE, TEMPORARY ON DATABASE {name} TO {role}")
    try:
        session.run(f"SET ROLE {role}")
        with pytest.raises(OnlineError, match="permission denied for table t"):
            execute(OPERATION, session)
        session.run("RESET ROLE")
        assert another.execute("SELECT count(*) FROM t").fetchall() == [(1,)]
    finally:
        session.run("RESET ROLE")
        another.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}")
