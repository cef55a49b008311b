"""Changes rows in batches, each in a transaction of its own, without chasing what writers add meanwhile.

The batches follow the primary key, bounded by its greatest value at the start; a table without one is walked in ranges
of blocks. Row triggers of the table fire as for any other UPDATE.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from ..wording import plural
from .attributes import Column, leaves, primary_key, regclass
from .model import OnlineError, Table
from .pace import Pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .session import Session
    from .work import Work

# A plan that sorts would read the whole table for each batch, and one without statistics would choose it.
_BY_THE_INDEX = (
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_bitmapscan = off",
    "SET LOCAL enable_sort = off",
)
_ROWS_OF_A_BLOCK = 50


@dataclass(frozen=True, slots=True)
class Change:
    """SET `assignments` where `where` and `only` hold: for the rows still to do. `settings`: SET LOCAL statements.

    `only` is asked once for each row, since it is dear; it must not change while `where` holds.
    """

    table: Table
    assignments: Mapping[str, str]
    where: str
    only: str = "true"
    settings: tuple[str, ...] = ()

    @property
    def alias(self) -> str:
        """The table's own name, by which expressions may name it, in whichever of its parts they are evaluated."""
        return quoted(self.table.name)

    @property
    def left(self) -> str:
        """Condition on the rows still to do."""
        return f"({self.where}) AND ({self.only})"

    @property
    def assigned(self) -> str:
        """The SET list."""
        return ", ".join(f"{quoted(name)} = {value}" for name, value in self.assignments.items())


def left(session: Session, table: Table, where: str) -> int:
    """How many rows are still to do."""
    found: int = session.value(f"SELECT count(*) FROM {table} AS {quoted(table.name)} WHERE {where}")
    return found


def remain(session: Session, table: Table, where: str) -> bool:
    """Whether any row is still to do."""
    return bool(session.value(f"SELECT EXISTS (SELECT FROM {table} AS {quoted(table.name)} WHERE {where})"))


def change(work: Work, wanted: Change) -> int:
    """Change all rows that are still to do; how many were changed.

    Raises OnlineError when rows are left after some passes: someone adds them, or the change does not make them done.
    """
    total = left(work.session, wanted.table, wanted.left)
    done, pace = 0, Pace(work.limits.batch_rows)
    for _ in range(work.limits.rebuilds):
        for leaf in leaves(work.session, wanted.table):
            done = _Walk(work, wanted, leaf, total, done, pace).run()
        if not remain(work.session, wanted.table, wanted.left):
            return done
    rest = left(work.session, wanted.table, wanted.left)
    raise OnlineError(
        f'after {plural(work.limits.rebuilds, "pass")} {plural(rest, "row")} of "{wanted.table}" still to do by'
        f" ({wanted.where}); what was changed is kept: {plural(done, 'row')}",
        "Either the new values do not end the match, or the application goes on to write such rows:"
        " give the column a default or mend the writer, then run the same command again.",
    )


@dataclass(slots=True)
class _Walk:
    """One pass over one table that holds rows."""

    work: Work
    wanted: Change
    leaf: Table
    total: int
    done: int
    pace: Pace

    def run(self) -> int:
        key = primary_key(self.work.session, self.leaf)
        if key:
            self._by_key(key)
        else:
            self._by_block()
        return self.done

    def _told(self, rows: int) -> None:
        self.done += rows
        self.work.tell(self.done, max(self.total, self.done))

    def _by_key(self, key: tuple[Column, ...]) -> None:
        names = ", ".join(map(str, key))
        end = self.work.session.rows(
            f"SELECT {_texts(key)} FROM ONLY {self.leaf} ORDER BY {', '.join(f'{each} DESC' for each in key)} LIMIT 1"
        )
        if not end:
            return
        bound = f"({names}) <= ({_literals(key, end[0])})"
        last: tuple[str, ...] | None = None
        while True:
            after = bound if last is None else f"{bound} AND ({names}) > ({_literals(key, last)})"
            statement = _keyed(self, key, after)
            begun = time.monotonic()
            found = self.work.transact(lambda statement=statement: self._rows(statement))  # type: ignore[misc]
            if not found:
                return
            self.pace.learn(time.monotonic() - begun)
            last = found[0][:-1]
            self._told(int(found[0][-1]))

    def _rows(self, statement: str) -> list[tuple[str, ...]]:
        session = self.work.session
        for setting in (*_BY_THE_INDEX, *self.wanted.settings):
            session.run(setting)
        return session.rows(self.work.marked(statement))

    def _by_block(self) -> None:
        blocks: int = self.work.session.value(
            f"SELECT pg_catalog.pg_relation_size({regclass(self.leaf)})"
            " / pg_catalog.current_setting('block_size')::bigint"
        )
        first = 0
        while first < blocks:
            step = max(1, self.pace.rows // _ROWS_OF_A_BLOCK)
            statement = (
                f"UPDATE ONLY {self.leaf} AS {self.wanted.alias} SET {self.wanted.assigned}"
                f" WHERE {self.wanted.alias}.ctid >= '({first},0)' AND {self.wanted.alias}.ctid < '({first + step},0)'"
                f" AND {self.wanted.left}"
            )
            begun = time.monotonic()
            self._told(self.work.transact_all((*self.wanted.settings, statement)))
            self.pace.learn(time.monotonic() - begun)
            first += step


def _keyed(walk: _Walk, key: tuple[Column, ...], after: str) -> str:
    """Lock the next rows in the order of their key, change them, and tell the last key and their number."""
    wanted, alias = walk.wanted, walk.wanted.alias
    own = [f"pgarbiter_{place}" for place in range(len(key))]
    chosen = ", ".join(f"{each} AS {name}" for each, name in zip(key, own, strict=True))
    same = " AND ".join(f"{alias}.{each} = {name}" for each, name in zip(key, own, strict=True))
    order = ", ".join(f"{name} DESC" for name in own)
    return (
        f"WITH pgarbiter_locked AS MATERIALIZED (SELECT {chosen} FROM ONLY {walk.leaf} AS {alias}"
        f" WHERE {after} AND {wanted.left} ORDER BY {', '.join(map(str, key))}"
        f" LIMIT {walk.pace.rows} FOR NO KEY UPDATE),"
        f" pgarbiter_changed AS (UPDATE ONLY {walk.leaf} AS {alias} SET {wanted.assigned} FROM pgarbiter_locked"
        f" WHERE {same} AND ({wanted.where}) RETURNING 1)"
        f" SELECT {_texts(own)}, (SELECT count(*) FROM pgarbiter_changed)"
        f" FROM pgarbiter_locked ORDER BY {order} LIMIT 1"
    )


def _texts(names: Iterable[object]) -> str:
    # Under names of their own: ORDER BY takes a name for that of the output, and would sort by the text.
    return ", ".join(f"{each}::text AS pgarbiter_text_{place}" for place, each in enumerate(names))


def _literals(key: tuple[Column, ...], values: tuple[str, ...]) -> str:
    return ", ".join(f"{literal(value)}::{each.type}" for each, value in zip(key, values, strict=True))
