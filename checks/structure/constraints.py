"""Raw rows to the constraints of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..catalog.codes import bare, numbers
from . import names as n
from .parts import Constraint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .columns import Columns
    from .indexes import Indexes
    from .names import Names
    from .parts import Index

    Rows = Mapping[str, Sequence[Any]]

_new: Callable[..., Any] = tuple.__new__
_INDEXED = "pux"
_NONE: tuple[tuple[Constraint, ...], tuple[Index, ...]] = ((), ())


class Constraints:
    """The constraints of one reading but NOT NULL, by the table that they are on."""

    def __init__(self, rows: Rows, names: Names, columns: Columns, indexes: Indexes) -> None:
        self._names = names
        self._columns = columns
        self._indexes = indexes
        self._rows = n.grouped(rows["constraints"])
        self._by_oid: dict[int, tuple[int, str]] = {row[1]: (row[0], row[2]) for row in rows["constraints"]}
        self._commented = names.commented("pg_constraint")
        self._made = {oid: self._of(oid) for oid in self._rows.keys() | indexes.relations()}

    def of(self, relation: int) -> tuple[tuple[Constraint, ...], tuple[Index, ...]]:
        """The constraints of a relation and the indexes that none of them owns, by name."""
        return self._made.get(relation, _NONE)

    def _of(self, relation: int) -> tuple[tuple[Constraint, ...], tuple[Index, ...]]:
        rows = self._rows.get(relation, ())
        free, owned = self._indexes.of(relation, {row[5] for row in rows if row[3] in _INDEXED})
        found = [self._constraint(row, owned) for row in rows]
        found.sort()
        return tuple(found), free

    def _constraint(self, row: Any, owned: Mapping[int, Index]) -> Constraint:
        names, named = self._names, self._columns.named
        (
            relation, oid, name, kind, attnums, index, deferrable, deferred, validated, enforced, no_inherit, local,
            parent, period, references, ref_attnums, on_update, on_delete, match, set_attnums, expression, operators,
        ) = row  # fmt: skip
        constraint: Constraint = _new(Constraint, (
            name, n.CONSTRAINTS[kind], named(relation, numbers(attnums)),
            bare(expression) if expression is not None else None,
            deferrable, deferred, validated, enforced, no_inherit and kind == "c", local, period,
            tuple(operators) if operators else (),
            owned[index] if kind in _INDEXED else None,
            names.relations[references] if references else None,
            named(references, numbers(ref_attnums)) if references else (),
            n.MATCHES[match], n.ACTIONS[on_update], n.ACTIONS[on_delete],
            named(relation, numbers(set_attnums)) if set_attnums else (),
            self._parent(parent) if parent else None,
            names.comment("pg_constraint", oid) if oid in self._commented else None,
        ))  # fmt: skip
        return constraint

    def _parent(self, oid: int) -> tuple[str, str] | None:
        above = self._by_oid.get(oid)
        return None if above is None else (self._names.relations[above[0]][0], above[1])
