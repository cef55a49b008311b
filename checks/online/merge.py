"""What the kept row of a group of duplicates takes over from the others: one policy for each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..quoting import quoted
from .columns import row_values
from .model import OnlineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .columns import Column

_KNOWN = (
    '"newest by <column>", "first", "first non-null", "last", "last non-null", "sum", "sql: <aggregate expression>"'
)
_GROUP = "PARTITION BY pgarbiter_g"
_ALL = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"


@dataclass(frozen=True, slots=True)
class Merge:
    """Expressions for the columns that are merged, over the rows of a group, whose order is that of `keep`.

    `windows` are window expressions, `aggregates` aggregate ones; both as (column, type, SQL).
    """

    windows: tuple[tuple[str, str, str], ...] = ()
    aggregates: tuple[tuple[str, str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the merged columns."""
        return tuple(name for name, _, _ in (*self.windows, *self.aggregates))

    def __bool__(self) -> bool:
        """Whether any column is merged."""
        return bool(self.columns)

    def merged(self, rows: str) -> str:
        """A query that gives pgarbiter_g and the merged columns, one row for each group.

        `rows`: a query of the groups' rows with pgarbiter_g and pgarbiter_place, 1 for the kept one.
        """
        listed = ", ".join(
            [f"w.{quoted(name)}" for name, _, _ in self.windows] + [f"a.{quoted(n)}" for n, _, _ in self.aggregates]
        )
        windows = "".join(f", ({sql})::{kind} AS {quoted(name)}" for name, kind, sql in self.windows)
        aggregates = "".join(f", ({sql})::{kind} AS {quoted(name)}" for name, kind, sql in self.aggregates)
        return (
            f"SELECT pgarbiter_g, {listed} FROM (SELECT pgarbiter_g, pgarbiter_place{windows} FROM ({rows}) r) w"
            f" JOIN (SELECT pgarbiter_g{aggregates} FROM ({rows}) r GROUP BY pgarbiter_g) a USING (pgarbiter_g)"
            " WHERE w.pgarbiter_place = 1"
        )

    def differs(self, kept: str, merged: str) -> str:
        """Condition: the kept row does not hold the merged values yet, to the last bit."""
        return f"{row_values(self.columns, kept)} OPERATOR(pg_catalog.*<>) {row_values(self.columns, merged)}"


def merge_of(policies: Mapping[str, str], columns: Sequence[Column], fixed: Mapping[str, str]) -> Merge:
    """The policies as SQL. `fixed`: columns that must stay as they are, and why.

    Raises OnlineError for a column or policy that is not known, or a column that must stay.
    """
    known = {column.name: column for column in columns}
    windows, aggregates = [], []
    for name, policy in policies.items():
        column = known.get(name)
        if column is None:
            raise _refused(f'there is no column "{name}" to merge')
        if name in fixed or column.generated:
            raise _refused(f'column "{name}" cannot be merged: {fixed.get(name, "it is generated")}')
        kind, _, rest = policy.partition(":")
        if kind == "sql" and rest.strip():
            aggregates.append((name, column.type, rest.strip()))
        else:
            windows.append((name, column.type, _window(column, policy.strip(), known)))
    return Merge(tuple(windows), tuple(aggregates))


def _window(column: Column, policy: str, known: Mapping[str, Column]) -> str:
    name = quoted(column.name)
    if policy == "sum":
        return f"pg_catalog.sum({name}) OVER ({_GROUP})"
    if policy.startswith("newest by "):
        by = policy.removeprefix("newest by ")
        if by not in known:
            raise _refused(f'there is no column "{by}" to tell the newest by')
        return _first(name, f"{quoted(by)} DESC NULLS LAST, pgarbiter_place")
    orders = {
        "first": "pgarbiter_place",
        "last": "pgarbiter_place DESC",
        "first non-null": f"pg_catalog.num_nulls({name}), pgarbiter_place",
        "last non-null": f"pg_catalog.num_nulls({name}), pgarbiter_place DESC",
    }
    if policy not in orders:
        raise _refused(f'"{policy}" is no way to merge column "{column.name}"')
    return _first(name, orders[policy])


def _first(name: str, order: str) -> str:
    return f"pg_catalog.first_value({name}) OVER ({_GROUP} ORDER BY {order} {_ALL})"


def _refused(message: str) -> OnlineError:
    return OnlineError(f"{message}; nothing was changed", f"Correct merge in the directive: a policy is {_KNOWN}.")
