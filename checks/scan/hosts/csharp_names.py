"""What C# names are bound to: variables, fields, properties, parameters, methods, types."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..values import Call, Choice, Constant, Join, Lambda, Member, Name, Opaque, Param, Text
from .csharp_types import initial
from .naming import Names, appended, augmented, entry
from .nodes import extent_of, items, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .csharp_values import CSharpLowering
    from .scopes import Extent

_ADDING = {"Add": "append", "AddRange": "extend", "Push": "append", "Enqueue": "append"}
_LINES = {"AppendLine": "\n"}
_PATTERNS = frozenset({"declaration_pattern", "declaration_expression", "recursive_pattern"})
_CASES = frozenset({"switch_section"})


class CSharpNames(Names):
    """The bindings of one file's names, found when asked for."""

    @property
    def csharp(self) -> CSharpLowering:
        """The lowering, which knows types."""
        return cast("CSharpLowering", self.lowering)

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind == "variable_declarator" and holder.field("name") == node:
            yield from self._variable(node, holder)
        elif kind == "tuple_pattern":
            yield from self._taken_apart(node, holder)
        elif kind == "property_declaration" and holder.field("name") == node:
            scope = self.scope(holder)
            yield Binding(scope, scope, start(holder), start(holder), lambda: self._property(holder), hoisted=True)
        elif kind == "enum_declaration" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.csharp.enumeration(holder))
        elif kind == "foreach_statement" and holder.field("left") == node:
            yield from self._looped(holder)
        elif kind in _PATTERNS and holder.field("name") == node:
            yield self._matched(holder)
        elif (kind in self.grammar.functions or kind in self.grammar.classes) and holder.field("name") == node:
            yield from self._defined(holder)
        elif kind in {"parameter", "implicit_parameter", "parameter_list", "lambda_expression"}:
            yield from self._parameter(node, holder)
        else:
            yield from self._changed(node, holder)

    def _variable(self, node: SgNode, declarator: SgNode) -> Iterator[Binding]:
        """A local variable or a field, which is in force in all of its class."""
        declaration = declarator.parent()
        holder = declaration.parent() if declaration is not None else None
        kind, value = (declaration.field("type") if declaration is not None else None), initial(declarator)
        hoisted = holder is not None and holder.kind() == "field_declaration"
        begin, end = extent_of(declarator)
        scope = self.scope(declarator)
        typed = self.csharp.declared(kind) if kind is not None and kind.kind() != "implicit_type" else None

        def known() -> Value:
            if value is None:
                return typed or self.lowering.opaque(declarator)
            found = self.lowering.lower(value)
            return typed if typed is not None and isinstance(found, Opaque) else found

        if value is None and self._grows(node):
            yield Binding(scope, self.condition(declarator), begin, end, lambda: Text("", (), self.lowering.path))
        elif value is not None or (typed is not None and not isinstance(typed, Opaque) and hoisted):
            yield Binding(scope, self.condition(declarator), begin, end, known, hoisted=hoisted)
        else:
            yield Binding(scope, self.condition(declarator), begin, end, None)

    def _grows(self, node: SgNode) -> bool:
        """Whether text is added to the variable somewhere and nothing assigned to it: it is then built from nothing."""
        signs = {
            sign(holder)
            for use in self.tree.named(node.text())
            if (holder := use.parent()) is not None
            and holder.kind() == "assignment_expression"
            and holder.field("left") == use
        }
        return signs == {"+="}

    def _taken_apart(self, node: SgNode, pattern: SgNode) -> Iterator[Binding]:
        """`var (a, b) = ..`, `foreach (var (a, b) in ..)`."""
        holder = pattern.parent()
        if holder is None:
            return
        index, (begin, end) = items(pattern).index(node), extent_of(holder)
        if holder.kind() == "foreach_statement":
            rows = holder.field("right")
            body = extent_of(holder)
            key = str(index)
            yield Binding(
                body, body, begin, begin, lambda: Member(Member(self.lowering.lowered(rows), "*"), key, start(node))
            )
        elif holder.kind() == "variable_declarator":
            value = initial(holder)
            whole = self.lowering.lowered
            yield Binding(
                self.scope(holder), self.condition(holder), begin, end, lambda: Member(whole(value), str(index), begin)
            )

    def _property(self, holder: SgNode) -> Value:
        name = holder.field("name")
        owner = next((a for a in holder.ancestors() if a.kind() in self.grammar.classes), None)
        if name is None or owner is None:
            return self.lowering.opaque(holder)
        known = [value for key, value in self.lowering.class_(owner).body if key == name.text()]
        return known[-1] if known else self.lowering.opaque(holder)

    def _looped(self, loop: SgNode) -> Iterator[Binding]:
        rows, kind, extent = loop.field("right"), loop.field("type"), extent_of(loop)

        def value() -> Value:
            known = self.csharp.declared(kind) if kind is not None and kind.kind() != "implicit_type" else None
            plain = known is None or isinstance(known, Opaque)
            return Member(self.lowering.lowered(rows), "*", extent[0]) if plain or known is None else known

        yield Binding(extent, extent, extent[0], extent[0], value)

    def _matched(self, pattern: SgNode) -> Binding:
        kind, (begin, end) = pattern.field("type"), extent_of(pattern)
        known = self.csharp.declared(kind) if kind is not None else self.lowering.opaque(pattern)
        return Binding(self.scope(pattern), self.condition(pattern), begin, end, lambda: known)

    def _defined(self, holder: SgNode) -> Iterator[Binding]:
        if holder.kind() in self.grammar.classes:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        elif holder.kind() == "method_declaration":
            same = self._overloads(holder)
            if same[0] == holder:
                yield self.defined(holder, lambda: self._one_of(same))
        elif holder.kind() != "constructor_declaration":
            yield self.defined(holder, lambda: self.function(holder))

    def _overloads(self, method: SgNode) -> list[SgNode]:
        """The methods of that name of its class."""
        name, body = method.field("name"), method.parent()
        alike = [one for one in items(body) if one.kind() == "method_declaration"] if body is not None else []
        return [one for one in alike if (own := one.field("name")) and name and own.text() == name.text()] or [method]

    def _one_of(self, methods: list[SgNode]) -> Value:
        found = tuple(self.function(one) for one in methods)
        return found[0] if len(found) == 1 else Choice(found)

    def _parameter(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        if holder.kind() == "parameter" and holder.field("name") != node:
            return
        listed = holder if holder.kind() in {"parameter_list", "lambda_expression"} else holder.parent()
        owner = listed if listed is not None and listed.kind() == "lambda_expression" else None
        owner = owner or (listed.parent() if listed is not None else None)
        if owner is None:
            return
        extent, name = extent_of(owner), node.text()
        kind = holder.field("type")
        if owner.kind() in self.grammar.classes:  # a primary constructor
            typed = self.csharp.declared(kind) if kind is not None else self.lowering.opaque(node)
            yield Binding(extent, extent, start(node), start(node), lambda: typed)
        elif owner.kind() in self.grammar.functions:

            def value() -> Value:
                known = next((param for param in self.params(owner) if param.name == name), None)
                receiver = self.csharp.declared(kind) if kind is not None else None
                return known or receiver or self.lowering.opaque(node)

            yield Binding(extent, extent, start(node), start(node), value)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them: without the receiver of an extension method."""
        name, offset = self.function_name(function), start(function)
        listed = function.field("parameters")
        found: list[Param] = []
        inner = items(listed) if listed is not None else []
        if listed is not None and listed.kind() in {"implicit_parameter", "identifier"}:
            return (Param(name, listed.text(), 0, None, offset, self.lowering.path),)
        for index, node in enumerate(inner):
            if node.kind() == "identifier":  # `params T[] rest`, whose type and name stand in the list itself
                found.append(self._rest(name, node, inner[index - 1], len(found), offset))
            if node.kind() != "parameter" or any(child.text() == "this" for child in items(node)[:1]):
                continue
            own, kind = node.field("name"), node.field("type")
            value = items(node)[-1] if any(child.kind() == "=" for child in node.children()) else None
            known = self.csharp.declared(kind) if kind is not None else None
            typed = None if isinstance(known, Opaque) else known
            default = self.lowering.lower(value) if value is not None else None
            plain = own.text() if own is not None else ""
            found.append(Param(name, plain, len(found), default, offset, self.lowering.path, typed))
        return tuple(found)

    def _rest(self, function: str, node: SgNode, kind: SgNode, index: int, offset: int) -> Param:
        known = self.csharp.declared(kind)
        typed = None if isinstance(known, Opaque) else known
        return Param(function, node.text(), index, None, offset, self.lowering.path, typed, rest=True)

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns."""
        return self.csharp.returning(super().function(node), node)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called: its own, or that of the variable that holds it."""
        own, holder = node.field("name"), node.parent()
        if own is not None:
            return own.text()
        named = holder.field("name") if holder is not None and holder.kind() == "variable_declarator" else None
        return named.text() if named is not None else ""

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.Add(..)`, `x["key"] = `, `b.Append(..)`."""
        kind, read = holder.kind(), self.lowering
        if kind == "assignment_expression" and holder.field("left") == node:
            right = holder.field("right")
            if sign(holder) == "=" and right is not None:
                yield self.change(holder, lambda: read.lower(right))
            elif sign(holder) == "+=":
                yield self.change(holder, lambda: augmented(read.lower(holder), start(holder)))
            elif sign(holder) == "??=" and right is not None:
                yield self.change(holder, lambda: read.lower(right))
        elif kind in {"member_access_expression", "element_access_expression"} and holder.field("expression") == node:
            yield from self._changed_inside(node, holder)

    def _changed_inside(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        outer, read, name = holder.parent(), self.lowering, node.text()
        member = holder.field("name")
        called = outer is not None and outer.kind() == "invocation_expression" and outer.field("function") == holder
        if called and outer is not None and member is not None and member.text() in _ADDING:
            method, begin = _ADDING[member.text()], start(outer)
            yield self.change(outer, lambda: appended(read.lower(outer), name, method, begin, read.path))
        elif called and outer is not None and member is not None and member.text() in self.grammar.appending:
            links = chained(outer, self.grammar.appending)
            yield self.change(links[-1], lambda: self._written(name, links))
        elif outer is not None and outer.kind() == "assignment_expression" and outer.field("left") == holder:
            right, begin = outer.field("right"), start(outer)
            key = self._key(holder, member)
            if right is not None and sign(outer) == "=":
                yield self.change(outer, lambda: entry(name, key, read.lower(right), begin, read.path))

    def _key(self, holder: SgNode, member: SgNode | None) -> Value:
        if member is not None:
            return Text(member.text(), (), self.lowering.path)
        listed = holder.field("subscript")
        key = self.lowering.lower(items(listed)[0]) if listed is not None and items(listed) else None
        return key if isinstance(key, Text) else Constant(None)

    def _written(self, name: str, links: list[SgNode]) -> Value:
        """What a builder holds after calls that write to it."""
        begin = start(links[0])
        parts: list[Value] = [Name(name, begin, self.lowering.path)]
        for link in links:
            made = self.lowering.lower(link)
            parts += written(made) if isinstance(made, Call) else []
        return Join(tuple(parts), offset=begin)

    def scope(self, node: SgNode) -> Extent:
        """Where a name that is declared at this node is visible; what a namespace holds is seen everywhere."""
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            holder = ancestor.parent()
            spaces = kind == "declaration_list" and holder is not None and holder.kind() == "namespace_declaration"
            if not spaces and (kind in self.grammar.functions or kind in self.grammar.blocks):
                return self.before_brace(extent_of(ancestor))
        return self.whole

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


def chained(call: SgNode, names: frozenset[str]) -> list[SgNode]:
    """The calls of a chain of these methods that begins with this one, in order."""
    links = [call]
    while True:
        member = links[-1].parent()
        outer = member.parent() if member is not None and member.kind() == "member_access_expression" else None
        name = member.field("name") if member is not None else None
        if outer is None or outer.kind() != "invocation_expression" or name is None or name.text() not in names:
            return links
        links.append(outer)


def written(call: Call) -> list[Value]:
    """What a call of Append, AppendLine, AppendFormat or AppendJoin adds to a builder."""
    name = call.callee.name if isinstance(call.callee, Member) else ""
    at = call.name_offset
    if name == "AppendFormat":
        return [Call(Member(Name("string", at), "Format", at), call.args, (), at, at, call.end)]
    if name == "AppendJoin":
        return [Call(Member(Name("string", at), "Join", at), call.args, (), at, at, call.end)]
    return [*call.args[:1], *([Text(_LINES[name])] if name in _LINES else [])]
