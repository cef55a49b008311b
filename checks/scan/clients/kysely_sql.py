"""Kysely's expressions as its compiler writes them: `where("a", ">", 1)`, `sql` templates, `eb.and([..])`.

Values are bound, but for null and booleans after `is` (kysely 0.29, parser/binary-operation-parser.js); a reference may
be "table.column".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Join, Lambda, Member, Name, Record, Sequence, Text
from .bound import bound, listed, literal, template
from .reading import called_name, is_absent, text
from .targets import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces

_COMPARING = 3  # arguments of `where(reference, operator, value)`
_OPERATORS = frozenset({
    "=", "==", "!=", "<>", ">", ">=", "<", "<=", "in", "not in", "is", "is not", "like", "not like", "ilike",
    "not ilike", "is distinct from", "is not distinct from", "@>", "<@", "&&", "~", "~*",
})  # fmt: skip


class Renderer:
    """Writes expressions; `rename` is what the plugins of the client make of each identifier."""

    def __init__(self, rename: Callable[[str], str], resolve: Resolve) -> None:
        self.rename = rename
        self.resolve = resolve

    def condition(self, args: tuple[Value, ...], *, references: bool = False) -> Pieces | None:
        """The arguments of `where` or `whereRef`."""
        if len(args) == 1:
            return self.expression(args[0])
        if len(args) != _COMPARING:
            return None
        left, operator = self._operand(args[0]), text(args[1], self.resolve)
        if left is None or operator not in _OPERATORS:
            return None
        right = self._operand(args[2]) if references else self._right(args[2], operator)
        return None if right is None else (*left, f" {'=' if operator == '==' else operator} ", *right)

    def expression(self, value: Value) -> Pieces | None:
        """A template, or what a callback makes of its expression builder."""
        match self.resolve(value):
            case Join(tag=str()) as written:
                return template(written, self._hole)
            case Lambda(result=result):
                return self._built(result)
            case _:
                return self._built(value)

    def _hole(self, value: Value) -> Pieces | None:
        """What stands in a template: `sql.lit(1)`; what else is a call may be any SQL."""
        if isinstance(value, Call) and called_name(value) in {"lit", "literal"} and value.args:
            known = literal(self.resolve(value.args[0]))
            return None if known is None else (known,)
        if isinstance(value, Call) and called_name(value) in {"val", "value"} and value.args:
            return (bound(self.resolve(value.args[0])),)
        return None

    def _built(self, value: Value) -> Pieces | None:
        """`eb("a", "=", 1)`, `eb.and([..])`, `eb.or({..})`, `eb.not(..)`, and what is chained to them."""
        if not isinstance(value, Call):
            return self.expression(value) if isinstance(value, Join) else None
        name = called_name(value)
        if name in {"and", "or"}:
            return self._connected(value, f" {name} ")
        if name == "not" and len(value.args) == 1:
            return listed([self.expression(value.args[0])], "", ("not (", ")"))
        return self.condition(value.args) if isinstance(value.callee, Name) or name == "eb" else None

    def _connected(self, call: Call, word: str) -> Pieces | None:
        given = self._items(call.args[0]) if len(call.args) == 1 else None
        if given is not None:
            return listed(given, word, ("(", ")"))
        if not isinstance(call.callee, Member):
            return None
        chained = self.expression(call.callee.object), self.condition(call.args)  # eb(..).and(..)
        return listed(chained, word, ("(", ")"))

    def _items(self, value: Value) -> list[Pieces | None] | None:
        """The list or the object that `and` and `or` take; None for one expression."""
        if isinstance(value, Sequence):
            return [self.expression(item) for item in value.items] if value.complete and value.items else [None]
        if isinstance(value, Record):
            pairs = [(Text(key), self.resolve(entry)) for key, entry in value.entries]
            whole = pairs if value.complete else []
            signs = [(key, "is" if literal(entry) in {"NULL", "true", "false"} else "=", entry) for key, entry in whole]
            return [self.condition((key, Text(sign), entry)) for key, sign, entry in signs] or [None]
        return None

    def _operand(self, value: Value) -> Pieces | None:
        """A reference: a name, `eb.ref(..)`, `sql.ref(..)`, a template."""
        if isinstance(value, Call) and called_name(value) == "ref" and value.args:
            value = value.args[0]
        name = text(value, self.resolve) if not isinstance(value, Join) else None
        if name is not None:
            return (".".join(quoted(self.rename(part.strip())) for part in name.split(".")),)
        return self.expression(value)

    def _right(self, value: Value, operator: str) -> Pieces | None:
        known = self.resolve(value)
        if operator in {"is", "is not"} and (is_absent(known) or literal(known) in {"true", "false"}):
            return (literal(known) or "NULL",)
        match known:
            case Sequence(items=items, complete=True) if items:
                inner = listed([(bound(item),) for item in items], ", ")
                return None if inner is None else ("(", *inner, ")")
            case Join(tag=str()) | Lambda():
                return self.expression(value)
            case Call() if called_name(known) in {"ref", "lit", "val"}:
                return self._operand(value) if called_name(known) == "ref" else self._hole(known)
            case Call() | Sequence():
                return None
            case _:
                return (bound(known),)
