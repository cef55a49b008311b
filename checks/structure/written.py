"""Definitions that the server would have to open a table for, and thus wait for a migration, written from raw rows.

The texts are those of pg_get_partkeydef() and pg_get_statisticsobjdef() (ruleutils.c) with an empty search_path. Where
there is an expression, the rows hold the server's own text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..catalog.codes import numbers
from ..quoting import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .names import Names
    from .parts import Name

_STRATEGIES = {"h": "HASH", "l": "LIST", "r": "RANGE"}
_STATISTICS = {"d": "ndistinct", "f": "dependencies", "m": "mcv"}


def partition_key(row: Any, columns: Mapping[int, Any], names: Names) -> str:
    """What follows PARTITION BY, from a row of partitionkeys.sql and the table's rows of columns.sql by attnum."""
    _, strategy, attnums, collations, opclasses, text = row
    if text is not None:
        return str(text)
    parts = []
    for number, collation, opclass in zip(*map(numbers, (attnums, collations, opclasses)), strict=True):
        column = columns[number]
        part = quoted(column[2])
        if collation not in (0, column[9]):
            part += f" COLLATE {names.collations[collation]}"
        chosen = names.opclass(opclass, names.types[column[3], column[4]][3])
        parts.append(part if chosen is None else f"{part} {chosen}")
    return f"{_STRATEGIES[strategy]} ({', '.join(parts)})"


def statistics(name: Name, table: Name, columns: Sequence[str], kinds: Sequence[str]) -> str:
    """CREATE STATISTICS; the kinds are left out where there are all of them."""
    wanted = "" if _STATISTICS.keys() <= set(kinds) else f" ({', '.join(_STATISTICS[kind] for kind in kinds)})"
    listed = ", ".join(map(quoted, columns))
    return f"CREATE STATISTICS {_qualified(name)}{wanted} ON {listed} FROM {_qualified(table)}"


def _qualified(name: Name) -> str:
    return ".".join(map(quoted, name))
