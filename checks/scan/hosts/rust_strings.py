"""What is particular to the strings of Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import items
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_PRINTS = frozenset({"write", "writeln"})
_ASKS = frozenset({"separated", "len", "is_empty", "capacity", "reserve", "ends_with", "pop", "truncate"})
_FIXED = frozenset({"const_item", "static_item"})


class RustStrings(Strings):
    """Builders that statements are pushed to, attributes, and constants that other files see."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        return holder.kind() not in self.grammar.literals and super().joins(inner, holder)

    def last_name(self, call: SgNode) -> str:
        """`m` of `x.m(..)`, `f` of `a::f(..)`; of `QueryBuilder::new(..)` the type."""
        callee = call.field("function")
        if callee is not None and callee.kind() == "generic_function":
            callee = callee.field("function")
        if callee is None:
            return ""
        fields = self.grammar.members.get(callee.kind())
        named = callee.field(fields[1]) if fields is not None else callee
        name = named.text() if named is not None else ""
        return "QueryBuilder" if name in {"new", "with_arguments"} and "QueryBuilder" in callee.text() else name

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used: no attribute; a statement of its own only when it adds to a string."""
        holder = node.parent()
        if holder is None:
            return False
        if holder.kind() == "expression_statement":  # what is only bound adds no text of its own
            return joined and any(node.find(kind=kind) is not None for kind in self.grammar.literals)
        tokens = holder
        while tokens.kind() == "token_tree" and (outer := tokens.parent()) is not None:
            tokens = outer
        return tokens.kind() not in {"attribute", "attribute_item", "inner_attribute_item"}

    def is_asked(self, use: SgNode) -> bool:
        """Whether a builder is asked for its length, or lent to what adds to it with separators."""
        member = use.parent()
        called = member.field("field") if member is not None and member.kind() == "field_expression" else None
        return called is not None and called.text() in _ASKS

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the constant."""
        holder = name.parent()
        fixed = holder is not None and holder.kind() in _FIXED
        return fixed and holder is not None and any(c.kind() == "visibility_modifier" for c in holder.children())

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or the builder that it is pushed to."""
        if seed.kind() == "call_expression" and (name := self._receiver(seed)) is not None:
            return name
        holder = seed.parent()
        if holder is not None and holder.kind() == "arguments" and (call := holder.parent()) is not None:
            return self._receiver(call)
        return super().name_of(seed)

    def _receiver(self, call: SgNode) -> SgNode | None:
        """`b` of `b.push(..).push_bind(..)` and `write!(b, ..)`."""
        if not self.is_call(call):
            return None
        callee, given = call.field("function"), call.field("arguments")
        if callee is not None and callee.text() in _PRINTS and given is not None:
            first = next(iter(items(given)), None)
            first = first.field("value") if first is not None and first.kind() == "reference_expression" else first
            return self._identifier(first)
        appended = self.last_name(call) in self.grammar.appending
        while callee is not None and callee.kind() == "field_expression":
            owner = callee.field("value")
            if owner is None or owner.kind() != "call_expression":
                return self._identifier(owner) if appended else None
            callee = owner.field("function")
        return None

    @staticmethod
    def _identifier(node: SgNode | None) -> SgNode | None:
        return node if node is not None and node.kind() == "identifier" else None
