"""Swift files as modules: calls, string expressions, names and what other files see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .host import Host
from .nodes import items
from .strings import Strings
from .swift_grammar import SWIFT
from .swift_names import SwiftNames
from .swift_types import variables
from .swift_values import SwiftLowering

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Class, Value

_SUFFIXES = frozenset({"value_argument", "value_arguments", "call_suffix"})


class SwiftStrings(Strings):
    """Calls without names for their parts, and names of properties."""

    def last_name(self, call: SgNode) -> str:
        """`m` of `x.m(..)`, `f` of `f(..)`."""
        callee = items(call)[0]
        suffix = callee.field("suffix") if callee.kind() == "navigation_expression" else None
        named = suffix.field("suffix") if suffix is not None else callee
        return named.text() if named is not None else ""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used; one that stands alone is what its block gives, if that is all of it."""
        holder = node.parent()
        if holder is None:
            return False
        if node.kind() == "assignment":
            return joined
        if holder.kind() == "statements":
            return joined or len(items(holder)) == 1
        return holder.kind() not in self.grammar.no_code

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the variable."""
        if any(a.kind() in self.grammar.functions for a in name.ancestors()):
            return False
        holder = next((a for a in name.ancestors() if a.kind() == "property_declaration"), None)
        words = next((c.text() for c in items(holder) if c.kind() == "modifiers"), "") if holder is not None else ""
        return "private" not in words

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment or declaration gives a value."""
        holder = node.parent()
        return holder is not None and holder.kind() in {"pattern", "directly_assignable_expression"}

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, or the list that it is an item of or is appended to."""
        inner, holder = seed, seed.parent()
        if seed.kind() == "assignment":
            return self._assigned_name(seed)
        while holder is not None and holder.kind() == "array_literal":
            inner, holder = holder, holder.parent()
        if holder is None:
            return None
        if holder.kind() == "property_declaration":
            return next((name for name, given in variables(holder) if given == inner), None)
        if holder.kind() == "assignment":
            return self._assigned_name(holder) if holder.field("result") == inner else None
        while holder is not None and holder.kind() in _SUFFIXES:
            holder = holder.parent()
        if holder is None or holder.kind() != "call_expression" or self.last_name(holder) != "append":
            return None
        owner = items(holder)[0].field("target")
        return owner if owner is not None and owner.kind() == "simple_identifier" else None

    def _assigned_name(self, statement: SgNode) -> SgNode | None:
        left = statement.field("target")
        inner = items(left)[0] if left is not None and items(left) else None
        return inner if inner is not None and inner.kind() == "simple_identifier" else None


class SwiftModule(Host):
    """One parsed Swift file."""

    grammar = SWIFT
    lowers = SwiftLowering
    names = SwiftNames
    reads = SwiftStrings
    own = frozenset({"self", "this"})

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name."""
        callee, holder = name, name.parent()
        if holder is not None and holder.kind() == "navigation_suffix":
            whole = holder.parent()
            if whole is None or whole.field("suffix") != holder:
                return None
            callee, holder = whole, whole.parent()
        elif holder is not None and holder.kind() == "user_type":
            callee, holder = holder, holder.parent()
            is_made = holder is not None and holder.kind() == "constructor_expression"
            return holder if is_made and holder is not None and items(holder)[0] == callee else None
        called = holder is not None and holder.kind() == "call_expression" and items(holder)[0] == callee
        return holder if called and holder is not None and not items(holder)[-1].text().startswith("[") else None

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; in an extension also what the type itself declares."""
        found = super().lookup(name, offset)
        owner = self.class_at(offset) if found is None and name not in self.own else None
        return self._extended(owner, name) if owner is not None else found

    def _extended(self, owner: Class, name: str) -> Value | None:
        """A member of the type that an extension in the same file extends."""
        if dict(owner.keywords).get("kind") is None or not owner.bases or owner.name == name:
            return None
        own = super().lookup(owner.name, 0)
        body = getattr(own, "body", ())
        known = [value for key, value in body if key == name]
        return known[-1] if known else None
