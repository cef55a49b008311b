"""The cures of select-then-insert: one statement, with a unique index under it; and the race itself, told in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rules._names import bare, columns_sql, named
from . import definitions as define
from .model import Change, NotOffered, OneStatement, Rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..arbiter.model import BoundSite
    from ..catalog.model import Index, Relation
    from .circumstances import Circumstances
    from .model import Idea

_TOLD = (
    "Of two sessions at once one inserts and the other updates, and neither fails. The lookup before it is no longer "
    "needed for this; on conflict it sets all columns that the INSERT writes, which you should compare with what your "
    "own UPDATE sets."
)


def select_then_insert(bound: BoundSite, relation: Relation, known: Circumstances) -> Iterator[Idea]:
    """One statement; where no index forbids the second row, an index first."""
    keys, met = bound.site.key_columns or (), bound.site.met
    if met is not None and met.refused:
        yield NotOffered(
            "one statement", "the program refuses a row that its lookup finds, and an upsert would take it"
        )
        return
    if not keys or any(relation.column(key) is None for key in keys):
        yield NotOffered("one statement", "the columns of the lookup are not those of the table")
        return
    index = _unique(relation, keys)
    says = f"one statement: INSERT ... ON CONFLICT {columns_sql(keys)} DO UPDATE"
    if index is None:
        told = "It alone keeps the second row out; the slower session fails with 23505 until the statement is one."
        made = define.add(relation, keys, known.policy)
        needed = Change("unique-index", (made,), f"a unique index on {columns_sql(keys)}", told)
        yield Rewrite("one-statement", OneStatement(keys), says, _TOLD, needed)
        return
    predicate = None if index.predicate is None else bare(index.predicate)
    yield Rewrite("one-statement", OneStatement(keys, predicate), says, _TOLD)


def race(bound: BoundSite) -> tuple[str, ...]:
    """The two sessions, line by line, in time."""
    keys, relation = bound.site.key_columns or (), bound.base
    index = _unique(relation, keys) if relation is not None else None
    by = f" by {named(keys)}" if keys else ""
    last = (
        f'session 2  INSERT fails with 23505 on "{index.name}": the row of session 1 is there'
        if index is not None
        else "session 2  INSERT adds a second row: nothing forbids it"
    )
    where = f"line {bound.site.statement_line}"
    return (
        f"session 1  SELECT{by} ({where}): no row",
        f"session 2  SELECT{by} ({where}): no row, since that of session 1 is not there yet",
        f"session 1  INSERT (line {bound.site.span.line}), COMMIT",
        last,
        "a transaction does not help: at READ COMMITTED both still see no row",
    )


def _unique(relation: Relation, keys: tuple[str, ...]) -> Index | None:
    usable = [i for i in relation.indexes if i.unique and i.valid and i.immediate and not i.exclusion]
    fitting = [i for i in usable if set(i.columns) == set(keys)]
    return next(iter(sorted(fitting, key=lambda i: i.predicate is not None)), None)
