"""Triggers that a project makes in files outside of its schema source: they may fill what a statement omits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .scan.files import tree_of
from .sql import row_trigger, split
from .sql.migrations import undoes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from .arbiter.model import BoundSite, StatementError
    from .schema.order import SourceFile
    from .settings import Settings

_NOT_NULL_VIOLATION = "23502"
_BY_COLUMN = "null value in column"  # a domain refuses NULL before any trigger sees the row
_MOST_BYTES = 5_000_000


def unsettled(
    bounds: tuple[BoundSite, ...], root: Path, settings: Settings, loaded: Callable[[], Iterable[SourceFile]]
) -> tuple[BoundSite, ...]:
    """The sites, a missing value uncertain where a file that was not `loaded` makes a BEFORE INSERT trigger.

    Files are looked into only when a value is missing. A live database has all of its triggers in its catalog.
    """
    if not any(_fillable(error) for bound in bounds if not bound.live for error in bound.verdict.errors):
        return bounds
    filled = frozenset(_tables(root, settings, frozenset(file.path for file in loaded())))
    return tuple(_unsettled(bound, filled) for bound in bounds)


def _fillable(error: StatementError) -> bool:
    return error.sqlstate == _NOT_NULL_VIOLATION and error.certain and error.message.startswith(_BY_COLUMN)


def _tables(root: Path, settings: Settings, loaded: frozenset[str]) -> Iterator[tuple[str | None, str]]:
    """The tables, with their schema if it is named, whose rows a BEFORE INSERT trigger in a file of SQL may change."""
    for path in tree_of([root], settings).paths:
        if path.endswith(".sql") and path not in loaded and not undoes(path):
            try:
                with (root / path).open("rb") as file:
                    data = file.read(_MOST_BYTES)
            except OSError:
                continue
            if b"trigger" in data.lower():
                for statement in split(data.decode("utf-8", "replace")):
                    if (table := row_trigger(statement.text)) is not None:
                        yield table.schema, table.name


def _unsettled(bound: BoundSite, filled: frozenset[tuple[str | None, str]]) -> BoundSite:
    base, verdict = bound.base, bound.verdict
    if bound.live or base is None or not filled.intersection({(None, base.name), (base.schema, base.name)}):
        return bound
    errors = tuple(replace(error, certain=False) if _fillable(error) else error for error in verdict.errors)
    if verdict.sqlstate != _NOT_NULL_VIOLATION or errors == verdict.errors:
        return replace(bound, verdict=replace(verdict, errors=errors))
    first = next((error for error in errors if error.certain), None)
    said = (first.sqlstate, first.message) if first else (None, None)
    return replace(bound, verdict=replace(verdict, errors=errors, sqlstate=said[0], message=said[1]))
