"""What Kotlin names are bound to: properties, variables, parameters, functions, types, imports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ..values import Choice, Constant, Import, Join, Lambda, Member, Name, Opaque, Param, Text
from .kotlin_nodes import TYPES, callee_of, child, given_of, initial, method_of, named
from .naming import Names, appended, entry
from .nodes import extent_of, items, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .kotlin_values import KotlinLowering
    from .scopes import Extent

_PARAMETERS = frozenset({"function_value_parameters", "lambda_parameters", "primary_constructor"})


class KotlinNames(Names):
    """The bindings of one file's names, found when asked for."""

    @property
    def kotlin(self) -> KotlinLowering:
        """The lowering, which knows types."""
        return cast("KotlinLowering", self.lowering)

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        outer = holder.parent() if holder is not None else None
        if holder is None or outer is None:
            return
        kind = holder.kind()
        if kind == "variable_declaration" and outer.kind() == "property_declaration":
            yield from self._property(outer)
        elif kind == "variable_declaration" and outer.kind() == "for_statement":
            yield from self._loop(node, outer)
        elif kind in {"variable_declaration", "parameter", "class_parameter"} and outer.kind() in _PARAMETERS:
            yield from self._parameter(node, outer)
        elif kind == "function_declaration" and named(holder) == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif kind in self.grammar.classes and named(holder) == node:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        elif kind == "directly_assignable_expression" and outer.kind() == "assignment":
            yield from self._assigned(node, holder, outer)
        elif kind == "navigation_expression" and callee_of(holder) == node:
            yield from self._built(node, holder)

    def scope(self, node: SgNode) -> Extent:
        """Where a name that is declared at this node is visible: what a companion holds in all of its class."""
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if (
                kind == "class_body"
                and (holder := ancestor.parent()) is not None
                and holder.kind() == "companion_object"
            ):
                continue
            if kind in self.grammar.functions or kind in self.grammar.blocks:
                return extent_of(ancestor)
        return self.whole

    def _property(self, declaration: SgNode) -> Iterator[Binding]:
        begin, end = extent_of(declaration)
        scope = self.scope(declaration)
        outside = not any(one.kind() in self.grammar.functions for one in declaration.ancestors())
        known = initial(declaration) is not None or (
            outside and not isinstance(self.kotlin.initially(declaration), Opaque)
        )
        condition = scope if outside else self.condition(declaration)
        value = (lambda: self.kotlin.initially(declaration)) if known else None
        yield Binding(scope, condition, begin, end, value, hoisted=outside)

    def _loop(self, node: SgNode, loop: SgNode) -> Iterator[Binding]:
        extent, begin = extent_of(loop), start(node)
        inner = [one for one in items(loop) if one.kind() not in {"variable_declaration", "control_structure_body"}]
        if inner:
            yield Binding(extent, extent, begin, begin, lambda: Member(self.lowering.lower(inner[0]), "*", begin))

    def _parameter(self, node: SgNode, listed: SgNode) -> Iterator[Binding]:
        owner = listed.parent()
        if owner is None:
            return
        extent, name, begin = extent_of(owner), node.text(), start(node)

        def value() -> Value:
            known = next((param for param in self.params(owner) if param.name == name), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, begin, begin, value, hoisted=listed.kind() == "primary_constructor")

    def _assigned(self, node: SgNode, target: SgNode, statement: SgNode) -> Iterator[Binding]:
        """`x = ..`, `x += ..`, `x["key"] = ..`."""
        inner, read, begin = items(target), self.lowering, start(statement)
        right, name = initial(statement), node.text()
        if right is None or inner[0] != node:
            return
        if len(inner) == 1 and sign(statement) == "=":
            yield self.change(statement, lambda: read.lower(right))
        elif len(inner) == 1 and sign(statement) == "+=":
            yield self.change(statement, lambda: Join((Name(name, begin, read.path), read.lower(right)), offset=begin))
        elif len(inner) > 1 and inner[1].kind() == "indexing_suffix" and (key := next(iter(items(inner[1])), None)):
            index = read.lower(key)
            text: Value = index if isinstance(index, Text) else Constant(None)
            yield self.change(statement, lambda: entry(name, text, read.lower(right), begin, read.path))

    def _built(self, node: SgNode, owner: SgNode) -> Iterator[Binding]:
        """`builder.append(..).append(..)`, `list.add(x)`, as statements of their own."""
        calls: list[SgNode] = []
        inner: SgNode | None = owner
        while inner is not None and inner.kind() == "navigation_expression":
            call = inner.parent()
            if call is None or call.kind() != "call_expression" or callee_of(call) != inner:
                return
            calls.append(call)
            inner = call.parent()
        names = [method.text() for call in calls if (method := method_of(call)) is not None]
        if inner is None or inner.kind() not in {"statements", "control_structure_body"}:
            return
        if len(names) < len(calls) or any(one not in self.grammar.appending for one in names):
            return
        begin, read, name = start(calls[-1]), self.lowering, node.text()
        if names == ["add"]:
            yield self.change(calls[0], lambda: appended(read.lower(calls[0]), name, "add", begin, read.path))
        elif "add" not in names:
            yield self.change(calls[-1], lambda: self._joined(name, calls, names, begin))

    def _joined(self, name: str, calls: list[SgNode], names: list[str], begin: int) -> Value:
        parts: list[Value] = [Name(name, begin, self.lowering.path)]
        for call, method in zip(calls, names, strict=True):
            given = given_of(call)[:1]
            parts += [self.lowering.lower(items(one)[-1]) for one in given if items(one)]
            parts += [Text("\n", (), self.lowering.path)] if method == "appendLine" else []
        return Join(tuple(parts), offset=begin)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The parameters of a function, a lambda or a primary constructor."""
        listed = child(function, *_PARAMETERS)
        wanted = {"parameter", "class_parameter", "variable_declaration"}
        return [one for one in items(listed) if one.kind() in wanted] if listed is not None else []

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The identifier of a parameter."""
        return child(node, "simple_identifier")

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters as a caller counts them, each with a value of its type; `it` of a lambda without any."""
        name, offset, path = self.function_name(function), start(function), self.lowering.path
        defaults, rest = self._extras(function)
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            own, kind = self.parameter_name(node), self.kotlin.declared(child(node, *TYPES))
            default = defaults.get(start(node))
            value = self.lowering.lower(default) if default is not None else None
            plain = own.text() if own is not None else ""
            found.append(Param(name, plain, index, value, offset, path, kind, start(node) in rest))
        return tuple(found)

    def _extras(self, function: SgNode) -> tuple[dict[int, SgNode], set[int]]:
        """By the place of a parameter its default, and which of them takes all further arguments."""
        defaults: dict[int, SgNode] = {}
        rest: set[int] = set()
        listed = child(function, *_PARAMETERS)
        last, spread = -1, False
        for one in items(listed) if listed is not None else ():
            if one.kind() == "class_parameter":
                value = initial(one)
                defaults.update({} if value is None else {start(one): value})
            elif one.kind() == "parameter_modifiers":
                spread = "vararg" in one.text().split()
            elif one.kind() == "parameter":
                last = start(one)
                rest.update({last} if spread else ())
                spread = False
            elif last >= 0:
                defaults[last] = one
        return defaults, rest

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called, "" for one without a name."""
        found = named(node) if node.kind() in {"function_declaration", *self.grammar.classes} else None
        return found.text() if found is not None else ""

    def is_inside_method(self, function: SgNode) -> bool:
        """Whether a function is a method, or stands in one."""
        return any(one.kind() in self.grammar.classes for one in function.ancestors())

    def functions_named(self, name: str, offset: int) -> Value | None:
        """All functions of that name in the innermost scope around a place that has one."""
        found: dict[Extent, list[Lambda]] = {}
        for node in self.tree.named(name):
            holder = node.parent()
            if holder is not None and holder.kind() == "function_declaration" and named(holder) == node:
                scope = self.scope(holder)
                if scope[0] <= offset <= scope[1]:
                    found.setdefault(scope, []).append(self.function(holder))
        inner = min(found, key=lambda extent: extent[1] - extent[0], default=None)
        options = found[inner] if inner is not None else []
        return options[0] if len(options) == 1 else Choice(tuple(options)) if options else None

    @cached_property
    def imports(self) -> dict[str, Import]:
        """What imports bind, by name."""
        found: dict[str, Import] = {}
        for node in self.tree.find_all("import_header"):
            whole, alias = child(node, "identifier"), child(node, "import_alias")
            if whole is None or child(node, "wildcard_import") is not None:
                continue
            owner, _, last = "".join(whole.text().replace("`", "").split()).rpartition(".")
            local = items(alias)[-1].text() if alias is not None and items(alias) else last
            found[local] = Import(owner, last, self.lowering.path)
        return found
