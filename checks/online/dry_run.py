"""What `deduplicate` would do, read-only: which rows would go, which one would stay, and what it would take over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..quoting import literal
from . import preflight
from .columns import columns
from .deduplicate import fixed_columns
from .merge import merge_of
from .ranking import Ranking
from .referencing import references
from .relation import primary_key, rows_of
from .session import document
from .shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .key import Key
    from .merge import Merge
    from .model import Table
    from .session import Session

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Group:
    """One group of duplicates: its key as text, the row that stays, before and after the merge, the rows that go.

    Rows are objects of column and value. `children`: how many rows reference one that goes, by foreign key.
    """

    key: str
    kept: dict[str, Any]
    merged: dict[str, Any]
    gone: tuple[dict[str, Any], ...]
    children: dict[str, int]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be done: `found` counts the duplicates, `rows` go; `undecided` keys have no row that comes first.

    `groups` shows the largest, at most 5.
    """

    found: preflight.Found
    rows: int
    undecided: int
    groups: tuple[Group, ...]


def deduplicate_plan(session: Session, table: Table, key: Key, keep: str, merge: Mapping[str, str]) -> DryRun:
    """What `deduplicate` would do now. Nothing is written, so that a read-only session will do.

    Raises OnlineError for a merge that cannot be.
    """
    target = session.resolve(table) or table
    merging = merge_of(merge, columns(session, target), fixed_columns(session, target))
    found = preflight.duplicates(session, target, key)
    ranking = Ranking(_shape(session, target, key), keep, primary_key(session, target))
    undecided: int = session.value(
        f"WITH keys AS MATERIALIZED ({ranking.keys()})"
        f" SELECT count(*) FROM ({ranking.undecided(ranking.rows('keys'))}) u"
    )
    return DryRun(found, found.rows - found.groups, undecided, _groups(session, target, ranking, merging))


def _shape(session: Session, table: Table, key: Key) -> Shape:
    """The key's shape by its text alone: asking an index for it would mean to make one."""
    values = tuple(f"({value})" for value in key.values(session, table))
    equals = tuple("=" for _ in values)
    return Shape(rows_of(session, table), values, equals, (), key.counted, key.nulls_not_distinct)


def _groups(session: Session, table: Table, ranking: Ranking, merge: Merge) -> tuple[Group, ...]:
    rows, chosen = ranking.shape.rows, "pgarbiter_d.pgarbiter_g IN (SELECT pgarbiter_g FROM sample)"
    content = ranking.content("listed", rows)
    after = f"({merge.merged(content)})" if merge else "(SELECT NULL::bigint AS pgarbiter_g)"
    shown = ", ".join(f"coalesce(k.{name}::text, 'null')" for name in ranking.shape.names)
    counts = " || ".join(["'{}'::jsonb", *_children(session, table, rows)])
    found = session.rows(
        f"WITH keys AS MATERIALIZED ({ranking.keys()}),"
        f" sample AS MATERIALIZED (SELECT * FROM keys ORDER BY pgarbiter_n DESC, pgarbiter_g LIMIT {_SAMPLES}),"
        f" listed AS MATERIALIZED ({ranking.ranked(ranking.rows('keys', chosen))}),"
        f" after AS MATERIALIZED {after}"
        f" SELECT '(' || pg_catalog.concat_ws(', ', {shown}) || ')',"
        f" (SELECT pg_catalog.to_jsonb(pgarbiter_t.*) {_from(rows)} AND r.pgarbiter_place = 1),"
        " (SELECT pg_catalog.to_jsonb(pgarbiter_a.*) - 'pgarbiter_g' FROM after pgarbiter_a"
        " WHERE pgarbiter_a.pgarbiter_g = k.pgarbiter_g),"
        " (SELECT pg_catalog.jsonb_agg(pg_catalog.to_jsonb(pgarbiter_t.*) ORDER BY r.pgarbiter_place)"
        f" {_from(rows)} AND r.pgarbiter_place > 1), {counts}"
        " FROM sample k ORDER BY k.pgarbiter_n DESC, k.pgarbiter_g"
    )
    return tuple(
        Group(key, kept, {**kept, **(merged or {})}, tuple(gone), children)
        for key, kept, merged, gone, children in ((row[0], *map(document, row[1:])) for row in found)
    )


def _from(rows: str) -> str:
    """The rows of group k, as listed."""
    return (
        f"FROM listed r JOIN {rows} AS pgarbiter_t ON pgarbiter_t.tableoid = r.part AND pgarbiter_t.ctid = r.tid"
        " WHERE r.pgarbiter_g = k.pgarbiter_g"
    )


def _children(session: Session, table: Table, rows: str) -> list[str]:
    """For each foreign key, SQL for an object of its name and how many rows reference a row of group k that goes."""
    return [
        f"pg_catalog.jsonb_build_object({literal(str(each))}, (SELECT count(*) FROM {each.rows} AS pgarbiter_c"
        f" JOIN (SELECT pgarbiter_t.* {_from(rows)} AND r.pgarbiter_place > 1) pgarbiter_p"
        f" ON {each.joined('pgarbiter_p', 'pgarbiter_c')}))"
        for each in references(session, table)
    ]
