"""Dart types to values: what a declaration alone tells, and types as classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Class, Lambda, Name, Opaque, Record, Sequence, Text
from .lowering import Lowering
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value

_CUT = 80  # of a type's text
_LISTS = frozenset({"List", "Iterable", "Set", "Stream", "Queue"})
_INSIDE = frozenset({"Future", "FutureOr"})
_VALUES = frozenset({
    "String", "int", "double", "num", "bool", "dynamic", "Object", "DateTime", "Duration", "Uint8List", "Map",
    "Function", "BigInt", "Uri", "void", "Null", "Never", "Symbol", "Type",
})  # fmt: skip
_SIGNATURES = frozenset({
    "method_signature", "function_signature", "getter_signature", "setter_signature", "constructor_signature",
    "factory_constructor_signature", "constant_constructor_signature", "operator_signature",
})  # fmt: skip
_LISTED = frozenset({"static_final_declaration_list", "initialized_identifier_list"})


class DartTypes(Lowering):
    """Lowers types. A value that is known by its type alone is that type called without arguments."""

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by."""
        named = kind if kind.kind() == "type_identifier" else kind.find(kind="type_identifier")
        return Name(named.text(), start(named), self.path) if named is not None else self.opaque(kind)

    def declared(self, kind: SgNode) -> Value:
        """A value of which no more is known than its type."""
        name, (begin, end) = self.reference(kind), extent_of(kind)
        given = next((child for child in items(kind) if child.kind() == "type_arguments"), None)
        inner = items(given) if given is not None else []
        plain = name.name if isinstance(name, Name) else ""
        if plain in _INSIDE and len(inner) == 1:
            return self.declared(inner[0])
        if plain in _LISTS and len(inner) == 1:
            item = self.declared(inner[0])
            return self._unknown(kind) if isinstance(item, Opaque) else Sequence((item,), complete=False, offset=begin)
        if plain in _VALUES or not plain:
            return self._unknown(kind)
        return Call(name, (), (), begin, begin, end)

    def _unknown(self, kind: SgNode) -> Opaque:
        return Opaque(": " + " ".join(kind.text().split())[:_CUT], start(kind))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class: each field as a value of its type and what it is given, getters as what they return, and methods."""
        name, body = node.field("name"), node.field("body")
        above = next((child for child in items(node) if child.kind() == "superclass"), None)
        bases = (
            tuple(self.reference(one) for one in above.find_all(kind="type_identifier")) if above is not None else ()
        )
        entries: list[tuple[str, Value]] = []
        for member in items(body) if body is not None else ():
            entries += self._member(next(iter(items(member)), member))
        return Class(name.text() if name is not None else "", bases, tuple(entries), (), begin, self.path)

    def _member(self, node: SgNode) -> list[tuple[str, Value]]:
        if node.kind() == "method_declaration":
            signature = signature_of(node)
            name = signature.field("name") if signature is not None else None
            if name is None or signature is None or signature.kind() not in {"function_signature", "getter_signature"}:
                return []
            made = self.function_of(node)
            is_getter = signature.kind() == "getter_signature" and isinstance(made, Lambda)
            return [(name.text(), made.result if is_getter and isinstance(made, Lambda) else made)]
        return self._fields(node) if node.kind() == "declaration" else []

    def _fields(self, node: SgNode) -> list[tuple[str, Value]]:
        listed = next((child for child in items(node) if child.kind() in _LISTED), None)
        kind = next((child for child in items(node) if child.kind() == "type"), None)
        words = {child.text() for child in node.children()[:4]}
        found: list[tuple[str, Value]] = []
        for one in items(listed) if listed is not None else ():
            name, value = one.field("name"), one.field("value")
            if name is None:
                continue
            fixed = bool(words & {"final", "const"}) or name.text().startswith("_")
            found += [(name.text(), self.declared(kind))] if kind is not None else []
            found += [(name.text(), self.lower(value))] if value is not None and fixed else []
        return found

    def enumeration(self, node: SgNode) -> Class:
        """An enumeration: each member as a record of its name and of what its constructor is given for fields."""
        name, body, begin = node.field("name"), node.field("body"), start(node)
        inner = items(body) if body is not None else []
        fields = self._constructed(inner)
        entries: list[tuple[str, Value]] = []
        for one in inner:
            own = one.field("name")
            if one.kind() == "enum_constant" and own is not None:
                given = next((child for child in items(one) if child.kind() == "arguments"), None)
                args, keywords = self.arguments(given)
                known = [*zip(fields, args, strict=False), *keywords]
                plain = Text(own.text(), ((0, start(own)),), self.path)
                entries.append((own.text(), Record((*known, ("name", plain)), offset=start(one))))
        return Class(name.text() if name is not None else "", (), tuple(entries), (), begin, self.path)

    def _constructed(self, members: list[SgNode]) -> list[str]:
        """The fields that the constructor of an enumeration takes by position."""
        for member in members:
            made = member.find(kind="constant_constructor_signature") if member.kind() == "class_member" else None
            listed = made.field("parameters") if made is not None else None
            if listed is not None:
                return [one.text().rpartition(".")[2] for one in items(listed) if one.kind() == "formal_parameter"]
        return []


def signature_of(function: SgNode) -> SgNode | None:
    """What names a function and its parameters; a function expression is its own."""
    node: SgNode | None = function
    if function.kind() == "function_expression":
        return function
    while node is not None:
        node = next((child for child in items(node) if child.kind() in _SIGNATURES), None)
        if node is None or node.kind() != "method_signature":
            return node
    return None
