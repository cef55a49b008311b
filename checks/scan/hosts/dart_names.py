"""What Dart names are bound to: variables, fields, parameters, functions, types."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..values import Call, Constant, Join, Lambda, Member, Name, Opaque, Param, Text
from .dart_types import signature_of
from .naming import Names, appended, augmented, entry
from .nodes import extent_of, items, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .dart_values import DartLowering
    from .scopes import Extent

_ADDING = {"add": "append", "addAll": "extend"}
_CASES = frozenset({"switch_statement_case", "switch_statement_default"})
_HOISTED = frozenset({"class_member", "top_level_variable_declaration"})


class DartNames(Names):
    """The bindings of one file's names, found when asked for."""

    @property
    def dart(self) -> DartLowering:
        """The lowering, which knows types."""
        return cast("DartLowering", self.lowering)

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind in self.grammar.declarations and holder.field("name") == node:
            yield self._variable(holder)
        elif kind == "enum_declaration" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.dart.enumeration(holder))
        elif kind in self.grammar.classes and holder.field("name") == node:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        elif kind in {"function_signature", "getter_signature"} and holder.field("name") == node:
            yield from self._defined(holder)
        elif kind in {"for_statement", "for_element"} and holder.field("name") == node:
            rows, extent = holder.field("value"), extent_of(holder)
            yield Binding(
                extent, extent, extent[0], extent[0], lambda: Member(self.lowering.lowered(rows), "*", extent[0])
            )
        elif kind in {"formal_parameter", "constructor_param"}:
            yield from self.parameter(node)
        else:
            yield from self._changed(node, holder)

    def _variable(self, holder: SgNode) -> Binding:
        value, (begin, end) = holder.field("value"), extent_of(holder)
        hoisted = any(a.kind() in _HOISTED for a in list(holder.ancestors())[:3])
        kind = self._type_of(holder)

        def known() -> Value:
            typed = self.dart.declared(kind) if kind is not None else None
            if value is None:
                return typed or self.lowering.opaque(holder)
            found = self.function(value) if value.kind() == "function_expression" else self.lowering.lower(value)
            return typed if typed is not None and isinstance(found, Opaque) else found

        typed = self.dart.declared(kind) if kind is not None and hoisted else None
        empty = value is None and (typed is None or isinstance(typed, Opaque))
        lowered = None if empty else known
        return Binding(self.scope(holder), self.condition(holder), begin, end, lowered, hoisted=hoisted)

    def _type_of(self, holder: SgNode) -> SgNode | None:
        listed = holder if holder.kind() == "initialized_variable_definition" else holder.parent()
        outer = listed if listed == holder else (listed.parent() if listed is not None else None)
        return next((child for child in items(outer) if child.kind() == "type"), None) if outer is not None else None

    def _defined(self, signature: SgNode) -> Iterator[Binding]:
        owner = next((a for a in signature.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None or signature_of(owner) != signature:
            return

        def value() -> Value:
            made = self.function(owner)
            return made.result if signature.kind() == "getter_signature" else made

        yield self.defined(owner, value)

    def parameter(self, node: SgNode) -> Iterator[Binding]:
        """A parameter of the function around it, whose body may stand outside of it; see DartLowering.call."""
        for found in super().parameter(node):
            owner = next(a for a in node.ancestors() if a.kind() in self.grammar.functions)
            extent = extent_of(self.dart.whole_of(owner))
            yield Binding(extent, extent, found.start, found.end, found.value)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The nodes of a function's parameters, in order, those in braces and brackets too."""
        signature = signature_of(function)
        listed = signature.field("parameters") if signature is not None else None
        found: list[SgNode] = []
        for one in items(listed) if listed is not None else ():
            inner = items(one) if one.kind() == "optional_formal_parameters" else [one]
            found += [node for node in inner if node.kind() == "formal_parameter"]
        return found

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The identifier of a parameter."""
        named = node.field("name")
        return named if named is not None else next((one for one in items(node) if one.kind() == "identifier"), None)

    def scope(self, node: SgNode) -> Extent:
        """Where a name that is declared at this node is visible."""
        return self.before_brace(super().scope(node))

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for node in self.parameter_nodes(function):
            own = self.parameter_name(node)
            kind = next((child for child in items(node) if child.kind() == "type"), None)
            known = self.dart.declared(kind) if kind is not None else None
            typed = None if isinstance(known, Opaque) else known
            after = _default(node)
            default = self.lowering.lower(after) if after is not None else None
            plain = own.text() if own is not None else ""
            found.append(Param(name, plain, len(found), default, offset, self.lowering.path, typed))
        return tuple(found)

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns, or as what it is declared to return when no more is known."""
        made = super().function(node)
        signature = signature_of(node)
        kind = next((child for child in items(signature) if child.kind() == "type"), None) if signature else None
        known = self.dart.declared(kind) if kind is not None and isinstance(made.result, Opaque) else None
        return made if known is None else Lambda(made.name, made.params, known, made.offset, made.path)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called: its own, or that of the variable that holds it."""
        signature = signature_of(node)
        own, holder = signature.field("name") if signature is not None else None, node.parent()
        if own is None and holder is not None and holder.kind() in self.grammar.declarations:
            own = holder.field("name")
        return own.text() if own is not None else ""

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.add(..)`, `x['key'] = `, `b.write(..)`."""
        outer, read = holder.parent(), self.lowering
        if outer is None:
            return
        if holder.kind() == "assignable_expression" and outer.kind() == "assignment_expression":
            if holder.field("object") is None:
                yield from self._assigned(outer)
            elif holder.field("object") == node:
                right, begin, name, key = outer.field("right"), start(outer), node.text(), self._key(holder)
                if right is not None and sign(outer) == "=":
                    yield self.change(outer, lambda: entry(name, key, read.lower(right), begin, read.path))
        elif holder.kind() == "member_expression" and holder.field("object") == node:
            yield from self._called(node, holder, outer)

    def _assigned(self, statement: SgNode) -> Iterator[Binding]:
        right, read = statement.field("right"), self.lowering
        if right is not None and sign(statement) in {"=", "??="}:
            yield self.change(statement, lambda: read.lower(right))
        elif sign(statement) == "+=":
            yield self.change(statement, lambda: augmented(read.lower(statement), start(statement)))

    def _called(self, node: SgNode, holder: SgNode, call: SgNode) -> Iterator[Binding]:
        member, read, name, begin = holder.field("property"), self.lowering, node.text(), start(call)
        if member is None or call.kind() != "call_expression" or call.field("function") != holder:
            return
        if member.text() in _ADDING:
            method = _ADDING[member.text()]
            yield self.change(call, lambda: appended(read.lower(call), name, method, begin, read.path))
        elif member.text() in self.grammar.appending:
            yield self.change(call, lambda: self._written(name, call, line=member.text() == "writeln"))

    def _written(self, name: str, call: SgNode, *, line: bool) -> Value:
        begin, made = start(call), self.lowering.lower(call)
        added = made.args[:1] if isinstance(made, Call) else ()
        return Join((Name(name, begin, self.lowering.path), *added, *([Text("\n")] if line else [])), offset=begin)

    def _key(self, holder: SgNode) -> Value:
        named, index = holder.field("property"), holder.field("index")
        if named is not None:
            return Text(named.text(), (), self.lowering.path)
        key = self.lowering.lower(index) if index is not None else None
        return key if isinstance(key, Text) else Constant(None)

    def condition(self, node: SgNode) -> Extent:
        """The innermost code around a node that runs only sometimes; all of a `case`, whose statements share it."""
        inner = node
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if kind in self.grammar.functions or kind in self.grammar.classes:
                return extent_of(ancestor)
            if kind in self.grammar.conditions:
                return extent_of(ancestor if kind in _CASES else inner)
            inner = ancestor
        return self.whole


def _default(parameter: SgNode) -> SgNode | None:
    """What stands behind `=` after a parameter in braces or brackets."""
    after = parameter.next()
    if after is None or after.kind() not in {"=", ":"}:
        return None
    return after.next()
