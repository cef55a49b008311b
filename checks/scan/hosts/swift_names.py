"""What Swift names are bound to: variables, properties, parameters, functions, types."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..values import Call, Constant, Lambda, Member, Opaque, Param, Text
from .naming import Names, appended, augmented, entry
from .nodes import extent_of, items, sign, start
from .scopes import Binding
from .swift_types import type_of, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .scopes import Extent
    from .swift_values import SwiftLowering

_BODIES = frozenset({"class_body", "enum_class_body", "source_file"})
_LABELLED = 1000  # positions of parameters that are only given by their labels


class SwiftNames(Names):
    """The bindings of one file's names, found when asked for."""

    @property
    def swift(self) -> SwiftLowering:
        """The lowering, which knows types."""
        return cast("SwiftLowering", self.lowering)

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind, outer = holder.kind(), holder.parent()
        if kind == "pattern" and outer is not None and outer.kind() == "property_declaration":
            yield from self._variable(node, outer)
        elif kind == "pattern" and outer is not None and outer.kind() == "for_statement":
            rows, extent = items(outer)[1], extent_of(outer)
            yield Binding(
                extent, extent, extent[0], extent[0], lambda: Member(self.lowering.lower(rows), "*", extent[0])
            )
        elif kind == "class_declaration" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        elif kind == "function_declaration" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif kind in {"parameter", "lambda_parameter"} and holder.field("name") == node:
            yield from self._parameter(node, holder)
        elif node.text().startswith("$"):
            yield from self._numbered(node)
        elif kind in {"if_statement", "guard_statement"}:
            yield from self._unwrapped(node, holder)
        else:
            yield from self._changed(node, holder)

    def _variable(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        value = next((given for name, given in variables(holder) if name == node), None)
        kind, begin = type_of(holder), start(node)
        end = extent_of(value if value is not None else holder)[1]
        outer = holder.parent()
        hoisted = outer is not None and outer.kind() in _BODIES
        computed = next((child for child in items(holder) if child.kind() == "computed_property"), None)
        typed = self.swift.declared(kind) if kind is not None else None

        def known() -> Value:
            if computed is not None:
                return self.swift.got(computed) or self.lowering.opaque(holder)
            if value is None:
                return typed or self.lowering.opaque(holder)
            found = self.function(value) if value.kind() == "lambda_literal" else self.lowering.lower(value)
            return typed if typed is not None and isinstance(found, Opaque) else found

        empty = value is None and computed is None and (typed is None or isinstance(typed, Opaque) or not hoisted)
        yield Binding(self.scope(holder), self.condition(holder), begin, end, None if empty else known, hoisted=hoisted)

    def _unwrapped(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`if let a = b`, `guard let a = b`."""
        inner = [child for child in holder.children() if not child.kind().endswith("comment")]
        at = next((index for index, child in enumerate(inner) if child == node), 0)
        if at < 1 or inner[at - 1].kind() != "value_binding_pattern" or inner[at + 1].kind() != "=":
            return
        given, (begin, end) = inner[at + 2], extent_of(inner[at + 2])
        scope = extent_of(holder) if holder.kind() == "if_statement" else self.scope(holder)
        yield Binding(scope, scope, begin, end, lambda: self.lowering.lower(given))

    def _parameter(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        owner = next((a for a in node.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None:
            return
        listed = self.parameter_nodes(owner)
        extent = extent_of(owner)
        index = next((i for i, one in enumerate(listed) if one == holder), None)
        if index is not None:
            yield Binding(extent, extent, start(node), start(node), lambda: self.params(owner)[index])

    def _numbered(self, node: SgNode) -> Iterator[Binding]:
        """`$0` of a function without named parameters."""
        owner = next((a for a in node.ancestors() if a.kind() == "lambda_literal"), None)
        if owner is None or self.parameter_nodes(owner):
            return
        extent, name = extent_of(owner), node.text()

        def value() -> Value:
            known = next((param for param in self.params(owner) if param.name == name), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, extent[0], extent[0], value)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The nodes of a function's parameters, in order."""
        if function.kind() != "lambda_literal":
            return [child for child in items(function) if child.kind() == "parameter"]
        declared = function.field("type")
        listed = items(declared)[0] if declared is not None and items(declared) else None
        return [one for one in items(listed) if one.kind() == "lambda_parameter"] if listed is not None else []

    def scope(self, node: SgNode) -> Extent:
        """Where a name that is declared at this node is visible."""
        return self.before_brace(super().scope(node))

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller gives them: by their labels, else by position."""
        name, offset, path = self.function_name(function), start(function), self.lowering.path
        if function.kind() == "lambda_literal" and not self.parameter_nodes(function):
            numbers = ("$0", "$1") if "$1" in function.text() else ("$0",)
            return tuple(Param(name, one, index, None, offset, path) for index, one in enumerate(numbers))
        found: list[Param] = []
        placed = 0
        for index, node in enumerate(self.parameter_nodes(function)):
            own, kind = node.field("name"), node.field("type")
            outer = items(node)[0]
            bare = function.kind() == "lambda_literal" or outer.text() == "_"
            known = self.swift.declared(kind) if kind is not None else None
            typed = None if isinstance(known, Opaque) else known
            default = _default(node)
            plain = (own.text() if own is not None else "") if bare else outer.text()
            at = placed if bare else _LABELLED + index
            placed += 1 if bare else 0
            value = self.lowering.lower(default) if default is not None else None
            found.append(Param(name, plain, at, value, offset, path, typed))
        return tuple(found)

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns, or as what it is declared to return when no more is known."""
        made = super().function(node)
        kind = next(
            (child for child in items(node) if child.kind() in {"user_type", "array_type", "optional_type"}), None
        )
        known = self.swift.declared(kind) if kind is not None and isinstance(made.result, Opaque) else None
        return made if known is None else Lambda(made.name, made.params, known, made.offset, made.path)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called; of an initialiser that of its type."""
        if node.kind() == "init_declaration":
            owner = next((a for a in node.ancestors() if a.kind() in self.grammar.classes), None)
            named = owner.field("name") if owner is not None else None
            return named.text() if named is not None else ""
        own = node.field("name")
        return own.text() if own is not None and node.kind() != "lambda_literal" else ""

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.append(..)`, `x["key"] = `, `x.key = `."""
        outer, read, name = holder.parent(), self.lowering, node.text()
        if outer is None:
            return
        if holder.kind() == "directly_assignable_expression" and outer.kind() == "assignment":
            right = outer.field("result")
            if right is not None and sign(outer) == "=":
                yield self.change(outer, lambda: read.lower(right))
            elif sign(outer) == "+=":
                yield self.change(outer, lambda: augmented(read.lower(outer), start(outer)))
        elif holder.kind() == "navigation_expression" and holder.field("target") == node:
            yield from self._changed_inside(node, holder, outer)
        elif holder.kind() == "call_expression" and items(holder)[0] == node:
            statement = outer.parent() if outer.kind() == "directly_assignable_expression" else None
            made = read.lower(holder) if statement is not None else None
            given = statement.field("result") if statement is not None else None
            if statement is not None and given is not None and isinstance(made, Member) and sign(statement) == "=":
                key: Value = Text(made.name, (), read.path) if made.name != "*" else Constant(None)
                begin = start(statement)
                yield self.change(statement, lambda: entry(name, key, read.lower(given), begin, read.path))

    def _changed_inside(self, node: SgNode, holder: SgNode, outer: SgNode) -> Iterator[Binding]:
        read, name = self.lowering, node.text()
        suffix = holder.field("suffix")
        member = suffix.field("suffix") if suffix is not None else None
        if member is None:
            return
        if outer.kind() == "call_expression" and member.text() in self.grammar.appending:
            made, begin = read.lower(outer), start(outer)
            several = isinstance(made, Call) and any(label == "contentsOf" for label, _ in made.keywords)
            if isinstance(made, Call):
                args = tuple(value for _, value in made.keywords) if several else made.args
                call = Call(made.callee, args, (), made.offset, made.name_offset, made.end)
                method = "extend" if several else "append"
                yield self.change(outer, lambda: appended(call, name, method, begin, read.path))
        elif outer.kind() == "directly_assignable_expression" and (statement := outer.parent()) is not None:
            right, begin, key = statement.field("result"), start(statement), Text(member.text(), (), read.path)
            if right is not None and sign(statement) == "=":
                yield self.change(statement, lambda: entry(name, key, read.lower(right), begin, read.path))


def _default(parameter: SgNode) -> SgNode | None:
    """What stands behind `=` after a parameter."""
    after = parameter.next()
    return after.next() if after is not None and after.kind() == "=" else None
