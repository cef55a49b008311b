"""C# types to values: what a declaration alone tells, and types as classes with their attributes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..values import Call, Class, Constant, Name, Opaque, Sequence, Text
from .lowering import Lowering
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value
    from .grammar import Grammar

_CUT = 80  # of a type's text
TYPE = "<>"  # the keyword under which a type, or a call, holds each of its type arguments
LISTS = frozenset({
    "List", "IList", "IEnumerable", "ICollection", "IReadOnlyList", "IReadOnlyCollection", "HashSet", "ISet",
    "IQueryable", "IAsyncEnumerable", "Collection", "ImmutableList", "ImmutableArray", "Queue",
    "IOrderedEnumerable", "Span", "ReadOnlySpan", "ConcurrentBag", "SortedSet",
})  # fmt: skip
_INSIDE = frozenset({"Task", "ValueTask", "Nullable", "Lazy", "ActionResult"})
VALUES = frozenset({
    "Guid", "DateTime", "DateTimeOffset", "DateOnly", "TimeOnly", "TimeSpan", "Uri", "Object", "String", "Int16",
    "Int32", "Int64", "UInt16", "UInt32", "UInt64", "Decimal", "Double", "Single", "Boolean", "Byte", "Char",
    "BigInteger", "IPAddress", "JsonDocument", "JsonElement", "Version", "Instant", "LocalDate", "Task",
    "LocalDateTime", "ValueTask", "CancellationToken", "PhysicalAddress", "BitArray",
})  # fmt: skip
_OPEN = re.compile(r"[{;]\s*(?:set|init)\b")
_SETTING = ("set", "init", "private set", "internal set", "protected set", "private init")


class CSharpTypes(Lowering):
    """Lowers types. A value that is known by its type alone is that type called without arguments.

    So a parameter `Host h` is `Host()`, a `List<Host>` a list that may hold more, a built-in type an Opaque of its text
    behind a colon. Type arguments are keywords under TYPE.
    """

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        super().__init__(grammar, text, path)
        self._nested: dict[int, frozenset[str]] = {}

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by."""
        match kind.kind():
            case "nullable_type" | "array_type" | "scoped_type" | "ref_type":
                inner = kind.field("type") or self.inside(kind)
                return self.reference(inner) if inner is not None else self.opaque(kind)
            case "qualified_name" | "alias_qualified_name":
                return self.reference(items(kind)[-1])
            case "generic_name":
                return self.reference(items(kind)[0])
            case "identifier":
                return Name(kind.text(), self._seen_at(kind), self.path)
            case "predefined_type":
                return Name(kind.text(), start(kind), self.path)
            case _:
                return self.opaque(kind)

    def _seen_at(self, node: SgNode) -> int:
        """Where a type is to be looked up, so that no property of the same name (`Kind Kind`) hides it."""
        around = [one for one in node.ancestors() if one.kind() in self.grammar.classes]
        inside = any(node.text() in self._nested_in(one) for one in around)
        return start(node) if inside or not around else start(around[-1])

    def _nested_in(self, owner: SgNode) -> frozenset[str]:
        """The names of the types that a type holds."""
        begin = start(owner)
        if begin not in self._nested:
            body = owner.field("body")
            types = self.grammar.classes | {"enum_declaration"}
            inner = [one.field("name") for one in items(body) if one.kind() in types] if body is not None else []
            self._nested[begin] = frozenset(name.text() for name in inner if name is not None)
        return self._nested[begin]

    def type_arguments(self, kind: SgNode) -> tuple[tuple[str, Value], ...]:
        """The type arguments of a generic name, as keywords."""
        listed = next((child for child in items(kind) if child.kind() == "type_argument_list"), None)
        return tuple((TYPE, self.reference(one)) for one in items(listed)) if listed is not None else ()

    def declared(self, kind: SgNode) -> Value:
        """A value of which no more is known than its type."""
        begin, end = extent_of(kind)
        match kind.kind():
            case "nullable_type" | "scoped_type" | "ref_type":
                inner = kind.field("type") or self.inside(kind)
                return self.declared(inner) if inner is not None else self._unknown(kind)
            case "array_type" if (element := kind.field("type")) is not None:
                return self._several(element, kind)
            case "qualified_name":
                return self.declared(items(kind)[-1])
            case "generic_name":
                return self._generic(kind)
            case "identifier" if kind.text() not in VALUES:
                return Call(self.reference(kind), (), (), begin, begin, end)
            case _:
                return self._unknown(kind)

    def _generic(self, kind: SgNode) -> Value:
        name = items(kind)[0].text()
        given = [one for child in items(kind) if child.kind() == "type_argument_list" for one in items(child)]
        if name in LISTS and len(given) == 1:
            return self._several(given[0], kind)
        if name in _INSIDE and len(given) == 1:
            return self.declared(given[0])
        begin, end = extent_of(kind)
        return Call(self.reference(kind), (), self.type_arguments(kind), begin, begin, end)

    def _several(self, element: SgNode, kind: SgNode) -> Value:
        item = self.declared(element)
        return (
            self._unknown(kind) if isinstance(item, Opaque) else Sequence((item,), complete=False, offset=start(kind))
        )

    def _unknown(self, kind: SgNode) -> Opaque:
        return Opaque(": " + " ".join(kind.text().split())[:_CUT], start(kind))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A type: its attributes under "@", each property and field as a value of its type, and what it is given.

        Attributes of a member stand before it under "@" and its name; a property that has accessors has them there as
        an Opaque, its modifiers in front. A computed property stands for what it returns, one that can be set from
        outside for nothing but its type. Methods and nested types are entries too.
        """
        name, body = node.field("name"), node.field("body")
        listed = next((child for child in items(node) if child.kind() == "base_list"), None)
        bases = (
            tuple(self.reference(base) for base in items(listed) if base.kind() != "argument_list") if listed else ()
        )
        entries = self._attributes(node, "@")
        for parameter in self._primary(node):
            entries += self._parameter(parameter)
        for member in items(body) if body is not None else ():
            entries += self._member(member)
        settable = self._set_outside(entries)
        made = [one for one in items(body) if one.kind() == "constructor_declaration"] if body is not None else []
        entries += [entry for one in made for entry in self._constructed(one) if entry[0] not in settable]
        return Class(name.text() if name is not None else "", bases, tuple(entries), (), begin, self.path)

    @staticmethod
    def _set_outside(entries: list[tuple[str, Value]]) -> frozenset[str]:
        """The properties that may be given another value by whoever has the object."""
        told = ((key[1:], value.source) for key, value in entries if key.startswith("@") and isinstance(value, Opaque))
        return frozenset(name for name, words in told if "public" in words and _OPEN.search(words) is not None)

    def enumeration(self, node: SgNode) -> Class:
        """An enumeration: its members as the texts of their names, and the keyword "enum"."""
        name, body, begin = node.field("name"), node.field("body"), start(node)
        named = [one.field("name") for one in items(body)] if body is not None else []
        members = tuple(
            (one.text(), Text(one.text(), ((0, start(one)),), self.path)) for one in named if one is not None
        )
        kind = (("enum", Constant(value=True)),)
        return Class(name.text() if name is not None else "", (), members, kind, begin, self.path)

    def _primary(self, node: SgNode) -> list[SgNode]:
        listed = next((child for child in items(node) if child.kind() == "parameter_list"), None)
        is_record = node.kind() == "record_declaration"
        return [one for one in items(listed) if one.kind() == "parameter"] if listed is not None and is_record else []

    def _parameter(self, node: SgNode) -> list[tuple[str, Value]]:
        """A property of a record that is declared by a parameter."""
        named, kind = node.field("name"), node.field("type")
        if named is None or kind is None:
            return []
        name = named.text()
        accessors = (f"@{name}", Opaque("public { get; init; }", start(node)))
        return [*self._attributes(node, f"@{name}"), accessors, (name, self.declared(kind))]

    def _member(self, node: SgNode) -> list[tuple[str, Value]]:
        named, kind = node.field("name"), node.kind()
        name = named.text() if named is not None else ""
        found: list[tuple[str, Value]] = []
        if kind == "property_declaration":
            found = [*self._attributes(node, f"@{name}"), *self._property(node, name)]
        elif kind == "field_declaration":
            found = self._fields(node)
        elif kind in self.grammar.classes:
            found = [(name, self.class_(node))]
        elif kind == "enum_declaration":
            found = [(name, self.enumeration(node))]
        elif kind == "method_declaration":
            found = [*self._attributes(node, f"@{name}"), (name, self.function_of(node))]
        return found

    def _property(self, node: SgNode, name: str) -> list[tuple[str, Value]]:
        kind, value, accessors = node.field("type"), node.field("value"), node.field("accessors")
        typed = [(name, self.declared(kind))] if kind is not None else []
        words = [child.text() for child in items(node) if child.kind() == "modifier"]
        own = accessors.text() if accessors is not None else "=>"
        typed = [(f"@{name}", Opaque(" ".join([*words, own])[:_CUT], start(node))), *typed]
        if value is not None and value.kind() == "arrow_expression_clause":
            return [*typed, (name, self.lowered(self.inside(value)))]
        if accessors is None:
            return typed
        got = next((one.field("body") for one in items(accessors) if one.text().startswith("get")), None)
        if got is not None:
            inner = self.inside(got)
            returned = inner if got.kind() == "arrow_expression_clause" else self._only_return(inner)
            return [*typed, (name, self.lower(returned))] if returned is not None else typed
        settable = any(one.field("name") is not None and one.text().startswith(_SETTING) for one in items(accessors))
        return typed if value is None or settable else [*typed, (name, self.lower(value))]

    def _only_return(self, statement: SgNode | None) -> SgNode | None:
        is_return = statement is not None and statement.kind() == "return_statement"
        return self.inside(statement) if is_return and statement is not None else None

    def _fields(self, node: SgNode) -> list[tuple[str, Value]]:
        declaration = next((child for child in items(node) if child.kind() == "variable_declaration"), None)
        kind = declaration.field("type") if declaration is not None else None
        words = {child.text() for child in items(node) if child.kind() == "modifier"}
        fixed = bool(words & {"const", "readonly"}) or "public" not in words
        found: list[tuple[str, Value]] = []
        for one in items(declaration) if declaration is not None else ():
            name, value = one.field("name"), initial(one)
            if one.kind() == "variable_declarator" and name is not None:
                found += [(name.text(), self.declared(kind))] if kind is not None else []
                found += [(name.text(), self.lower(value))] if value is not None and fixed else []
        return found

    def _constructed(self, node: SgNode) -> list[tuple[str, Value]]:
        """What a constructor assigns to fields and properties."""
        body = node.field("body")
        found: list[tuple[str, Value]] = []
        for statement in items(body) if body is not None else ():
            inner = self.inside(statement) if statement.kind() == "expression_statement" else None
            if inner is None or inner.kind() != "assignment_expression":
                continue
            left, right = inner.field("left"), inner.field("right")
            if left is None or right is None or right.kind() == "lambda_expression":
                continue
            name = left.field("name") if left.kind() == "member_access_expression" else left
            owner = left.field("expression")
            if name is not None and name.kind() == "identifier" and (owner is None or owner.kind() == "this"):
                found.append((name.text(), self.lower(right)))
        return found

    def _attributes(self, node: SgNode, name: str) -> list[tuple[str, Value]]:
        listed = [one for child in items(node) if child.kind() == "attribute_list" for one in items(child)]
        return [(name, self.attribute(one)) for one in listed if one.kind() == "attribute"]

    def attribute(self, node: SgNode) -> Value:
        """`[Column("id", TypeName = "uuid")]` as a call."""
        named = node.field("name")
        if named is None:
            return self.opaque(node)
        callee, (begin, end) = self.reference(named), extent_of(node)
        given = next((child for child in items(node) if child.kind() == "attribute_argument_list"), None)
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for one in items(given) if given is not None else ():
            name, inner = one.field("name"), items(one)
            if name is not None:
                keywords.append((name.text(), self.lower(inner[-1])))
            elif inner:
                args.append(self.lower(inner[-1]))
        return Call(callee, tuple(args), tuple(keywords), begin, begin, end)


def initial(declarator: SgNode) -> SgNode | None:
    """What a variable is given where it is declared."""
    inner = items(declarator)
    return inner[-1] if len(inner) > 1 and any(child.kind() == "=" for child in declarator.children()) else None
