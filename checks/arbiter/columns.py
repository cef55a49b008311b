"""Errors about the columns that an INSERT writes: unknown, doubled, generated, and NOT NULL ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..catalog.model import RelationKind
from ..model import Overriding
from ..sql.expressions import Column as ColumnTree
from .model import StatementError
from .stages import INSERT_LIST, INSERT_VALUES, ROW, SET_VALUES, VIEW
from .targets import swallows
from .views import is_instead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..catalog.model import Column, Relation
    from ..catalog.read import Catalog
    from ..model import Write
    from .views import Reach

_CHECKED = (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)
_FIRING = ("O", "A")  # pg_trigger.tgenabled of a trigger that fires in an ordinary session


def written(write: Write, relation: Relation) -> tuple[str, ...]:
    """The columns that are written for certain, as the statement names or counts them."""
    if not write.all_columns:
        return write.columns or ()
    names = tuple(column.name for column in relation.columns)
    return names[: write.value_count] if write.value_count is not None else names


def insert_errors(write: Write, relation: Relation) -> Iterator[StatementError]:
    """Those of checkInsertTargets and transformInsertRow: unknown columns, doubled ones, more values than columns."""
    if relation.system:
        return
    seen: set[str] = set()
    for name in write.columns or ():
        if relation.column(name) is None:
            message = f'column "{name}" of relation "{relation.name}" does not exist'
            yield StatementError(INSERT_LIST, "42703", message, subject=name)
        elif name in seen:
            yield StatementError(INSERT_LIST, "42701", f'column "{name}" specified more than once', subject=name)
        seen.add(name)
    if write.all_columns and write.value_count is not None and write.value_count > len(relation.columns):
        yield StatementError(INSERT_LIST, "42601", "INSERT has more expressions than target columns")


def rewrite_errors(write: Write, relation: Relation, reach: Reach) -> Iterator[StatementError]:
    """Those of rewriteTargetView and rewriteTargetListIU: columns that take no value of the statement's."""
    if reach.reason is not None or is_instead(relation) or relation.system:
        return
    # Without a column list the values are known by number only, and some may be DEFAULT.
    sure = not write.all_columns
    given = [name for name in written(write, relation) if relation.column(name) is not None]
    yield from _through_view((*given, *(write.set_columns or ())), relation, reach)
    for name, column in _by_number(given, reach):
        if name not in write.defaulted and _refuses(column, write.overriding):
            message = f'cannot insert a non-DEFAULT value into column "{column.name}"'
            yield StatementError(INSERT_VALUES, "428C9", message, subject=column.name, certain=sure)
    for name, column in _by_number(write.set_columns or (), reach):
        # Through a view DEFAULT is the view column's own, which is NULL if it has none.
        to_default = name in write.set_defaults and not reach.through_view
        if not to_default and (column.generated or column.identity == "a"):
            message = f'column "{column.name}" can only be updated to DEFAULT'
            yield StatementError(SET_VALUES, "428C9", message, subject=column.name)


def not_null_errors(write: Write, relation: Relation, reach: Reach, catalog: Catalog) -> Iterator[StatementError]:
    """ExecConstraints on the proposed row, before any conflict is looked for.

    Not certain where a BEFORE INSERT trigger may fill the column.
    """
    base = reach.base
    if reach.reason is not None or base.kind not in _CHECKED or swallows(relation):
        return
    if write.columns is None and not write.all_columns:
        return
    given = {reach.base_column(name): name for name in written(write, relation)}
    filled = {reach.base_column(c.name) for c in relation.columns if reach.through_view and c.has_default}
    null = [
        column
        for column in base.columns
        if (column.not_null or column.domain_not_null)
        and not column.generated
        and _is_null(column, given.get(column.name), write, filled=column.name in filled)
    ]
    for column in null:
        if column.domain_not_null:  # refused while the row is put together, before any trigger sees it
            message = f"domain {column.type.rpartition('.')[2]} does not allow null values"
            yield StatementError(ROW, "23502", message, subject=column.name)
    certain = not _has_before_trigger(base, catalog)
    for column in null:
        if column.not_null:
            message = f'null value in column "{column.name}" of relation "{base.name}" violates not-null constraint'
            yield StatementError(ROW, "23502", message, subject=column.name, certain=certain)


def _is_null(column: Column, name: str | None, write: Write, *, filled: bool) -> bool:
    """Whether the proposed row has no value for the column, in some row at least; `name` is what it is written as."""
    filled = filled or column.has_default or bool(column.identity)
    if name is None:
        if column.name in write.optional:
            return False
        return write.complete and not filled and not (write.all_columns and write.value_count is None)
    replaced = bool(column.identity) and write.overriding is Overriding.USER
    return (name in write.nulls and not replaced) or (name in write.defaulted and not filled)


def _through_view(names: tuple[str, ...], view: Relation, reach: Reach) -> Iterator[StatementError]:
    """Columns of a view that are expressions; the message is the same for SET."""
    if not reach.through_view:
        return
    for name in (column.name for column in view.columns if column.name in names):
        output = reach.output(name)
        if output is not None and not isinstance(output, ColumnTree):
            message = f'cannot insert into column "{name}" of view "{view.name}"'
            yield StatementError(VIEW, "0A000", message, subject=name)


def _by_number(names: Iterable[str], reach: Reach) -> list[tuple[str, Column]]:
    """Names with the base columns that they write to, in the order of the table."""
    bases = {name: reach.base_column(name) for name in names}
    found = [(name, reach.base.column(base)) for name, base in bases.items() if base is not None]
    return sorted(((name, c) for name, c in found if c is not None), key=lambda pair: pair[1].attnum)


def _refuses(column: Column, overriding: Overriding | None) -> bool:
    """OVERRIDING does not matter to generated columns."""
    return bool(column.generated) or (column.identity == "a" and overriding is None)


def _has_before_trigger(relation: Relation, catalog: Catalog) -> bool:
    if any(t.before and t.row and t.insert and t.enabled in _FIRING for t in relation.triggers):
        return True
    partitioned = relation.kind is RelationKind.PARTITIONED_TABLE
    return partitioned and any(_has_before_trigger(child, catalog) for child in catalog.children(relation.oid))
