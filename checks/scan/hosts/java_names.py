"""What Java names are bound to: fields, variables, parameters, methods, types, imports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ..values import Choice, Import, Join, Lambda, Member, Name, Opaque, Param
from .naming import Names, appended, augmented
from .nodes import extent_of, items, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .java_values import JavaLowering

_PARAMETERS = frozenset({"formal_parameter", "spread_parameter"})
_FIELDS = frozenset({"field_declaration", "constant_declaration"})


class JavaNames(Names):
    """The bindings of one file's names, found when asked for."""

    @property
    def java(self) -> JavaLowering:
        """The lowering, which knows types."""
        return cast("JavaLowering", self.lowering)

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind in self.grammar.declarations:
            yield from self._declared(node, holder)
        elif kind == "enhanced_for_statement" and holder.field("name") == node:
            value, loop, begin = holder.field("value"), extent_of(holder), start(node)
            listed = self.lowering.lowered(value)
            yield Binding(loop, loop, begin, begin, lambda: Member(listed, "*", begin))
        elif kind == "method_invocation" and holder.field("object") == node:
            yield from self._built(node, holder)
        elif kind != "constructor_declaration":  # whose name is that of its type
            yield from super().binding(node)

    def _declared(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """A field, or a variable; without a value one of its type."""
        if holder.field("name") != node:
            return
        statement = holder.parent()
        if statement is not None and statement.kind() == "spread_parameter":
            yield from self.parameter(node)
            return
        value, kind = holder.field("value"), (statement or holder).field("type") or holder.field("type")
        begin, end = extent_of(holder)
        is_field = statement is not None and statement.kind() in _FIELDS
        given = (lambda: self.lowering.lower(value)) if value is not None else lambda: self.java.declared(kind)
        # Of a field that a constructor gives its value the type says nothing more, unless it is one of the project.
        known = value is not None or (is_field and not isinstance(self.java.declared(kind), Opaque))
        condition = self.condition(holder) if not is_field else self.scope(holder)
        yield Binding(self.scope(holder), condition, begin, end, given if known else None, hoisted=is_field)

    def _built(self, node: SgNode, call: SgNode) -> Iterator[Binding]:
        """`builder.append(..).append(..);`, `list.add(x);`."""
        calls = [call]
        while (outer := calls[-1].parent()) is not None and outer.kind() == "method_invocation":
            calls.append(outer)
        names = [one.field("name") for one in calls]
        if (
            outer is None
            or outer.kind() != "expression_statement"
            or not all(name is not None and name.text() in self.grammar.appending for name in names)
        ):
            return
        name, begin, read = node.text(), start(calls[-1]), self.lowering
        if names[0] is not None and names[0].text() == "add" and len(calls) == 1:
            yield self.change(call, lambda: appended(read.lower(call), name, "add", begin, read.path))
        elif all(one is not None and one.text() == "append" for one in names):
            yield self.change(calls[-1], lambda: self._joined(name, calls, begin))

    def _joined(self, name: str, calls: list[SgNode], begin: int) -> Value:
        args = [one for call in calls for one in self.lowering.arguments(call.field("arguments"))[0][:1]]
        return Join((Name(name, begin, self.lowering.path), *args), offset=begin)

    def assigned(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`x = ..`, `x += ..`."""
        right, begin = holder.field("right"), start(holder)
        if holder.field("left") == node and right is not None:
            read = self.lowering
            if sign(holder) == "+=":
                yield self.change(holder, lambda: augmented(read.added(holder), begin))
            elif sign(holder) == "=":
                yield self.change(holder, lambda: read.lower(right))

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The parameters of a method or lambda, in order."""
        listed = function.field("parameters")
        if listed is None:
            return []
        return [listed] if listed.kind() == "identifier" else items(listed)

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The identifier of a parameter."""
        if node.kind() == "spread_parameter":
            declared = next((one for one in items(node) if one.kind() == "variable_declarator"), None)
            return declared.field("name") if declared is not None else None
        return node if node.kind() == "identifier" else node.field("name")

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters as a caller counts them, each with a value of its type."""
        name, offset, path = self.function_name(function), start(function), self.lowering.path
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            named, rest = self.parameter_name(node), node.kind() == "spread_parameter"
            kind = self.java.declared(node.field("type")) if node.kind() == "formal_parameter" else None
            plain = named.text() if named is not None else ""
            found.append(Param(name, plain, index, None, offset, path, kind, rest))
        return tuple(found)

    def function_name(self, node: SgNode) -> str:
        """The name by which a method is called, "" for a lambda."""
        return "" if node.kind() == "lambda_expression" else super().function_name(node)

    def methods(self, name: str, owner: tuple[int, int]) -> Value | None:
        """The methods of that name right in the body of a type, by its extent; a Choice of overloaded ones."""
        found: list[Lambda] = []
        for node in self.tree.named(name):
            holder = node.parent()
            if holder is None or holder.kind() != "method_declaration" or holder.field("name") != node:
                continue
            around = next((a for a in holder.ancestors() if a.kind() in self.grammar.classes), None)
            if around is not None and extent_of(around) == owner:
                found.append(self.function(holder))
        return found[0] if len(found) == 1 else Choice(tuple(found)) if found else None

    @cached_property
    def imports(self) -> dict[str, Value]:
        """What imports bind, by name: types, and with `static` members of them."""
        found: dict[str, Value] = {}
        for node in self.tree.find_all("import_declaration"):
            name = next((one for one in items(node) if one.kind() == "scoped_identifier"), None)
            if name is None or any(one.kind() == "asterisk" for one in items(node)):
                continue
            owner, _, last = "".join(name.text().split()).rpartition(".")
            if any(child.text() == "static" for child in node.children()):
                module, _, plain = owner.rpartition(".")
                found[last] = Member(Import(module, plain, self.lowering.path), last)
            else:
                found[last] = Import(owner, last, self.lowering.path)
        return found

    @cached_property
    def wide(self) -> tuple[Import, ...]:
        """The types of which all static members are imported."""
        found: list[Import] = []
        for node in self.tree.find_all("import_declaration"):
            name = next((one for one in items(node) if one.kind() == "scoped_identifier"), None)
            is_wide = any(one.kind() == "asterisk" for one in items(node))
            if name is not None and is_wide and any(child.text() == "static" for child in node.children()):
                module, _, plain = "".join(name.text().split()).rpartition(".")
                found.append(Import(module, plain, self.lowering.path))
        return tuple(found)
