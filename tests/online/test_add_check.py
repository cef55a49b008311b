"""op.add_check_online."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pgarbiter.online import AddCheck, execute
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
    told = another.execute("SELECT step, state FROM pgarbiter.journal ORDER BY id").fetchall()
    assert told == [("add", "done"), ("validate", "done")]


def test_a_row_that_breaks_the_rule_is_told_and_the_next_run_resumes(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    another.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (-1)")
    with pytest.raises(OnlineError, match=r'stopped at step "validate".*violated by some row \(23514\)'):
        execute(OPERATION, session)
    another.execute("UPDATE t SET a = 1")
    execute(OPERATION, session)
    told = another.execute("SELECT step, state FROM pgarbiter.journal ORDER BY id").fetchall()
    assert told == [("add", "done"), ("validate", "failed"), ("validate", "done")]
