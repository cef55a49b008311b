"""What is particular to the strings of Go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .go_names import PRINTS
from .nodes import items, pairs
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_VALUES = frozenset({"short_var_declaration", "assignment_statement"})
_SPECS = frozenset({"var_spec", "const_spec"})
_WITHIN = frozenset({"literal_element", "literal_value", "composite_literal", "unary_expression"})


class GoStrings(Strings):
    """Names that several are assigned at once, builders, and constants that other files see."""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used: no import, no tag of a field."""
        holder = node.parent()
        if holder is None:
            return False
        if node.kind() == "assignment_statement":
            return joined
        return holder.kind() not in self.grammar.no_code or (holder.kind() == "expression_statement" and joined)

    def is_exported(self, name: SgNode) -> bool:
        """Whether other packages see the variable."""
        spec = next((a for a in name.ancestors() if a.kind() in self.grammar.functions or a.kind() in _SPECS), None)
        return name.text()[:1].isupper() and spec is not None and spec.kind() in _SPECS

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment or declaration gives a value."""
        holder = node.parent()
        if holder is None:
            return False
        if holder.kind() in _SPECS:
            return True
        statement = holder.parent() if holder.kind() == "expression_list" else None
        return statement is not None and statement.kind() in _VALUES and statement.field("left") == holder

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or the builder that it is written to."""
        if seed.kind() == "assignment_statement":
            left = seed.field("left")
            return self._identifier(items(left)[0]) if left is not None else None
        for inner, holder in pairs(seed):
            kind = holder.kind()
            if kind == "argument_list":
                return self._receiver(holder)
            if kind == "expression_list":
                return self._named(inner, holder)
            if kind not in _WITHIN:
                return None
        return None

    def _named(self, value: SgNode, right: SgNode) -> SgNode | None:
        statement = right.parent()
        if statement is None:
            return None
        if statement.kind() in _SPECS:
            names = [one for one in items(statement) if one.kind() == "identifier"]
        elif statement.kind() in _VALUES and statement.field("right") == right:
            left = statement.field("left")
            names = items(left) if left is not None else []
        else:
            return None
        index = items(right).index(value)
        return self._identifier(names[index]) if index < len(names) else None

    def _identifier(self, node: SgNode) -> SgNode | None:
        return node if node.kind() == "identifier" else None

    def _receiver(self, given: SgNode) -> SgNode | None:
        """`b` of `b.WriteString(..)` and `fmt.Fprintf(&b, ..)`, `parts` of `append(parts, ..)`."""
        call = given.parent()
        if call is None or not self.is_call(call):
            return None
        callee = call.field("function")
        if callee is not None and (callee.text() == "append" or self.last_name(call) in PRINTS):
            first = items(given)[0]
            operand = first.field("operand") if first.kind() == "unary_expression" else first
            return self._identifier(operand) if operand is not None else None
        owner = callee.field("operand") if callee is not None else None
        appended = owner is not None and self.last_name(call) in self.grammar.appending
        return self._identifier(owner) if appended and owner is not None else None
