"""What a step works with: the session, transactions that are tried again, and where to tell how far it is."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from .model import OnlineError
from .session import sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable

    from .journal import Journal
    from .limits import Limits
    from .model import Operation, Step
    from .session import Session

Result = TypeVar("Result")

_AGAIN = ("55P03", "40P01")  # lock_not_available, deadlock_detected
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 3.0


class Observer(Protocol):
    """Someone who is told what happens: "before", "batch" (committed) and "after" of each step that runs."""

    def __call__(self, event: str, operation: Operation, step: Step) -> None:
        """Told on the operation's own thread, between two statements."""
        ...


class Work:
    """Given to `Step.run`. `session` is in autocommit mode, `run_id` marks what is put into quarantine."""

    def __init__(
        self, session: Session, operation: Operation, step: Step, journal: Journal, limits: Limits, observer: Observer
    ) -> None:
        self.session = session
        self.limits = limits
        self.run_id = journal.run_id
        self._operation, self._step, self._journal, self._observer = operation, step, journal, observer
        self._entry: int | None = None

    def begin(self) -> None:
        """Open the step's journal entry."""
        self._entry = self._journal.begin(self._step.name)

    def end(self, state: str, rows: int, detail: str | None = None) -> None:
        """Close the step's journal entry."""
        if self._entry is not None:
            self._journal.end(self._entry, state, rows, detail)

    def tell(self, done: int, total: int | None) -> None:
        """How many rows of how many are through, for the journal and whoever watches it; after each batch."""
        if self._entry is not None:
            self._journal.progress(self._entry, done, total)
        self._observer("batch", self._operation, self._step)

    def marked(self, statement: str) -> str:
        """The statement with a comment that says whose it is, for pg_stat_activity and the server's log."""
        return f"/* pgarbiter {self._operation.directive}: {self._step.name} */ {statement}"

    def alone(self, statement: str) -> int:
        """Run a statement outside of any transaction block, with no lock_timeout: CONCURRENTLY."""
        self.session.run("SET lock_timeout = 0")
        return self.session.run(self.marked(statement))

    def transact(self, body: Callable[[], Result]) -> Result:
        """Run `body` in one transaction with a short lock_timeout, again and again while a lock is not to be had.

        Raises OnlineError when the patience ends; the message names who holds the lock where that can be told.
        """
        end = time.monotonic() + self.limits.patience_s
        pause = _FIRST_PAUSE_S
        while True:
            try:
                with self.session.transaction():
                    self.session.run(f"SET LOCAL lock_timeout = {self.limits.lock_timeout_ms}")
                    return body()
            except DBAPIError as error:
                if sqlstate(error) not in _AGAIN:
                    raise
                if time.monotonic() > end:
                    raise self._no_lock(error) from error
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)

    def transact_all(self, statements: tuple[str, ...]) -> int:
        """Run the statements in one such transaction; the rows that they touched."""
        return self.transact(lambda: sum(self.session.run(self.marked(each)) for each in statements))

    def _no_lock(self, error: DBAPIError) -> OnlineError:
        # Not by their statements, in which there may be values that nobody should read in the log of a migration.
        tables = dict.fromkeys((str(self._operation.table), *(lock.table for lock in self._step.locks)))
        wanted = ", ".join(f"pg_catalog.to_regclass({literal(each)})" for each in tables)
        holders = self.session.rows(
            "SELECT DISTINCT l.pid, a.state, a.application_name FROM pg_catalog.pg_locks l"
            " LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.granted AND l.pid <> pg_catalog.pg_backend_pid() AND l.locktype = 'relation'"
            " AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"
            f" AND l.relation IN ({wanted})"
        )
        shown = (
            "; ".join(f'process {pid} ({state}, application "{name}")' for pid, state, name in holders)
            or "a session that ended"
        )
        said = str(error.orig).splitlines()[0]
        shown_tables = ", ".join(f'"{each}"' for each in tables)
        return OnlineError(
            f"could not lock {shown_tables} within {self.limits.patience_s} s: {said}; held by {shown}",
            f'End that transaction, then run the same command again: it goes on at step "{self._step.name}".',
        )
