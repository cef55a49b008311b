"""Dart files as modules: calls, string expressions, names and what other files see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..values import Call, Lambda
from .dart_grammar import DART
from .dart_names import DartNames
from .dart_values import DartLowering
from .host import Host
from .nodes import extent_of, items, start
from .strings import Strings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

_LISTS = frozenset({"list_literal"})


class DartStrings(Strings):
    """Constants that other files see, lists, and buffers that are written to."""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used."""
        holder = node.parent()
        if holder is None:
            return False
        if node.kind() == "assignment_expression":
            return joined
        return holder.kind() not in self.grammar.no_code or (holder.kind() == "expression_statement" and joined)

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the variable: one at the top or a field, without an underscore in front."""
        inside = any(a.kind() in self.grammar.functions for a in name.ancestors())
        return not name.text().startswith("_") and not inside

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment or declaration gives a value."""
        holder = node.parent()
        if holder is not None and holder.kind() == "assignable_expression":
            return holder.field("object") is None
        return super().is_target(node)

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, the list that it is an item of, or the buffer that it is written to."""
        inner, holder = seed, seed.parent()
        if seed.kind() == "assignment_expression":
            return self._assigned_name(seed)
        while holder is not None and holder.kind() in _LISTS:
            inner, holder = holder, holder.parent()
        if holder is None:
            return None
        if holder.kind() in self.grammar.declarations:
            return holder.field("name") if holder.field("value") == inner else None
        if holder.kind() == "assignment_expression":
            return self._assigned_name(holder) if holder.field("right") == inner else None
        call = holder.parent() if holder.kind() == "arguments" else None
        callee = call.field("function") if call is not None and call.kind() == "call_expression" else None
        owner = callee.field("object") if callee is not None else None
        added = call is not None and self.last_name(call) in {*self.grammar.appending, "add"}
        return owner if added and owner is not None and owner.kind() == "identifier" else None

    def _assigned_name(self, statement: SgNode) -> SgNode | None:
        left = statement.field("left")
        inner = next(iter(left.children()), None) if left is not None and left.field("object") is None else None
        return inner if inner is not None and inner.kind() == "identifier" else None


class DartModule(Host):
    """One parsed Dart file."""

    grammar = DART
    lowers = DartLowering
    names = DartNames
    reads = DartStrings
    own = frozenset({"this"})

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name is in `names`, those too that are all that a `() =>` has for a body."""
        found = {extent_of(call): call for node in self.named(names) if (call := self.call_of(node)) is not None}
        for _, call in sorted(found.items(), key=lambda item: item[0]):
            lowered = self.lowering.lower(call)
            if isinstance(lowered, Lambda) and isinstance(lowered.result, Call):
                body = call.find(kind="function_expression_body")
                begin = start(items(body)[0]) if body is not None else lowered.offset
                lowered = replace(lowered.result, offset=begin)
            if isinstance(lowered, Call):
                yield lowered

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, with type arguments and `T` of `new T(..)` too."""
        holder = name.parent()
        if name.kind() == "type_identifier":
            outer = holder.parent() if holder is not None else None
            return (
                outer if outer is not None and outer.kind() in {"new_expression", "const_object_expression"} else None
            )
        outer = holder
        while outer is not None and outer.kind() in {*self.grammar.members, "instantiation_expression"}:
            called = outer.parent()
            if outer.kind() == "instantiation_expression" and called is not None and called.field("function") == outer:
                return called if called.kind() == "call_expression" else None
            outer = called
        return super().call_of(name)
