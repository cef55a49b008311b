"""Scala expressions and classes to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import cut, decode
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Opaque, Text
from .java_values import whole_name
from .lowering import Lowering
from .nodes import extent_of, items, sign, start
from .typed import BUILDERS, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_QUOTES = '"""'
_PLAIN = frozenset({"s", "f", "raw"})  # interpolators that make a text of what they are given
_TEXTS = frozenset({"stripMargin", "trim", "stripIndent", "toString", "mkString", "getTable"})
_TYPES = frozenset({"type_identifier", "generic_type", "stable_type_identifier"})
_DEFINED = frozenset({"val_definition", "var_definition"})


class ScalaLowering(Lowering):
    """Lowers the expressions of one file: `new T(..)` is a call of T, `x.stripMargin` one without arguments."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "interpolated_string_expression": self._interpolated,
            "boolean_literal": lambda node: Constant(node.text() == "true", start(node)),
            "null_literal": lambda node: Constant(None, start(node)),
            "instance_expression": self._instance,
            "infix_expression": self._infix,
            "if_expression": self._either,
            "match_expression": self._matched,
            "block": self._block,
            "indented_block": self._block,
            "lambda_expression": self._lambda,
            "generic_type": self.reference,
            "stable_type_identifier": self.reference,
        }

    def lower(self, node: SgNode) -> Value:
        """The value of an expression; `TableQuery[Users]` of Slick as a call that is given the class of its rows."""
        if node.kind() == "generic_function" and node.text().startswith("TableQuery["):
            name, types = node.field("function"), items(node)[-1]
            kind = next((one for one in items(types) if one.kind() in _TYPES), None)
            if name is not None and kind is not None:
                begin, end = extent_of(node)
                return Call(self.name(name), (self._type(kind),), (), begin, begin, end)
        return super().lower(node)

    def _type(self, kind: SgNode) -> Value:
        """A type as the class of that name in this file, which an object of the same name does not hide."""
        root = next(iter(reversed(list(kind.ancestors()))), kind)
        classes = root.find_all(kind="class_definition")
        found = next((one for one in classes if (own := one.field("name")) and own.text() == kind.text()), None)
        return self.class_(found) if found is not None else self.reference(kind)

    def string(self, node: SgNode) -> Value:
        """A string; between three quotes it has no escapes."""
        begin, end = extent_of(node)
        raw = self.text.startswith(_QUOTES, begin) and end >= begin + 6
        size = len(_QUOTES) if raw else 1
        return decode(self.text, begin + size, end - size, self.path, escapes=not raw)

    def _interpolated(self, node: SgNode) -> Value:
        """`s"..$x.."`; of other interpolators a tagged text, in which `#$x` is SQL as it stands (Slick)."""
        tag, body = node.field("interpolator"), items(node)[-1]
        begin, end = extent_of(body)
        raw = self.text.startswith(_QUOTES, begin) and end >= begin + 6
        size = len(_QUOTES) if raw else 1
        plain = tag is None or tag.text() in _PLAIN
        at = begin + size
        parts: list[Value] = []
        for hole in items(body):
            first, last = extent_of(hole)
            text = decode(self.text, at, first, self.path, escapes=not raw)
            inner = self.inside(hole)
            value = self.lower(inner) if inner is not None else self.opaque(hole)
            if not plain and text.text.endswith("#"):
                text = cut(text, 0, len(text.text) - 1)
                value = Join((value,), "raw", first)
            parts += [text, value]
            at = last
        parts.append(decode(self.text, at, end - size, self.path, escapes=not raw))
        parts += (
            [Text(" ", (), self.path)] if tag is not None and tag.text() == "fr" else []
        )  # doobie's ends in a blank
        kept = tuple(part for part in parts if not (isinstance(part, Text) and not part.text))
        if plain and len(kept) == 1 and isinstance(kept[0], Text):
            return kept[0]
        return Join(kept, None if plain or tag is None else tag.text(), start(node))

    def member(self, node: SgNode) -> Value:
        """`owner.name`; a method that makes a text of a text is called without brackets."""
        if (whole := whole_name(node, self.path)) is not None:
            return whole
        known = super().member(node)
        holder = node.parent()
        called = holder is not None and holder.kind() == "call_expression" and holder.field("function") == node
        if isinstance(known, Member) and known.name in _TEXTS and not called:
            begin, end = extent_of(node)
            return Call(known, (), (), begin, known.offset, end)
        return known

    def call(self, node: SgNode) -> Value:
        """A call; a new builder of strings is what it begins with."""
        known = super().call(node)
        if isinstance(known, Call) and isinstance(known.callee, Name) and known.callee.name in BUILDERS:
            return known.args[0] if known.args else Text("", (), self.path)
        return known

    def _instance(self, node: SgNode) -> Value:
        kind = next((one for one in items(node) if one.kind() in _TYPES), None)
        if kind is None:
            return self.opaque(node)
        callee = self.reference(kind)
        if isinstance(callee, Name) and callee.name in BUILDERS:
            args, _ = self.arguments(node.field("arguments"))
            return args[0] if args and not isinstance(args[0], Constant) else Text("", (), self.path)
        return self.called(callee, node.field("arguments"), node)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """`name = value`."""
        left, right = node.field("left"), node.field("right")
        if node.kind() != "assignment_expression" or left is None or right is None:
            return None
        return left.text(), self.lower(right)

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by, or as a member of its outer type."""
        if kind.kind() == "generic_type":
            inner = kind.field("type") or self.inside(kind)
            return self.reference(inner) if inner is not None else self.opaque(kind)
        if kind.kind() == "stable_type_identifier":
            *owner, name = items(kind)
            return Member(self.lower(owner[0]), name.text(), start(name)) if owner else self.opaque(kind)
        return self.name(kind) if kind.kind() == "type_identifier" else self.opaque(kind)

    def declared(self, kind: SgNode | None) -> Value:
        """A value of which no more is known than its type."""
        return typed(self, kind, _TYPES)

    def _infix(self, node: SgNode) -> Value:
        """`a + b`, `a += b`, and `a method b` as `a.method(b)`."""
        if sign(node) in self.grammar.joining:
            return self.joined(node)
        if sign(node) == "+=":
            return self.added(node)
        left, right = self.operands(node)
        operator = node.field("operator")
        if left is None or right is None or operator is None:
            return self.opaque(node)
        begin, end = extent_of(node)
        owner = Member(self.lower(left), operator.text(), start(operator))
        return Call(owner, (self.lower(right),), (), begin, start(operator), end)

    def joined(self, node: SgNode) -> Value:
        """`a + b`, `a ++ b`."""
        left, right = self.operands(node)
        if left is None or right is None or sign(node) not in self.grammar.joining:
            return self.opaque(node)
        before = self.lower(left)
        parts = before.parts if isinstance(before, Join) and before.tag is None else (before,)
        return Join((*parts, self.lower(right)), offset=start(node))

    def _either(self, node: SgNode) -> Value:
        given = (node.field("consequence"), node.field("alternative"))
        options = tuple(self.lower(one) for one in given if one is not None)
        return Choice(options) if len(options) > 1 else self.opaque(node)

    def _matched(self, node: SgNode) -> Value:
        body = node.field("body")
        clauses = [one for one in items(body) if one.kind() == "case_clause"] if body is not None else []
        options = tuple(self.lower(value) for one in clauses if (value := one.field("body")) is not None)
        return Choice(options) if options else self.opaque(node)

    def _block(self, node: SgNode) -> Value:
        """What a block gives: its last expression."""
        inner = items(node)
        return self.lower(inner[-1]) if inner else self.opaque(node)

    def _lambda(self, node: SgNode) -> Value:
        return self.function_of(node)

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns: the last expression of its body."""
        body = function.field("body") or (items(function)[-1] if function.kind() == "lambda_expression" else None)
        return self.lower(body) if body is not None else None

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class, trait or object: its values and methods, the parameters of a class as values of their types."""
        name, body, heritage = node.field("name"), node.field("body"), node.field("extend")
        bases = [self.reference(one) for one in items(heritage) if one.kind() in _TYPES] if heritage is not None else []
        entries = [*self._parameters(node)]
        given = next((one for one in items(heritage) if one.kind() == "arguments"), None) if heritage else None
        if given is not None and bases:
            entries.append(("()", self.called(bases[0], given, given)))  # what its superclass is made of
        for member in items(body) if body is not None else ():
            named = member.field("pattern") if member.kind() in _DEFINED else member.field("name")
            value = member.field("value")
            if named is None:
                continue
            if member.kind() in _DEFINED and value is not None:
                entries.append((named.text(), self.lower(value)))
            elif member.kind() == "function_definition":
                own = None if member.field("parameters") is not None else self.returned(member)
                entries.append((named.text(), own if own is not None else self.function_of(member)))
            elif member.kind() in self.grammar.classes:
                entries.append((named.text(), self.class_(member)))
        return Class(name.text() if name is not None else "", tuple(bases), tuple(entries), (), begin, self.path)

    def _parameters(self, node: SgNode) -> list[tuple[str, Value]]:
        listed = node.field("class_parameters")
        found: list[tuple[str, Value]] = []
        for one in items(listed) if listed is not None else ():
            name = one.field("name")
            known = self.declared(one.field("type"))
            if name is not None and not isinstance(known, Opaque):
                found.append((name.text(), known))
        return found
