"""What PHP names are bound to: assignments, parameters, constants, functions and classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Constant, Join, Member, Name, Param, Text
from .naming import Names, augmented, entry
from .nodes import extent_of, items, sign, start
from .php_grammar import plain
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .scopes import Extent

_PARAMETERS = frozenset({"simple_parameter", "variadic_parameter", "property_promotion_parameter"})


class PhpNames(Names):
    """The bindings of one file's names, found when asked for."""

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if node.kind() == "variable_name":
            yield from self._variable(node, holder, kind)
        elif kind == "function_definition" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif kind in self.grammar.classes and holder.field("name") == node:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        elif kind == "const_element" and items(holder)[0] == node and not self.is_inside_method(holder):
            value = items(holder)[-1]
            yield self.defined(holder, lambda: self.lowering.lower(value))

    def _variable(self, node: SgNode, holder: SgNode, kind: str) -> Iterator[Binding]:
        right, name = holder.field("right"), node.text()
        if kind in _PARAMETERS:
            yield from self.parameter(node)
        elif kind in {"assignment_expression", "reference_assignment_expression"} and holder.field("left") == node:
            yield self._set(holder, lambda: self.lowering.lowered(right))
        elif kind == "augmented_assignment_expression" and holder.field("left") == node:
            yield self._set(holder, lambda: self._grown(name, holder))
        elif kind == "subscript_expression" and items(holder)[:1] == [node]:
            yield from self._entered(name, holder)
        elif kind == "foreach_statement" and node in items(holder)[1:2]:
            yield self._each(holder)
        elif kind == "pair" and items(holder)[-1] == node:
            outer = holder.parent()
            if outer is not None and outer.kind() == "foreach_statement":
                yield self._each(outer)
        elif kind == "static_variable_declaration" and holder.field("name") == node:
            value = holder.field("value")
            yield self._set(holder, lambda: self.lowering.lowered(value))
        elif kind == "list_literal" or (kind == "array_element_initializer" and self._is_unpacked(holder)):
            yield self._set(holder, lambda: self.lowering.opaque(node))

    def _grown(self, name: str, statement: SgNode) -> Value:
        """`$x .= y` with the statements right before it that make the text too: they may be more than one can nest."""
        parts: list[Value] = []
        one: SgNode | None = statement
        first = statement
        while one is not None and self._sets(name, one):
            first = one
            parts.insert(0, self.lowering.lowered(one.field("right")))
            if one.kind() == "assignment_expression":
                return Join(tuple(parts), offset=start(one))
            if sign(one) != ".=":
                return augmented(self.lowering.lower(statement), start(statement))
            one = self._before(one)
        return Join((Name(name, start(first), self.lowering.path), *parts), offset=start(first))

    def _sets(self, name: str, node: SgNode) -> bool:
        left = node.field("left") if node.kind() in self.grammar.assignments else None
        return left is not None and left.text() == name

    def _before(self, expression: SgNode) -> SgNode | None:
        """The expression of the statement before that of this one."""
        statement = expression.parent()
        before = statement.prev() if statement is not None else None
        while before is not None and before.kind() == "comment":
            before = before.prev()
        inner = items(before) if before is not None and before.kind() == "expression_statement" else []
        return inner[0] if inner else None

    def _is_unpacked(self, element: SgNode) -> bool:
        listed = element.parent()
        outer = listed.parent() if listed is not None else None
        return outer is not None and outer.kind() == "assignment_expression" and outer.field("left") == listed

    def _each(self, loop: SgNode) -> Binding:
        """`foreach ($rows as $row)`: any of them."""
        rows, (begin, _) = items(loop)[0], extent_of(loop)
        scope = self.scope(loop)
        return Binding(
            scope,
            extent_of(loop),
            begin,
            extent_of(rows)[1],
            lambda: Member(self.lowering.lower(rows), "*", start(rows)),
        )

    def _entered(self, name: str, target: SgNode) -> Iterator[Binding]:
        """`$row['key'] = value`, `$rows[] = value`."""
        outer, inner = target.parent(), items(target)
        if outer is None or outer.kind() != "assignment_expression" or outer.field("left") != target:
            return
        value, begin, path = outer.field("right"), start(outer), self.lowering.path
        if len(inner) > 1:
            key = self.lowering.lower(inner[1])
            known: Value = key if isinstance(key, Text) else Constant(None)
            yield self._set(outer, lambda: entry(name, known, self.lowering.lowered(value), begin, path))
        else:
            yield self._set(outer, lambda: self._added(name, value, begin))

    def _added(self, name: str, value: SgNode | None, begin: int) -> Value:
        owner = Name(name, begin, self.lowering.path)
        return Call(Member(owner, "append", begin), (self.lowering.lowered(value),), (), begin, begin, begin)

    def _set(self, node: SgNode, value: Callable[[], Value]) -> Binding:
        begin, end = extent_of(node)
        return Binding(self.scope(node), self.condition(node), begin, end, value, branches=self.branches(node))

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The variable of a parameter."""
        return node.field("name")

    def parameter(self, node: SgNode) -> Iterator[Binding]:
        """A parameter of the function around it."""
        owner = next((a for a in node.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None:
            return
        extent, name = extent_of(owner), plain(node)

        def value() -> Value:
            known = next((param for param in self.params(owner) if param.name == name), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, start(node), start(node), value)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them, without their dollars."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            named, value, kind = (node.field(field) for field in ("name", "default_value", "type"))
            declared = self.lowering.lower(kind) if kind is not None and kind.kind() != "primitive_type" else None
            default = self.lowering.lower(value) if value is not None else None
            own = plain(named) if named is not None else ""
            rest = node.kind() == "variadic_parameter"
            found.append(Param(name, own, index, default, offset, self.lowering.path, declared, rest))
        return tuple(found)

    def scope(self, node: SgNode) -> Extent:
        """The function that a node stands in."""
        return next((extent_of(a) for a in node.ancestors() if a.kind() in self.grammar.functions), self.whole)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called, "" for one without a name, and for a constructor."""
        name = super().function_name(node)
        return "" if name == "__construct" else name
