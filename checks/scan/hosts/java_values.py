"""Java expressions, types and classes to values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Import, Join, Member, Name, Sequence, Text
from .java_enums import held
from .lowering import Lowering
from .nodes import extent_of, items, pairs, sign, start
from .typed import BUILDERS, LISTS, typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_ANNOTATIONS = frozenset({"annotation", "marker_annotation"})
_FIELDS = frozenset({"field_declaration", "constant_declaration"})
_TYPES = frozenset({"type_identifier", "scoped_type_identifier", "generic_type"})
_QUOTES = '"""'
_WHOLE = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)+\.[A-Z]\w*")
JOINING = frozenset({"Insert", "Update", "Select", "Delete"})  # annotations of MyBatis, which join their strings


class JavaLowering(Lowering):
    """Lowers the expressions of one file: `new T(..)` and `@T(..)` are calls of T."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            **dict.fromkeys(_TYPES - {"type_identifier"}, self.reference),
            **dict.fromkeys(("this", "super"), self.name),
            "scoped_identifier": self._scoped,
            "cast_expression": lambda node: self.lowered(node.field("value")),
            "ternary_expression": self._ternary,
            "switch_expression": self._switch,
            "array_creation_expression": lambda node: self.lowered(node.field("value")),
            "array_access": self._indexed,
            "assignment_expression": self._assigned,
            "element_value_array_initializer": self._annotating,
            "lambda_expression": self._lambda,
            "method_reference": self._referred,
            "marker_annotation": lambda node: self.lowered(node.field("name")),
            "class_literal": lambda node: self.lowered(self.inside(node)),
        }

    def string(self, node: SgNode) -> Value:
        """A string, or a text block: what stands behind the line of its opening quotes."""
        begin, end = extent_of(node)
        if not self.text.startswith(_QUOTES, begin) or end < begin + 6:
            return decode(self.text, begin + 1, end - 1, self.path)
        first = self.text.find("\n", begin, end) + 1
        return decode(self.text, first or begin + len(_QUOTES), end - len(_QUOTES), self.path)

    def number(self, node: SgNode) -> Value:
        """A number, of whatever type its suffix says it is."""
        try:
            return Constant(float(node.text().replace("_", "").rstrip("lLfFdD")), start(node))
        except ValueError:
            return self.opaque(node)

    def member(self, node: SgNode) -> Value:
        """`owner.name`; a type by its whole name as one that is imported."""
        return whole_name(node, self.path) or super().member(node)

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by, or as a member of its outer type or package."""
        if kind.kind() == "generic_type" and (inner := self.inside(kind)) is not None:
            kind = inner
        if kind.kind() == "scoped_type_identifier":
            if (known := whole_name(kind, self.path)) is not None:
                return known
            *owner, name = items(kind)
            return Member(self.reference(owner[0]), name.text(), start(name)) if owner else self.opaque(kind)
        return self.name(kind) if kind.kind() == "type_identifier" else self.opaque(kind)

    def _scoped(self, node: SgNode) -> Value:
        *owner, name = items(node)
        return Member(self.lower(owner[0]), name.text(), start(name)) if owner else self.opaque(node)

    def _ternary(self, node: SgNode) -> Value:
        options = (node.field("consequence"), node.field("alternative"))
        return Choice(tuple(self.lower(option) for option in options if option is not None))

    def _switch(self, node: SgNode) -> Value:
        """A `switch` whose rules are expressions."""
        rules = node.find_all(kind="switch_rule")
        given = [inner[-1] for rule in rules if (inner := items(rule)) and inner[-1].kind() == "expression_statement"]
        options = tuple(self.lower(value) for one in given if (value := self.inside(one)) is not None)
        return Choice(options, complete=len(options) == len(rules)) if options else self.opaque(node)

    def _indexed(self, node: SgNode) -> Value:
        owner, index = node.field("array"), node.field("index")
        if owner is None or index is None:
            return self.opaque(node)
        known = index.text() if index.kind() == "decimal_integer_literal" else "*"
        return Member(self.lower(owner), known, start(index))

    def _lambda(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _annotating(self, node: SgNode) -> Value:
        """A list in an annotation; MyBatis joins those of its own by blanks."""
        listed = self.listed(node)
        if annotation_of(node) not in JOINING or not isinstance(listed, Sequence):
            return listed
        parts: list[Value] = []
        for item in listed.items:
            parts += [Text(" ", (), self.path), item] if parts else [item]
        return Join(tuple(parts), offset=start(node))

    def _assigned(self, node: SgNode) -> Value:
        return self.added(node) if sign(node) == "+=" else self.lowered(node.field("right"))

    def _referred(self, node: SgNode) -> Value:
        """`Owner::method`."""
        inner = items(node)
        if len(inner) < 2:  # noqa: PLR2004 - of a constructor: `Owner::new`
            return self.opaque(node)
        return Member(self.lower(inner[0]), inner[-1].text(), start(inner[-1]))

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """An argument of an annotation that is given by its name."""
        if node.kind() != "element_value_pair":
            return None
        key, value = node.field("key"), node.field("value")
        return (key.text(), self.lower(value)) if key is not None and value is not None else None

    def called(self, callee: Value, given: SgNode | None, node: SgNode) -> Value:
        """A call; a new builder of strings is what it begins with."""
        known = super().called(callee, given, node)
        if isinstance(callee, Name) and callee.name in BUILDERS and isinstance(known, Call):
            first = known.args[0] if known.args else Text("", (), self.path)
            return Text("", (), self.path) if isinstance(first, Constant) else first  # a number is its size
        return known

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A type: its fields and methods, what its constructors assign to fields, and its annotations.

        Annotations are entries of the body: those of the class under "@", those of a member under "@" and its name,
        each before what it annotates. A field without a value is a value of its type.
        """
        name, body = node.field("name"), node.field("body")
        bases = [self.reference(one) for one in self._extended(node)]
        entries = [*self.annotated(node, ""), *self._components(node)]
        last: list[tuple[str, Value]] = []
        for member in self.members(body):
            if member.kind() in _FIELDS:
                entries += self._field(member)
            elif member.kind() == "method_declaration" and (named := member.field("name")) is not None:
                entries += [*self.annotated(member, named.text()), (named.text(), self.function_of(member))]
            elif member.kind() == "constructor_declaration":
                last += self.constructed(member)
            elif member.kind() == "enum_constant" and (named := member.field("name")) is not None:
                entries.append((named.text(), self._constant(member, node)))
            elif member.kind() in self.grammar.classes and (named := member.field("name")) is not None:
                entries.append((named.text(), self.class_(member)))
        plain = name.text() if name is not None else ""
        return Class(plain, tuple(bases), tuple(entries + last), (), begin, self.path)

    def members(self, body: SgNode | None) -> list[SgNode]:
        """What stands in the body of a type; of an enumeration the constants first."""
        found: list[SgNode] = []
        for one in items(body) if body is not None else ():
            found += items(one) if one.kind() == "enum_body_declarations" else [one]
        return found

    def _extended(self, node: SgNode) -> list[SgNode]:
        """The types that a type extends or implements."""
        holders = [one for one in items(node) if one.kind() in {"superclass", "super_interfaces", "extends_interfaces"}]
        listed = [inner for one in holders for inner in items(one)]
        return [kind for one in listed for kind in (items(one) if one.kind() == "type_list" else [one])]

    def annotated(self, node: SgNode, name: str) -> list[tuple[str, Value]]:
        """The annotations of a declaration."""
        modifiers = next((one for one in items(node) if one.kind() == "modifiers"), None)
        found = [one for one in items(modifiers) if one.kind() in _ANNOTATIONS] if modifiers is not None else []
        return [(f"@{name}", self.lower(one)) for one in found]

    def _components(self, node: SgNode) -> list[tuple[str, Value]]:
        """The fields that a record declares in its header."""
        listed = node.field("parameters")
        entries: list[tuple[str, Value]] = []
        for one in items(listed) if listed is not None else ():
            name, kind = one.field("name"), one.field("type")
            if name is not None:
                entries += [*self.annotated(one, name.text()), (name.text(), self.declared(kind))]
        return entries

    def declared(self, kind: SgNode | None) -> Value:
        """A value of which no more is known than its type; of a list any number of its items."""
        named = items(kind) if kind is not None and kind.kind() == "generic_type" else []
        if len(named) > 1 and named[0].text() in LISTS:
            inner = [self.declared(one) for one in items(named[1])]
            if len(inner) == 1 and isinstance(inner[0], Call):
                return Sequence((inner[0],), complete=False, offset=start(named[0]))
        return typed(self, kind, _TYPES)

    def _field(self, member: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for one in items(member):
            name, value = one.field("name"), one.field("value")
            if one.kind() == "variable_declarator" and name is not None:
                known = self.lower(value) if value is not None else self.declared(member.field("type"))
                entries += [*self.annotated(member, name.text()), (name.text(), known)]
        return entries

    def constructed(self, constructor: SgNode) -> list[tuple[str, Value]]:
        """What a constructor assigns to `this.x`; behind "()" what it gives to another constructor."""
        entries: list[tuple[str, Value]] = []
        for call in constructor.find_all(kind="explicit_constructor_invocation"):
            begin, end = extent_of(call)
            args, _ = self.arguments(call.field("arguments"))
            entries.append(("()", Call(self.name(items(call)[0]), args, (), begin, begin, end)))
        for assignment in constructor.find_all(kind="assignment_expression"):
            left, right = assignment.field("left"), assignment.field("right")
            owner = left.field("object") if left is not None and left.kind() == "field_access" else None
            name = left.field("field") if left is not None else None
            if owner is not None and owner.kind() == "this" and name is not None and right is not None:
                entries.append((name.text(), self.lower(right)))
        return entries

    def _constant(self, member: SgNode, owner: SgNode) -> Value:
        """A constant of an enumeration: a value of it, its fields by name as far as the constructor tells them."""
        given = member.field("arguments")
        args, begin = self.arguments(given)[0], start(member)
        name = owner.field("name")
        callee = self.name(name) if name is not None else self.opaque(owner)
        return Call(callee, args, held(self, owner, args), begin, begin, extent_of(member)[1])

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns; a lambda may be an expression."""
        body = function.field("body")
        if body is not None and function.kind() == "lambda_expression" and body.kind() != "block":
            return self.lower(body)
        return super().returned(function)


def whole_name(node: SgNode, path: str) -> Import | None:
    """`org.shop.Tables` as what its package declares."""
    name = node.text()
    package, _, last = name.rpartition(".")
    return Import(package, last, path) if _WHOLE.fullmatch(name) and not name.startswith("this.") else None


def annotation_of(node: SgNode) -> str:
    """The name of the annotation that holds the node."""
    for _, holder in pairs(node):
        if holder.kind() in {"annotation", "marker_annotation"}:
            name = holder.field("name")
            return name.text().rpartition(".")[2] if name is not None else ""
        if holder.kind() in {"argument_list", "class_body"}:
            return ""
    return ""
