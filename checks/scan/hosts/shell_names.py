"""What shell names are bound to: assignments, `local`, positional parameters, functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..values import Param
from .naming import Names
from .nodes import extent_of, items, start
from .scopes import Binding
from .shell_values import appended, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value

_POSITION = re.compile(r"\$\{?([1-9])\b")


class ShellNames(Names):
    """The bindings of one file's names: global ones but for those that are declared local."""

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this word binds."""
        holder = node.parent()
        if holder is None:
            return
        if holder.kind() == "variable_assignment" and holder.field("name") == node:
            yield self._assigned(node, holder)
        elif holder.kind() == "function_definition" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif holder.kind() == "for_statement" and node.kind() == "variable_name":
            begin, _ = extent_of(holder)
            yield Binding(self.whole, extent_of(holder), begin, begin, lambda: unknown(node), declares=False)
        elif node.kind() == "variable_name" and node.text().isdecimal():
            yield from self._position(node)

    def _assigned(self, node: SgNode, holder: SgNode) -> Binding:
        value, begin = holder.field("value"), start(holder)
        adds = any(child.text() == "+=" for child in holder.children()[:3])

        def given() -> Value:
            known = self.lowering.lower(value) if value is not None else self.lowering.opaque(holder)
            return appended(node.text(), known, begin, self.lowering.path) if adds else known

        outer = holder.parent()
        local = outer is not None and outer.kind() == "declaration_command" and outer.text().startswith("local")
        if not local:
            return self.change(holder, given)
        _, end = extent_of(holder)
        return Binding(self.scope(holder), self.condition(holder), begin, end, given)

    def _position(self, node: SgNode) -> Iterator[Binding]:
        """`$1` inside of a function."""
        owner = next((a for a in node.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None:
            return
        extent, name = extent_of(owner), node.text()
        begin = extent[0]

        def value() -> Value:
            known = next((param for param in self.params(owner) if param.name == name), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, begin, begin, value)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The positions that a function uses, up to the last one."""
        body = function.field("body")
        used = [int(match[1]) for match in _POSITION.finditer(body.text())] if body is not None else []
        name, offset, path = self.function_name(function), start(function), self.lowering.path
        return tuple(Param(name, str(index + 1), index, None, offset, path) for index in range(max(used, default=0)))

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called."""
        own = node.field("name")
        return own.text() if own is not None else next((child.text() for child in items(node)), "")
