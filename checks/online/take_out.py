"""Rows for which a condition holds are taken out into quarantine; rows that others reference are refused.

They are listed once, then taken in batches, one transaction each: locked, looked at again, and moved. Rows that
reference each other go child first. Of a table that others inherit from, its own rows only.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from ..wording import plural
from .model import OnlineError
from .pace import Pace, of_taking
from .referencing import references
from .relation import rows_of
from .taking import Taking

if TYPE_CHECKING:
    from .model import Table
    from .work import Work

_LIST = "pgarbiter_out"
_ITSELF = "z.part = pgarbiter_c.tableoid AND z.tid = pgarbiter_c.ctid"


def take_out(work: Work, table: Table, condition: str, *, rule: str, reason: str, settle: bool = False) -> int:
    """Take out the rows for which the condition is true now; how many there were.

    Rows that come to fulfil it meanwhile are taken in a few more passes, not for ever; with `settle`, since each row
    that goes may make another one fulfil it, until there are none. Raises OnlineError when other
    rows reference one of them; nothing of that batch is changed then.
    """
    found = work.session.resolve(table) or table
    run = _TakingOut(work, found, condition, rule, reason)
    taken, passes = 0, 0
    try:
        while work.transact(run.listed):
            done = run.all_batches(taken)
            taken, passes = taken + done, passes + 1
            if not run.skipped and passes >= work.limits.rebuilds and not settle:
                break
            if run.skipped and not done:
                raise OnlineError(
                    f"{run.skipped} rows of {found} with {condition} reference each other in a circle that is longer"
                    f" than a batch; others were taken out: {taken}",
                    "Set PGARBITER_ONLINE_BATCH_ROWS to more rows than that, then run the same command again.",
                )
    finally:
        if not work.session.lost:
            work.session.run(f"DROP TABLE IF EXISTS pg_temp.{_LIST}")
    return taken


class _TakingOut:
    def __init__(self, work: Work, table: Table, condition: str, rule: str, reason: str) -> None:
        self.skipped = 0
        self._work, self._table, self._reason = work, table, reason
        self._condition = f"({condition})"
        self._rule = rule
        self._rows = rows_of(work.session, table)
        self._references = references(work.session, table)

    def listed(self) -> int:
        """List the rows in a temporary table; how many. Raises OnlineError when rows that stay reference one."""
        session = self._work.session
        session.run(f"DROP TABLE IF EXISTS pg_temp.{_LIST}")
        session.run(
            self._work.marked(
                f"CREATE TEMPORARY TABLE {_LIST} AS SELECT row_number() OVER () AS pgarbiter_n,"
                " tableoid AS pgarbiter_part, ctid AS pgarbiter_tid"
                f" FROM {self._rows} WHERE {self._condition}"
            )
        )
        session.run(f"CREATE INDEX ON pg_temp.{_LIST} (pgarbiter_n)")
        session.run(f"ANALYZE pg_temp.{_LIST}")
        for reference in self._references:
            count = session.value(
                f"SELECT count(*) FROM {reference.rows} AS pgarbiter_c"
                f" JOIN (SELECT p.* FROM {self._rows} AS p JOIN pg_temp.{_LIST} l"
                f" ON p.tableoid = l.pgarbiter_part AND p.ctid = l.pgarbiter_tid) pgarbiter_p"
                f" ON {reference.joined('pgarbiter_p', 'pgarbiter_c')}"
                f" WHERE NOT EXISTS (SELECT 1 FROM pg_temp.{_LIST} z"
                " WHERE z.pgarbiter_part = pgarbiter_c.tableoid AND z.pgarbiter_tid = pgarbiter_c.ctid)"
            )
            if count:
                raise OnlineError(
                    f"rows of {self._table} with {self._condition} are referenced, by {reference}, from"
                    f" {plural(count, 'row')} of {reference.child}; nothing was changed",
                    "Point them to other rows or take them out first, then run the same command again.",
                )
        found: int = session.value(f"SELECT count(*) FROM pg_temp.{_LIST}")
        return found

    def all_batches(self, before: int) -> int:
        """Batch after batch, each committed; rows taken out."""
        total: int = self._work.session.value(f"SELECT count(*) FROM pg_temp.{_LIST}")
        first, done, self.skipped = 1, 0, 0
        most = self._work.limits.batch_rows
        # Rows that reference each other in a circle must go together.
        pace = Pace(most, most, most) if any(each.own for each in self._references) else of_taking(most)
        while first <= total:
            taking, last = Taking(self._work, self._rule), first + pace.rows - 1
            begun = time.monotonic()
            done += taking.transact(partial(self._batch, taking, first, last))
            pace.learn(time.monotonic() - begun)
            self._work.tell(before + done, before + total)
            first = last + 1
        return done

    def _batch(self, taking: Taking, first: int, last: int) -> int:
        source = (
            f"FROM {self._rows} AS pgarbiter_t JOIN pg_temp.{_LIST} l"
            f" ON pgarbiter_t.tableoid = l.pgarbiter_part AND pgarbiter_t.ctid = l.pgarbiter_tid"
            f" AND l.pgarbiter_n BETWEEN {first} AND {last}"
            f" WHERE {self._condition}"
        )
        taking.count(f"SELECT 1 {source} ORDER BY pgarbiter_t.tableoid, pgarbiter_t.ctid FOR UPDATE OF pgarbiter_t")
        listed = taking.temporary(
            "SELECT 2 AS pgarbiter_place, l.pgarbiter_part AS part, l.pgarbiter_tid AS tid, NULL::jsonb AS kept_key"
            f" {source}"
        )
        taking.lock(self._table, listed)
        skipped = self._skip_parents(taking, listed)
        taken = taking.take(self._table, listed, self._reason)
        self.skipped += skipped
        return taken

    def _skip_parents(self, taking: Taking, listed: str) -> int:
        """Leave rows for a later pass that a row references which is not of this batch; nobody can add one now."""
        skipped = 0
        while gone := sum(
            taking.run(
                f"DELETE FROM {listed} r USING {self._rows} AS p WHERE p.tableoid = r.part AND p.ctid = r.tid"
                f" AND EXISTS (SELECT 1 FROM {reference.rows} AS pgarbiter_c WHERE"
                f" {reference.joined('p', 'pgarbiter_c')} AND NOT EXISTS (SELECT 1 FROM {listed} z WHERE {_ITSELF}))"
            )
            for reference in self._references
        ):
            skipped += gone
        return skipped
