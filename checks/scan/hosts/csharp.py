"""C# files as modules: calls, string expressions, names and the types that other files see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .csharp_grammar import CSHARP
from .csharp_names import CSharpNames
from .csharp_strings import CSharpStrings
from .csharp_values import CSharpLowering
from .host import Host

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_QUALIFYING = frozenset({"generic_name", "qualified_name", "alias_qualified_name"})


class CSharpModule(Host):
    """One parsed C# file."""

    grammar = CSHARP
    lowers = CSharpLowering
    names = CSharpNames
    reads = CSharpStrings
    own = frozenset({"this"})

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, with type arguments and behind `?.` too."""
        callee, holder = name, name.parent()
        while holder is not None and holder.kind() in _QUALIFYING:
            callee, holder = holder, holder.parent()
        if holder is not None and holder.kind() == "member_binding_expression":
            callee, holder = holder, holder.parent()
            if holder is not None and holder.kind() == "conditional_access_expression":
                callee, holder = holder, holder.parent()
        is_member = (
            holder is not None and holder.kind() == "member_access_expression" and holder.field("name") == callee
        )
        if is_member and holder is not None:
            callee, holder = holder, holder.parent()
            if holder is not None and holder.kind() == "conditional_access_expression":
                callee, holder = holder, holder.parent()
        fields = self.grammar.calls.get(holder.kind()) if holder is not None else None
        return holder if holder is not None and fields is not None and holder.field(fields[0]) == callee else None
