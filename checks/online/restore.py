"""What was put into quarantine under a rule goes back: rows that were removed, then what was changed in others.

In batches, one transaction each; what does not go in is told apart by halving the batch. A row whose place is taken
stays in quarantine. What a merge or a new parent wrote into a row that stayed is undone where the row still holds it;
where it was written since, it is left. Triggers of the user fire as for any INSERT and UPDATE. Columns that are gone
stay in quarantine alone, columns that were added take their default.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from ..quoting import literal
from ..wording import plural
from .former import Former
from .model import OnlineError, Table
from .record import QUARANTINE
from .relation import family
from .returned import AlteredError
from .session import sqlstate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .session import Session
    from .work import Work

# Integrity constraint violation, data exception: what is in the way is the row; anything else is passed on.
_OF_ROWS = ("23", "22")
_LIST = "pgarbiter_back"
# The primary key of a row behind what was written into it; JSON null for none.
_SINCE = (
    "coalesce((SELECT pg_catalog.jsonb_object_agg(k.key, coalesce(q.written -> k.key, k.value))"
    " FROM pg_catalog.jsonb_each(q.primary_key) k), 'null')"
)
_CHANGED = "written since by someone else, or the row is gone"


def pending(session: Session, table: Table, rule: str) -> bool:
    """Whether `restore` has anything to bring back."""
    if session.value(f"SELECT pg_catalog.to_regclass('{QUARANTINE}')") is None:
        return False
    found: bool = session.value(
        f"SELECT EXISTS (SELECT 1 FROM {QUARANTINE} q WHERE {_of(session, table, rule)} AND q.left_because IS NULL)"
    )
    return found


def restore(work: Work, table: Table, rule: str) -> int:
    """Bring back what the rule took out of the table and its children; how many rows were put back or changed back.

    Raises OnlineError when rows have to stay in quarantine; all others are back then.
    """
    run = _Restoring(work, work.session.resolve(table) or table, rule)
    try:
        run.all_removed()
        run.all_changed()
    finally:
        if not work.session.lost:
            work.session.run(f"DROP TABLE IF EXISTS pg_temp.{_LIST}")
    if run.failed:
        raise run.refusal(table, rule)
    return run.done


def _of(session: Session, table: Table, rule: str) -> str:
    """Condition on q: not restored, of a run of that rule on the table; its children's rows are of the same run.

    Tables that inherit from it are of the run too, and may be the only ones that had such rows.
    """
    found = ", ".join(literal(str(each)) for each in family(session, session.resolve(table) or table))
    return (
        f"q.restored_at IS NULL AND q.rule = {literal(rule)} AND q.run_id IN"
        f" (SELECT s.run_id FROM {QUARANTINE} s WHERE s.rule = {literal(rule)} AND s.source IN ({found}))"
    )


class _TakenError(Exception):
    """Not all rows of a batch went back."""


class _Restoring:
    def __init__(self, work: Work, table: Table, rule: str) -> None:
        self.done = 0
        self.failed: Counter[str] = Counter()
        self.altered = False  # something of the table would make others of them
        self._work, self._session = work, work.session
        self._of = _of(work.session, table, rule)
        self._formers: dict[str, Former | None] = {}
        work.session.run(f"ANALYZE {QUARANTINE}")  # it grew from nothing to much in one run
        self._total: int = work.session.value(
            f"SELECT count(*) FROM {QUARANTINE} q WHERE {self._of} AND q.left_because IS NULL"
        )

    def refusal(self, table: Table, rule: str) -> OnlineError:
        """What to say of the rows that do not go back."""
        count = sum(self.failed.values())
        told = "; ".join(f"{plural(times, 'time')} {said}" for said, times in self.failed.most_common(5))
        rest = f"{'it stays' if count == 1 else 'they stay'} in {QUARANTINE}; back: {plural(self.done, 'other')}"
        first = (
            f"Disable what alters them meanwhile (ALTER TABLE {table} DISABLE TRIGGER ...)"
            if self.altered
            else "Make room for them"
        )
        return OnlineError(
            f"{plural(count, 'row')} of {table} or its children cannot be put back: {told}; {rest}",
            f"{first} and run the same command again, or give them up:"
            f" UPDATE {QUARANTINE} SET left_because = 'given up' WHERE rule = {literal(rule)} AND restored_at IS NULL;",
        )

    def all_removed(self) -> None:
        """Put rows back, until a pass brings nothing more: a row may have to wait for another that it references."""
        while True:
            self.failed.clear()
            before = self.done
            for source, ids in self._batches(
                f"SELECT q.id, q.source FROM {QUARANTINE} q"
                f" WHERE {self._of} AND q.kind = 'removed' AND q.left_because IS NULL"
            ):
                self._put_back(source, ids)
            if self.done == before or not self.failed:
                return

    def all_changed(self) -> None:
        """Undo what was written into rows that stayed, the last writing first."""
        held = f"{self._of} AND q.left_because IS NULL"
        # Where a removed row is not back, what was merged from it stays where it is. The last writing is undone first,
        # and may have left the row under another key; rows without a primary key are not told apart, so that theirs go
        # one by one.
        ready = (
            f"WITH l AS MATERIALIZED (SELECT q.*, coalesce(q.primary_key, 'null') AS was, {_SINCE} AS since"
            f" FROM {QUARANTINE} q WHERE {held})"
            " SELECT c.id, c.source FROM l c WHERE c.kind <> 'removed' AND NOT EXISTS"
            " (SELECT 1 FROM l WHERE l.kind <> 'removed' AND l.source = c.source AND l.was = c.since AND l.id > c.id)"
            " AND NOT EXISTS (SELECT 1 FROM l WHERE l.kind = 'removed' AND l.run_id = c.run_id"
            " AND l.kept_key = coalesce(c.kept_key, c.primary_key))"
            " AND NOT EXISTS"
            " (SELECT 1 FROM l WHERE l.kind = 'removed' AND l.run_id = c.run_id AND l.kept_key IS NULL)"
        )
        some = True
        while some:
            some = False
            for source, ids in self._batches(ready):
                self._change_back(source, ids)
                some = True

    def _batches(self, query: str) -> Iterator[tuple[str, list[int]]]:
        """The ids that are there now, by source, in their order, as many as a batch may have."""
        session, size = self._session, self._work.limits.batch_rows
        session.run(f"DROP TABLE IF EXISTS pg_temp.{_LIST}")
        session.run(
            self._work.marked(
                f"CREATE TEMPORARY TABLE {_LIST} AS SELECT s.*, row_number() OVER (ORDER BY s.id) AS n FROM ({query}) s"
            )
        )
        session.run(f"CREATE INDEX ON pg_temp.{_LIST} (n)")
        session.run(f"ANALYZE pg_temp.{_LIST}")
        total: int = session.value(f"SELECT count(*) FROM pg_temp.{_LIST}")
        for first in range(1, total + 1, size):
            rows = session.rows(
                f"SELECT id, source FROM pg_temp.{_LIST} WHERE n BETWEEN {first} AND {first + size - 1} ORDER BY n"
            )
            for source in dict.fromkeys(source for _, source in rows):
                yield source, [number for number, of in rows if of == source]

    def _put_back(self, source: str, ids: Sequence[int]) -> None:
        """All of them in one transaction; where that fails, each half on its own."""
        former = self._former(source)
        if former is None:
            self.failed[f"table {source} does not exist"] += len(ids)
            return
        failure = self._tried(lambda: former.put_back(ids), len(ids))
        if failure is None:
            return
        if len(ids) == 1:
            self.failed[failure] += 1
            return
        middle = len(ids) // 2
        self._put_back(source, ids[:middle])
        self._put_back(source, ids[middle:])

    def _change_back(self, source: str, ids: Sequence[int]) -> None:
        former = self._former(source)
        failure = "its table is gone" if former is None else self._tried(partial(former.change_back, ids), None)
        if failure is None:
            self._leave(ids, _CHANGED)
        elif former is None or len(ids) == 1:
            self._leave(ids, failure)
        else:
            for number in ids:
                self._change_back(source, [number])

    def _leave(self, ids: Sequence[int], reason: str) -> None:
        """Note why those that are not restored by now never will be."""
        self._session.run(
            f"UPDATE {QUARANTINE} SET left_because = {literal(reason)}"
            f" WHERE id IN ({', '.join(map(str, ids))}) AND restored_at IS NULL"
        )

    def _tried(self, body: Callable[[], int], wanted: int | None) -> str | None:
        """Run it as a transaction; what is in the way, or None. `wanted`: the rows that it must touch."""

        def exact() -> int:
            found = body()
            if wanted is not None and found != wanted:
                raise _TakenError
            return found

        try:
            self.done += self._work.transact(exact)
        except _TakenError:
            return "a trigger keeps it out"
        except AlteredError as error:
            self.altered = True
            return str(error)
        except DBAPIError as error:
            if (sqlstate(error) or "")[:2] not in _OF_ROWS:
                raise
            return str(error.orig).splitlines()[0]
        self._work.tell(self.done, self._total)
        return None

    def _former(self, source: str) -> Former | None:
        if source not in self._formers:
            found = self._session.rows(
                "SELECT c.relname, n.nspname FROM pg_catalog.pg_class c"
                " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                f" WHERE c.oid = pg_catalog.to_regclass({literal(source)})"
            )
            self._formers[source] = Former.of(self._session, Table(*found[0])) if found else None
        return self._formers[source]
