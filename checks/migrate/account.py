"""What a run has done, revision by revision: steps with times and rows, what went to quarantine or came back."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg

from .model import AppliedRevision, AppliedStep, Moved
from .statements import leading, shortened

if TYPE_CHECKING:
    from .live import Connection
    from .model import Event, Revision

_QUIET = frozenset(("select", "show", "values", "set", "reset", "begin", "start", "commit", "savepoint", "release", ""))
_ROWS = """
SELECT step, sum(rows_touched)::bigint FROM pgarbiter_data.journal
WHERE state = 'done' AND pid = ANY (%s) AND begun_at >= %s GROUP BY step
"""
_TAKEN = """
SELECT rule, source, count(*) FROM pgarbiter_data.quarantine WHERE run_id IN (
  SELECT run_id FROM pgarbiter_data.journal WHERE pid = ANY (%s) AND begun_at >= %s
) GROUP BY rule, source ORDER BY rule, source
"""
_RESTORED = """
SELECT rule, source, count(*) FROM pgarbiter_data.quarantine WHERE restored_at >= %s
GROUP BY rule, source ORDER BY rule, source
"""


class Account:
    """Keeps the books of one run. `done`: the revisions that are recorded, in their order."""

    def __init__(self) -> None:
        self.done: list[AppliedRevision] = []
        self._steps: list[AppliedStep] = []
        self._online: str | None = None
        self._since: object = None  # by the server's clock
        self._begun = self._step_begun = 0.0
        self._step = ""

    def begin(self, connection: Connection) -> None:
        """A revision begins."""
        self._steps, self._online, self._begun = [], None, time.monotonic()
        row = connection.execute("SELECT pg_catalog.clock_timestamp()").fetchone()
        self._since = row and row[0]

    def hear(self, event: Event) -> None:
        """A statement, or a step of an online operation, begins or has ended."""
        match event["event"]:
            case "operation":
                self._online = event["directive"]
            case "statement" if not self._online:  # of an operation, its steps are told
                quiet = event["stamp"] or leading(event["sql"]) in _QUIET
                self._step, self._step_begun = "" if quiet else shortened(event["sql"]), time.monotonic()
            case "ran" if self._step:
                self._ended("", self._step, event.get("rows"))
                self._step = ""
            case "step" if event["phase"] == "before":
                self._step_begun = time.monotonic()
            case "step" if event["phase"] == "after":
                self._ended(str(event["step"]), "", None)
            case _:
                pass

    def end(self, revision: Revision, connection: Connection, pids: list[int]) -> AppliedRevision:
        """The revision is recorded; what it has done, by the journal where there is one."""
        rows: dict[str, int] = {}
        taken: tuple[Moved, ...] = ()
        back: tuple[Moved, ...] = ()
        if self._online:
            with suppress(psycopg.Error):  # not ours to read
                rows = dict(connection.execute(_ROWS.encode(), (pids, self._since)).fetchall())
                taken = _moved(connection, _TAKEN, pids, self._since)
                back = _moved(connection, _RESTORED, self._since)
        steps = tuple(
            AppliedStep(each.name, each.sql, each.seconds, rows.get(each.name) if each.name else each.rows)
            for each in self._steps
        )
        seconds = round(time.monotonic() - self._begun, 3)
        told = revision.revision, revision.down, revision.doc, revision.path
        self.done.append(AppliedRevision(*told, seconds, self._online, steps, taken, back))
        return self.done[-1]

    def _ended(self, name: str, sql: str, rows: int | None) -> None:
        self._steps.append(AppliedStep(name, sql, round(time.monotonic() - self._step_begun, 3), rows))


def _moved(connection: Connection, query: str, *values: object) -> tuple[Moved, ...]:
    return tuple(Moved(*row) for row in connection.execute(query.encode(), values).fetchall())
