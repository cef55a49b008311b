"""Columns and conditions of Diesel: `users::email`, `a.eq(1).and(b.is_null())`, of which values are bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declarations.diesel import column_name
from ..values import Call, Class, Constant, Import, Member, Name, Param, Text
from .bound import bound, listed
from .reading import called_name, is_absent
from .targets import quoted

if TYPE_CHECKING:
    from ..declarations.model import TableDeclaration
    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces

_COMPARED = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_NULL = {"is_null": "IS NULL", "is_not_null": "IS NOT NULL"}
_FOLDS = frozenset({"lower", "upper", "coalesce", "now"})


class Expressions:
    """What paths and methods mean for one table."""

    def __init__(self, table: TableDeclaration, resolve: Resolve) -> None:
        self._table = table
        self._resolve = resolve

    def column(self, value: Value) -> str | None:
        """The column of `users::email`, or of `email` where all names of the table are imported."""
        match value:
            case Name():
                known = self._resolve(value)
                if isinstance(known, Param):
                    return None
                found = self._last(known)
                return found if found is not None else self._last(value) if isinstance(known, Class) else None
            case Member() | Import():
                return self._last(value)
            case _:
                return None

    def _last(self, value: Value) -> str | None:
        match value:
            case Name(name) | Member(name=name) | Import(name=str(name)):
                return column_name(self._table, name)
            case _:
                return None

    def condition(self, value: Value) -> Pieces | None:
        """A condition as SQL with the values that it binds; None when it is not understood."""
        if not isinstance(value, Call):
            column = self.column(value)
            return None if column is None else (quoted(column),)
        name = called_name(value) or ""
        if not isinstance(value.callee, Member) or (name in _FOLDS or name == "not"):
            return self._function(name, value.args)
        owner = value.callee.object
        if name in {"and", "or"} and len(value.args) == 1:
            one, other = self.condition(owner), self.condition(value.args[0])
            return None if one is None or other is None else ("(", *one, f") {name.upper()} (", *other, ")")
        return self._compared(owner, name, value.args)

    def _compared(self, owner: Value, name: str, args: tuple[Value, ...]) -> Pieces | None:
        left = self.operand(owner)
        if left is None:
            return None
        if name in _NULL and not args:
            return (*left, f" {_NULL[name]}")
        right = self.operand(args[0]) if name in _COMPARED and len(args) == 1 else None
        return None if right is None else (*left, f" {_COMPARED[name]} ", *right)

    def operand(self, value: Value) -> Pieces | None:
        """A column, a function of columns, or a value."""
        if isinstance(value, Call):
            name = called_name(value) or ""
            return self._function(name, value.args) if name in _FOLDS else (bound(self._resolve(value)),)
        is_column = isinstance(value, (Member, Import)) or (
            isinstance(value, Name) and not isinstance(self._resolve(value), (Param, Text, Constant))
        )
        column = self.column(value) if is_column else None
        if column is not None and (not isinstance(value, Name) or self._table.by_attribute(value.name) is not None):
            return (quoted(column),)
        known = self._resolve(value)
        return None if is_absent(known) else (bound(known),)

    def _function(self, name: str, args: tuple[Value, ...]) -> Pieces | None:
        if name == "not" and len(args) == 1:
            inner = self.condition(args[0])
            return None if inner is None else ("NOT (", *inner, ")")
        inside = listed((self.operand(arg) for arg in args), ", ") if name in _FOLDS else None
        return None if inside is None else (f"{name}(", *inside, ")")
