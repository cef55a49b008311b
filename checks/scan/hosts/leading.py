"""Whether a statement by a key leads to an INSERT of that row, by the way that a function goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .guards import part_of
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ast_grep_py import SgNode

    from .grammar import Grammar
    from .guards import Guards
    from .scopes import Extent

WORD = re.compile(r"[A-Za-z_$][\w$]*")
_FAULT = re.compile(r"(?i)^_?\w*err(or|ors)?$|^_$|^ok$")
LOOPS = re.compile(r"^(?:for|while|do_statement|foreach|enhanced_for|loop|repeat|until)(?!_in_clause|_clause)")
# What is not certain to be run to its end.
_UNSURE = frozenset({"try_statement", "except_clause", "catch_clause", "begin", "rescue", "switch_statement"})
# What gives names a value in languages whose names are read otherwise.
_ASSIGNED = {
    "short_var_declaration": ("left", "right"),
    "assignment_statement": ("left", "right"),
    "assignment_expression": ("left", "right"),
    "assignment": ("left", "right"),
    "var_spec": ("name", "value"),
    "let_declaration": ("pattern", "value"),
    "val_definition": ("pattern", "value"),
    "variable_declarator": ("name", "value"),
}
# Fields of a loop with what it gives a value.
_GIVEN = ("left", "name", "pattern", "item", "initializer", "init", "initialization")


class Leading:
    """Reads the ways through the functions of one file."""

    def __init__(self, grammar: Grammar, root: SgNode, guards: Guards) -> None:
        self._grammar = grammar
        self._root = root
        self._guards = guards

    def leads(self, lookup: int, insert: int, *, asked: bool, same: bool = False) -> bool:
        """See Module."""
        path = self._path(insert)
        return (
            not self._is_repeated(path, lookup)
            and not self._is_elsewhere(path, lookup)
            and (not asked or self._is_asked(path, lookup, insert))
            and (not same or self._is_alike(path, lookup))
        )

    def _is_repeated(self, path: Sequence[SgNode], lookup: int) -> bool:
        """Whether a loop over rows is around the innermost of a path, and not around the lookup before it.

        Its INSERT is of what the loop goes over: a loop that only tries again is none.
        """
        for depth, holder in enumerate(path):
            if holds(holder, lookup) or not holder.is_named() or not LOOPS.search(holder.kind()):
                continue
            if self._is_of(self._looped(holder, path[-1]), path[depth + 1 :]):
                return True
        return False

    def _looped(self, loop: SgNode, last: SgNode) -> frozenset[str]:
        """The names that a loop gives a value, and those that are made of them before a place in its body."""
        body = loop.field("body") or next((one for one in items(loop) if holds(one, start(last))), loop)
        names = {word for part in _parts_named(loop) for word in WORD.findall(part.text())}
        before = self._root.text()[: start(loop) - start(self._root)]
        fresh = {w for one in items(loop) if start(one) < start(body) for w in WORD.findall(one.text())}
        names |= fresh - set(WORD.findall(before))
        return self._made_of(frozenset(names), body, (start(body), start(last)))

    def _fields(self, node: SgNode) -> tuple[str, str] | None:
        """The fields of a name and its value, of what gives a name a value."""
        fields = self._grammar.declarations.get(node.kind()) or self._grammar.assignments.get(node.kind())
        return fields or _ASSIGNED.get(node.kind())

    def _made_of(self, names: frozenset[str], node: SgNode, extent: Extent) -> frozenset[str]:
        """These names, and those that are given a value with one of them inside of an extent."""
        begin, end = extent_of(node)
        if end <= extent[0] or begin >= extent[1]:
            return names
        fields = self._fields(node)
        target, value = (node.field(fields[0]), node.field(fields[1])) if fields is not None else (None, None)
        if target is not None and value is not None and names & set(WORD.findall(value.text())):
            names |= {word for word in WORD.findall(target.text()) if not _FAULT.search(word)}
        for child in node.children():
            names = self._made_of(names, child, extent)
        return names

    def _is_of(self, names: frozenset[str], path: Sequence[SgNode]) -> bool:
        """Whether the statement that the innermost of a path is a part of has one of these names."""
        calls = (*self._grammar.calls, *self._grammar.methods)
        whole: SgNode | None = None
        for node in reversed(path):
            if self._is_function(node) or node.kind().endswith(("statement", "block", "body", "clause")):
                break
            whole = node if node.kind() in calls or whole is None else whole
        return whole is not None and bool(names & set(WORD.findall(whole.text())))

    def _is_elsewhere(self, path: Sequence[SgNode], lookup: int) -> bool:
        """Whether the lookup stands in a branch after which the innermost of a path is never reached."""
        place = start(path[-1])
        for node in self._path(lookup):
            parts = self._parts(node)
            own = next((one for one in items(node) if holds(one, lookup)), None)
            if parts is None or own is None or self._is_asked_first(own, parts, lookup, place):
                continue
            if holds(node, place):
                if not holds(own, place) and not holds(parts[0], place):
                    return True
            elif self._is_left(own, place):
                return True
        return False

    def _is_asked_first(self, own: SgNode, parts: tuple[SgNode, SgNode], lookup: int, place: int) -> bool:
        """Whether a part of a branching is run before others: its test, what stands before it, the test of an elif."""
        if _same(own, parts[0]) or (start(own) < start(parts[1]) and start(own) <= start(parts[0])):
            return True
        inner = self._parts(own)
        return inner is not None and place >= extent_of(own)[1] and not holds(inner[1], lookup)

    def _is_left(self, body: SgNode, place: int) -> bool:
        """Whether the function is left for certain at the end of a branch, or the loop that the place is in."""
        last = body
        while last.kind() not in self._grammar.exits:
            inner = items(last)
            if not inner or last.kind() in _UNSURE or LOOPS.search(last.kind()):
                return False
            last = inner[-1]
        if not self._guards.leaves(body):
            return False
        if not last.text().startswith(("break", "continue", "next", "last")):
            return True
        return any(LOOPS.search(one.kind()) and one.is_named() and holds(one, place) for one in last.ancestors())

    def _is_alike(self, path: Sequence[SgNode], lookup: int) -> bool:
        """Whether each name that both statements give a value has the same in both, and no other: `{ group: next }`."""
        first, second = self._given(self._path(lookup)), self._given(path)
        return all(first[name] == second[name] for name in first.keys() & second.keys())

    def _given(self, path: Sequence[SgNode]) -> dict[str, str]:
        """The values of the records that the outermost call of one statement is given, as they are written, by name."""
        calls = [node for node in path if node.kind() in self._grammar.calls]
        inside = [node for node in calls if not any(self._is_function(one) for one in path[path.index(node) :])]
        return dict(_entries(inside[0])) if inside else {}

    def _is_asked(self, path: Sequence[SgNode], lookup: int, insert: int) -> bool:
        """Whether a test between the two is about what the first gives; yes in languages whose tests are not read."""
        if not self._grammar.branchings:
            return True
        function = next((n for n in reversed(path) if self._is_function(n) and holds(n, lookup)), self._root)
        names = self._made_of(self._names_of(lookup), function, (lookup, insert))
        return any(
            holds(test, lookup) or bool(names & set(WORD.findall(test.text())))
            for _, test, _ in self._branches(function, (lookup, insert))
        )

    def _path(self, offset: int) -> list[SgNode]:
        """The nodes that hold a place, the outermost first."""
        path: list[SgNode] = []
        node: SgNode | None = self._root
        while node is not None:
            path.append(node)
            node = next((one for one in node.children() if one.range().start.index <= offset < extent_of(one)[1]), None)
        return path

    def _branches(self, node: SgNode, extent: Extent) -> Iterator[tuple[SgNode, SgNode, SgNode]]:
        """Each branching of a part of the file, with its test and what runs when that is met."""
        begin, end = extent_of(node)
        if end <= extent[0] or begin >= extent[1]:
            return
        parts = self._parts(node)
        if parts is not None:
            yield node, *parts
        for child in node.children():
            yield from self._branches(child, extent)

    def _parts(self, node: SgNode) -> tuple[SgNode, SgNode] | None:
        """What a branching tests, and what runs when that is met."""
        branching = self._grammar.branchings.get(node.kind())
        if branching is None or branching.negated:
            return None
        test, body = part_of(node, branching.test), part_of(node, branching.body)
        return (test, body) if test is not None and body is not None else None

    def _names_of(self, lookup: int) -> frozenset[str]:
        """The names that the statement of a lookup gives what it finds, without one for its error."""
        for node in reversed(self._path(lookup)):
            fields = self._grammar.declarations.get(node.kind()) or self._grammar.assignments.get(node.kind())
            target = node.field(fields[0]) if fields is not None else None
            if target is not None and not holds(target, lookup):
                return frozenset(word for word in WORD.findall(target.text()) if not _FAULT.search(word))
            if self._is_function(node):
                return frozenset()
        return frozenset()

    def _is_function(self, node: SgNode) -> bool:
        return node.kind() in self._grammar.functions


def _parts_named(loop: SgNode) -> Iterator[SgNode]:
    """What stands before `in` or `of` in the head of a loop, and where its counter begins."""
    for holder in (loop, *(one for one in items(loop) if one.kind() in {"range_clause", "for_clause"})):
        yield from (part for name in _GIVEN if (part := holder.field(name)) is not None)


def _entries(node: SgNode) -> Iterator[tuple[str, str]]:
    """Each `name: value` inside of a node whose value is no record itself."""
    key, value = node.field("key"), node.field("value")
    if node.kind() == "pair" and key is not None and value is not None and value.kind() != "object":
        yield key.text(), value.text()
        return
    if node.kind() == "shorthand_property_identifier":
        yield node.text(), node.text()
    for child in items(node):
        yield from _entries(child)


def _same(one: SgNode, other: SgNode) -> bool:
    return extent_of(one) == extent_of(other)


def holds(node: SgNode, offset: int) -> bool:
    """Whether a place is inside of a node."""
    begin, end = extent_of(node)
    return begin <= offset < end
