"""Duplicates as SQL: their keys, and the rows of each key in the order that decides which one is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import quoted
from .columns import as_json

if TYPE_CHECKING:
    from .shape import Shape


@dataclass(frozen=True, slots=True)
class Ranking:
    """`keep`: ORDER BY text, whose first row is kept; `key`: the primary key's columns."""

    shape: Shape
    keep: str
    key: tuple[str, ...]

    def keys(self) -> str:
        """A query of the duplicate keys: their values, pgarbiter_nulls, pgarbiter_n rows, pgarbiter_g from 1, sum.

        Keys with the same values missing have numbers in a row, so that a batch can join by equality alone.
        """
        shape, names = self.shape, ", ".join(self.shape.names)
        places = ", ".join(str(number) for number, _ in enumerate(shape.names, 1))
        nulls = " + ".join(f"(pg_catalog.num_nulls({name}) << {number})" for number, name in enumerate(shape.names))
        return (
            f"SELECT s.*, row_number() OVER o AS pgarbiter_g, sum(pgarbiter_n) OVER o AS pgarbiter_upto"
            f" FROM (SELECT *, {nulls} AS pgarbiter_nulls FROM (SELECT {shape.selected()}, count(*) AS pgarbiter_n"
            f" FROM {shape.rows} WHERE {shape.counted} GROUP BY {places} HAVING count(*) > 1) k) s"
            f" WINDOW o AS (ORDER BY pgarbiter_nulls, {names} ROWS UNBOUNDED PRECEDING)"
        )

    def rows(self, keys: str, chosen: str = "true", nulls: int | None = None) -> str:
        """FROM and WHERE that join the rows, as pgarbiter_t, with their keys, as pgarbiter_d.

        `nulls`: the pgarbiter_nulls of all chosen keys.
        """
        matching = (
            self.shape.matching("pgarbiter_d") if nulls is None else self.shape.matching_nulls("pgarbiter_d", nulls)
        )
        return (
            f"FROM {self.shape.rows} AS pgarbiter_t JOIN {keys} AS pgarbiter_d ON {matching}"
            f" WHERE {self.shape.counted} AND {chosen}"
        )

    def ranked(self, source: str) -> str:
        """The rows of `source` (as of `rows`) as Taking lists them, with pgarbiter_g."""
        ties = "".join(f", pgarbiter_t.{quoted(name)}" for name in self.key)
        kept = "pg_catalog.first_value({}) OVER w AS kept_{}"
        key = as_json(self.key, "pgarbiter_t")
        return (
            "SELECT pgarbiter_d.pgarbiter_g, row_number() OVER w AS pgarbiter_place,"
            " pgarbiter_t.tableoid AS part, pgarbiter_t.ctid AS tid,"
            f" {kept.format('pgarbiter_t.tableoid', 'part')}, {kept.format('pgarbiter_t.ctid', 'tid')},"
            f" {kept.format(key, 'key')} {source} WINDOW w AS"
            f" (PARTITION BY pgarbiter_d.pgarbiter_g ORDER BY {self.keep}{ties},"
            " pgarbiter_t.tableoid, pgarbiter_t.ctid)"
        )

    def undecided(self, source: str) -> str:
        """The keys whose first rows `keep` cannot tell apart, though they differ in more than their primary key."""
        shown = ", ".join(f"coalesce(pgarbiter_d.{name}::text, 'null')" for name in self.shape.names)
        without = "".join(f" - '{name.replace(chr(39), chr(39) * 2)}'::text" for name in self.key)
        return (
            "SELECT pgarbiter_g, min(shown) AS shown FROM (SELECT pgarbiter_d.pgarbiter_g,"
            f" '(' || pg_catalog.concat_ws(', ', {shown}) || ')' AS shown,"
            f" pg_catalog.rank() OVER (PARTITION BY pgarbiter_d.pgarbiter_g ORDER BY {self.keep}) AS place,"
            f" (pg_catalog.to_jsonb(pgarbiter_t.*){without})::text AS content {source}) s"
            " WHERE place = 1 GROUP BY pgarbiter_g HAVING count(DISTINCT content) > 1"
        )

    @staticmethod
    def content(listed: str, rows: str) -> str:
        """The rows that are listed, each with all its columns, pgarbiter_g and pgarbiter_place."""
        return (
            f"SELECT r.pgarbiter_g, r.pgarbiter_place, t.* FROM {listed} r"
            f" JOIN {rows} AS t ON t.tableoid = r.part AND t.ctid = r.tid"
        )
