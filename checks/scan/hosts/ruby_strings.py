"""What is particular to the strings of Ruby."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import extent_of, pairs, sign
from .parts import MOST_USES
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from .ruby_heredocs import Heredocs
    from .scopes import Extent

_TEMPLATES = frozenset({"%"})
_SAME = frozenset({"dup", "freeze", "to_s", "clone"})
_UNUSED = frozenset({"program"})


class RubyStrings(Strings):
    """Heredocs, strings that are appended to by `<<`, and `%`."""

    heredocs: Heredocs

    def climb(self, node: SgNode) -> tuple[SgNode, bool]:
        """The largest string expression that this one is a part of, from a heredoc's text to where it is used."""
        joined = False
        for _ in range(MOST_USES):
            if node.kind() == "heredoc_body":
                opening = self.heredocs.opening(node)
                if opening is None:
                    return node, joined
                node = opening
            outer, larger = super().climb(node)
            joined = joined or larger
            if outer == node or outer.kind() != "heredoc_body":
                return outer, joined
            node = outer
        return node, joined

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        kind = holder.kind()
        if kind in {"chained_string", "string", "heredoc_body"}:
            return True
        if kind == "binary":
            return sign(holder) in self.grammar.joining | _TEMPLATES
        if kind == "operator_assignment":
            return sign(holder) == "+="
        return super().joins(inner, holder)

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used: no key of a hash, no text that stands alone in a file."""
        holder = node.parent()
        if holder is None:
            return False
        if holder.kind() in _UNUSED:
            return joined and node.kind() != "string"
        return not (holder.kind() == "pair" and holder.field("key") == node)

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the variable: a constant."""
        return name.kind() == "constant"

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment gives a value, or a string is appended to."""
        holder = node.parent()
        if holder is not None and holder.kind() == "binary" and sign(holder) == "<<" and holder.field("left") == node:
            return True
        return super().is_target(node)

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or what it is appended to."""
        if seed.kind() == "binary" and sign(seed) == "<<":
            left = seed.field("left")
            while left is not None and left.kind() == "binary" and sign(left) == "<<":
                left = left.field("left")
            return left if left is not None and left.kind() in self.grammar.identifiers else None
        holder = seed.parent()
        if holder is not None and (holder.kind() == "unary" or self._is_kept(holder)):  # `+"text"`, `"text".dup`
            return self.name_of(holder)
        return super().name_of(seed)

    def _is_kept(self, holder: SgNode) -> bool:
        return holder.kind() == "call" and holder.field("arguments") is None and self.last_name(holder) in _SAME

    def _extent(self, seed: SgNode) -> Extent:
        """A heredoc's own place is that of its text."""
        body = self.heredocs.body(seed) if seed.kind() == "heredoc_beginning" else None
        return extent_of(body if body is not None else seed)

    def is_compared(self, node: SgNode) -> bool:
        """Whether a string expression is an operand of a comparison or an assertion."""
        for inner, holder in pairs(node):
            kind = holder.kind()
            if kind in self.grammar.comparisons and sign(holder) in self.grammar.comparing:
                return True
            if kind == "call":
                in_arguments = inner.kind() == "argument_list"
                return in_arguments and self.last_name(holder) in self.grammar.asserting
            if kind in self.grammar.functions or kind in {"body_statement", "assignment", "program", "pair"}:
                return False
        return False
