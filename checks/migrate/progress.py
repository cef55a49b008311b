"""How far a running statement is: the server's view of a concurrent build, the journal's of batches."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from .audience import Audience
    from .live import Connection

_BUILD = """
SELECT p.phase, CASE WHEN p.blocks_total > 0 THEN p.blocks_done WHEN p.lockers_total > 0 THEN p.lockers_done
                     ELSE p.tuples_done END,
       NULLIF(CASE WHEN p.blocks_total > 0 THEN p.blocks_total WHEN p.lockers_total > 0 THEN p.lockers_total
                   ELSE p.tuples_total END, 0)
FROM pg_catalog.pg_stat_progress_create_index p WHERE p.pid = ANY (%s)
"""
_BATCHES = """
SELECT step, rows_touched, rows_total FROM pgarbiter_data.journal
WHERE state = 'begun' AND pid = ANY (%s) AND rows_total IS NOT NULL ORDER BY id DESC LIMIT 1
"""
# Who is waited for: of a lock, or of a concurrent build, which waits for old transactions.
_WAITED = """
SELECT b.pid, COALESCE(NULLIF(a.application_name, ''), 'unnamed'), a.usename, a.state,
       (clock_timestamp() - a.xact_start)::interval(0)::text
FROM (
  SELECT unnest(pg_catalog.pg_blocking_pids(waiting)) FROM unnest(%s::int[]) waiting
) b (pid) LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
WHERE b.pid <> ALL (%s) LIMIT 1
"""
_EVERY_S = 0.5
_LONG_S = 2.0


class Watch:
    """Looks at what the child's backends do, on a connection of its own, and tells it."""

    def __init__(self, connection: Connection, audience: Audience) -> None:
        self._connection, self._audience = connection, audience
        self._next = 0.0
        self._shown = False
        self._waited: tuple[int, float] | None = None  # for which process, since when
        self._named: set[int] = set()

    def look(self, pids: list[int]) -> None:
        """Tell how far they are, at most twice a second."""
        if time.monotonic() < self._next or not pids:
            return
        self._next = time.monotonic() + _EVERY_S
        found = self._asked(_BUILD, pids) or self._asked(_BATCHES, pids)
        if found:
            self._shown = True
            self._audience.progress(found[0], int(found[1] or 0), found[2])
        elif self._shown:
            self.end()
        self._look_for_waits(pids)

    def end(self) -> None:
        """Nothing runs any more that could be counted."""
        if self._shown:
            self._audience.progress("", 0, None)
        self._shown = False

    def _look_for_waits(self, pids: list[int]) -> None:
        """Name, once each, the processes that keep us waiting for long."""
        row = None
        with suppress(psycopg.Error):
            row = self._connection.execute(_WAITED, (pids, pids)).fetchone()
        if row is None or row[0] in self._named:
            self._waited = None
        elif self._waited is None or self._waited[0] != row[0]:
            self._waited = (row[0], time.monotonic())
        elif time.monotonic() - self._waited[1] >= _LONG_S:
            self._named.add(row[0])
            self._audience.note(f"waits for {_process(*row)}")

    def _asked(self, query: str, pids: list[int]) -> tuple[str, int, int | None] | None:
        with suppress(psycopg.Error):  # no journal yet, or not ours to read
            return self._connection.execute(query.encode(), (pids,)).fetchone()
        return None


def _process(pid: int, name: str, role: str | None, state: str | None, since: str | None) -> str:
    """A process as people find it; one that is a prepared transaction has the number 0."""
    if not pid:
        return "a prepared transaction (pg_prepared_xacts)"
    parts = [name, role and f"role {role}", state, since and f"in a transaction for {since}"]
    return f"process {pid} ({', '.join(filter(None, parts))})"
