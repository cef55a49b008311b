"""What is particular to the strings of JavaScript and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_CALLS = frozenset({"call_expression"})  # `new X(..)` makes no string
_EXPORT = "export_statement"


class JavaScriptStrings(Strings):
    """Tagged templates, keys of objects, and names that are exported."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        kind = holder.kind()
        if kind == "augmented_assignment_expression":
            return sign(holder) == "+="
        if kind == "string":
            return False
        if kind == "call_expression" and inner.kind() == "template_string":
            return True
        return super().joins(inner, holder)

    def is_call(self, node: SgNode) -> bool:
        """Whether the node is a call; a constructor makes no string and compares none."""
        return node.kind() in _CALLS

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used: no type, no import, no directive, no key."""
        holder = node.parent()
        if holder is None or (holder.kind() == "pair" and holder.field("key") == node):
            return False
        return holder.kind() not in self.grammar.no_code or (holder.kind() == "expression_statement" and joined)

    def is_exported(self, name: SgNode) -> bool:
        """Whether the variable is exported; one inside of a function that is exported is not."""
        around = (ancestor.kind() for ancestor in name.ancestors())
        return next((kind for kind in around if kind in {_EXPORT, "statement_block"}), "") == _EXPORT

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, or the array that it is an item of or is pushed to."""
        holder = seed.parent()
        if holder is not None and holder.kind() == "arguments":
            call = holder.parent()
            callee = call.field("function") if call is not None and self._pushes(call) else None
            name = callee.field("object") if callee is not None else None
            return name if name is not None and name.kind() == "identifier" else None
        return super().name_of(seed)

    def _pushes(self, call: SgNode) -> bool:
        return self.is_call(call) and self.last_name(call) == "push"
