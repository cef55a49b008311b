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
_EVERY_S = 0.5


class Watch:
    """Looks at what the child's backends do, on a connection of its own, and tells it."""

    def __init__(self, connection: Connection, audience: Audience) -> None:
        self._connection, self._audience = connection, audience
        self._next = 0.0
        self._shown = False

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

    def end(self) -> None:
        """Nothing runs any more that could be counted."""
        if self._shown:
            self._audience.progress("", 0, None)
        self._shown = False

    def _asked(self, query: str, pids: list[int]) -> tuple[str, int, int | None] | None:
        with suppress(psycopg.Error):  # no journal yet, or not ours to read
            return self._connection.execute(query.encode(), (pids,)).fetchone()
        return None
