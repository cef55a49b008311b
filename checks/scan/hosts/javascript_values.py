"""JavaScript and TypeScript expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Join, Member, Name, Opaque, Record, Sequence, Text
from .javascript_grammar import FUNCTIONS
from .javascript_rows import differs, filled, may_be_undefined
from .lowering import Lowering
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value


class JavaScriptLowering(Lowering):
    """Lowers the expressions of one file."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "template_string": self._template,
            "shorthand_property_identifier": self.name,
            "this": self.name,
            "subscript_expression": self._subscript,
            "object": self._object,
            "undefined": self._undefined,
            "ternary_expression": self._ternary,
            "arrow_function": self._function,
            "function_expression": self._function,
        }

    def _function(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _undefined(self, node: SgNode) -> Value:
        return Constant(None, start(node), undefined=True)

    def inside(self, node: SgNode) -> SgNode | None:
        """The one expression inside; a type assertion has the type in front."""
        inner = items(node)
        return next(iter(reversed(inner) if node.kind() == "type_assertion" else inner), None)

    def string(self, node: SgNode) -> Value:
        """A string in quotes."""
        begin, end = extent_of(node)
        return decode(self.text, begin + 1, end - 1, self.path)

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
            hole = self.inside(child)
            part = self.lower(hole) if hole else self.opaque(child)
            # A tag may bind what it is given, so that a string in quotes is no part of the text around it.
            given = tag is not None and isinstance(part, Text)
            parts.append(Join((part,), None, start(child)) if given else part)
            at = inside.end.index
        parts.append(decode(self.text, at, end, self.path))
        if len(parts) == 1 and tag is None:
            return parts[0]
        return Join(tuple(part for part in parts if part != Text("") and not _empty(part)), tag, extent.start.index)

    def member(self, node: SgNode) -> Value:
        """`owner.name`, a private name too."""
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

    def call(self, node: SgNode) -> Value:
        """A call, a tagged template, or `xs.map(f)` as a list of what `f` gives."""
        callee, given = (node.field(field) for field in self.grammar.calls[node.kind()])
        if callee is None:
            return self.opaque(node)
        if given is not None and given.kind() == "template_string":
            return self._interpolated(given, callee.text())
        called = self.lower(callee)
        if isinstance(called, Member) and called.name in {"map", "flatMap"} and given is not None:
            mapped = self._mapped(given)
            if mapped is not None and not isinstance(mapped.items[0], (Text, Join)):
                return mapped  # a text is made of each item by itself, where these are known
        if isinstance(called, Member) and called.name == "filter" and given is not None:
            left_out = self._left_out(given)
            if left_out is not None:
                begin, end = extent_of(node)
                return Call(Member(called.object, "without", begin), (left_out,), (), begin, called.offset, end)
        return self.called(called, given, node)

    def argument(self, node: SgNode) -> Value:
        """An argument or item; a spread one is not known."""
        return self.opaque(node) if node.kind() == "spread_element" else self.lower(node)

    def _left_out(self, given: SgNode) -> Value | None:
        """What `(x) => x !== y` leaves out, and `(x) => !ys.includes(x)`."""
        function = next(iter(items(given)), None)
        body = function.field("body") if function is not None and function.kind() == "arrow_function" else None
        listed = function.field("parameter") or function.field("parameters") if function is not None else None
        if body is None or listed is None:
            return None
        name = listed.text().strip("() ")
        tested = self.inside(body) if sign(body) == "!" else None
        match self.lowered(tested), sign(body):
            case Call(Member(owner, "includes"), (Name(item),)), "!" if item == name:
                return owner
            case _, "!==" | "!=":
                left, right = self.operands(body)
                return self.lower(right) if left is not None and right is not None and left.text() == name else None
            case _:
                return None

    def _mapped(self, given: SgNode) -> Sequence | None:
        function = next(iter(items(given)), None)
        if function is None or function.kind() not in FUNCTIONS:
            return None
        result = self.returned(function)
        return None if result is None else Sequence((result,), complete=False, offset=start(given))

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns; an arrow function may be an expression."""
        body = function.field("body")
        if body is not None and body.kind() != "statement_block":
            return self.lower(body)
        return super().returned(function)

    def _object(self, node: SgNode) -> Value:
        entries: list[tuple[str, Value]] = []
        spreads: list[tuple[int, Value]] = []
        sometimes: list[str] = []
        for child in items(node):
            kind = child.kind()
            if kind == "shorthand_property_identifier":
                entries.append((child.text(), self.name(child)))
            elif kind == "method_definition" and (name := child.field("name")) is not None:
                entries.append((name.text(), self.opaque(child)))
            elif kind == "pair" and (key := self._key(child)) is not None and (value := child.field("value")):
                entries.append((key, self.lower(value)))
                sometimes += [key] if may_be_undefined(entries[-1][1]) and differs(value) else []
            elif kind == "spread_element" and isinstance(known := self._spread(child), Record):
                spreads += [(len(entries) + index, spread) for index, spread in known.spreads]
                entries += known.entries
                sometimes += [key for key, _ in known.entries] if differs(child) else known.sometimes
            else:
                spreads.append((len(entries), self._spread(child) if kind == "spread_element" else self.opaque(child)))
        return Record(tuple(entries), not spreads, start(node), tuple(spreads), tuple(sometimes))

    def _spread(self, node: SgNode) -> Value:
        """What `...x` spreads; of `...(test ? { a } : {})` the one that is not empty, as of `...(test && { a })`."""
        inner = self.inside(node)
        if inner is None:
            return self.opaque(node)
        known = self.lower(inner)
        return filled(known) if isinstance(known, Choice) and not known.fallback else known

    def _key(self, pair: SgNode) -> str | None:
        key = pair.field("key")
        if key is None:
            return None
        if key.kind() in {"property_identifier", "number"}:
            return key.text()
        if key.kind() == "computed_property_name" and (inner := self.inside(key)) is not None:
            key = inner
        value = self.lower(key)
        return value.text if isinstance(value, Text) else None

    def listed(self, node: SgNode) -> Value:
        """An array."""
        inner = items(node)
        spread = any(item.kind() == "spread_element" for item in inner)
        whole = Sequence(tuple(self.argument(item) for item in inner), not spread, start(node))
        if not spread or not all(isinstance(item, (Text, Opaque, Member, Name)) for item in whole.items):
            return whole
        made: Value = Sequence((), offset=whole.offset)
        for item in inner:  # names: those of known lists are put in
            is_list = item.kind() == "spread_element"
            more = self._spread(item) if is_list else Sequence((self.lower(item),), offset=start(item))
            made = Call(Member(made, "concat", whole.offset), (more,), (), whole.offset, whole.offset, whole.offset)
        return made

    def joined(self, node: SgNode) -> Value:
        """`a + b`; `a ?? b` and `a || b` as either, `a && b` as `b`."""
        left, right = self.operands(node)
        if left is not None and right is not None and sign(node) in {"??", "||"}:
            return Choice((self.lower(left), self.lower(right)), fallback=True)
        if right is not None and sign(node) == "&&":
            return self.lower(right)
        return super().joined(node)

    def _ternary(self, node: SgNode) -> Value:
        options = [node.field("consequence"), node.field("alternative")]
        return Choice(tuple(self.lower(option) for option in options if option is not None))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class with its decorators, fields and getters, and what its constructor assigns to `this`.

        Decorators are entries of the body: those of the class under "@", those of a member under "@" and its name, each
        before what it decorates. A getter stands for what it returns.
        """
        name, body = node.field("name"), node.field("body")
        heritage = node.find_all(kind="extends_clause")[:1]
        bases = tuple(self.lower(child) for clause in heritage if (child := clause.field("value")) is not None)
        holder = node.parent()
        exported = holder is not None and holder.kind() == "export_statement"
        entries = [*(self._decorators(holder, "@") if exported and holder else ()), *self._decorators(node, "@")]
        entries += self._fields(body) if body is not None else []
        return Class(name.text() if name else "", bases, tuple(entries), (), begin, self.path)

    def _decorators(self, node: SgNode, name: str) -> list[tuple[str, Value]]:
        found = (self.inside(child) for child in node.children() if child.kind() == "decorator")
        return [(name, self.lower(inner)) for inner in found if inner is not None]

    def _fields(self, body: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for member in body.children():
            name = member.field("name") or member.field("property")
            if name is None:
                continue
            key = name.text().strip("#'\"")
            entries += self._decorators(member, f"@{key}")
            if member.kind() in {"public_field_definition", "field_definition"}:
                entries += self._field(member, key)
            elif member.kind() == "method_definition" and key == "constructor":
                entries += self._constructed(member)
            elif member.kind() == "method_definition" and any(child.kind() == "get" for child in member.children()):
                entries.append((key, self.returned(member) or self.opaque(member)))
        return entries

    def _field(self, member: SgNode, key: str) -> list[tuple[str, Value]]:
        """A field's annotation, if it has one, and then its value."""
        declared, value = member.field("type"), member.field("value")
        entries: list[tuple[str, Value]] = []
        if declared is not None or value is None:
            entries.append((key, self.opaque(declared) if declared is not None else Opaque(":", start(member))))
        return entries + ([(key, self.lower(value))] if value is not None else [])

    def _constructed(self, constructor: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for parameter in constructor.find_all(kind="required_parameter"):
            name = parameter.field("pattern")
            if name is not None and any(c.kind() == "accessibility_modifier" for c in parameter.children()):
                entries += self._decorators(parameter, f"@{name.text()}")
                declared = parameter.field("type")
                entries += [(name.text(), self.opaque(declared))] if declared is not None else []
                entries.append((name.text(), self.name(name)))
        for assignment in constructor.find_all(kind="assignment_expression"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is None or right is None or left.kind() != "member_expression":
                continue
            owner, name = left.field("object"), left.field("property")
            if owner is not None and owner.kind() == "this" and name is not None:
                entries.append((name.text().lstrip("#"), self.lower(right)))
        return entries


def _empty(part: Value) -> bool:
    return isinstance(part, Text) and not part.text
