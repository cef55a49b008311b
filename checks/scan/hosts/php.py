"""PHP files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..values import Import
from .host import Host
from .nodes import extent_of, items, start
from .php_grammar import PHP, dotted
from .php_names import PhpNames
from .php_strings import PhpStrings
from .php_values import PhpLowering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value


class PhpModule(Host):
    """One parsed PHP file."""

    grammar = PHP
    lowers = PhpLowering
    names = PhpNames
    reads = PhpStrings
    own = frozenset({"$this", "this", "self", "static"})

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, or the `new` that makes one of it."""
        holder = name.parent()
        made = holder is not None and holder.kind() == "object_creation_expression" and items(holder)[:1] == [name]
        return holder if made else super().call_of(name)

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; a class by its import or its namespace."""
        found = super().lookup(name, offset)
        if found is not None or not (name[:1].isupper() or name.startswith("\\")):
            return found
        full = self._expanded(name, offset)
        return self._named(full) or Import(full, None, self.file.path)

    def exported(self, name: str) -> Value | None:
        """What another file means by the whole name of a class, constant or function, or by "class.method"."""
        return self._named(name) or self._method(name)

    def _named(self, full: str) -> Value | None:
        owner, _, own = full.rpartition(".")
        nodes = [node for node in self.tree.named(own) if (holder := node.parent()) and holder.kind() in _DECLARING]
        found = [node for node in nodes if self._space(start(node)) == owner]
        bindings = [one for node in found[:1] for one in self.naming.binding(node)]
        return bindings[0].value() if bindings and bindings[0].value is not None else None

    def _method(self, full: str) -> Value | None:
        owner, _, own = full.rpartition(".")
        for node in self.tree.named(own):
            holder = node.parent()
            if holder is not None and holder.kind() == "method_declaration" and holder.field("name") == node:
                around = next((a for a in holder.ancestors() if a.kind() in self.grammar.classes), None)
                name = around.field("name") if around is not None else None
                if name is not None and owner in {name.text(), f"{self._space(start(node))}.{name.text()}"}:
                    return self.naming.function(holder)
        return None

    @cached_property
    def _spaces(self) -> list[tuple[int, str]]:
        """Where each namespace begins."""
        found: list[tuple[int, str]] = []
        for node in self.root.find_all(kind="namespace_definition"):
            name = node.field("name")
            found.append((start(node), dotted(name.text()) if name is not None else ""))
        return found

    def _space(self, offset: int) -> str:
        return next((name for begin, name in reversed(self._spaces) if begin <= offset), "")

    def _expanded(self, name: str, offset: int) -> str:
        """The whole name of a class."""
        if name.startswith("\\"):
            return dotted(name)
        first, dot, rest = dotted(name).partition(".")
        full = self._uses.get(first)
        if full is not None:
            return f"{full}{dot}{rest}"
        space = self._space(offset)
        return f"{space}.{dotted(name)}" if space else dotted(name)

    @cached_property
    def _uses(self) -> dict[str, str]:
        """What each imported name stands for."""
        return {
            short: full
            for node in self.root.find_all(kind="namespace_use_declaration")
            for short, full in self._imported(node)
        }

    def _imported(self, node: SgNode) -> Iterator[tuple[str, str]]:
        group = node.field("body")
        lead = next((dotted(child.text()) for child in items(node) if child.kind() == "namespace_name"), "")
        for clause in items(group) if group is not None else items(node):
            if clause.kind() != "namespace_use_clause":
                continue
            inner = items(clause)
            text = self.code[slice(*extent_of(inner[0]))] if inner else ""
            full = f"{lead}.{dotted(text)}" if group is not None else dotted(text)
            alias = inner[-1].text() if len(inner) > 1 and inner[-1].kind() == "name" else full.rpartition(".")[2]
            yield alias, full


_DECLARING = PHP.classes | {"function_definition", "const_element"}
