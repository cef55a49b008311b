"""Children that would get the unique key of another row of their table when they are pointed to another parent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from .columns import columns
from .relation import primary_key
from .shape import shape_of_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .model import Table
    from .shape import Shape
    from .taking import Taking


def collisions(
    batch: Taking, table: Table, rows: str, joined: str, replaced: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """For each unique index that a changed column is part of: its name, and the query of the rows that must go.

    `joined`: FROM clause that gives the rows to change as pgarbiter_c; `replaced`: the new values by column. The rows
    come as Taking lists them. A row that has its parent already is kept before one that comes, then the one that is
    first by primary key.
    """
    parts = ", ".join(
        f"{replaced[each.name]}::{each.type} AS {quoted(each.name)}"
        if each.name in replaced
        else f"pgarbiter_c.{quoted(each.name)}"
        for each in columns(batch.session, table)
    )
    moved = f"SELECT pgarbiter_c.tableoid AS pgarbiter_part, pgarbiter_c.ctid AS pgarbiter_tid, {parts} FROM {joined}"
    key = [quoted(name) for name in primary_key(batch.session, table)]
    kept_key = batch.record(table).primary_key("e")
    for index, name, nulls_not_distinct in _indexes(batch, table, tuple(replaced)):
        found = shape_of_index(batch.session, rows, index, nulls_not_distinct=nulls_not_distinct)
        yield name, _query(found, moved, key, kept_key)


def _query(found: Shape, moved: str, key: list[str], kept_key: str) -> str:
    names = ", ".join(found.names)
    order = ", ".join([*key, "pgarbiter_part", "pgarbiter_tid"])
    return f"""
        WITH moved AS MATERIALIZED ({moved}),
        ranked AS (
            SELECT {names}, pgarbiter_part AS part, pgarbiter_tid AS tid, row_number() OVER w AS n,
                   first_value(pgarbiter_part) OVER w AS first_part, first_value(pgarbiter_tid) OVER w AS first_tid
            FROM (SELECT {found.selected()}, {order} FROM moved WHERE {found.counted}) k
            WINDOW w AS (PARTITION BY {names} ORDER BY {order})),
        losing AS (
            SELECT f.part, f.tid, coalesce(h.part, f.first_part) AS kept_part, coalesce(h.tid, f.first_tid) AS kept_tid
            FROM ranked f LEFT JOIN LATERAL (
                SELECT x.tableoid AS part, x.ctid AS tid FROM (SELECT tableoid, ctid, * FROM {found.rows}
                WHERE {found.counted} AND {found.matching("f")}) x
                WHERE NOT EXISTS (SELECT 1 FROM moved m
                                  WHERE m.pgarbiter_part = x.tableoid AND m.pgarbiter_tid = x.ctid)
                LIMIT 1) h ON true
            WHERE f.n > 1 OR h.tid IS NOT NULL)
        SELECT 2 AS pgarbiter_place, l.*, {kept_key} AS kept_key
        FROM losing l JOIN {found.rows} AS e ON e.tableoid = l.kept_part AND e.ctid = l.kept_tid"""


def _indexes(batch: Taking, table: Table, changed: tuple[str, ...]) -> list[tuple[int, str, bool]]:
    """Unique indexes that enforce, and that a changed column may be part of: oid, name, NULLS NOT DISTINCT."""
    listed = ", ".join(literal(name) for name in changed)
    return [
        (oid, name, nulls_not_distinct)
        for oid, name, nulls_not_distinct in batch.session.rows(
            "SELECT i.indexrelid::bigint, c.relname,"
            " coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false)"
            " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
            f" WHERE i.indrelid = {literal(str(table))}::regclass AND i.indisunique AND i.indisready"
            " AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a"
            f" WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]) AND a.attname IN ({listed})))"
            " ORDER BY c.relname"
        )
    ]
