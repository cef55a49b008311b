"""The session of an online operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DBAPIError

from pgarbiter.online.session import sqlstate

if TYPE_CHECKING:
    import psycopg

    from pgarbiter.online.session import Session


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
