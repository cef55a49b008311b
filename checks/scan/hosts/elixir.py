"""Elixir files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ..values import Import
from .elixir_grammar import DEFINING, ELIXIR, arguments_of, head_of, is_definition, is_piped, keyword_of, target_of
from .elixir_names import ElixirNames
from .elixir_strings import ElixirStrings
from .elixir_values import ElixirLowering, module_name, name_of
from .host import Host
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Class, Value
    from .scopes import Extent


class ElixirModule(Host):
    """One parsed Elixir file."""

    grammar = ELIXIR
    lowers = ElixirLowering
    names = ElixirNames
    reads = ElixirStrings
    own = frozenset({"this", "__MODULE__"})

    def text_of(self, node: SgNode) -> Value:
        """The value of an outermost string expression; of a list the text that it is run as."""
        if node.kind() == "list":
            return cast("ElixirLowering", self.lowering).together(node)
        return super().text_of(node)

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, with what is piped into it; None for the head of a definition."""
        call = super().call_of(name)
        if call is None or self._is_head(call):
            return None
        holder = call.parent()
        return holder if holder is not None and is_piped(holder) and holder.field("right") == call else call

    def _is_head(self, call: SgNode) -> bool:
        return any(is_definition(a) and head_of(a) == call for a in list(call.ancestors())[:3])

    @cached_property
    def _functions(self) -> list[tuple[Extent, SgNode]]:
        words = (node for word in DEFINING for node in self.tree.named(word))
        named = [holder for node in words if (holder := node.parent()) is not None and is_definition(holder)]
        return [(extent_of(node), node) for node in (*named, *self.tree.functions())]

    @cached_property
    def _modules(self) -> list[tuple[Extent, SgNode]]:
        nodes = (node.parent() for node in self.tree.named("defmodule"))
        found = [(extent_of(node), node) for node in nodes if node is not None and target_of(node) == "defmodule"]
        return sorted(found, key=lambda one: one[0])

    def class_at(self, offset: int) -> Class | None:
        """The innermost module that holds this offset."""
        around = [node for extent, node in self._modules if extent[0] <= offset < extent[1]]
        return self.lowering.class_(around[-1]) if around else None

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; a module by its alias, "@a" an attribute."""
        if name[:1].isupper():
            full = self._expanded(name, offset)
            return self._own(full, offset) or Import(full, None, self.file.path)
        if offset and self.code[offset - 1 : offset] == "@" and not name.startswith("@"):
            name = f"@{name}"
        return super().lookup(name, offset)

    def exported(self, name: str) -> Value | None:
        """What another file means by the whole name of a module, or of a function of one that has one clause."""
        owner, _, own = name.rpartition(".")
        if own[:1].isupper():
            return self._named(name)
        return self._function(owner, own) if owner else None

    def _function(self, owner: str, name: str) -> Value | None:
        found = [
            node
            for extent, node in self._functions
            if is_definition(node) and name_of(node) == name and self._name_around(extent[0]) == owner
        ]
        return self.naming.function(found[0]) if len(found) == 1 else None

    def _name_around(self, offset: int) -> str:
        around = [node for extent, node in self._modules if extent[0] <= offset < extent[1]]
        return module_name(around[-1]) if around else ""

    def _named(self, full: str) -> Class | None:
        found = [node for _, node in self._modules if module_name(node) == full]
        return self.lowering.class_(found[0]) if found else None

    def _own(self, full: str, offset: int) -> Class | None:
        """The module of this file of that name; one that stands inside of a module around the place goes by its own."""
        around = self.class_at(offset)
        parts = around.name.split(".") if around is not None else []
        nested = (".".join((*parts[:depth], full)) for depth in range(len(parts), -1, -1))
        return next((found for name in nested if (found := self._named(name)) is not None), None)

    def _expanded(self, name: str, offset: int) -> str:
        """The whole name of a module that may be named by an alias."""
        first, dot, rest = name.partition(".")
        found = [(scope, full) for alias, full, scope in self._aliases if alias == first and _holds(scope, offset)]
        full = min(found, key=lambda one: one[0][1] - one[0][0])[1] if found else first
        return f"{full}{dot}{rest}"

    @cached_property
    def _aliases(self) -> list[tuple[str, str, Extent]]:
        """Each alias, what it stands for, and where it does."""
        found: list[tuple[str, str, Extent]] = []
        for node in (*self.tree.named("alias"), *self.tree.named("require")):
            call = node.parent()
            given = arguments_of(call) if call is not None and target_of(call) in {"alias", "require"} else None
            if call is not None and given is not None:
                scope = extent_of(call)[1], self.naming.scope(call)[1]
                found += [(short, full, scope) for short, full in self._aliased(given, start(call), call)]
        return found

    def _aliased(self, given: SgNode, begin: int, call: SgNode) -> Iterator[tuple[str, str]]:
        listed = items(given)
        named = _alias_name(listed[1]) if listed[1:] else None
        if not listed or (target_of(call) == "require" and named is None):
            return
        first = listed[0]
        owner, inner = first.field("left"), first.field("right")
        if first.kind() == "dot" and owner is not None and inner is not None and inner.kind() == "tuple":
            lead = self._whole(owner, begin)
            for one in items(inner):
                yield one.text().rpartition(".")[2], f"{lead}.{one.text()}"
        else:
            full = self._whole(first, begin)
            yield named or full.rpartition(".")[2], full

    def _whole(self, node: SgNode, begin: int) -> str:
        """The name as it is written, `__MODULE__` put in."""
        text, around = node.text(), self.class_at(begin)
        return text.replace("__MODULE__", around.name) if around is not None else text


def _alias_name(keywords: SgNode) -> str | None:
    """`X` of `as: X`."""
    pairs = items(keywords) if keywords.kind() == "keywords" else []
    values = (pair.field("value") for pair in pairs if keyword_of(pair) == "as")
    return next((value.text() for value in values if value is not None), None)


def _holds(extent: Extent, offset: int) -> bool:
    return extent[0] <= offset <= extent[1]
