"""What is particular to the strings of Kotlin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .java_values import JOINING
from .kotlin_nodes import callee_of, child, initial, method_of, named
from .kotlin_values import applied
from .nodes import items, sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_LISTS = frozenset({"listOf", "mutableListOf", "arrayOf", "arrayListOf", "listOfNotNull"})
_BLOCK = ("statements", "lambda_literal", "annotated_lambda", "call_suffix", "call_expression")


class KotlinStrings(Strings):
    """Parts by their order, builders, annotations, and properties that other files see."""

    def climb(self, node: SgNode) -> tuple[SgNode, bool]:
        """The largest string expression that this one is a part of; `buildString { append(..) }` as a whole."""
        outer, joined = super().climb(node)
        listed = self._list_of(outer)
        if listed is not None:
            whole, longer = super().climb(listed)
            return (whole, True) if longer else (outer, joined)
        built = outer
        for kind in _BLOCK:
            holder = built.parent()
            if holder is None or holder.kind() != kind:
                return outer, joined
            built = holder
        is_text = self.last_name(built) == "buildString" or applied(built) is not None
        if outer.kind() != "call_expression" or not is_text:
            return outer, joined
        return super().climb(built)[0], True

    def _list_of(self, item: SgNode) -> SgNode | None:
        """The list that a string is an item of as it is written: `listOf("a", b)`."""
        holder = item.parent()
        call = next((a for a in item.ancestors() if a.kind() == "call_expression"), None)
        is_item = holder is not None and holder.kind() == "value_argument" and call is not None
        return call if is_item and call is not None and self.last_name(call) in _LISTS else None

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        if holder.kind() == "assignment":
            return sign(holder) == "+="
        if holder.kind() == "constructor_invocation":
            outer = holder.parent()
            return outer is not None and outer.kind() == "annotation" and self.last_name(holder) in JOINING
        if holder.kind() == "collection_literal":
            return False
        return super().joins(inner, holder)

    def last_name(self, call: SgNode) -> str:
        """`m` of `x.m(..)`, `f` of `f(..)`."""
        name = method_of(call)
        return name.text() if name is not None else ""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used; the last one of a lambda is what it gives."""
        holder = node.parent()
        if holder is None:
            return False
        if holder.kind() == "statements":
            outer = holder.parent()
            gives = outer is not None and outer.kind() in {"lambda_literal", "control_structure_body"}
            return joined or (gives and items(holder)[-1] == node)
        return holder.kind() not in self.grammar.no_code

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the variable: a property that is not private."""
        holders = [a for a in name.ancestors() if a.kind() in {"property_declaration", *self.grammar.functions}]
        if not holders or holders[0].kind() != "property_declaration":
            return False
        if any(one.kind() in self.grammar.functions for one in holders):
            return False
        modifiers = child(holders[0], "modifiers")
        return modifiers is None or "private" not in modifiers.text().split()

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment or declaration gives a value."""
        holder = node.parent()
        return holder is not None and holder.kind() in {"variable_declaration", "directly_assignable_expression"}

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or the builder that it is added to."""
        if seed.kind() == "assignment":
            return self._target(seed)
        if seed.kind() == "call_expression" and self.last_name(seed) in self.grammar.appending:
            return self._root(seed)
        holder = seed.parent()
        if holder is not None and holder.kind() == "value_argument":
            call = next((a for a in holder.ancestors() if a.kind() == "call_expression"), None)
            return self._listed(call) if call is not None else None
        return self._named(seed, holder)

    def _named(self, value: SgNode, holder: SgNode | None) -> SgNode | None:
        if holder is not None and holder.kind() == "property_declaration" and initial(holder) == value:
            return named(holder)
        if holder is not None and holder.kind() == "assignment" and initial(holder) == value:
            return self._target(holder)
        return None

    def _target(self, assignment: SgNode) -> SgNode | None:
        target = child(assignment, "directly_assignable_expression")
        inner = items(target) if target is not None else []
        return inner[0] if len(inner) == 1 and inner[0].kind() == "simple_identifier" else None

    def _listed(self, call: SgNode) -> SgNode | None:
        """The variable that a list of which the string is an item is kept in, or that it is added to."""
        if self.last_name(call) in self.grammar.appending:
            return self._root(call)
        return self._named(call, call.parent()) if self.last_name(call) in _LISTS else None

    def _root(self, call: SgNode) -> SgNode | None:
        """The variable that a chain of calls starts from."""
        owner = call
        while owner.kind() in {"call_expression", "navigation_expression"}:
            owner = callee_of(owner)
        return owner if owner.kind() == "simple_identifier" and owner.parent() != call else None
