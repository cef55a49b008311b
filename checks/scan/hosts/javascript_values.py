"""JavaScript and TypeScript expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Opaque, Record, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_TRANSPARENT = frozenset({
    "parenthesized_expression",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
    "await_expression",
    "type_assertion",
})  # fmt: skip
FUNCTIONS = frozenset({
    "arrow_function",
    "function_expression",
    "function_declaration",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
})  # fmt: skip
_CONSTANTS = {"true": True, "false": False, "null": None, "undefined": None}
_CUT = 80


class Lowering:
    """Lowers the expressions of one file. `text` is its source, offsets count its characters."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self._classes: dict[int, Class] = {}
        self._by_kind: dict[str, Callable[[SgNode], Value]] = {
            "string": self._string,
            "template_string": self._template,
            "number": self._number,
            "identifier": self._name,
            "shorthand_property_identifier": self._name,
            "type_identifier": self._name,
            "this": self._name,
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "call_expression": self._call,
            "new_expression": self._call,
            "object": self._object,
            "array": self._array,
            "binary_expression": self._binary,
            "augmented_assignment_expression": self._augmented,
            "ternary_expression": self._ternary,
            "class": self.class_,
            "class_declaration": self.class_,
            "abstract_class_declaration": self.class_,
        }

    def lower(self, node: SgNode) -> Value:
        """The value of an expression; Opaque for what has no simpler reading."""
        kind = node.kind()
        while kind in _TRANSPARENT:
            inner = _expression_in(node)
            if inner is None:
                return self.opaque(node)
            node, kind = inner, inner.kind()
        if kind in _CONSTANTS:
            return Constant(_CONSTANTS[kind], start(node), kind == "undefined")
        lower = self._by_kind.get(kind)
        return lower(node) if lower else self.opaque(node)

    def opaque(self, node: SgNode) -> Opaque:
        """What is only known at run time."""
        extent = node.range()
        return Opaque(self.text[extent.start.index : min(extent.end.index, extent.start.index + _CUT)], start(node))

    def _string(self, node: SgNode) -> Value:
        extent = node.range()
        return decode(self.text, extent.start.index + 1, extent.end.index - 1, self.path)

    def _template(self, node: SgNode) -> Value:
        return self._interpolated(node, None)

    def _interpolated(self, node: SgNode, tag: str | None) -> Value:
        extent = node.range()
        at, end = extent.start.index + 1, extent.end.index - 1
        parts: list[Value] = []
        for child in node.children():
            if child.kind() != "template_substitution":
                continue
            inside = child.range()
            parts.append(decode(self.text, at, inside.start.index, self.path))
            hole = _expression_in(child)
            parts.append(self.lower(hole) if hole else self.opaque(child))
            at = inside.end.index
        parts.append(decode(self.text, at, end, self.path))
        if len(parts) == 1 and tag is None:
            return parts[0]
        return Join(tuple(part for part in parts if part != Text("") and not _empty(part)), tag, extent.start.index)

    def _number(self, node: SgNode) -> Value:
        try:
            return Constant(float(node.text()), start(node))
        except ValueError:
            return self.opaque(node)

    def _name(self, node: SgNode) -> Value:
        return Name(node.text(), start(node), self.path)

    def _member(self, node: SgNode) -> Value:
        owner, name = node.field("object"), node.field("property")
        if owner is None or name is None:
            return self.opaque(node)
        return Member(self.lower(owner), name.text().lstrip("#"), start(name))

    def _subscript(self, node: SgNode) -> Value:
        owner, index = node.field("object"), node.field("index")
        if owner is None or index is None:
            return self.opaque(node)
        key = self.lower(index)
        return Member(self.lower(owner), key.text, start(index)) if isinstance(key, Text) else self.opaque(node)

    def _call(self, node: SgNode) -> Value:
        callee = node.field("function") or node.field("constructor")
        given = node.field("arguments")
        if callee is None:
            return self.opaque(node)
        if given is not None and given.kind() == "template_string":
            return self._interpolated(given, callee.text())
        called = self.lower(callee)
        args = tuple(self._argument(arg) for arg in _items(given)) if given is not None else ()
        if isinstance(called, Member) and called.name in {"map", "flatMap"} and given is not None:
            mapped = self._mapped(given)
            if mapped is not None:
                return mapped
        extent = node.range()
        named = called.offset if isinstance(called, (Member, Name)) else extent.start.index
        return Call(called, args, (), extent.start.index, named, extent.end.index)

    def _argument(self, node: SgNode) -> Value:
        return self.opaque(node) if node.kind() == "spread_element" else self.lower(node)

    def _mapped(self, given: SgNode) -> Value | None:
        function = next(iter(_items(given)), None)
        if function is None or function.kind() not in FUNCTIONS:
            return None
        result = self.returned(function)
        return None if result is None else Sequence((result,), complete=False, offset=start(given))

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns: a Choice if it has several returns, None if it has none."""
        body = function.field("body")
        if body is None:
            return None
        if body.kind() != "statement_block":
            return self.lower(body)
        own = body.find_all(kind="return_statement")
        options = [
            self.lower(value)
            for statement in own
            if _function_of(statement) == extent_of(function) and (value := _expression_in(statement)) is not None
        ]
        return None if not options else options[0] if len(options) == 1 else Choice(tuple(options))

    def _object(self, node: SgNode) -> Value:
        entries: list[tuple[str, Value]] = []
        complete = True
        for child in _items(node):
            kind = child.kind()
            if kind == "shorthand_property_identifier":
                entries.append((child.text(), self._name(child)))
            elif kind == "method_definition" and (name := child.field("name")) is not None:
                entries.append((name.text(), self.opaque(child)))
            elif kind == "pair" and (key := self._key(child)) is not None and (value := child.field("value")):
                entries.append((key, self.lower(value)))
            elif kind == "spread_element" and isinstance(known := self._spread(child), Record):
                entries += known.entries
                complete = complete and known.complete
            else:
                complete = False
        return Record(tuple(entries), complete, start(node))

    def _spread(self, node: SgNode) -> Value:
        inner = _expression_in(node)
        return self.lower(inner) if inner is not None else self.opaque(node)

    def _key(self, pair: SgNode) -> str | None:
        key = pair.field("key")
        if key is None:
            return None
        if key.kind() in {"property_identifier", "number"}:
            return key.text()
        if key.kind() == "computed_property_name" and (inner := _expression_in(key)) is not None:
            key = inner
        value = self.lower(key)
        return value.text if isinstance(value, Text) else None

    def _array(self, node: SgNode) -> Value:
        items = _items(node)
        spread = any(item.kind() == "spread_element" for item in items)
        return Sequence(tuple(self._argument(item) for item in items), not spread, start(node))

    def _binary(self, node: SgNode) -> Value:
        operator = node.field("operator")
        sign = operator.text() if operator else ""
        left, right = node.field("left"), node.field("right")
        if left is None or right is None or sign not in {"+", "??", "||", "&&"}:
            return self.opaque(node)
        if sign == "&&":
            return self.lower(right)
        if sign != "+":
            return Choice((self.lower(left), self.lower(right)))
        parts = [right]
        while left is not None and left.kind() == "binary_expression" and _sign(left) == "+":
            parts.append(left.field("right") or left)
            left = left.field("left")
        ordered = [*([left] if left is not None else []), *reversed(parts)]
        return Join(tuple(self.lower(part) for part in ordered), offset=start(node))

    def _augmented(self, node: SgNode) -> Value:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None or "+=" not in node.text():
            return self.opaque(node)
        return Join((self.lower(left), self.lower(right)), offset=start(node))

    def _ternary(self, node: SgNode) -> Value:
        options = [node.field("consequence"), node.field("alternative")]
        return Choice(tuple(self.lower(option) for option in options if option is not None))

    def class_(self, node: SgNode) -> Class:
        """A class with its fields, then what its constructor assigns to `this`."""
        begin = start(node)
        if begin not in self._classes:
            self._classes[begin] = self._class(node, begin)
        return self._classes[begin]

    def _class(self, node: SgNode, begin: int) -> Class:
        name, body = node.field("name"), node.field("body")
        heritage = node.find_all(kind="extends_clause")[:1]
        bases = tuple(self.lower(child) for clause in heritage if (child := clause.field("value")) is not None)
        entries = list(self._fields(body)) if body is not None else []
        return Class(name.text() if name else "", bases, tuple(entries), (), begin, self.path)

    def _fields(self, body: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for member in body.children():
            name = member.field("name") or member.field("property")
            if member.kind() in {"public_field_definition", "field_definition"} and name is not None:
                value = member.field("value")
                if value is not None:
                    entries.append((name.text().lstrip("#"), self.lower(value)))
            elif member.kind() == "method_definition" and name is not None and name.text() == "constructor":
                entries += self._constructed(member)
        return entries

    def _constructed(self, constructor: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for parameter in constructor.find_all(kind="required_parameter"):
            name = parameter.field("pattern")
            if name is not None and any(c.kind() == "accessibility_modifier" for c in parameter.children()):
                entries.append((name.text(), self._name(name)))
        for assignment in constructor.find_all(kind="assignment_expression"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is None or right is None or left.kind() != "member_expression":
                continue
            owner, name = left.field("object"), left.field("property")
            if owner is not None and owner.kind() == "this" and name is not None:
                entries.append((name.text().lstrip("#"), self.lower(right)))
        return entries


def start(node: SgNode) -> int:
    """Where a node starts, in characters."""
    return node.range().start.index


def extent_of(node: SgNode) -> tuple[int, int]:
    """Where a node starts and ends, in characters."""
    extent = node.range()
    return extent.start.index, extent.end.index


def _function_of(node: SgNode) -> tuple[int, int] | None:
    return next((extent_of(a) for a in node.ancestors() if a.kind() in FUNCTIONS), None)


def _sign(node: SgNode) -> str:
    operator = node.field("operator")
    return operator.text() if operator else ""


def _empty(part: Value) -> bool:
    return isinstance(part, Text) and not part.text


def _items(node: SgNode) -> list[SgNode]:
    return [child for child in node.children() if child.is_named() and child.kind() != "comment"]


def _expression_in(node: SgNode) -> SgNode | None:
    """The one expression inside parentheses, a cast, a substitution, an `await` or a `return`."""
    if node.kind() == "type_assertion":
        return next((c for c in reversed(_items(node))), None)
    return next(iter(_items(node)), None)
