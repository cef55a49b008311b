"""One transaction that takes rows out: temporary tables that end with it, and the deletion that keeps the rows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ..wording import plural
from .model import OnlineError
from .record import Record
from .referencing import references
from .relation import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .model import Table
    from .referencing import Reference
    from .session import Session
    from .work import Work

_TRIES = 20


class MovedError(Exception):
    """A row was written by someone else between two statements: the transaction must begin again."""


class Taking:
    """What the statements of one such transaction share.

    Rows to take out are listed in a temporary table: pgarbiter_place (1: stays, above: goes), `part` and `tid` (where
    the row is: tableoid, ctid), and the same as `kept_part`, `kept_tid`, `kept_key` of the row that is kept for it.
    """

    def __init__(self, work: Work, rule: str) -> None:
        self.session: Session = work.session
        self.rule = rule
        self._work = work
        self._numbers = itertools.count(1)
        self._records: dict[Table, Record] = {}
        self._references: dict[Table, tuple[Reference, ...]] = {}

    def transact(self, body: Callable[[], int]) -> int:
        """Run `body` in one transaction, again when a row moved. Raises OnlineError when that never ends."""
        for _ in range(_TRIES):
            try:
                return self._work.transact(body)
            except MovedError:
                continue
        raise OnlineError(
            "rows to take out are written faster than they can be locked; this batch was rolled back",
            "Run the same command again when fewer sessions write these rows.",
        )

    def temporary(self, query: str) -> str:
        """The name of a temporary table of the query's rows, which ends with the transaction."""
        name = f"pgarbiter_batch_{next(self._numbers)}"
        self.run(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {query}")
        return f"pg_temp.{name}"

    def run(self, statement: str) -> int:
        """Run one statement; rows touched."""
        return self.session.run(self._work.marked(statement))

    def count(self, query: str) -> int:
        """How many rows the query gives; it may lock them."""
        found: int = self.session.value(self._work.marked(f"SELECT count(*) FROM ({query}) q"))
        return found

    def record(self, table: Table) -> Record:
        """The way rows of the table are written into quarantine."""
        if table not in self._records:
            self._records[table] = Record.of(self.session, table, self._work.run_id, self.rule)
        return self._records[table]

    def references(self, table: Table) -> tuple[Reference, ...]:
        """The foreign keys that reference the table."""
        if table not in self._references:
            self._references[table] = references(self.session, table)
        return self._references[table]

    def lock(self, table: Table, listed: str, place: str = "tid") -> None:
        """Lock the rows that are listed. Raises MovedError when one of them is no longer there as it was listed."""
        part = place.replace("tid", "part")
        wanted = self.count(f"SELECT DISTINCT {part}, {place} FROM {listed}")
        found = self.count(
            f"SELECT 1 FROM {rows_of(self.session, table)} AS pgarbiter_t"
            f" JOIN (SELECT DISTINCT {part} AS part, {place} AS tid FROM {listed}) r"
            " ON pgarbiter_t.tableoid = r.part AND pgarbiter_t.ctid = r.tid"
            " ORDER BY r.part, r.tid FOR UPDATE OF pgarbiter_t"
        )
        if found != wanted:
            raise MovedError

    def take(self, table: Table, listed: str, reason: str) -> int:
        """Move the listed rows with a place above 1 into quarantine. Raises OnlineError when one of them stays."""
        record = self.record(table)
        wanted = self.count(f"SELECT 1 FROM {listed} WHERE pgarbiter_place > 1")
        gone = (
            f"DELETE FROM {rows_of(self.session, table)} AS pgarbiter_t USING {listed} r WHERE r.pgarbiter_place > 1"
            " AND pgarbiter_t.tableoid = r.part AND pgarbiter_t.ctid = r.tid"
            f" RETURNING {record.values('pgarbiter_t')}, r.kept_key, NULL::jsonb"
        )
        insert = record.insert("removed", reason, "SELECT * FROM gone")
        taken = self.run(f"WITH gone(primary_key, row_data, row_text, kept_key, written) AS ({gone}) {insert}")
        if taken != wanted:
            raise OnlineError(
                f"{wanted - taken} of {plural(wanted, 'row')} of {table} could not be taken out, since a trigger keeps"
                " or changes them; this batch was rolled back",
                f"Look at the triggers of {table}, then run the same command again.",
            )
        return taken
