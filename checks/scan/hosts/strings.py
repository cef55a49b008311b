"""The outermost string expressions of a file, and which of them are only compared."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .nodes import extent_of, items, pairs, sign, start
from .parts import MOST_USES, Touch, Touching
from .told import told

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from .grammar import Grammar
    from .parts import Lookup
    from .scopes import Extent
    from .tree import Tree


_EXPECTED = re.compile(r"\$?_?(expect(ed)?|want(ed)?)([A-Z_\d]|$)", re.ASCII)
_MOST_LOOKUPS = 10_000
_SIDES = frozenset({"expression_list"})  # what stands on one side of an assignment


class Strings:
    """Climbs from literals to the longest strings that they are parts of; a language overrides what differs."""

    def __init__(self, grammar: Grammar, tree: Tree, lookup: Lookup) -> None:
        self.grammar = grammar
        self.tree = tree
        # The uses of one variable lead through the same names again and again.
        self.lookup = lru_cache(maxsize=_MOST_LOOKUPS)(lookup)

    def outermost(self, pattern: str) -> list[tuple[SgNode, bool]]:
        """Every outermost string expression of which a literal matches `pattern`, or a constant it is put together of.

        With each: whether it is a constant that is only ever a part of longer strings, which then stand for it.
        """
        found: dict[Extent, SgNode] = {}
        for literal in self.tree.literals(pattern):
            outer, joined = self.climb(literal)
            if self.is_code(outer, joined=joined):
                found[extent_of(outer)] = outer
        parts: set[Extent] = set()
        matching = frozenset(found)
        waiting = list(found) if pattern else []
        for extent in waiting:  # grows: a longer string may be a part of a still longer one
            name = self.name_of(found[extent])
            if name is not None:
                joins, alone = self._uses(found[extent], name)
                parts.update({extent} if joins and not alone else ())
                waiting += [own for node in joins if (own := extent_of(node)) not in found]
                found.update((extent_of(node), node) for node in joins)
        # A string that grows branch by branch is as many: those between its beginning and its whole say nothing more.
        kept = (extent for extent in sorted(found) if extent in matching or extent not in parts)
        return [(found[extent], extent in parts) for extent in kept]

    def _uses(self, seed: SgNode, name: SgNode) -> tuple[list[SgNode], bool]:
        """The longer strings that a string is a part of by its variable, and whether that is also used by itself."""
        joins: list[SgNode] = []
        alone = self.is_exported(name)
        touching, uses = Touching(self._extent(seed), self.lookup), self.tree.named(name.text())
        for use in uses if len(uses) <= MOST_USES else ():
            outer, joined = self.climb(use)
            if use == name or (self.is_target(use) and not joined) or outer == seed:
                continue
            how = touching.of(self.lookup(use.text(), start(use)))
            if joined and how is not Touch.NOT and self.is_code(outer, joined=True):
                joins.append(outer)
            alone = alone or (not joined and how is Touch.WHOLE and not self.is_asked(use))
        return joins, alone

    def _extent(self, seed: SgNode) -> Extent:
        return extent_of(seed)

    def climb(self, node: SgNode) -> tuple[SgNode, bool]:
        """The largest string expression that this one is a part of, and whether it is larger."""
        outer, joined = node, False
        for inner, holder in pairs(node):
            kind = holder.kind()
            if kind in self.grammar.transparent:
                outer = holder if outer == inner else outer
            elif self.joins(inner, holder):
                outer, joined = holder, True
            elif kind not in self.grammar.through:
                break
        return outer, joined

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        kind = holder.kind()
        if kind in self.grammar.literals:
            return True
        if kind in self.grammar.joins:
            return sign(holder) in self.grammar.joining
        if kind in self.grammar.augmented:
            return sign(holder).rstrip("=") in self.grammar.joining
        return self.is_call(holder) and self.last_name(holder) in self.grammar.wrapping and inner != holder

    def is_call(self, node: SgNode) -> bool:
        """Whether the node is a call."""
        return node.kind() in self.grammar.calls or node.kind() in self.grammar.methods

    def last_name(self, call: SgNode) -> str:
        """`m` of `x.m(..)`, `f` of `f(..)`."""
        if call.kind() in self.grammar.methods:
            name = call.field(self.grammar.methods[call.kind()][1])
            return name.text() if name is not None else ""
        callee = call.field(self.grammar.calls[call.kind()][0])
        if callee is None:
            return ""
        fields = self.grammar.members.get(callee.kind())
        named = callee.field(fields[1]) if fields is not None else callee
        return named.text() if named is not None else ""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used; one that stands alone as a statement is not."""
        del joined
        holder = node.parent()
        return holder is not None and holder.kind() not in self.grammar.no_code

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see this variable, so that it may be used by itself there."""
        del name
        return False

    def is_asked(self, use: SgNode) -> bool:
        """Whether a use of a string is a question about it, or what does not run it."""
        del use
        return False

    def is_target(self, node: SgNode) -> bool:
        """Whether a name is what an assignment or declaration gives a value."""
        holder = node.parent()
        fields = self._assigned(holder) if holder is not None else None
        return holder is not None and fields is not None and holder.field(fields[0]) == node

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string, or the list that it is an item of."""
        inner, holder = seed, seed.parent()
        if seed.kind() in self.grammar.augmented:
            left = seed.field("left")
            return left if left is not None and left.kind() in self.grammar.identifiers else None
        if holder is not None and holder.kind() in self.grammar.lists:
            inner, holder = holder, holder.parent()
        fields = self._assigned(holder) if holder is not None else None
        if holder is None or fields is None or holder.field(fields[1]) != inner:
            return None
        name = holder.field(fields[0])
        return name if name is not None and name.kind() in self.grammar.identifiers else None

    def _assigned(self, holder: SgNode) -> tuple[str, str] | None:
        return self.grammar.assignments.get(holder.kind()) or self.grammar.declarations.get(holder.kind())

    def is_prepared(self, node: SgNode) -> bool:
        """Whether a string expression is given to a call whose result is kept as a field of an object or a record."""
        called = False
        for inner, holder in pairs(node):
            kind = holder.kind()
            if "await" in kind:  # it is run
                return False
            if kind in self.grammar.transparent or (kind in _SIDES and len(items(holder)) == 1):
                continue
            if called:
                return kind in self.grammar.entries or self._sets_member(holder)
            called = self.is_call(holder) and inner.kind() in self.grammar.arguments
            if not called and kind not in self.grammar.arguments:
                return False
        return False

    def _sets_member(self, assignment: SgNode) -> bool:
        if assignment.kind() not in self.grammar.assignments and assignment.kind() not in self.grammar.augmented:
            return False
        left = assignment.field("left")
        sides = items(left) if left is not None and left.kind() in _SIDES else [left]
        return len(sides) == 1 and sides[0] is not None and sides[0].kind() in self.grammar.members

    def is_expected(self, node: SgNode) -> bool:
        """Whether a string is kept under a name that says that it is compared later: `expectedSql`."""
        name = self.name_of(node)
        return name is not None and _EXPECTED.match(name.text()) is not None

    def is_compared(self, node: SgNode) -> bool:
        """Whether a string expression is an operand of a comparison or an assertion."""
        for inner, holder in pairs(node):
            kind = holder.kind()
            if kind in self.grammar.comparisons and sign(holder) in self.grammar.comparing:
                return True
            if self.is_call(holder) and inner.kind() in self.grammar.arguments:
                return self.last_name(holder) in self.grammar.asserting
            if kind in self.grammar.functions or kind.endswith(self.grammar.statements):
                return False
        return False

    def told(self, node: SgNode) -> str | None:
        """Why a string expression is only for people, None if it is not."""
        return told(self, node)
