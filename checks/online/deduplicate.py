"""Duplicates of a key: one row of each is kept, what the others know is merged into it, they go into quarantine.

The duplicate keys are listed once, then taken in batches, one transaction each: the rows are locked and then ranked
again, children are pointed to the kept row, the others go. A group is never split. Triggers of the user on these
tables fire as for any DELETE or UPDATE. A run that dies leaves whole batches done; the next run lists what is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ..quoting import quoted
from ..wording import plural
from . import preflight
from .children import QUARANTINE, RE_POINT, retire
from .columns import columns, from_json
from .merge import Merge, merge_of
from .model import OnlineError
from .pace import of_taking
from .ranking import Ranking
from .referencing import references
from .relation import primary_key
from .shape import shape
from .taking import Taking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .key import Key
    from .model import Table
    from .session import Session
    from .work import Work

_KEYS = "pgarbiter_keys"


def deduplicate(
    work: Work,
    table: Table,
    key: Key,
    *,
    rule: str,
    keep: str | None,
    merge: Mapping[str, str],
    children: str = RE_POINT,
    by: str | None = None,
) -> int:
    """Take all rows but one of each duplicate key out; the number of rows that went, children included.

    `keep`: ORDER BY text, the first row of a group is kept. `merge`: how a column of it takes over from the others.
    `children`: "re-point", or "quarantine" for those that a unique key of theirs forbids to re-point. `by`: what
    reasons call the key. Raises OnlineError where no policy decides, or where something cannot be kept; the batch is
    rolled back then.
    """
    found = work.session.resolve(table) or table
    if children not in (RE_POINT, QUARANTINE):
        raise OnlineError(f'children is "{children}"', f'Pass children="{RE_POINT}" or children="{QUARANTINE}".')
    if keep is None or not keep.strip():
        _refuse(preflight.duplicates(work.session, found, key))
        return 0
    merging = merge_of(merge, columns(work.session, found), fixed_columns(work.session, found))
    if merging and not primary_key(work.session, found) and any(r.own for r in references(work.session, found)):
        raise OnlineError(
            f"{found} has no primary key and references itself: a kept row cannot be told while its parent changes",
            "Leave merge out, or add a primary key first.",
        )
    run = _Deduplication(work, found, key, rule, merging, children, by or str(key))
    try:
        return run.all_batches(work.transact(lambda: run.listed(keep)))
    finally:
        if not work.session.lost:
            work.session.run(f"DROP TABLE IF EXISTS pg_temp.{_KEYS}")


def fixed_columns(session: Session, table: Table) -> dict[str, str]:
    """Columns that no merge may change, and why."""
    fixed = dict.fromkeys(primary_key(session, table), "it is part of the primary key")
    for reference in references(session, table):
        fixed.update(dict.fromkeys(reference.referenced, f"{reference} references it"))
    return fixed


def _refuse(found: preflight.Found) -> None:
    if found:
        raise OnlineError(
            f"there are {found}; nothing was changed",
            'Say which row of a group is kept, such as keep="updated_at DESC NULLS LAST, id", or remove them by hand.',
        )


@dataclass
class _Deduplication:
    work: Work
    table: Table
    key: Key
    rule: str
    merge: Merge
    children: str
    by: str

    def listed(self, keep: str) -> Ranking:
        """List the duplicate keys, in a temporary table of the session. Raises OnlineError when `keep` cannot tell."""
        session = self.work.session
        ranking = Ranking(shape(session, self.table, self.key), keep, primary_key(session, self.table))
        session.run(f"DROP TABLE IF EXISTS pg_temp.{_KEYS}")
        session.run(self.work.marked(f"CREATE TEMPORARY TABLE {_KEYS} AS {ranking.keys()}"))
        session.run(f"CREATE INDEX ON pg_temp.{_KEYS} (pgarbiter_g)")
        session.run(f"ANALYZE pg_temp.{_KEYS}")
        for nulls in [row[0] for row in session.rows(f"SELECT DISTINCT pgarbiter_nulls FROM pg_temp.{_KEYS}")]:
            chosen = f"pgarbiter_d.pgarbiter_nulls = {nulls}"
            self._refuse_undecided(ranking, ranking.rows(f"pg_temp.{_KEYS}", chosen, nulls), "nothing was changed")
        return ranking

    def all_batches(self, ranking: Ranking) -> int:
        """Taking after batch, each committed; rows taken out."""
        session, done, last = self.work.session, 0, 0
        pace = of_taking(self.work.limits.batch_rows)
        total = session.value(f"SELECT coalesce(sum(pgarbiter_n - 1), 0)::bigint FROM pg_temp.{_KEYS}")
        while bounds := session.rows(self._next(last, pace.rows)):
            ((end, nulls),) = bounds
            chosen = f"pgarbiter_d.pgarbiter_g BETWEEN {last + 1} AND {end}"
            source = ranking.rows(f"pg_temp.{_KEYS}", chosen, nulls)
            batch = Taking(self.work, self.rule)
            begun = time.monotonic()
            done += batch.transact(partial(self._batch, ranking, batch, source))
            pace.learn(time.monotonic() - begun)
            self.work.tell(done, max(total, done))
            last = end
        return done

    @staticmethod
    def _next(last: int, limit: int) -> str:
        """The last key of the next batch: at most `limit` rows, but one group at least."""
        return (
            f"SELECT max(k.pgarbiter_g), f.pgarbiter_nulls FROM pg_temp.{_KEYS} f JOIN pg_temp.{_KEYS} k"
            f" ON k.pgarbiter_g >= f.pgarbiter_g AND k.pgarbiter_g < f.pgarbiter_g + {limit}"
            " AND k.pgarbiter_nulls = f.pgarbiter_nulls"
            f" AND (k.pgarbiter_g = f.pgarbiter_g OR k.pgarbiter_upto <= f.pgarbiter_upto - f.pgarbiter_n + {limit})"
            f" WHERE f.pgarbiter_g = {last + 1} GROUP BY f.pgarbiter_nulls"
        )

    def _batch(self, ranking: Ranking, batch: Taking, source: str) -> int:
        # Locked first, in one order for all runs; ranked by a statement of its own, which sees what was committed
        # while this one waited for its locks; then locked as ranked, to know that nothing moved in between.
        batch.count(f"SELECT 1 {source} ORDER BY pgarbiter_t.tableoid, pgarbiter_t.ctid FOR UPDATE OF pgarbiter_t")
        listed = batch.temporary(ranking.ranked(source))
        batch.lock(self.table, listed)
        self._refuse_undecided(ranking, source, "this batch was rolled back, earlier ones are done")
        merged = self._merged(ranking, batch, listed) if self.merge else None
        reason = f"duplicate of another row by {self.by}"
        taken = retire(batch, self.table, listed, reason, self.children)
        if merged is not None:
            self._update(ranking, batch, listed, merged, source)
        return taken

    def _merged(self, ranking: Ranking, batch: Taking, listed: str) -> str:
        """The merged values, and the kept rows that they change in quarantine as they were."""
        rows = ranking.shape.rows
        merged = batch.temporary(self.merge.merged(ranking.content(listed, rows)))
        record = batch.record(self.table)
        batch.run(
            record.insert(
                "changed",
                f"others with the same {self.by} were merged into it",
                f"SELECT * FROM (SELECT {record.values('pgarbiter_t')}, NULL::jsonb,"
                f" pg_catalog.to_jsonb(pgarbiter_m.*) - 'pgarbiter_g' FROM {listed} r"
                f" JOIN {rows} AS pgarbiter_t ON pgarbiter_t.tableoid = r.part AND pgarbiter_t.ctid = r.tid"
                f" JOIN {merged} pgarbiter_m ON pgarbiter_m.pgarbiter_g = r.pgarbiter_g"
                f" WHERE r.pgarbiter_place = 1 AND {self.merge.differs('pgarbiter_t', 'pgarbiter_m')})"
                " v(primary_key, row_data, row_text, kept_key, written)",
            )
        )
        return merged

    def _update(self, ranking: Ranking, batch: Taking, listed: str, merged: str, source: str) -> None:
        """Write the merged values, now that no other row of the group holds a unique value of them."""
        sets = ", ".join(f"{quoted(name)} = m.{quoted(name)}" for name in self.merge.columns)
        rows = ranking.shape.rows
        differing = (
            f"{listed} r, {merged} m WHERE r.pgarbiter_place = 1 AND m.pgarbiter_g = r.pgarbiter_g"
            f" AND {self._kept(ranking)} AND {self.merge.differs('pgarbiter_t', 'm')}"
        )
        expected = batch.count(f"SELECT 1 FROM {rows} AS pgarbiter_t, {differing}")
        if batch.run(f"UPDATE {rows} AS pgarbiter_t SET {sets} FROM {differing}") != expected:
            raise OnlineError(
                f"a trigger keeps merged values out of rows of {self.table}; this batch was rolled back",
                f"Look at the triggers of {self.table}, then run the same command again.",
            )
        wanted = batch.count(f"SELECT DISTINCT pgarbiter_g FROM {listed}")
        if batch.count(f"SELECT DISTINCT pgarbiter_d.pgarbiter_g {source}") < wanted:
            raise OnlineError(
                f"the merge would change the key {self.by} of a kept row; this batch was rolled back",
                "Merge the columns of the key in a way that keeps their values.",
            )

    def _kept(self, ranking: Ranking) -> str:
        """Which row is the kept one; its place may have changed when rows of the table reference each other."""
        if not ranking.key:
            return "pgarbiter_t.tableoid = r.part AND pgarbiter_t.ctid = r.tid"
        key = tuple(each for each in columns(self.work.session, self.table) if each.name in ranking.key)
        read = from_json("r.kept_key", "k", key)
        return " AND ".join(f"pgarbiter_t.{quoted(e.name)} = (SELECT k.{quoted(e.name)} FROM {read})" for e in key)

    def _refuse_undecided(self, ranking: Ranking, source: str, state: str) -> None:
        groups, sample = self.work.session.rows(f"SELECT count(*), min(shown) FROM ({ranking.undecided(source)}) u")[0]
        if groups:
            raise OnlineError(
                f"{plural(groups, 'group')} of duplicates by {self.by}, such as {sample}, with several first rows by"
                f' "{ranking.keep}" that differ; {state}',
                "Add a column to keep that decides, such as the primary key.",
            )
