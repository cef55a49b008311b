"""Kotlin types to values: what a declaration alone tells, and classes and objects with their members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Class, Member, Name, Sequence
from .kotlin_nodes import TYPES, child, given_of, initial, members_of, named, statements_of
from .lowering import Lowering
from .nodes import extent_of, items, start
from .typed import LISTS, typed

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value


class KotlinTypes(Lowering):
    """Lowers types, and the arguments that constructors are given."""

    def reference(self, kind: SgNode) -> Value:
        """A type as the name that it is declared by, or as a member of its outer type."""
        inner = child(kind, "user_type") if kind.kind() == "nullable_type" else kind
        names = [one for one in items(inner) if one.kind() == "type_identifier"] if inner is not None else []
        if not names:
            return self.opaque(kind)
        known: Value = self.name(names[0])
        for one in names[1:]:
            known = Member(known, one.text(), start(one))
        return known

    def declared(self, kind: SgNode | None) -> Value:
        """A value of which no more is known than its type; of a list any number of its items."""
        inner = child(kind, "user_type") if kind is not None and kind.kind() == "nullable_type" else kind
        if inner is not None and (name := child(inner, "type_identifier")) is not None and name.text() in LISTS:
            given = [child(one, *TYPES) for one in items(child(inner, "type_arguments") or inner)]
            items_of = [self.declared(one) for one in given if one is not None]
            if len(items_of) == 1 and isinstance(items_of[0], Call):
                return Sequence((items_of[0],), complete=False, offset=start(inner))
        return typed(self, kind, TYPES)

    def given(self, given: list[SgNode]) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
        """The values of arguments by position, and those by name."""
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for one in given:
            inner = items(one) if one.kind() == "value_argument" else [one]
            is_named = any(c.text() == "=" for c in one.children()) and one.kind() == "value_argument"
            if is_named and len(inner) > 1:
                keywords.append((inner[0].text(), self.lower(inner[-1])))
            elif inner:
                args.append(self.lower(inner[-1]))
        return tuple(args), tuple(keywords)

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class or object: its properties and functions, those of its companion included, and its annotations.

        Annotations are entries of the body: those of the class under "@", those of a member under "@" and its name,
        each before what it annotates. A property without a value is a value of its type; one of the primary constructor
        stands behind an entry of its name and ":", its default by its name and "=". What a constructor of the base is
        given is a keyword by the base's name.
        """
        name = named(node)
        bases: list[Value] = []
        given: list[tuple[str, Value]] = []
        for one in items(node):
            if one.kind() == "delegation_specifier":
                self._base(one, bases, given)
        entries = [*self.annotated(node, ""), *self._properties(node)]
        for member in members_of(node):
            entries += self._entry(member, node)
        return Class(
            name.text() if name is not None else "", tuple(bases), tuple(entries), tuple(given), begin, self.path
        )

    def _base(self, specifier: SgNode, bases: list[Value], given: list[tuple[str, Value]]) -> None:
        made = child(specifier, "constructor_invocation", "user_type", "explicit_delegation")
        kind = made if made is not None and made.kind() == "user_type" else child(made, "user_type")
        if kind is None:
            return
        base = self.reference(kind)
        bases.append(base)
        if made is not None and made.kind() == "constructor_invocation" and isinstance(base, (Name, Member)):
            args, keywords = self.given(given_of(made))
            given.append((base.name, Call(base, args, keywords, start(made), start(made), extent_of(made)[1])))

    def _entry(self, member: SgNode, owner: SgNode) -> list[tuple[str, Value]]:
        name, kind = named(member), member.kind()
        if kind == "anonymous_initializer":
            return [("init", self.lower(one)) for one in statements_of(member) if one.kind() == "call_expression"]
        if kind == "secondary_constructor" and (made := child(member, "constructor_delegation_call")) is not None:
            args, keywords = self.given(given_of(made))
            begin, end = extent_of(made)
            return [("()", Call(Name("this", begin, self.path), args, keywords, begin, begin, end))]
        if name is None:
            return []
        plain = name.text()
        match kind:
            case "property_declaration":
                value = self.initially(member)
            case "function_declaration":
                value = self.function_of(member)
            case "class_declaration" | "object_declaration":
                value = self.class_(member)
            case "enum_entry":
                value = self._constant(member, owner)
            case _:
                return []
        return [*self.annotated(member, plain), (plain, value)]

    def initially(self, declaration: SgNode) -> Value:
        """The value of a property, or one of its type."""
        value = initial(declaration)
        if value is not None:
            return self.lower(value)
        return self.declared(child(child(declaration, "variable_declaration"), *TYPES))

    def _properties(self, node: SgNode) -> list[tuple[str, Value]]:
        """The properties that a primary constructor declares."""
        entries: list[tuple[str, Value]] = []
        for one in items(child(node, "primary_constructor") or node):
            name = child(one, "simple_identifier")
            if one.kind() != "class_parameter" or name is None:
                continue
            if child(one, "binding_pattern_kind") is not None:
                default = initial(one)
                entries += [*self.annotated(one, name.text()), (f":{name.text()}", self.opaque(one))]
                entries += [(f"={name.text()}", self.lower(default))] if default is not None else []
                entries.append((name.text(), self.declared(child(one, *TYPES))))
        return entries

    def annotated(self, node: SgNode, name: str) -> list[tuple[str, Value]]:
        """The annotations of a declaration."""
        modifiers = child(node, "modifiers")
        found = [one for one in items(modifiers) if one.kind() == "annotation"] if modifiers is not None else []
        return [(f"@{name}", self.lower(one)) for one in found]

    def _constant(self, member: SgNode, owner: SgNode) -> Value:
        """A constant of an enumeration: a value of it, what its constructor is given by name."""
        listed = child(member, "value_arguments")
        args, keywords = self.given(items(listed)) if listed is not None else ((), ())
        parameters = [
            one for one in items(child(owner, "primary_constructor") or owner) if one.kind() == "class_parameter"
        ]
        names = [name.text() for one in parameters if (name := child(one, "simple_identifier")) is not None]
        name = named(owner)
        callee = self.name(name) if name is not None else self.opaque(owner)
        fields = (*zip(names, args, strict=False), *keywords)
        return Call(callee, args, fields, start(member), start(member), extent_of(member)[1])

    def _anonymous(self, node: SgNode) -> Value:
        """`object : T(..) { .. }`."""
        return self.class_at(node, start(node))
