"""SQLAlchemy column expressions as its PostgreSQL compiler writes them inside ON CONFLICT: columns without a table.

Anything compared with a Python value becomes a bound parameter; None, True and False become literals
(sqlalchemy.sql.default_comparator, PGCompiler._on_conflict_target).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declarations.model import Undeclared
from ..declarations.sqlalchemy import read_table
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Opaque, Sequence, Text
from .reading import called_name, is_absent, path_of, text
from .targets import quoted

if TYPE_CHECKING:
    from ..declarations.model import ColumnDeclaration, TableDeclaration
    from ..model import Resolve
    from ..values import Value

_COMPARISONS = {"__eq__": "=", "__ne__": "!=", "__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}
_SUFFIXES = {"asc": "ASC", "desc": "DESC", "nulls_first": "NULLS FIRST", "nulls_last": "NULLS LAST"}
_IS = {"is_": "IS", "is_not": "IS NOT", "isnot": "IS NOT"}
_TEXT = frozenset({"text", "literal_column"})
_CONSTANTS = {"true": "true", "false": "false", "null": "NULL"}


class Renderer:
    """Renders expressions over one table; what it does not know is None. Parameters are numbered from $1."""

    def __init__(self, table: TableDeclaration, resolve: Resolve) -> None:
        self.table = table
        self.resolve = resolve
        self.parameters = 0

    def column(self, value: Value) -> ColumnDeclaration | None:
        """The declared column behind `Model.x`, `table.c.x`, `Model.__table__.c.x`, or behind its own declaration."""
        if isinstance(value, Member) and isinstance(value.object, Member) and value.object.name in {"c", "columns"}:
            owner = read_table(value.object.object, self.resolve)
            return None if isinstance(owner, Undeclared) else owner.by_key(value.name)
        if isinstance(value, Member) and isinstance(self.resolve(value.object), Class):
            owner = read_table(value.object, self.resolve)
            return None if isinstance(owner, Undeclared) else owner.by_attribute(value.name)
        offset = value.offset if isinstance(value, Call | Opaque) else -1
        return next((c for c in self.table.columns if c.offset == offset >= 0), None)

    def column_sql(self, value: Value) -> str | None:
        """A column as SQL; one that the declaration does not show keeps the name it is called by."""
        known = self.column(value)
        if known is not None:
            return quoted(known.name)
        match value:
            case Member(object=Member(object=owner, name="c" | "columns"), name=name):
                found = read_table(owner, self.resolve)
                return None if isinstance(found, Undeclared) or not found.complete else quoted(name)
            case Call(args=(Text(name), *_)) if called_name(value) == "column":
                return quoted(name)
            case _:
                return None

    def expression(self, value: Value) -> str | None:
        """Any expression as SQL."""
        known = self.column_sql(value)
        if known is not None:
            return known
        match value:
            case Call():
                return self._call(value)
            case Join(tag=str()):  # text("..."), once it is resolved
                return text(value, self.resolve)
            case Name() | Member():
                meaning = self.resolve(value)
                return None if meaning == value else self.expression(meaning)
            case _:
                return None

    def _call(self, call: Call) -> str | None:
        name = called_name(call) or ""
        if name in _TEXT and call.args:
            return text(call.args[0], self.resolve)
        if name in _CONSTANTS and not call.args:
            return _CONSTANTS[name]
        method = self._method(call.callee, call.args) if isinstance(call.callee, Member) else None
        return method or self._connective(call) or self._function(call)

    def _operand(self, value: Value) -> str | None:
        """The right side of a comparison: a literal becomes a parameter, None and booleans do not."""
        known = self.expression(value)
        if known is not None:
            return known
        match value:
            case Constant(bool(truth)):
                return "true" if truth else "false"
            case Call() | Choice() | Sequence():
                return None
            case _ if is_absent(value):
                return "NULL"
            case _:
                self.parameters += 1
                return f"${self.parameters}"

    def _method(self, callee: Member, args: tuple[Value, ...]) -> str | None:
        left, name = self.expression(callee.object), callee.name
        if left is None:
            return None
        return self._unary(left, name) if not args else self._compared(callee, left, args[0])

    def _unary(self, left: str, name: str) -> str | None:
        if name == "__invert__":
            return f"NOT ({left})"
        return f"{left} {_SUFFIXES[name]}" if name in _SUFFIXES else None

    def _compared(self, callee: Member, left: str, right: Value) -> str | None:
        match callee.name:
            case "is_" | "is_not" | "isnot" as name:
                return self._binary(left, _IS[name], right)
            case "__and__" | "__or__" as name:
                other = self.expression(right)
                return None if other is None else f"({left}) {'AND' if name == '__and__' else 'OR'} ({other})"
            case "in_" | "notin_" | "not_in" as name:
                return self._contained(left, right, negated=name != "in_")
            case "collate":
                collation = text(right, self.resolve)
                return f"{left} COLLATE {quoted(collation)}" if collation is not None else None
            case name:
                return self._comparison(left, name, right) if name in _COMPARISONS else None

    def _binary(self, left: str, operator: str, right: Value) -> str | None:
        operand = self._operand(right)
        return None if operand is None else f"{left} {operator} {operand}"

    def _comparison(self, left: str, name: str, right: Value) -> str | None:
        if is_absent(right) and name in {"__eq__", "__ne__"}:
            return f"{left} IS NULL" if name == "__eq__" else f"{left} IS NOT NULL"
        return self._binary(left, _COMPARISONS[name], right)

    def _contained(self, left: str, right: Value, *, negated: bool) -> str | None:
        items = self.resolve(right)
        if not isinstance(items, Sequence) or not items.items:
            return None
        found = [self._operand(item) for item in items.items]
        known = [one for one in found if one is not None]
        return f"{left} {'NOT IN' if negated else 'IN'} ({', '.join(known)})" if len(known) == len(found) else None

    def _listed(self, values: tuple[Value, ...], connective: str) -> str | None:
        found = [self.expression(value) for value in values]
        known = [f"({one})" for one in found if one is not None]
        return f" {connective} ".join(known) if known and len(known) == len(found) else None

    def _connective(self, call: Call) -> str | None:
        match called_name(call):
            case "and_":
                return self._listed(call.args, "AND")
            case "or_":
                return self._listed(call.args, "OR")
            case "not_" if len(call.args) == 1:
                inner = self.expression(call.args[0])
                return None if inner is None else f"NOT ({inner})"
            case _:
                return None

    def _function(self, call: Call) -> str | None:
        """`func.lower(x)`."""
        owner, _, name = (path_of(call.callee) or "").rpartition(".")
        if owner.rpartition(".")[2] != "func":
            return None
        found = [self._operand(arg) for arg in call.args]
        known = [one for one in found if one is not None]
        return f"{name}({', '.join(known)})" if len(known) == len(found) else None
