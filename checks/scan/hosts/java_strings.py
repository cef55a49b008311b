"""What is particular to the strings of Java."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .java_values import JOINING, annotation_of
from .nodes import sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode


class JavaStrings(Strings):
    """Builders, lists in annotations, and constants that other files see."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        if holder.kind() == "assignment_expression":
            return sign(holder) == "+="
        if holder.kind() == "element_value_array_initializer":
            return annotation_of(holder) in JOINING
        if holder.kind() == "annotation":
            return False
        return super().joins(inner, holder)

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used."""
        holder = node.parent()
        if holder is None or node.kind() == "annotation":
            return False
        return holder.kind() not in self.grammar.no_code or (holder.kind() == "expression_statement" and joined)

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the variable: a field that is not private."""
        field = next((a for a in name.ancestors() if a.kind().endswith("_declaration")), None)
        if field is None or field.kind() not in {"field_declaration", "constant_declaration"}:
            return False
        modifiers = next((one for one in field.children() if one.kind() == "modifiers"), None)
        return modifiers is None or "private" not in modifiers.text().split()

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or the builder that it is added to."""
        if seed.kind() == "method_invocation" and self.last_name(seed) in self.grammar.appending:
            return self._root(seed)
        holder = seed.parent()
        if holder is not None and holder.kind() == "argument_list" and (call := holder.parent()) is not None:
            added = call.kind() == "method_invocation" and self.last_name(call) in self.grammar.appending
            return self._root(call) if added else None
        return super().name_of(seed)

    def _root(self, call: SgNode) -> SgNode | None:
        """The variable that a chain of calls starts from."""
        owner: SgNode | None = call
        while owner is not None and owner.kind() == "method_invocation":
            owner = owner.field("object")
        return owner if owner is not None and owner.kind() == "identifier" else self._assigned_to(call)

    def _assigned_to(self, call: SgNode) -> SgNode | None:
        return super().name_of(call)
