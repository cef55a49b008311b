"""What is particular to the strings of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import pairs, sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_JOINING = frozenset({"+", "%", "+="})
_APPENDING = frozenset({"append", "extend", "insert"})


class PythonStrings(Strings):
    """Implicit concatenation, `%`, docstrings, and lists that are appended to."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        kind = holder.kind()
        if kind in {"concatenated_string", "string"}:
            return True
        if kind in {"binary_operator", "augmented_assignment"}:
            return sign(holder) in _JOINING
        return kind == "call" and super().joins(inner, holder) and inner.kind() in {"argument_list", "attribute"}

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used: no docstring, no key."""
        del joined
        holder = node.parent()
        if holder is None:
            return False
        if holder.kind() == "expression_statement":
            return node.kind() not in {"string", "concatenated_string"}
        return not (holder.kind() == "pair" and holder.field("key") == node)

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, or the list that it is an item of or is appended to."""
        holder = seed.parent()
        if holder is not None and holder.kind() in self.grammar.lists:
            holder = holder.parent()
        if holder is not None and holder.kind() == "argument_list":
            return self._receiver(holder.parent())
        return super().name_of(seed)

    def _receiver(self, call: SgNode | None) -> SgNode | None:
        callee = call.field("function") if call is not None and call.kind() == "call" else None
        owner = callee.field("object") if callee is not None else None
        appended = call is not None and owner is not None and self.last_name(call) in _APPENDING
        return owner if appended and owner is not None and owner.kind() == "identifier" else None

    def is_compared(self, node: SgNode) -> bool:
        """Whether a string expression is an operand of a comparison, whatever its operator, or of an assertion."""
        for _, holder in pairs(node):
            kind = holder.kind()
            if kind in self.grammar.comparisons:
                return True
            if kind == "argument_list":
                call = holder.parent()
                return call is not None and call.kind() == "call" and self.last_name(call) in self.grammar.asserting
            if kind.endswith(self.grammar.statements):
                return False
        return False
