"""A diff of one index, constraint or NOT NULL as the operation for live tables that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...diff.model import Action
from ...online import AddCheck, AddForeignKey, AddIndex, AddUnique, SetNotNull
from ...online.model import Table
from ...structure.model import Kind
from ...structure.parts import Column, Constraint, Index, IndexKey

if TYPE_CHECKING:
    from ...diff.model import Change, Diff
    from ...online.model import Operation


def only(diff: Diff) -> Operation | None:
    """The operation that the whole diff amounts to; None where it is more than one, or there is none for it.

    A revision holds one such operation and nothing else.
    """
    if len(diff.changes) != 1 or diff.changes[0].subject.kind is not Kind.TABLE:
        return None
    change = diff.changes[0]
    table = Table(change.subject.identity[1], change.subject.identity[0])
    match change:
        case _ if change.action is Action.CHANGED:
            return _not_null(change, table)
        case _ if change.action is Action.ADDED and isinstance(change.new, Index):
            return _index(change.new, table)
        case _ if change.action is Action.ADDED and isinstance(change.new, Constraint):
            return _constraint(change.new, table)
        case _:
            return None


def _not_null(change: Change, table: Table) -> Operation | None:
    changed = [each.name for each in change.properties]
    if isinstance(change.new, Column) and changed == ["not_null"] and change.new.not_null:
        return SetNotNull(table, change.new.name)
    return None


def _columns(index: Index) -> tuple[str, ...] | None:
    """The keys as the directives take them; None where there is more to say of one than its column."""
    names = tuple(key.key for key in index.keys)
    plain = tuple(map(IndexKey, names)) == index.keys and not any(name.startswith("(") for name in names)
    return names if plain else None


def _index(index: Index, table: Table) -> Operation | None:
    columns = _columns(index)
    known = Index(index.name, index.method, index.keys, index.include, index.predicate, index.unique)
    if columns is None or index._replace(nulls_not_distinct=False) != known:
        return None
    if index.unique:
        more = {"nulls_not_distinct": index.nulls_not_distinct, "include": index.include}
        return AddUnique(table, columns, index.name, where=index.predicate, **more)  # type: ignore[arg-type]
    return AddIndex(table, columns, index.name, where=index.predicate, include=index.include, method=index.method)


def _constraint(found: Constraint, table: Table) -> Operation | None:
    if not found.validated or not found.enforced or found.comment is not None:
        return None
    match found:
        case Constraint(kind="check", expression=str(condition), no_inherit=False):
            return AddCheck(table, found.name, condition)
        case Constraint(kind="foreign key", references=(schema, name)) if _is_usual(found):
            return AddForeignKey(
                table,
                found.columns,
                name,
                found.referenced_columns,
                found.name,
                referenced_schema=schema,
                on_delete=_action(found.on_delete),
                on_update=_action(found.on_update),
            )
        case Constraint(kind="unique", using_index=Index() as index) if not found.deferrable and not found.period:
            made = _index(index._replace(unique=True), table)
            if isinstance(made, AddUnique):
                return AddUnique(
                    table,
                    made.columns,
                    found.name,
                    constraint=True,
                    nulls_not_distinct=made.nulls_not_distinct,
                    include=made.include,
                )
            return None
        case _:
            return None


def _is_usual(found: Constraint) -> bool:
    return found.match == "simple" and not (found.deferrable or found.set_columns or found.period)


def _action(word: str) -> str | None:
    return None if word == "no action" else word.upper()
