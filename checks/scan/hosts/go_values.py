"""Go expressions and types to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Member, Name, Opaque, Record, Sequence, Text
from .go_types import BUILDERS, GoTypes
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_POINTING = frozenset({"&", "*"})
_CUT = 80  # of a type's text


class GoLowering(GoTypes):
    """Lowers the expressions of one file: `T{..}` is a call of T, its fields are keywords."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "raw_string_literal": self._raw,
            "composite_literal": self._composite,
            "literal_value": self._untyped,
            "unary_expression": self._unary,
            "index_expression": self._indexed,
            "slice_expression": self._sliced,
            "type_assertion_expression": self._asserted,
            "type_conversion_expression": self._converted,
            "expression_list": self._several,
            "variadic_argument": self._spread,
            "func_literal": self._literal,
            **dict.fromkeys(("pointer_type", "generic_type"), self.reference),
        }

    def string(self, node: SgNode) -> Value:
        """A string in double quotes."""
        begin, end = extent_of(node)
        return decode(self.text, begin + 1, end - 1, self.path)

    def _raw(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 1, end - 1, self.path, escapes=False)

    def _unary(self, node: SgNode) -> Value:
        operand = node.field("operand")
        return self.lower(operand) if operand is not None and sign(node) in _POINTING else self.opaque(node)

    def _indexed(self, node: SgNode) -> Value:
        """`rows[0]`, `row["key"]`; by a computed index any of its items."""
        owner, index = node.field("operand"), node.field("index")
        if owner is None or index is None:
            return self.opaque(node)
        if index.kind() == "int_literal":
            return Member(self.lower(owner), index.text(), start(index))
        key = self.lower(index)
        return Member(self.lower(owner), key.text if isinstance(key, Text) else "*", start(index))

    def _sliced(self, node: SgNode) -> Value:
        """`rows[i:j]`: a list of the same items, of which some may be left out."""
        owner = node.field("operand")
        begin, end = extent_of(node)
        return self.opaque(node) if owner is None else Call(Member(self.lower(owner), "slice"), (), (), begin, end, end)

    def _asserted(self, node: SgNode) -> Value:
        kind = node.field("type")
        known = self.declared(kind) if kind is not None else None
        operand = node.field("operand")
        return known if known is not None and not isinstance(known, Opaque) else self.lowered(operand)

    def _converted(self, node: SgNode) -> Value:
        """`[]byte("x")` as what is converted, `f[T](x)` as a call of `f`."""
        kind, operand = node.field("type"), node.field("operand")
        if kind is None or operand is None:
            return self.opaque(node)
        if kind.kind() != "generic_type":
            return self.lower(operand)
        begin, end = extent_of(node)
        callee = self.reference(kind)
        named = callee.offset if isinstance(callee, (Name, Member)) else begin
        return Call(callee, (self.lower(operand),), (), begin, named, end)

    def _several(self, node: SgNode) -> Value:
        """The values of a `return`, or of an assignment of several."""
        inner = items(node)
        if len(inner) == 1:
            return self.lower(inner[0])
        return Sequence(tuple(self.lower(one) for one in inner), offset=start(node))

    def _spread(self, node: SgNode) -> Value:
        return Opaque("..." + node.text()[:_CUT], start(node))

    def _literal(self, node: SgNode) -> Value:
        return self.function_of(node)

    def call(self, node: SgNode) -> Value:
        """A call; `append`, `make` and `new` as what they make."""
        callee, given = node.field("function"), node.field("arguments")
        inner = items(given) if given is not None else []
        if callee is not None and callee.kind() == "identifier" and inner:
            if callee.text() == "append":
                return self._appended(node, inner)
            if callee.text() in {"make", "new"}:
                return self.zero(inner[0])
        return super().call(node)

    def _appended(self, node: SgNode, given: list[SgNode]) -> Value:
        begin, end = extent_of(node)
        value = self.lower(given[0])
        for one in given[1:]:
            spread = one.kind() == "variadic_argument"
            added = self.lowered(self.inside(one) if spread else one)
            value = Call(Member(value, "extend" if spread else "append", begin), (added,), (), begin, begin, end)
        return value

    def _composite(self, node: SgNode) -> Value:
        kind, body = node.field("type"), node.field("body")
        return self.opaque(node) if kind is None or body is None else self._made(kind, body, node)

    def _made(self, kind: SgNode, body: SgNode, node: SgNode) -> Value:
        """`kind{..}`; items of a list or map may leave out their own type."""
        element = kind.field("element") or kind.field("value")
        if kind.kind() == "map_type":
            return self._map(element, body)
        if element is not None:
            inner = tuple(self._item(element, item) for item in items(body))
            if not inner and not isinstance(known := self.declared(element), Opaque):
                return Sequence((known,), complete=False, offset=start(node))
            return Sequence(inner, offset=start(node))
        if kind.text() in BUILDERS:
            return Text("", (), self.path)
        if any(self._is_key(item) for item in items(body)):  # of a named map: goqu.Record, pgx.NamedArgs
            return self._map(kind, body)
        callee, (begin, end) = self.reference(kind), extent_of(node)
        named = callee.offset if isinstance(callee, (Name, Member)) else begin
        args = tuple(self.lower(item) for item in items(body) if item.kind() != "keyed_element")
        return Call(callee, args, tuple(self._fields(body)), begin, named, end)

    def _is_key(self, item: SgNode) -> bool:
        """Whether an item of a literal has a string for its key."""
        key = item.field("key")
        inner = self.inside(key) if key is not None and key.kind() == "literal_element" else key
        return inner is not None and inner.kind() in self.grammar.literals

    def _untyped(self, body: SgNode) -> Value:
        """`{..}` in a literal of a type that is declared elsewhere."""
        begin, end = extent_of(body)
        args = tuple(self.lower(item) for item in items(body) if item.kind() != "keyed_element")
        return Call(Opaque("", begin), args, tuple(self._fields(body)), begin, begin, end)

    def _fields(self, body: SgNode) -> list[tuple[str, Value]]:
        found: list[tuple[str, Value]] = []
        for item in items(body):
            key, value = item.field("key"), item.field("value")
            if item.kind() == "keyed_element" and key is not None and value is not None:
                found.append((key.text(), self.lower(value)))
        return found

    def _item(self, kind: SgNode, item: SgNode) -> Value:
        value = item.field("value") if item.kind() == "keyed_element" else item
        while value is not None and value.kind() == "literal_element":
            value = self.inside(value)
        if value is None or value.kind() != "literal_value":
            return self.lowered(value)
        while kind.kind() == "pointer_type" and (inner := self.inside(kind)) is not None:
            kind = inner
        return self._made(kind, value, value)

    def _map(self, element: SgNode | None, body: SgNode) -> Value:
        entries: list[tuple[str, Value]] = []
        complete = True
        for item in items(body):
            key = self.lowered(item.field("key"))
            if isinstance(key, Text) and element is not None:
                entries.append((key.text, self._item(element, item)))
            else:
                complete = False
        return Record(tuple(entries), complete, start(body))
