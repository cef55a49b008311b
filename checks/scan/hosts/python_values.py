"""Python expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Opaque, Record, Sequence, Text
from .javascript_values import extent_of, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_CONSTANTS = {"true": True, "false": False, "none": None}
_CUT = 80


class Lowering:
    """Lowers the expressions of one file. `text` is its source, offsets count its characters."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self._classes: dict[int, Class] = {}
        self._by_kind: dict[str, Callable[[SgNode], Value]] = {
            "string": self._string,
            "concatenated_string": self._concatenated,
            "integer": self._number,
            "float": self._number,
            "identifier": self._name,
            "attribute": self._attribute,
            "subscript": self._subscript,
            "call": self._call,
            "dictionary": self._dictionary,
            "list": self._list,
            "tuple": self._list,
            "set": self._list,
            "expression_list": self._list,
            "list_comprehension": self._comprehension,
            "generator_expression": self._comprehension,
            "set_comprehension": self._comprehension,
            "binary_operator": self._binary,
            "augmented_assignment": self._augmented,
            "boolean_operator": self._boolean,
            "conditional_expression": self._conditional,
            "class_definition": self.class_,
        }

    def lower(self, node: SgNode) -> Value:
        """The value of an expression; Opaque for what has no simpler reading."""
        kind = node.kind()
        while kind in {"parenthesized_expression", "await", "named_expression", "type"}:
            inner = items(node)
            if not inner:
                return self.opaque(node)
            node = inner[-1]
            kind = node.kind()
        if kind in _CONSTANTS:
            return Constant(_CONSTANTS[kind], start(node))
        lower = self._by_kind.get(kind)
        return lower(node) if lower else self.opaque(node)

    def opaque(self, node: SgNode) -> Opaque:
        """What is only known at run time."""
        begin, end = extent_of(node)
        return Opaque(self.text[begin : min(end, begin + _CUT)], begin)

    def _string(self, node: SgNode) -> Value:
        parts = self._pieces(node)
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0]
        return Join(tuple(parts), offset=start(node))

    def _pieces(self, node: SgNode) -> list[Value]:
        children = node.children()
        opening = next((c for c in children if c.kind() == "string_start"), None)
        closing = next((c for c in reversed(children) if c.kind() == "string_end"), None)
        if opening is None or closing is None:
            return [self.opaque(node)]
        prefix = opening.text().rstrip("'\"").lower()
        parts: list[Value] = []
        at = extent_of(opening)[1]

        def piece(end: int) -> None:
            if end > at:
                parts.append(decode(self.text, at, end, self.path, escapes="r" not in prefix, braces="f" in prefix))

        for child in children:
            if child.kind() != "interpolation":
                continue
            begin, end = extent_of(child)
            piece(begin)
            hole = child.field("expression") or next(iter(items(child)), None)
            parts.append(self.lower(hole) if hole is not None else self.opaque(child))
            at = end
        piece(start(closing))
        return parts or [Text("", ((0, at),), self.path)]

    def _concatenated(self, node: SgNode) -> Value:
        parts = [piece for child in items(node) if child.kind() == "string" for piece in self._pieces(child)]
        return Join(tuple(parts), offset=start(node))

    def _number(self, node: SgNode) -> Value:
        try:
            return Constant(float(node.text().replace("_", "")), start(node))
        except ValueError:
            return self.opaque(node)

    def _name(self, node: SgNode) -> Value:
        return Name(node.text(), start(node), self.path)

    def _attribute(self, node: SgNode) -> Value:
        owner, name = node.field("object"), node.field("attribute")
        if owner is None or name is None:
            return self.opaque(node)
        return Member(self.lower(owner), name.text(), start(name))

    def _subscript(self, node: SgNode) -> Value:
        owner, index = node.field("value"), node.field("subscript")
        if owner is None or index is None:
            return self.opaque(node)
        key = self.lower(index)
        return Member(self.lower(owner), key.text, start(index)) if isinstance(key, Text) else self.opaque(node)

    def _call(self, node: SgNode) -> Value:
        callee, given = node.field("function"), node.field("arguments")
        if callee is None or given is None:
            return self.opaque(node)
        called = self.lower(callee)
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for child in [given] if given.kind() == "generator_expression" else items(given):
            name, value = child.field("name"), child.field("value")
            if child.kind() == "keyword_argument" and name is not None and value is not None:
                keywords.append((name.text(), self.lower(value)))
            elif child.kind() == "dictionary_splat":
                keywords += self._splat(child)
            else:
                args.append(self.lower(child))
        begin, end = extent_of(node)
        named = called.offset if isinstance(called, (Member, Name)) else begin
        return Call(called, tuple(args), tuple(keywords), begin, named, end)

    def _splat(self, node: SgNode) -> list[tuple[str, Value]]:
        inner = items(node)
        known = self.lower(inner[0]) if inner else None
        if isinstance(known, Record) and known.complete:
            return list(known.entries)
        return [("**", known if known is not None else self.opaque(node))]

    def _dictionary(self, node: SgNode) -> Value:
        entries: list[tuple[str, Value]] = []
        complete = True
        for child in items(node):
            key, value = child.field("key"), child.field("value")
            name = self.lower(key) if key is not None else None
            if child.kind() == "pair" and isinstance(name, Text) and value is not None:
                entries.append((name.text, self.lower(value)))
            else:
                complete = False
        return Record(tuple(entries), complete, start(node))

    def _list(self, node: SgNode) -> Value:
        children = items(node)
        splat = any(child.kind() == "list_splat" for child in children)
        known = (self.opaque(child) if child.kind() == "list_splat" else self.lower(child) for child in children)
        return Sequence(tuple(known), not splat, start(node))

    def _comprehension(self, node: SgNode) -> Value:
        body = node.field("body")
        if body is None:
            return self.opaque(node)
        return Sequence((self.lower(body),), complete=False, offset=start(node))

    def _binary(self, node: SgNode) -> Value:
        left, right, sign = node.field("left"), node.field("right"), _sign(node)
        if left is None or right is None or sign not in {"+", "%"}:
            return self.opaque(node)
        if sign == "%":
            begin, end = extent_of(node)
            return Call(Member(self.lower(left), "%", begin), (self.lower(right),), (), begin, begin, end)
        parts = [right]
        while left is not None and left.kind() == "binary_operator" and _sign(left) == "+":
            parts.append(left.field("right") or left)
            left = left.field("left")
        ordered = [*([left] if left is not None else []), *reversed(parts)]
        return Join(tuple(self.lower(part) for part in ordered), offset=start(node))

    def _augmented(self, node: SgNode) -> Value:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None or _sign(node) != "+=":
            return self.opaque(node)
        return Join((self.lower(left), self.lower(right)), offset=start(node))

    def _boolean(self, node: SgNode) -> Value:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return self.opaque(node)
        return self.lower(right) if _sign(node) == "and" else Choice((self.lower(left), self.lower(right)))

    def _conditional(self, node: SgNode) -> Value:
        branches = items(node)
        if len(branches) != 3:  # noqa: PLR2004 - value, condition, other value
            return self.opaque(node)
        return Choice((self.lower(branches[0]), self.lower(branches[2])))

    def class_(self, node: SgNode) -> Class:
        """A class with the assignments of its body, then what `__init__` assigns to `self`."""
        begin = start(node)
        if begin not in self._classes:
            self._classes[begin] = self._class(node, begin)
        return self._classes[begin]

    def _class(self, node: SgNode, begin: int) -> Class:
        name, body, given = node.field("name"), node.field("body"), node.field("superclasses")
        bases: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for child in items(given) if given is not None else ():
            key, value = child.field("name"), child.field("value")
            if child.kind() == "keyword_argument" and key is not None and value is not None:
                keywords.append((key.text(), self.lower(value)))
            else:
                bases.append(self.lower(child))
        entries = self._body(body) if body is not None else []
        return Class(name.text() if name else "", tuple(bases), tuple(entries), tuple(keywords), begin, self.path)

    def _body(self, body: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        last: list[tuple[str, Value]] = []
        for statement in body.children():
            inner = items(statement)
            if statement.kind() == "expression_statement" and inner and inner[0].kind() == "assignment":
                left, right, hint = (inner[0].field(field) for field in ("left", "right", "type"))
                if left is not None and right is not None and left.kind() == "identifier":
                    entries.append((left.text(), self.lower(right)))
                elif left is not None and hint is not None:
                    entries.append((left.text(), Opaque(f": {hint.text()}"[:_CUT], start(left))))
            elif statement.kind() == "function_definition" and (name := statement.field("name")) is not None:
                last += self._constructed(statement) if name.text() == "__init__" else []
        return entries + last

    def _constructed(self, constructor: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for assignment in constructor.find_all(kind="assignment"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is None or right is None or left.kind() != "attribute":
                continue
            owner, name = left.field("object"), left.field("attribute")
            if owner is not None and owner.text() == "self" and name is not None:
                entries.append((name.text(), self.lower(right)))
        return entries

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns: a Choice if it has several returns, None if it has none."""
        body = function.field("body")
        if body is None:
            return None
        if function.kind() == "lambda":
            return self.lower(body)
        options: list[Value] = []
        for statement in body.find_all(kind="return_statement"):
            owner = next(a for a in statement.ancestors() if a.kind() in {"function_definition", "lambda"})
            if owner == function and items(statement):
                options.append(self.lower(items(statement)[0]))
        return None if not options else options[0] if len(options) == 1 else Choice(tuple(options))


def items(node: SgNode) -> list[SgNode]:
    """The named children that are no comments."""
    return [child for child in node.children() if child.is_named() and child.kind() != "comment"]


def _sign(node: SgNode) -> str:
    operator = node.field("operator")
    return operator.text() if operator is not None else ""
