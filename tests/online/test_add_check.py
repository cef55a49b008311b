"""op.add_check_online and op.drop_check_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import execute
from pgarbiter.online.add_check import AddCheck, DropCheck
from pgarbiter.online.execute import observer
from pgarbiter.online.model import OnlineError, Table

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session

OPERATION = AddCheck(Table("t"), "t_a_positive", "a > 0")


def test_a_check_is_added_and_validated_in_two_transactions(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 10)")
    seen: list[tuple[str, str]] = []
    token = observer.set(lambda event, _operation, step: seen.append((event, step.name)))
    try:
        execute(OPERATION, session)
    finally:
        observer.reset(token)
    assert seen == [("before", "add"), ("after", "add"), ("before", "validate"), ("after", "validate")]
    assert another.execute("SELECT convalidated FROM pg_constraint WHERE conname = 't_a_positive'").fetchone() == (
        True,
    )
    told = another.execute("SELECT step, state FROM pgarbiter_data.journal ORDER BY id").fetchall()
    assert told == [("add", "done"), ("validate", "done")]


def test_a_row_that_breaks_the_rule_is_told_before_anything_is_changed(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (-1), (NULL)")
    with pytest.raises(OnlineError, match=r"1 row of .* \(a > 0\) is false.*; nothing was changed") as told:
        execute(OPERATION, session)
    assert 'violations="quarantine"' in (told.value.hint or "")
    assert another.execute("SELECT count(*) FROM pg_constraint WHERE conname = 't_a_positive'").fetchone() == (0,)
    another.execute("UPDATE t SET a = 1")
    execute(OPERATION, session)
    steps = another.execute("SELECT step, state FROM pgarbiter_data.journal ORDER BY id").fetchall()
    assert steps == [("rows", "failed"), ("add", "done"), ("validate", "done")]


def test_a_row_that_came_between_is_told_with_the_state_of_the_table(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (-1)")
    another.execute("ALTER TABLE t ADD CONSTRAINT t_a_positive CHECK (a > 0) NOT VALID")
    with pytest.raises(OnlineError, match="the constraint is there and refuses new ones, but is not validated"):
        execute(OPERATION, session)
    another.execute("UPDATE t SET a = 1")
    execute(OPERATION, session)
    assert another.execute("SELECT convalidated FROM pg_constraint WHERE conname = 't_a_positive'").fetchone() == (
        True,
    )


def test_rows_that_break_it_are_taken_out_and_come_back_with_the_downgrade(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t VALUES (1, -1), (2, 2), (3, NULL)")
    operation = AddCheck(Table("t"), "t_a_positive", "t.a > 0", violations="quarantine")
    execute(operation, session)
    assert another.execute("SELECT id FROM t ORDER BY 1").fetchall() == [(2,), (3,)]
    assert another.execute("SELECT row_data FROM pgarbiter_data.quarantine").fetchall() == [({"id": 1, "a": -1},)]
    execute(operation.reverse(), session)
    assert another.execute("SELECT id, a FROM t ORDER BY 1").fetchall() == [(1, -1), (2, 2), (3, None)]


def test_a_name_that_another_rule_has_is_refused(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int, CONSTRAINT t_a_positive CHECK (a > 1))")
    with pytest.raises(OnlineError, match=r'"t_a_positive" of "public.t" is CHECK .*1.*, wanted CHECK .*0.*'):
        execute(OPERATION, session)


def test_the_reverse_of_the_reverse_is_the_same() -> None:
    operation = AddCheck(Table("t"), "t_a_positive", "a > 0", "quarantine", "my rule")
    assert operation.reverse() == DropCheck(Table("t"), "t_a_positive", "a > 0", "my rule")
    assert operation.reverse().reverse() == operation


def test_a_second_run_does_nothing(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute('CREATE SCHEMA "S"; CREATE TABLE "S"."T t" ("A" int)')
    operation = AddCheck(Table("T t", "S"), "The check", '"A" > 0')
    for _ in range(2):
        execute(operation, session)
    assert another.execute("SELECT count(*) FROM pgarbiter_data.journal").fetchone() == (2,)
    execute(operation.reverse(), session)
    assert another.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'The check'").fetchone() == (0,)


def test_what_is_no_condition_is_told_before_anything_is_changed(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (a int)")
    with pytest.raises(OnlineError, match=r'^\(b > 0\) can be no CHECK of "public.t": column "b" does not exist'):
        execute(AddCheck(Table("t"), "c", "b > 0"), session)


def test_a_traceback_shows_the_hint(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (-1)")
    with pytest.raises(OnlineError) as caught:
        execute(OPERATION, session)
    assert caught.value.__notes__ == [f"hint: {caught.value.hint}"]
