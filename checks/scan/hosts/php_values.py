"""PHP expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Member, Opaque, Record, Sequence, Text
from .lowering import Lowering, interpolated
from .nodes import extent_of, items, sign, start
from .php_calls import known_call
from .php_grammar import arguments_of, part_of, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_DOUBLE = 'nrtvef\\$"01234567xu'  # what a backslash escapes in double quotes and heredocs
_SINGLE = "\\'"
_PIECES = frozenset({"string_content", "escape_sequence", "string_value"})


class PhpLowering(Lowering):
    """Lowers the expressions of one file.

    Variables keep their dollar, properties and parameters do not; `X::class` is X; an array is a record as soon as one
    of its items has a key, those without one then have their index.
    """

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "boolean": self._boolean,
            "relative_scope": self.name,
            "heredoc": self._heredoc,
            "nowdoc": self._nowdoc,
            "class_constant_access_expression": self._constant,
            "object_creation_expression": self._created,
            "subscript_expression": self._subscript,
            "conditional_expression": self._conditional,
            "match_expression": self._matched,
            "assignment_expression": self._assigned,
            "anonymous_function": self._function,
            "arrow_function": self._function,
            "named_type": self._type,
            "optional_type": self._type,
            "union_type": self._type,
        }

    def _function(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _boolean(self, node: SgNode) -> Value:
        return Constant(node.text().lower() == "true", start(node))

    def inside(self, node: SgNode) -> SgNode | None:
        """The one expression inside; a cast and a named argument have more in front."""
        return next(iter(reversed(items(node))), None)

    def string(self, node: SgNode) -> Value:
        """A string in single or double quotes."""
        begin, end = extent_of(node)
        if node.kind() == "string":
            opening = begin + self.text[begin:end].find("'") + 1
            return decode(self.text, opening, end - 1, self.path, only=_SINGLE)
        return self._pieces(node, node)

    def _heredoc(self, node: SgNode) -> Value:
        body = node.field("value")
        return self._pieces(body, node) if body is not None else Text("", (), self.path)

    def _nowdoc(self, node: SgNode) -> Value:
        body = node.field("value")
        if body is None:
            return Text("", (), self.path)
        begin, end = extent_of(body)
        return decode(self.text, begin, end, self.path, escapes=False)

    def _pieces(self, body: SgNode, node: SgNode) -> Value:
        """The known pieces of a text, and what is put in between: `$x`, `{$x->y}`."""
        parts: list[Value] = []
        piece: tuple[int, int] | None = None
        for child in body.children():
            if child.kind() in _PIECES:
                piece = (piece[0] if piece is not None else start(child), extent_of(child)[1])
                continue
            if piece is not None:
                parts.append(decode(self.text, *piece, self.path, only=_DOUBLE))
                piece = None
            if child.is_named() and not child.kind().endswith("comment"):
                parts.append(self.lower(child))
        parts += [decode(self.text, *piece, self.path, only=_DOUBLE)] if piece is not None else []
        if not parts:
            return Text("", ((0, start(node) + 1),), self.path)
        return interpolated(parts, start(node))

    def member(self, node: SgNode) -> Value:
        """`$owner->name`, `Owner::$name`."""
        owner, name = (node.field(field) for field in self.grammar.members[node.kind()])
        if owner is None or name is None:
            return self.opaque(node)
        computed = name.kind() == "variable_name" and "scoped" not in node.kind()
        return self.opaque(node) if computed else Member(self.lower(owner), plain(name), start(name))

    def _constant(self, node: SgNode) -> Value:
        """`Owner::NAME`; `Owner::class` is the class."""
        inner = items(node)
        if len(inner) != 2:  # noqa: PLR2004 - owner and name
            return self.opaque(node)
        owner, name = inner
        known = self.lower(owner)
        return known if name.text() == "class" else Member(known, name.text(), start(name))

    def call(self, node: SgNode) -> Value:
        """A call of a function."""
        made = super().call(node)
        return known_call(made) if isinstance(made, Call) else made

    def _created(self, node: SgNode) -> Value:
        """`new T(..)`."""
        inner = [child for child in items(node) if child.kind() != "arguments"]
        if not inner:
            return self.opaque(node)
        if inner[0].kind() == "anonymous_class":
            return self.class_(inner[0])
        return self.called(self.lower(inner[0]), arguments_of(node), node)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """`name: value`."""
        name, value = node.field("name"), self.inside(node)
        return (name.text(), self.lower(value)) if name is not None and value is not None else None

    def argument(self, node: SgNode) -> Value:
        """An argument by its position; a spread one is not known."""
        inner = self.inside(node)
        return self._spread(inner) if inner is not None and inner.kind() == "variadic_unpacking" else self.lower(node)

    def _spread(self, node: SgNode) -> Value:
        return Opaque("..." + node.text().lstrip(".")[:77], start(node))

    def listed(self, node: SgNode) -> Value:
        """An array, by keys or by places."""
        elements = [child for child in items(node) if child.kind() == "array_element_initializer"]
        parts = [part_of(element) for element in elements]
        if any(key is not None for key, _ in parts):
            return self._record(parts, start(node))
        values = [value for _, value in parts if value is not None]
        spread = [value for value in values if value.kind() == "variadic_unpacking"]
        if spread and len(spread) < len(values):
            return self._record(parts, start(node))
        if len(spread) == 1:  # `[...$row]`
            return self.lowered(self.inside(spread[0]))
        return Sequence(tuple(self.lower(value) for value in values), not spread, start(node))

    def _record(self, parts: list[tuple[SgNode | None, SgNode | None]], begin: int) -> Record:
        entries: list[tuple[str, Value]] = []
        spreads: list[tuple[int, Value]] = []
        index = 0
        for key, value in parts:
            known = self.lower(key) if key is not None else None
            if key is None and value is not None and value.kind() == "variadic_unpacking":
                spreads.append((len(entries), self.lowered(self.inside(value))))
            elif key is None:
                entries.append((str(index), self.lowered(value)))
                index += 1
            elif isinstance(known, Text):
                entries.append((known.text, self.lowered(value)))
            else:
                spreads.append((len(entries), self.opaque(key)))
        return Record(tuple(entries), not spreads, begin, tuple(spreads))

    def _subscript(self, node: SgNode) -> Value:
        inner = items(node)
        if len(inner) != 2:  # noqa: PLR2004 - owner and index
            return self.opaque(node)
        key = self.lower(inner[1])
        if isinstance(key, Constant) and isinstance(key.value, float):
            return Member(self.lower(inner[0]), f"{key.value:g}", start(inner[1]))
        return Member(self.lower(inner[0]), key.text, start(inner[1])) if isinstance(key, Text) else self.opaque(node)

    def joined(self, node: SgNode) -> Value:
        """`a . b`; `a ?? b` and `a + b` of arrays."""
        left, right = self.operands(node)
        operator = sign(node)
        if left is None or right is None:
            return self.opaque(node)
        if operator == "??":
            return Choice((self.lower(left), self.lower(right)), fallback=True)
        if operator == "+" and right.kind() == "array_creation_expression":
            known = self.lower(right)
            if isinstance(known, Record):
                return Record(known.entries, complete=False, offset=start(node), spreads=((0, self.lower(left)),))
        return super().joined(node)

    def _assigned(self, node: SgNode) -> Value:
        return self.lowered(node.field("right"))

    def _conditional(self, node: SgNode) -> Value:
        condition, body, other = (node.field(field) for field in ("condition", "body", "alternative"))
        first = body or condition
        options = tuple(self.lower(option) for option in (first, other) if option is not None)
        return Choice(options, fallback=body is None)

    def _matched(self, node: SgNode) -> Value:
        body = node.field("body")
        arms = [items(arm) for arm in items(body)] if body is not None else []
        options = tuple(self.lower(arm[-1]) for arm in arms if arm)
        return Choice(options) if len(options) > 1 else self.opaque(node)

    def _type(self, node: SgNode) -> Value:
        """A declared type as a value of it."""
        inner = items(node)
        if node.kind() == "union_type" or not inner:
            return self.opaque(node)
        named = inner[0] if node.kind() == "named_type" else next(iter(items(inner[0])), inner[0])
        begin, end = extent_of(node)
        return Call(self.lower(named), (), (), begin, begin, end)

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class with its constants, properties and cases, and the parameters of its constructor that are properties.

        Its traits stand before what it extends. Attributes are entries under "@". The name is without its namespace.
        """
        name, body = node.field("name"), node.field("body")
        extends = next((child for child in node.children() if child.kind() == "base_clause"), None)
        bases: list[Value] = []
        entries: list[tuple[str, Value]] = []
        for member in items(body) if body is not None else ():
            if member.kind() == "use_declaration":
                bases += [self.lower(one) for one in items(member) if one.kind() in self.grammar.identifiers]
            else:
                entries += self._member(member)
        bases += [self.lower(one) for one in items(extends)] if extends is not None else []
        return Class(name.text() if name is not None else "", tuple(bases), tuple(entries), (), begin, self.path)

    def _member(self, member: SgNode) -> list[tuple[str, Value]]:
        kind = member.kind()
        if kind == "const_declaration":
            pairs = [items(one) for one in items(member) if one.kind() == "const_element"]
            return [(pair[0].text(), self.lower(pair[-1])) for pair in pairs if len(pair) > 1]
        if kind == "property_declaration":
            return self._property(member)
        if kind == "enum_case" and (name := member.field("name")) is not None:
            return [(name.text(), Record((("value", self.lowered(member.field("value"))),), offset=start(member)))]
        if kind == "method_declaration" and (own := member.field("name")) is not None and own.text() == "__construct":
            return self._promoted(member)
        return []

    def _property(self, member: SgNode) -> list[tuple[str, Value]]:
        kind = member.field("type")
        found: list[tuple[str, Value]] = []
        for element in items(member):
            name, value = element.field("name"), element.field("default_value")
            if element.kind() == "property_element" and name is not None:
                if value is not None:
                    found.append((plain(name), self.lower(value)))
                elif kind is not None:
                    found.append((plain(name), self.lower(kind)))
        return found

    def _promoted(self, constructor: SgNode) -> list[tuple[str, Value]]:
        """The properties that a constructor declares, by their types, and those that it assigns."""
        found: list[tuple[str, Value]] = []
        listed = constructor.field("parameters")
        for parameter in items(listed) if listed is not None else ():
            name, kind = parameter.field("name"), parameter.field("type")
            if parameter.kind() == "property_promotion_parameter" and name is not None and kind is not None:
                found.append((plain(name), self.lower(kind)))
        for assignment in constructor.find_all(kind="assignment_expression"):
            left, right = assignment.field("left"), assignment.field("right")
            owner = left.field("object") if left is not None else None
            name = left.field("name") if left is not None else None
            if owner is not None and owner.text() == "$this" and name is not None and right is not None:
                found.append((name.text(), self.lower(right)))
        return found

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns; an arrow function is its expression."""
        body = function.field("body")
        if body is not None and function.kind() == "arrow_function":
            return self.lower(body)
        return super().returned(function)
