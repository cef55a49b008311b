"""Swift types to values: what a declaration alone tells, and types as classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Class, Constant, Name, Opaque, Record, Sequence, Text
from .lowering import Lowering
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value

_CUT = 80  # of a type's text
_VALUES = frozenset({
    "String", "Int", "Int8", "Int16", "Int32", "Int64", "UInt", "Double", "Float", "Bool", "Date", "UUID", "Data",
    "URL", "Decimal", "Any", "AnyJSON", "Void", "Character", "TimeInterval", "Never", "Substring", "Dictionary",
})  # fmt: skip


class SwiftTypes(Lowering):
    """Lowers types. A value that is known by its type alone is that type called without arguments."""

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by; of `A.B` the last."""
        own = kind if kind.kind() == "type_identifier" else None
        named = [one for one in items(kind) if one.kind() == "type_identifier"] if own is None else [own]
        return Name(named[-1].text(), start(named[-1]), self.path) if named else self.opaque(kind)

    def declared(self, kind: SgNode) -> Value:
        """A value of which no more is known than its type."""
        begin, end = extent_of(kind)
        inner = items(kind)
        if kind.kind() in {"optional_type", "opaque_type", "existential_type"} and inner:
            return self.declared(inner[0])
        if kind.kind() == "array_type" and inner:
            item = self.declared(inner[0])
            return self._unknown(kind) if isinstance(item, Opaque) else Sequence((item,), complete=False, offset=begin)
        name = self.reference(kind) if kind.kind() == "user_type" else None
        if not isinstance(name, Name) or name.name in _VALUES:
            return self._unknown(kind)
        return Call(name, (), (), begin, begin, end)

    def _unknown(self, kind: SgNode) -> Opaque:
        return Opaque(": " + " ".join(kind.text().split())[:_CUT], start(kind))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class, structure, enumeration or extension: properties with their types and values, methods, types.

        A stored property stands under "@" and its name first, as an Opaque of its modifiers and its type. A case of an
        enumeration is a record of its raw value. An extension has what it extends for its base.
        """
        name, body = node.field("name"), node.field("body")
        extends = name is not None and name.kind() == "user_type"
        above = [child for child in items(node) if child.kind() == "inheritance_specifier"]
        bases = [self.reference(inner[0]) for one in above if (inner := items(one))]
        if extends and name is not None:
            bases = [self.reference(name), *bases]
        entries: list[tuple[str, Value]] = []
        for member in items(body) if body is not None else ():
            entries += self._member(member)
        kind = next((child.text() for child in node.children() if not child.is_named()), "")
        keywords = (("kind", Text(kind)),)
        return Class(name.text() if name is not None else "", tuple(bases), tuple(entries), keywords, begin, self.path)

    def _member(self, node: SgNode) -> list[tuple[str, Value]]:
        kind, name = node.kind(), node.field("name")
        if kind == "property_declaration":
            return self._property(node)
        if kind == "function_declaration" and name is not None:
            return [(name.text(), self.function_of(node))]
        if kind == "class_declaration" and name is not None and name.kind() == "type_identifier":
            return [(name.text(), self.class_(node))]
        return self._cases(node) if kind == "enum_entry" else []

    def _property(self, node: SgNode) -> list[tuple[str, Value]]:
        kind = type_of(node)
        words = next((child.text() for child in items(node) if child.kind() == "modifiers"), "")
        is_let = any(child.kind() == "value_binding_pattern" and child.text() == "let" for child in items(node))
        typed = self.declared(kind) if kind is not None else None
        computed = next((child for child in items(node) if child.kind() == "computed_property"), None)
        found: list[tuple[str, Value]] = []
        for name, value in variables(node):
            plain = name.text()
            if computed is None:
                told = f"{words} {kind.text() if kind is not None else ''}".strip()
                found.append((f"@{plain}", Opaque(told[:_CUT], start(node))))
            found += [(plain, typed)] if typed is not None else []
            fixed = is_let or "private" in words
            found += [(plain, self.lower(value))] if value is not None and fixed else []
            got = self.got(computed) if computed is not None else None
            found += [(plain, got)] if got is not None else []
        return found

    def got(self, computed: SgNode) -> Value | None:
        """What a computed property gives, where that is one expression."""
        getter = next((child for child in items(computed) if child.kind() == "computed_getter"), computed)
        block = next((child for child in items(getter) if child.kind() == "statements"), None)
        return self.last(block) if block is not None else None

    def last(self, block: SgNode) -> Value | None:
        """The one expression of a block, with or without `return`."""
        inner = items(block)
        if len(inner) != 1:
            return None
        if inner[0].kind() == "control_transfer_statement":
            result = inner[0].field("result")
            return self.lower(result) if result is not None and inner[0].text().startswith("return") else None
        return self.lower(inner[0])

    def _cases(self, node: SgNode) -> list[tuple[str, Value]]:
        found: list[tuple[str, Value]] = []
        for child in items(node):
            if child.kind() == "simple_identifier":
                plain = Text(child.text(), ((0, start(child)),), self.path)
                found.append((child.text(), Record((("rawValue", plain),), offset=start(child))))
            elif child.kind() in {*self.grammar.literals, "integer_literal"} and found:
                found[-1] = (found[-1][0], Record((("rawValue", self.lower(child)),), offset=start(child)))
        return found

    def boolean(self, node: SgNode) -> Value:
        """`true` or `false`."""
        return Constant(node.text() == "true", start(node))


def type_of(node: SgNode) -> SgNode | None:
    """The type that a declaration is annotated with."""
    annotation = next((child for child in items(node) if child.kind() == "type_annotation"), None)
    return next(iter(items(annotation)), None) if annotation is not None else None


def variables(node: SgNode) -> list[tuple[SgNode, SgNode | None]]:
    """The names of `let a = 1, b = 2` with what each is given; patterns of several are left out."""
    found: list[tuple[SgNode, SgNode | None]] = []
    given = False
    for child in node.children():
        if child.kind() == "pattern":
            inner = items(child)
            if len(inner) == 1 and inner[0].kind() == "simple_identifier":
                found.append((inner[0], None))
            given = False
        elif child.kind() == "=":
            given = bool(found)
        elif given and child.is_named() and not child.kind().endswith("comment"):
            found[-1] = (found[-1][0], child)
            given = False
    return found
