"""What is particular to the strings of PHP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import items
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode


class PhpStrings(Strings):
    """Properties and constants that hold strings, and keys of arrays, which are no code."""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used: it is no key, and does not stand alone."""
        holder = node.parent()
        if holder is not None and holder.kind() == "array_element_initializer":
            keyed = any(child.kind() == "=>" for child in holder.children())
            return not (keyed and items(holder)[:1] == [node])
        return node.kind() in self.grammar.augmented or super().is_code(node, joined=joined)

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable, or the constant of the file, that holds a string."""
        holder = seed.parent()
        if holder is not None and holder.kind() == "const_element" and items(holder)[-1:] == [seed]:
            return items(holder)[0]
        return super().name_of(seed)
