"""Rows arrive in a thread: what goes wrong there is raised here, and whoever leaves early leaves nothing behind."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from pgarbiter.structure import read
from pgarbiter.structure.fetch import fetching
from pgarbiter.structure.read import read_structure


def test_an_error_is_raised_whichever_rows_are_asked_for(database: str) -> None:
    with psycopg.connect(database) as holder, psycopg.connect(database) as connection:
        holder.execute("CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED)")
        holder.commit()
        holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        with fetching(connection, 50) as rows:
            assert rows["relations"]  # it came before
            for name in ("constraints", "views", "columns"):
                with pytest.raises(psycopg.errors.LockNotAvailable):
                    rows[name]


def test_the_connection_is_free_again_when_building_fails(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("out of luck")

    monkeypatch.setattr(read, "structure", broken)
    before = threading.active_count()
    with psycopg.connect(database, autocommit=True) as connection:
        with pytest.raises(RuntimeError, match="out of luck"):
            read_structure(connection)
        assert connection.execute("SELECT current_setting('lock_timeout')").fetchone() == ("0",)
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert threading.active_count() == before
