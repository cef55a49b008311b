"""Dart expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text
from .dart_types import DartTypes
from .lowering import interpolated
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value
    from .grammar import Grammar

_LONG = ("'''", '"""')
_WITHIN = frozenset({"call_expression", "member_expression", "null_aware_member_expression", "index_expression"})


class DartLowering(DartTypes):
    """Lowers the expressions of one file."""

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        super().__init__(grammar, text, path)
        self._opened: set[int] = set()  # functions whose bodies are read as the starts of chains

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "identifier_dollar_escaped": self.name,
            "this": self.name,
            "super": self._super,
            "set_or_map_literal": self._map,
            "list_literal": self._list,
            "record_literal": self._list,
            "index_expression": self._indexed,
            "assignable_expression": self._assignable,
            "conditional_expression": self._ternary,
            "if_null_expression": self._if_null,
            "switch_expression": self._switch,
            "function_expression": self._function,
            "instantiation_expression": self._generic,
            "type": self.reference,
            "named_argument": self._named,
        }

    def inside(self, node: SgNode) -> SgNode | None:
        """The one expression inside; none for an operator before one (`!x`, `-x`)."""
        inner = items(node)
        if node.kind() == "unary_expression" and (not inner or inner[0].kind() != "await_expression"):
            return None
        return next(iter(inner), None)

    def string(self, node: SgNode) -> Value:
        """A string, or several side by side."""
        parts = [part for one in items(node) for part in self._pieces(one)]
        return interpolated(parts, start(node))

    def _pieces(self, node: SgNode) -> list[Value]:
        begin, end = extent_of(node)
        raw = node.text()[:1] == "r"
        begin += 1 if raw else 0
        width = 3 if self.text.startswith(_LONG, begin) else 1
        at, end = begin + width, end - width
        parts: list[Value] = []
        for child in items(node) if not raw else ():
            if child.kind() == "template_substitution":
                first, last = extent_of(child)
                hole = self.inside(child)
                parts += [decode(self.text, at, first, self.path), self.lowered(hole)]
                at = last
        return [*parts, decode(self.text, at, end, self.path, escapes=not raw)]

    def _super(self, node: SgNode) -> Value:
        return Name("this", start(node), self.path)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """`name: value`."""
        if node.kind() != "named_argument":
            return None
        inner = items(node)
        return inner[0].text().rstrip(": "), self.lower(inner[-1])

    def _named(self, node: SgNode) -> Value:
        return self.lower(items(node)[-1])

    def call(self, node: SgNode) -> Value:
        """A call; of a chain that starts with `(x) => x` the function, as the grammar has the two the wrong way."""
        arrow = self._arrow(node)
        if arrow is not None:
            return self._reversed(arrow, node)
        made = super().call(node)
        if not isinstance(made, Call):
            return made
        if isinstance(made.callee, Member) and made.callee.name == "join" and not made.args:
            return Call(made.callee, (Text(""),), made.keywords, made.offset, made.name_offset, made.end)
        if isinstance(made.callee, Name) and made.callee.name == "StringBuffer":
            return self._written(made.args[0] if made.args else Text("", (), self.path), node)
        return made

    def _written(self, first: Value, node: SgNode) -> Value:
        """A buffer with what the sections of a cascade behind it write to it."""
        parts, section = [first], node.next()
        while section is not None and section.kind() == "cascade_section":
            call = next(iter(items(section)), None)
            name = call.field("property") if call is not None else None
            adds = name is not None and name.text() in self.grammar.appending
            args, _ = self.arguments(call.field("arguments") if call is not None and adds else None)
            parts += args or [Opaque(section.text()[:80], start(section))]
            section = section.next()
        return first if len(parts) == 1 else Join(tuple(parts), None, start(node))

    def method(self, node: SgNode) -> Value:
        """`..name(arguments)`, on what stands before all the sections of its cascade."""
        section, name = node.parent(), node.field("property")
        before = section.prev() if section is not None else None
        while before is not None and before.kind() == "cascade_section":
            before = before.prev()
        if name is None or before is None:
            return self.opaque(node)
        return self.called(Member(self.lower(before), name.text(), start(name)), node.field("arguments"), node)

    def member(self, node: SgNode) -> Value:
        """`owner.name`, unless it is the body of a function; see `call`."""
        arrow = self._arrow(node)
        return self._reversed(arrow, node) if arrow is not None else super().member(node)

    def _arrow(self, node: SgNode) -> SgNode | None:
        """The function `(x) => x` that a chain seems to start with."""
        inner: SgNode | None = node
        while inner is not None and inner.kind() in _WITHIN:
            inner = inner.field("object") or inner.field("function")
        if inner is None or inner.kind() != "function_expression" or start(inner) in self._opened:
            return None
        body = inner.field("body")
        return inner if body is not None and body.text().startswith("=>") else None

    @staticmethod
    def whole_of(function: SgNode) -> SgNode:
        """A function with the chain that belongs to its body."""
        whole, body = function, function.field("body")
        is_arrow = function.kind() == "function_expression" and body is not None and body.text().startswith("=>")
        while is_arrow and (holder := whole.parent()) is not None and holder.kind() in _WITHIN:
            if whole not in (holder.field("object"), holder.field("function")):
                break
            whole = holder
        return whole

    def _reversed(self, arrow: SgNode, whole: SgNode) -> Value:
        made = self.function_of(arrow)
        self._opened.add(start(arrow))
        result = self.lower(whole)
        self._opened.discard(start(arrow))
        return Lambda("", made.params if isinstance(made, Lambda) else (), result, start(arrow), self.path)

    def _function(self, node: SgNode) -> Value:
        body = node.field("body")
        if start(node) in self._opened and body is not None:
            return self.lowered(next(iter(items(body)), None))
        return self.function_of(node)

    def _generic(self, node: SgNode) -> Value:
        return self.lowered(node.field("function"))

    def _map(self, node: SgNode) -> Value:
        """`{'a': 1, ...b, if (c) 'd': 1}`; a set as a list."""
        inner = [child for child in items(node) if child.kind() != "type_arguments"]
        if inner and all(
            child.kind() not in {"pair", "spread_element", "if_element", "for_element"} for child in inner
        ):
            return Sequence(tuple(self.lower(child) for child in inner), offset=start(node))
        entries: list[tuple[str, Value]] = []
        spreads: list[tuple[int, Value]] = []
        for child in inner:
            key = self.lowered(child.field("key")) if child.kind() == "pair" else None
            if isinstance(key, Text):
                entries.append((key.text, self.lowered(child.field("value"))))
            elif child.kind() == "pair" and isinstance(key, Name | Member):
                spreads.append((len(entries), Opaque(child.text()[:80], start(child))))
            else:
                given = child.field("value") if child.kind() == "spread_element" else None
                spreads.append((len(entries), self.lower(given) if given is not None else self.opaque(child)))
        return Record(tuple(entries), not spreads, start(node), tuple(spreads))

    def _list(self, node: SgNode) -> Value:
        inner = [child for child in items(node) if child.kind() != "type_arguments"]
        found: list[Value] = []
        complete = True
        for child in inner:
            if child.kind() == "for_element":
                complete = False
                body = child.field("body")
                found += [self.lower(body)] if body is not None else []
            elif child.kind() in {"spread_element", "if_element"}:
                complete = False
            else:
                found.append(self.lower(child))
        return Sequence(tuple(found), complete, start(node))

    def _indexed(self, node: SgNode) -> Value:
        """`rows[0]`, `row['key']`; by a computed index any of its items."""
        owner, index = node.field("object"), node.field("index")
        if owner is None or index is None:
            return self.opaque(node)
        key = self.lower(index)
        plain = index.text() if index.text().isdecimal() else "*"
        return Member(self.lower(owner), key.text if isinstance(key, Text) else plain, start(index))

    def _assignable(self, node: SgNode) -> Value:
        owner, name = node.field("object"), node.field("property")
        if owner is None:
            return self.lowered(self.inside(node))
        return Member(self.lower(owner), name.text(), start(name)) if name is not None else self._indexed(node)

    def joined(self, node: SgNode) -> Value:
        """`a + b + c`."""
        parts: list[Value] = []
        left = node
        while left.kind() == node.kind() and self._adds(left):
            first, *others = [one for one in items(left) if not one.kind().endswith("operator")]
            parts = [*(self.lower(one) for one in others), *parts]
            left = first
        return Join((self.lower(left), *parts), offset=start(node)) if parts else self.opaque(node)

    def _adds(self, node: SgNode) -> bool:
        signs = {one.text() for one in node.children() if not one.is_named() or one.kind().endswith("operator")}
        return signs == {"+"}

    def _ternary(self, node: SgNode) -> Value:
        options = [node.field("consequence"), node.field("alternative")]
        return Choice(tuple(self.lower(one) for one in options if one is not None))

    def _if_null(self, node: SgNode) -> Value:
        return Choice(tuple(self.lower(one) for one in items(node)), fallback=True)

    def _switch(self, node: SgNode) -> Value:
        arms = [items(child)[-1] for child in items(node) if child.kind() == "switch_expression_case"]
        found = tuple(self.lower(arm) for arm in arms if arm.kind() != "throw_expression")
        return found[0] if len(found) == 1 else Choice(found) if found else self.opaque(node)

    def added(self, node: SgNode) -> Value:
        """`x += y` as `x + y`."""
        left, right = node.field("left"), node.field("right")
        if left is None or right is None or sign(node) != "+=":
            return self.opaque(node)
        return Join((self.lower(left), self.lower(right)), offset=start(node))

    def result(self, body: SgNode) -> Value | None:
        """What `=> x` gives."""
        inner = next(iter(items(body)), None)
        return self.lower(inner) if inner is not None and inner.kind() != "block" and "=>" in body.text()[:9] else None
