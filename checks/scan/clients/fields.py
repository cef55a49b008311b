"""Fields and conditions of Python's active-record ORMs: `Model.a`, `(Model.a == 1) & Model.b.is_null()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Class, Constant, Member, Name, Opaque, Text
from .bound import bound
from .reading import is_absent
from .targets import quoted

if TYPE_CHECKING:
    from ..declarations.model import ColumnDeclaration, TableDeclaration
    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces

_COMPARED = {"__eq__": "=", "__ne__": "!=", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
_JOINED = {"__and__": "AND", "__or__": "OR"}
_NULL = frozenset({"is_null", "is_not_null"})


class Fields:
    """The fields of one model."""

    def __init__(self, table: TableDeclaration, resolve: Resolve) -> None:
        self.table = table
        self.resolve = resolve

    def column(self, value: Value) -> ColumnDeclaration | None:
        """The column of `Model.a`, of a name for it, or of its own declaration."""
        if isinstance(value, Member) and isinstance(self.resolve(value.object), Class | Call):
            found = self.table.by_attribute(value.name)
            return found or self.table.by_key(value.name)
        known = self.resolve(value) if isinstance(value, Name) else value
        offset = known.offset if isinstance(known, Call | Opaque) else -1
        return next((column for column in self.table.columns if column.offset == offset >= 0), None)

    def name(self, value: Value) -> str | None:
        """The name of a column that is given as a field, or as a text that is sent as it stands."""
        column = self.column(value)
        if column is not None:
            return column.name
        known = self.resolve(value)
        return known.text if isinstance(known, Text) else None

    def condition(self, value: Value) -> Pieces | None:
        """A condition as SQL with the values that it binds; None when it is not understood."""
        if not isinstance(value, Call) or not isinstance(value.callee, Member):
            return None
        method, left, right = value.callee.name, value.callee.object, value.args[0] if value.args else None
        if method in _JOINED and right is not None:
            one, other = self.condition(left), self.condition(right)
            return None if one is None or other is None else ("(", *one, f") {_JOINED[method]} (", *other, ")")
        if method == "__invert__":
            inner = self.condition(left)
            return None if inner is None else ("NOT (", *inner, ")")
        column = self.column(left)
        return None if column is None else self._compared(quoted(column.name), method, right)

    def _compared(self, column: str, method: str, right: Value | None) -> Pieces | None:
        if method in _NULL:
            wanted = right is None or self.resolve(right) != Constant(value=False)
            return (f"{column} IS {'' if wanted and method == 'is_null' else 'NOT '}NULL",)
        known = self.resolve(right) if right is not None else None
        if known is None or method not in _COMPARED:
            return None
        if is_absent(known) and method in {"__eq__", "__ne__"}:
            return (f"{column} IS {'' if method == '__eq__' else 'NOT '}NULL",)
        return (f"{column} {_COMPARED[method]} ", bound(known))
