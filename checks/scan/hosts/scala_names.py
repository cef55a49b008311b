"""What Scala names are bound to: values, parameters, methods, classes, imports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ..values import Import, Param
from .naming import Names, augmented
from .nodes import extent_of, items, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from .scala_values import ScalaLowering

_PARAMETERS = frozenset({"parameter", "class_parameter", "binding"})


class ScalaNames(Names):
    """The bindings of one file's names, found when asked for."""

    @property
    def scala(self) -> ScalaLowering:
        """The lowering, which knows types."""
        return cast("ScalaLowering", self.lowering)

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        if holder.kind() == "infix_expression" and sign(holder) == "+=" and holder.field("left") == node:
            yield self.change(holder, lambda: augmented(self.lowering.added(holder), start(holder)))
        elif holder.kind() == "class_parameter" and holder.field("name") == node:
            yield from self._of_class(node, holder)
        else:
            yield from super().binding(node)

    def declared(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`val x = ..`: of a class or object it holds in all of it."""
        name, value = holder.field("pattern"), holder.field("value")
        if name != node or value is None:
            return
        begin, end = extent_of(holder)
        scope = self.scope(holder)
        outside = not any(one.kind() in {*self.grammar.functions, "block"} for one in holder.ancestors())
        condition = scope if outside else self.condition(holder)
        yield Binding(scope, condition, begin, end, lambda: self.lowering.lower(value), hoisted=outside)

    def _of_class(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        owner = next((a for a in holder.ancestors() if a.kind() in self.grammar.classes), None)
        if owner is not None:
            extent, kind = extent_of(owner), holder.field("type")
            begin = start(node)
            yield Binding(extent, extent, begin, begin, lambda: self.scala.declared(kind), hoisted=True)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The parameters of a method or function, in order."""
        listed = [one for one in items(function) if one.kind() in {"parameters", "bindings"}]
        if function.kind() == "lambda_expression" and not listed:
            return [one for one in items(function)[:1] if one.kind() == "identifier"]
        return [one for part in listed[:1] for one in items(part) if one.kind() in _PARAMETERS]

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters as a caller counts them, each with a value of its type."""
        name, offset, path = self.function_name(function), start(function), self.lowering.path
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            own, value = self.parameter_name(node), node.field("default_value")
            default = self.lowering.lower(value) if value is not None else None
            kind = self.scala.declared(node.field("type")) if node.kind() != "identifier" else None
            found.append(Param(name, own.text() if own is not None else "", index, default, offset, path, kind))
        return tuple(found)

    @cached_property
    def imports(self) -> dict[str, Import]:
        """What imports bind, by name."""
        found: dict[str, Import] = {}
        for node in self.tree.find_all("import_declaration"):
            parts = [one for one in items(node) if one.kind() == "identifier"]
            selectors = next((one for one in items(node) if one.kind() == "namespace_selectors"), None)
            whole = [part.text() for part in parts]
            if selectors is not None:
                for one in items(selectors):
                    names = [inner.text() for inner in items(one)] or [one.text()]
                    found[names[-1]] = Import(".".join(whole), names[0], self.lowering.path)
            elif len(whole) > 1 and items(node)[-1].kind() == "identifier":
                found[whole[-1]] = Import(".".join(whole[:-1]), whole[-1], self.lowering.path)
        return found
