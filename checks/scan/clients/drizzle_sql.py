"""Drizzle's conditions as they are sent in a conflict target: `isNull(t.a)`, `and(..)`, `eq(t.a, 1)`, `sql` templates.

A column is written without its table, which is the one that is inserted into: the server takes both. Values are bound,
null too (drizzle-orm 0.45, sql/expressions/conditions.js, sql/sql.js buildQueryFromSourceParams).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declarations.drizzle import read_table
from ..declarations.model import TableDeclaration
from ..values import Call, Import, Join, Lambda, Member, Sequence, Text
from .bound import bound, listed
from .reading import called_name, is_absent
from .targets import quoted

if TYPE_CHECKING:
    from ..declarations.drizzle import Casing
    from ..declarations.model import ColumnDeclaration
    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces

_COMPARISONS = {
    "eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=",
    "like": "like", "notLike": "not like", "ilike": "ilike", "notIlike": "not ilike",
}  # fmt: skip
_UNARY = {"isNull": "is null", "isNotNull": "is not null"}
_LISTS = {"inArray": "in", "notInArray": "not in"}
_RANGES = {"between": "between", "notBetween": "not between"}


class Renderer:
    """Writes expressions over the columns of one table."""

    def __init__(self, table: TableDeclaration, casing: Casing, resolve: Resolve) -> None:
        self.table = table
        self.casing = casing
        self.resolve = resolve

    def column(self, value: Value) -> ColumnDeclaration | None:
        """The declared column behind `table.key`, or behind its own declaration."""
        if isinstance(value, Member):
            owner = read_table(value.object, self.casing, self.resolve)
            if isinstance(owner, TableDeclaration):
                same = (owner.schema, owner.name) == (self.table.schema, self.table.name)
                return owner.by_attribute(value.name) if same else None
        known = self.resolve(value)
        offset = known.offset if isinstance(known, Call | Join) else -1
        return next((c for c in self.table.columns if c.offset == offset >= 0), None)

    def expression(self, value: Value) -> Pieces | None:
        """Any condition or operand; None when it may be any SQL."""
        column = self.column(value)
        if column is not None:
            return (quoted(column.name),)
        match value:
            case Join(tag="sql"):
                return listed([self._part(part) for part in value.parts], "")
            case Join():
                return None
            case Call() if called_name(value) in {"raw", "as", "mapWith", "inlineParams"}:
                return self._called(value)
            case Call():
                return self._condition(value)
        known = self.resolve(value)
        return None if known == value else self.expression(known)

    def _part(self, value: Value) -> Pieces | None:
        """A piece of a template: text, a column, SQL of another template, or a value that is bound."""
        match value:
            case Text(known):
                return (known,)
            case Join(tag=str()) | Call():
                return self.expression(value)
            case _:
                return self.operand(value)

    def operand(self, value: Value) -> Pieces | None:
        """A column or an expression; anything else that is no call is bound."""
        if (column := self.column(value)) is not None:
            return (quoted(column.name),)
        if isinstance(value, Join | Call):
            return self.expression(value)
        if isinstance(value, Member) and self._may_hold_columns(value.object):
            return None
        match known := self.resolve(value):
            case Join() | Call():
                return self.expression(known)
            case Sequence() | Lambda() | Import():
                return None
            case _:
                return (bound(known),)

    def _may_hold_columns(self, value: Value) -> bool:
        """Whether a member of the value may be a column of another table."""
        owner = self.resolve(value)
        return isinstance(owner, Import) or isinstance(read_table(owner, self.casing, self.resolve), TableDeclaration)

    def _called(self, call: Call) -> Pieces | None:
        """`sql.raw("..")`, and what changes nothing of the SQL it is called on, but that its values stand in it."""
        name = called_name(call)
        if name == "raw":
            known = self.resolve(call)
            text = _raw(known)
            return None if text is None else (text,)
        inner = self.expression(call.callee.object) if isinstance(call.callee, Member) else None
        if inner is None or name != "inlineParams":
            return inner
        texts = [piece if isinstance(piece, str) else piece.literal for piece in inner]
        return tuple(text for text in texts if text is not None) if None not in texts else None

    def _condition(self, call: Call) -> Pieces | None:
        name, args = called_name(call) or "", call.args
        if name in {"and", "or"}:
            return self._connected(args, f" {name} ")
        left = self.operand(args[0]) if args else None
        if left is None:
            return None
        if name == "not":
            return ("not ", *left)
        if name in _UNARY:
            return (*left, f" {_UNARY[name]}")
        return self._contained(left, name, args[1]) if name in _LISTS and args[1:] else self._compared(left, name, args)

    def _compared(self, left: Pieces, name: str, args: tuple[Value, ...]) -> Pieces | None:
        right = [self.operand(arg) for arg in args[1:]]
        if name in _COMPARISONS and len(right) == 1:
            return listed([left, *right], f" {_COMPARISONS[name]} ")
        both = listed(right, " and ") if name in _RANGES and len(right) == 2 else None  # noqa: PLR2004 - its two ends
        return None if both is None else (*left, f" {_RANGES[name]} ", *both)

    def _connected(self, args: tuple[Value, ...], word: str) -> Pieces | None:
        given = [arg for arg in args if not is_absent(arg)]
        found = listed([self.expression(arg) for arg in given], word)
        return found if found is None or len(given) == 1 else ("(", *found, ")")

    def _contained(self, left: Pieces, name: str, value: Value) -> Pieces | None:
        items = self.resolve(value)
        if not isinstance(items, Sequence) or not items.complete:
            return None
        if not items.items:
            return ("false" if name == "inArray" else "true",)
        inner = listed([self.operand(item) for item in items.items], ", ")
        return None if inner is None else (*left, f" {_LISTS[name]} (", *inner, ")")


def _raw(value: Value) -> str | None:
    """The text of `sql.raw("..")`."""
    match value:
        case Join(parts=(Text(text),)):
            return text
        case Join(parts=(Join() as inner,)):
            return _raw(inner)
        case _:
            return None
