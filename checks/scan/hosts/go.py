"""Go files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from .go_grammar import GO
from .go_names import GoNames
from .go_strings import GoStrings
from .go_values import GoLowering
from .host import Host
from .nodes import extent_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value


class GoModule(Host):
    """One parsed Go file."""

    grammar = GO
    lowers = GoLowering
    names = GoNames
    reads = GoStrings
    own = frozenset()

    @cached_property
    def _go(self) -> GoNames:
        return cast("GoNames", self.naming)

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; "this" the type whose method the offset is in, "T.m" a method."""
        if name == "this":
            return self._receiver_at(offset)
        if "." in name:
            return self._method(name)
        return super().lookup(name, offset) or self._go.imported(name)

    def _receiver_at(self, offset: int) -> Value | None:
        around = self.function_around(offset)
        while around is not None and around[1].kind() == "func_literal":
            holder = next((a for a in around[1].ancestors() if a.kind() in self.grammar.functions), None)
            around = (extent_of(holder), holder) if holder is not None else None
        return self._go.receiver_of(around[1]) if around is not None else None

    def _method(self, name: str) -> Value | None:
        owner, _, method = name.partition(".")
        found = [node for node in self._go.methods_of(owner) if self._go.function_name(node) == method]
        return self._go.function(found[0]) if len(found) == 1 else None

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, or the literal `T{..}` whose type it names."""
        holder = name.parent()
        while holder is not None and holder.kind() in {"qualified_type", "generic_type"}:
            holder = holder.parent()
        made = holder is not None and holder.kind() == "composite_literal" and name.kind() == "type_identifier"
        return holder if made else super().call_of(name)

    def exported(self, name: str) -> Value | None:
        """What another file of the package means by that name, or by "T.m" a method of its type."""
        if "." in name:
            return self._method(name)
        return super().exported(name)
