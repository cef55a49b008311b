"""What Python names are bound to: assignments, parameters, imports, definitions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..values import Constant, Import, Param, Sequence, Text
from .naming import Names, appended, augmented, entry
from .nodes import extent_of, items, start
from .python_values import looped
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .scopes import Extent

_PARAMETERS = frozenset({
    "default_parameter",
    "typed_parameter",
    "typed_default_parameter",
    "list_splat_pattern",
    "dictionary_splat_pattern",
})  # fmt: skip


class PythonNames(Names):
    """The bindings of one file's names, found when asked for."""

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind in {"parameters", "lambda_parameters"} or kind in _PARAMETERS:
            yield from self.parameter(node)
        elif kind == "function_definition" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif kind == "class_definition" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        elif kind in {"dotted_name", "aliased_import"}:
            yield from self._import(node)
        elif kind in {"pattern_list", "tuple_pattern", "list_pattern"}:
            yield from self._unpacked(node, holder)
        elif kind == "for_in_clause" and holder.field("left") == node:
            yield self._item(node, holder)
        else:
            yield from self._changed(node, holder)

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The identifier of a parameter, by whatever it is annotated or starred."""
        if node.kind() == "identifier":
            return node
        named = node.field("name") or next(iter(items(node)), None)
        while named is not None and named.kind() != "identifier":
            named = next(iter(items(named)), None)
        return named

    def defined(self, holder: SgNode, value: Callable[[], Value]) -> Binding:
        """A function or class, in force in all of its scope."""
        scope, members_only = self._scope(holder)
        return Binding(scope, scope, start(holder), start(holder), value, hoisted=True, members_only=members_only)

    def _import(self, node: SgNode) -> Iterator[Binding]:
        statement = next((a for a in node.ancestors() if a.kind() in _IMPORTS), None)
        if statement is None:
            return
        part = _imported(node, statement)
        if part is None:
            return
        dotted, alias = part
        scope, members_only = self._scope(statement)
        module = statement.field("module_name")
        if statement.kind() == "import_from_statement" and module is not None:
            value = Import(module.text(), dotted, self.lowering.path)
        else:
            value = Import(dotted if alias else dotted.partition(".")[0], None, self.lowering.path)
        yield Binding(scope, scope, start(node), start(node), lambda: value, hoisted=True, members_only=members_only)

    def _unpacked(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        assignment = holder.parent()
        if assignment is None:
            return
        if assignment.kind() == "assignment" and assignment.field("left") == holder:
            index, right = items(holder).index(node), assignment.field("right")

            def value() -> Value:
                known = self.lowering.lower(right) if right is not None else None
                one = isinstance(known, Sequence) and known.complete and index < len(known.items)
                return known.items[index] if one and isinstance(known, Sequence) else self.lowering.opaque(node)

            yield self._assigned(assignment, value)
        else:
            yield self._assigned(holder, lambda: self.lowering.opaque(node))

    def _item(self, node: SgNode, holder: SgNode) -> Binding:
        """The item of a comprehension, which is given to what it makes of each."""
        outer, read = holder.parent(), self.lowering
        if outer is None or looped(outer) is None:
            return self._assigned(holder, lambda: read.opaque(node))
        extent, name = extent_of(outer), node.text()
        return Binding(extent, extent, extent[0], extent[0], lambda: Param("", name, 0, None, extent[0], read.path))

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.append(..)`, `x["key"] = `."""
        kind, outer, read = holder.kind(), holder.parent(), self.lowering
        right, name = holder.field("right"), node.text()
        if kind == "assignment" and holder.field("left") == node and right is not None:
            yield self._assigned(holder, lambda: read.lower(right))
        elif kind == "augmented_assignment" and holder.field("left") == node:
            yield self._assigned(holder, lambda: augmented(read.lower(holder), start(holder)))
        elif kind == "named_expression" and holder.field("name") == node:
            yield self._assigned(holder, lambda: read.lower(holder))
        elif kind == "for_statement" and holder.field("left") == node:
            yield self._assigned(holder, lambda: read.opaque(node))
        elif kind == "as_pattern_target":
            yield self._assigned(holder, lambda: self._entered(holder))
        elif kind == "attribute" and outer is not None and holder.field("object") == node and _stands_alone(outer):
            method = holder.field("attribute")
            if outer.field("function") == holder and method is not None and method.text() in self.grammar.appending:
                how = method.text()
                changed = self._assigned(outer, lambda: appended(read.lower(outer), name, how, start(outer), read.path))
                yield replace(changed, declares=False)
        elif kind == "subscript" and outer is not None and outer.kind() == "assignment":
            key, value = holder.field("subscript"), outer.field("right")
            if (
                outer.field("left") == holder
                and holder.field("value") == node
                and key is not None
                and value is not None
            ):
                index = read.lower(key)
                text: Value = index if isinstance(index, Text) else Constant(None)
                changed = self._assigned(outer, lambda: entry(name, text, read.lower(value), start(outer), read.path))
                yield replace(changed, declares=False)

    def _entered(self, target: SgNode) -> Value:
        """`with x() as y`: y is taken for what x() makes."""
        pattern = target.parent()
        inner = items(pattern) if pattern is not None else []
        return self.lowering.lower(inner[0]) if inner else self.lowering.opaque(target)

    def _assigned(self, node: SgNode, value: Callable[[], Value]) -> Binding:
        scope, members_only = self._scope(node)
        begin, end = extent_of(node)
        if node.kind() in {"for_statement", "for_in_clause", "as_pattern_target"}:
            end = begin
        return Binding(
            scope, self.condition(node), begin, end, value, members_only=members_only, branches=self.branches(node)
        )

    def _scope(self, node: SgNode) -> tuple[Extent, bool]:
        for ancestor in node.ancestors():
            if ancestor.kind() in self.grammar.functions:
                return extent_of(ancestor), False
            if ancestor.kind() == "class_definition":
                return extent_of(ancestor), True
        return self.whole, False

    def _is_method(self, function: SgNode) -> bool:
        around = (a.kind() for a in function.ancestors())
        kinds = self.grammar.functions | self.grammar.classes
        return next((kind for kind in around if kind in kinds), "") in self.grammar.classes

    def is_inside_method(self, function: SgNode) -> bool:
        """Whether a function is a method, or stands in one."""
        outer = (a for a in function.ancestors() if a.kind() in self.grammar.functions)
        return self._is_method(function) or any(map(self._is_method, outer))

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The nodes of a function's parameters, without self and cls."""
        nodes = super().parameter_nodes(function)
        first = self.parameter_name(nodes[0]) if nodes else None
        of_object = first is not None and first.text() in {"self", "cls"} and self._is_method(function)
        return nodes[1:] if of_object else nodes

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them, without `*args` and `**options`."""
        listed = zip(self.parameter_nodes(function), super().params(function), strict=True)
        return tuple(param for node, param in listed if not node.text().startswith("*"))

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called, "" for a lambda without a name."""
        own = node.field("name")
        if own is not None:
            return own.text()
        holder = node.parent()
        left = holder.field("left") if holder is not None and holder.kind() == "assignment" else None
        return left.text() if left is not None else ""


def _stands_alone(call: SgNode) -> bool:
    """Whether a call is a statement by itself: `rows.append(x)`, and no `Model.insert(x).execute()`."""
    holder = call.parent()
    return call.kind() == "call" and holder is not None and holder.kind() == "expression_statement"


_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})


def _imported(node: SgNode, statement: SgNode) -> tuple[str, bool] | None:
    """What the import statement names where it binds this identifier, and whether by an alias."""
    for part in statement.field_children("name"):
        name, alias = part.field("name"), part.field("alias")
        if alias is not None and alias == node and name is not None:
            return name.text(), True
        if alias is None and extent_of(part)[0] == start(node):
            return part.text(), False
    return None
