"""What stands in the way of a constraint: duplicates, NULLs, orphans, rows that break a condition; read-only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import literal, quoted
from ..wording import plural
from .relation import primary_key, rows_of
from .session import document

if TYPE_CHECKING:
    from .key import Key
    from .model import Table
    from .session import Session

_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What was found: `rows` rows with `groups` distinct keys (as many as rows where there is no key).

    `what` says it as a phrase, `samples` shows at most 5 of the groups.
    """

    what: str
    groups: int
    rows: int
    samples: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return self.rows > 0

    def __str__(self) -> str:
        """For messages: 7 rows with 3 duplicate keys (a), such as (a)=(1): 3 rows."""
        shown = f", such as {'; '.join(self.samples)}" if self.samples else ""
        return f"{self.what}{shown}"


def duplicates(session: Session, table: Table, key: Key) -> Found:
    """Keys that stand in more than one row, as the unique index would compare them. One scan and a sort or hash."""
    values = key.values(session, table)
    names = [f"pgarbiter_k{number}" for number, _ in enumerate(values, 1)]
    selected = ", ".join(f"{value} AS {name}" for value, name in zip(values, names, strict=True))
    places = ", ".join(str(number) for number, _ in enumerate(values, 1))
    shown = f"{literal(f'({key.index_elements})=')} || {_shown(names)} || ': ' || n || ' rows'"
    groups, rows, samples = _counted(
        session,
        f"SELECT {selected}, count(*) AS n FROM {rows_of(session, table)} WHERE {key.counted}"
        f" GROUP BY {places} HAVING count(*) > 1",
        shown,
        f"n DESC, {places}",
    )
    return Found(
        f"{plural(rows, 'row')} of {table} with {plural(groups, 'duplicate key')} ({key.index_elements})",
        groups,
        rows,
        samples,
    )


def nulls(session: Session, table: Table, column: str) -> Found:
    """Rows whose column is NULL. One scan."""
    found = _broken(session, table, f"pg_catalog.num_nulls({quoted(column)}) = 1")
    return Found(f'{plural(found[0], "row")} of {table} with NULL in column "{column}"', found[0], *found)


def violations(session: Session, table: Table, condition: str) -> Found:
    """Rows that a CHECK of that condition rejects: those for which it is false, and not NULL. One scan."""
    found = _broken(session, table, f"({condition}) IS FALSE")
    return Found(f"{plural(found[0], 'row')} of {table} for which ({condition}) is false", found[0], *found)


def orphans(
    session: Session, table: Table, columns: tuple[str, ...], referenced: Table, referenced_columns: tuple[str, ...]
) -> Found:
    """Rows whose columns, none of them NULL, have no match in the referenced table. One scan of each."""
    ours = [f"pgarbiter_c.{quoted(column)}" for column in columns]
    theirs = [f"pgarbiter_p.{quoted(column)}" for column in referenced_columns]
    matched = " AND ".join(f"{left} = {right}" for left, right in zip(theirs, ours, strict=True))
    names = [f"pgarbiter_k{number}" for number, _ in enumerate(columns, 1)]
    selected = ", ".join(f"{value} AS {name}" for value, name in zip(ours, names, strict=True))
    listed = ", ".join(quoted(column) for column in columns)
    groups, rows, samples = _counted(
        session,
        f"SELECT {selected}, count(*) AS n FROM {rows_of(session, table)} pgarbiter_c"
        f" WHERE pg_catalog.num_nulls({', '.join(ours)}) = 0"
        f" AND NOT EXISTS (SELECT 1 FROM {rows_of(session, referenced)} pgarbiter_p WHERE {matched})"
        f" GROUP BY {', '.join(ours)}",
        f"{literal(f'({listed})=')} || {_shown(names)} || CASE n WHEN 1 THEN ': 1 row' ELSE ': ' || n || ' rows' END",
        "n DESC, " + ", ".join(str(number) for number, _ in enumerate(columns, 1)),
    )
    return Found(f"{plural(rows, 'row')} of {table} whose ({listed}) is not in {referenced}", groups, rows, samples)


def _shown(names: list[str]) -> str:
    """SQL for values as Postgres shows a key: (1, x)."""
    inner = ", ".join(f"coalesce({name}::text, 'null')" for name in names)
    return f"'(' || pg_catalog.concat_ws(', ', {inner}) || ')'"


def _counted(session: Session, groups: str, shown: str, order: str) -> tuple[int, int, tuple[str, ...]]:
    """Groups, rows and samples of a query that gives `n` rows for each group; in one statement, one snapshot."""
    ((found, rows, samples),) = session.rows(
        f"WITH g AS MATERIALIZED ({groups}), s AS (SELECT * FROM g ORDER BY {order} LIMIT {_SAMPLES})"
        " SELECT (SELECT count(*) FROM g), (SELECT coalesce(sum(n), 0)::bigint FROM g),"
        f" (SELECT coalesce(pg_catalog.json_agg(t), '[]') FROM (SELECT pg_catalog.left({shown}, 200) FROM s) x(t))"
    )
    return found, rows, tuple(document(samples))


def _broken(session: Session, table: Table, condition: str) -> tuple[int, tuple[str, ...]]:
    """How many rows the condition holds for, and which ones, by primary key, else by their place."""
    rows_of(session, table)  # which must be a table; constraints of a column hold for tables that inherit it too
    columns = [quoted(column) for column in primary_key(session, table)] or ["ctid"]
    listed = ", ".join(columns)
    shown = f"{literal(f'({listed})=')} || {_shown(columns)}"
    # The condition of a user stands where no name but the table's own columns can be meant.
    ((rows, samples),) = session.rows(
        f"SELECT (SELECT count(*) FROM {table} WHERE {condition}),"
        " (SELECT coalesce(pg_catalog.json_agg(t), '[]') FROM (SELECT pg_catalog.left("
        f"{shown}, 200) FROM {table} WHERE {condition} LIMIT {_SAMPLES}) x(t))"
    )
    return rows, tuple(document(samples))
