"""What is particular to the strings of C#."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .csharp_names import chained
from .csharp_types import initial
from .nodes import items
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_WITHIN = frozenset({"argument", "argument_list"})
_LISTS = frozenset({
    "initializer_expression", "collection_element", "collection_expression", "array_creation_expression",
    "implicit_array_creation_expression", "object_creation_expression",
})  # fmt: skip


class CSharpStrings(Strings):
    """Builders, chains of Append, and constants that other files see."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`; Append does where its chain ends in ToString."""
        if holder.kind() == "invocation_expression" and self.last_name(holder) in self.grammar.appending:
            last = chained(holder, self.grammar.appending)[-1]
            member = last.parent()
            name = member.field("name") if member is not None and member.kind() == "member_access_expression" else None
            return name is not None and name.text() == "ToString"
        return super().joins(inner, holder)

    def last_name(self, call: SgNode) -> str:
        """`m` of `x.m<T>(..)`, `f` of `f(..)`, `T` of `new T(..)`."""
        name = super().last_name(call)
        return name.rpartition(".")[2].partition("<")[0]

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used."""
        holder = node.parent()
        if holder is None:
            return False
        if node.kind() == "assignment_expression":
            return joined
        return holder.kind() not in self.grammar.no_code or joined

    def is_exported(self, name: SgNode) -> bool:
        """Whether the variable is a constant or a field that other files see."""
        for holder in name.ancestors():
            if holder.kind() in {"field_declaration", "property_declaration"}:
                words = {child.text() for child in items(holder) if child.kind() == "modifier"}
                return bool(words & {"public", "internal", "protected"})
            if holder.kind() in self.grammar.functions:
                return False
        return False

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment or declaration gives a value."""
        holder = node.parent()
        if holder is None:
            return False
        if holder.kind() in {"variable_declarator", "property_declaration"}:
            return holder.field("name") == node
        return holder.kind() == "assignment_expression" and holder.field("left") == node

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or the builder that it is added to."""
        if seed.kind() == "assignment_expression":
            return self._identifier(seed.field("left"))
        inner, holder = seed, seed.parent()
        while holder is not None and holder.kind() in _LISTS:
            inner, holder = holder, holder.parent()
        if holder is not None and holder.kind() == "arrow_expression_clause":
            inner, holder = holder, holder.parent()
        if holder is None or holder.kind() in self.grammar.functions:
            return None
        if holder.kind() in {"variable_declarator", "property_declaration"}:
            given = initial(holder) if holder.kind() == "variable_declarator" else holder.field("value")
            return self._identifier(holder.field("name")) if given == inner else None
        return self._identifier(holder.field("left")) or self._receiver(holder)

    def _identifier(self, node: SgNode | None) -> SgNode | None:
        return node if node is not None and node.kind() == "identifier" else None

    def _receiver(self, holder: SgNode) -> SgNode | None:
        """`b` of `b.Append(..).Append(..)` and `parts.Add(..)`."""
        while holder.kind() in _WITHIN and (outer := holder.parent()) is not None:
            holder = outer
        names = self.grammar.appending | {"Add"}
        while holder.kind() == "invocation_expression" and self.last_name(holder) in names:
            callee = holder.field("function")
            owner = callee.field("expression") if callee is not None else None
            if owner is None:
                return None
            if owner.kind() == "identifier":
                return owner
            holder = owner
        return None
