"""The session of an online operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from pgarbiter.online.session import Session, sqlstate

from .rows import run

if TYPE_CHECKING:
    from pgarbiter.online.work import Work


def test_whatever_follows_the_loss_of_the_connection_is_an_error_of_the_database(
    session: Session, another: psycopg.Connection[Any]
) -> None:
    pid = session.value("SELECT pg_backend_pid()")
    another.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,))
    for _ in range(2):
        with pytest.raises(DBAPIError) as raised:
            session.run("SELECT 1")
    assert session.lost
    assert "the connection was lost" in str(raised.value.orig)
    assert sqlstate(raised.value) is None


def test_statements_of_an_operation_are_never_compiled(session: Session, another: psycopg.Connection[Any]) -> None:
    another.execute("CREATE TABLE t (id int)")
    session.run("SET jit = on")
    told: list[str] = []

    def body(work: Work) -> int:
        told.append(work.session.value("SELECT current_setting('jit')"))
        return 0

    run(session, body)
    assert (told, session.value("SELECT current_setting('jit')")) == (["off"], "on")


def test_the_connection_stays_as_it_was_for_statements_of_others(any_database: str) -> None:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(any_database)).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        assert Session(connection).value("SELECT '5 %'") == "5 %"
        assert connection.scalar(text("SELECT '5 %'")) == "5 %"
    engine.dispose()
