"""The former content of rows, as quarantine holds it, as SQL that writes it into their table again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .columns import as_json, columns, from_json
from .record import QUARANTINE
from .relation import primary_key, rows_of
from .returned import AlteredError, Stored, refuse_altered, refuse_diverted
from .session import document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .columns import Column
    from .model import Table
    from .session import Session


@dataclass(frozen=True, slots=True)
class Former:
    """Writes former rows of one table, within a transaction of the caller."""

    session: Session
    table: Table
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @classmethod
    def of(cls, session: Session, table: Table) -> Former:
        """Read what it needs of the table from the catalog."""
        return cls(session, table, columns(session, table), primary_key(session, table))

    def put_back(self, ids: Sequence[int]) -> int:
        """Insert the rows that were removed; how many.

        Raises DBAPIError when one does not go in, AlteredError when it would be another one than it was.
        """
        refuse_diverted(self.session, self.table)
        return sum(self._insert(names, some) for names, some in self._by_columns(ids, "q.row_data"))

    def change_back(self, ids: Sequence[int]) -> int:
        """Undo what was written into rows that still hold it; how many. Raises AlteredError, as `put_back`."""
        return sum(self._update(names, some) for names, some in self._by_columns(ids, "q.written"))

    def _by_columns(self, ids: Sequence[int], of: str) -> list[tuple[tuple[Column, ...], str]]:
        """The ids, as SQL, by those of the columns in that object that are there today."""
        found = self.session.rows(
            "SELECT names::text, pg_catalog.json_agg(id ORDER BY id) FROM (SELECT q.id,"
            f" (SELECT pg_catalog.json_agg(k ORDER BY k) FROM pg_catalog.jsonb_object_keys({of}) k) AS names"
            f" FROM {QUARANTINE} q WHERE q.id IN ({', '.join(map(str, ids))}) AND q.restored_at IS NULL) s"
            " GROUP BY names::text"
        )
        return [
            (
                tuple(each for each in self.columns if each.name in json.loads(names)),
                ", ".join(map(str, document(some))),
            )
            for names, some in found
        ]

    def _insert(self, held: tuple[Column, ...], ids: str) -> int:
        into = [each for each in held if not each.generated]
        names = ", ".join(quoted(each.name) for each in into)
        places = self.session.rows(
            f"INSERT INTO {self.table} AS pgarbiter_t ({names}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(map(_value, into))} FROM {self._rows(ids, into)} ORDER BY q.id"
            " RETURNING pgarbiter_t.tableoid::bigint, pgarbiter_t.ctid::text"
        )
        stored = Stored(held, tuple(map(_value, held)), self._rows(ids, held))
        refuse_altered(self.session, self.table, stored, [(int(part), tid) for part, tid in places])
        self.session.run(_noted(ids))
        return len(places)

    def _update(self, held: tuple[Column, ...], ids: str) -> int:
        into = [each for each in held if not each.generated]
        if not into:
            return 0
        values = ", ".join(f"{_value(each)} AS v{number}" for number, each in enumerate(into))
        key = [each for each in self.columns if each.name in self.key]
        keys = "".join(f", p.{quoted(name)} AS k{number}" for number, name in enumerate(self.key))
        read = f" LEFT JOIN LATERAL {from_json(self._key_since(into), 'p', key)} ON true" if key else ""
        sets = ", ".join(f"{quoted(each.name)} = f.v{number}" for number, each in enumerate(into))
        current = as_json(tuple(each.name for each in into), "pgarbiter_t")
        same = " AND ".join(
            f"ROW(f.v{number}::{each.type})::text = ROW(pgarbiter_t.{quoted(each.name)})::text"
            for number, each in enumerate(into)
        )
        back = (
            f"UPDATE {rows_of(self.session, self.table)} AS pgarbiter_t SET {sets}"
            f" FROM (SELECT q.id, q.written, q.row_data, {values}{keys} FROM {self._rows(ids, into)}{read}) f"
            f" WHERE {self._same_row()} AND f.written @> ({current}) AND ({current}) @> f.written"
            f" RETURNING f.id, {same} AS same"
        )
        count, altered = self.session.rows(
            f"WITH back AS ({back}), noted AS (UPDATE {QUARANTINE} SET restored_at = pg_catalog.clock_timestamp()"
            " WHERE id IN (SELECT id FROM back)) SELECT count(*), count(*) FILTER (WHERE NOT same) FROM back"
        )[0]
        if altered:
            raise AlteredError("a trigger alters what would be written back")
        return int(count)

    def _key_since(self, written: Sequence[Column]) -> str:
        """The primary key by which the row is to be found: a new parent may have become part of it."""
        names = (literal(each.name) for each in written if each.name in self.key)
        return "".join(("q.primary_key", *(f" || pg_catalog.jsonb_build_object({n}, q.written -> {n})" for n in names)))

    def _same_row(self) -> str:
        """By primary key; without one, a row with all of the content that was left, the first if there are several."""
        if self.key:
            return " AND ".join(f"pgarbiter_t.{quoted(name)} = f.k{number}" for number, name in enumerate(self.key))
        return (
            "(pgarbiter_t.tableoid, pgarbiter_t.ctid) = (SELECT pgarbiter_s.tableoid, pgarbiter_s.ctid"
            f" FROM {rows_of(self.session, self.table)} AS pgarbiter_s"
            " WHERE pg_catalog.to_jsonb(pgarbiter_s.*) = f.row_data || f.written"
            " ORDER BY pgarbiter_s.tableoid, pgarbiter_s.ctid LIMIT 1)"
        )

    def _rows(self, ids: str, read: Sequence[Column]) -> str:
        """FROM: the records as q, these columns of their rows as r where jsonb tells all of it."""
        loose = [replace(each, type=each.loose) for each in read]
        data = "CASE WHEN q.row_text IS NULL THEN q.row_data END"
        return (
            f"(SELECT * FROM {QUARANTINE} WHERE id IN ({ids}) AND restored_at IS NULL FOR UPDATE) q"
            f" LEFT JOIN LATERAL {from_json(data, 'r', loose)} ON true"
        )


def _value(column: Column) -> str:
    """The former value, whole, for the column's type of today to take or to refuse: from its text if there is one."""
    text = f"(q.row_text::jsonb ->> {literal(column.name)})::{column.loose}"
    return f"CASE WHEN q.row_text IS NULL THEN r.{quoted(column.name)} ELSE {text} END"


def _noted(ids: str) -> str:
    return (
        f"UPDATE {QUARANTINE} SET restored_at = pg_catalog.clock_timestamp(), left_because = NULL"
        f" WHERE id IN ({ids}) AND restored_at IS NULL"
    )
