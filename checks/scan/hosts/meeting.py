"""What a function does about a row that another session makes between its lookup and its INSERT.

Between the two there may be an error for the row that the lookup has found; after the INSERT code that knows its 23505,
in the handler of a `try` around it or in what follows it; around both a lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Met
from ...sql.lookups import serialised_by
from .guards import part_of
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ast_grep_py import SgNode

    from .grammar import Grammar
    from .guards import Guards
    from .scopes import Extent

_HANDLERS = frozenset({
    "except_clause", "except_group_clause", "catch_clause", "catch_block", "rescue", "rescue_block", "on_part",
    "rescue_modifier",
})  # fmt: skip
# What is no part of what is tried.
_ELSEWHERE = _HANDLERS | {"else_clause", "finally_clause", "finally_block", "else", "ensure"}
# The code of the error, its names in drivers and ORMs, and functions that are called after it.
_KNOWN = re.compile(
    r"(?i)\b(23505|P2002)\b|unique[_ ]?(key[_ ]?)?(constraint|violation|error)"
    r"|duplicate[_ ]?(key|entry|record|error|row|d_?key)"
    r"|is[_ ]?(unique|duplicate)|integrity_?(constraint_?)?(error|violation)|record_?not_?unique|not_?unique_?error"
    r"|already_?exists_?(error|exception)"
)
_AGAIN = re.compile(
    r"(?i)\b(?:\w*(?:find|select|fetch|lookup|load|retry|retries|update|upsert|merge|reread|query)\w*|get[a-z_]\w*|get"
    r"|first\w*|one\w*|execute\w*|scalar\w*|attempt\w*)!?\s*(?:<[^<>]*>)?\("
    r"|\bcontinue\b|\bretry\b|\.(?:find|first|reload)\w*"
)
_REFUSES = re.compile(
    r"(?i)\b(?:throw|raise|abort|bail!?)\b|\breturn\b[^;\n]*(?:err|fail|conflict|invalid|exists|taken)"
    r"|\b(?:400|403|409|422)\b"
    r"|\b(?:conflict|bad_?request|unprocessable)\w*\("
)
_RAISES = re.compile(r"\W*(?:throw|raise|abort|bail!|panic|return\s+Err)\b")
_ABSENT = re.compile(
    r"(?i)^\(*\s*(?:!|not\b)|(?<![!=])={2,3}\s*(?:null|undefined|none|nil|0)\b|\bis\s+none\b"
    r"|\.?is_?(?:empty|none|null|nil)\b"
    r"|\.(?:blank|empty|none|nil)\?|\berr\w*\b|\bunless\b"
)
_FAULT = re.compile(r"(?i)^_?\w*err(or|ors)?$|^_$|^ok$")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_LOCK = re.compile(r"(?i)\bpg_(?:try_)?advisory_(?!unlock)\w+|\block\s+table\b|\bserializable\b")
_LEVEL = re.compile(r"(?i)\bserializable\b")
_ROW_LOCK = re.compile(r"(?i)\bfor\s+(?:no\s+key\s+)?update\b")
_LOOPS = re.compile(r"^(?:for|while|do_statement|foreach|enhanced_for|loop|repeat|until)(?!_in_clause|_clause)")
_PASSED = frozenset({"block", "do_block", "lambda", "lambda_literal", "closure_expression", "func_literal"})


class Meeting:
    """Reads what stands around statements of one file."""

    def __init__(self, grammar: Grammar, root: SgNode, guards: Guards) -> None:
        self._grammar = grammar
        self._root = root
        self._guards = guards

    def met(self, lookup: int, insert: Extent, until: int) -> Met:
        """See Module."""
        path = self._path(insert[0])
        caught = self._caught(path, insert, until) or self._caught_where_used(path, insert, until)
        return Met(
            caught=caught[0] if caught is not None else None,
            again=caught is not None and self._asks_again(caught[1]),
            refused=self._is_refused(path, lookup, insert[0]),
            serialised=self._serialised(path, lookup),
        )

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
        """Whether a loop is around the innermost of a path, and not around the lookup before it."""
        for holder in path:
            if _holds(holder, lookup):
                continue
            if holder.is_named() and _LOOPS.search(holder.kind()):
                return (
                    holder.kind() != "do_statement" or holder.field("condition") is not None
                )  # Swift's repeats nothing
        return False

    def _is_elsewhere(self, path: Sequence[SgNode], lookup: int) -> bool:
        """Whether the lookup stands in a branch after which the innermost of a path is never reached."""
        place = start(path[-1])
        for node in self._path(lookup):
            parts = self._parts(node)
            own = next((one for one in items(node) if _holds(one, lookup)), None)
            if parts is None or own is None or _same(own, parts[0]):
                continue
            if _holds(node, place):
                if not _holds(own, place) and not _holds(parts[0], place):
                    return True
            elif self._guards.leaves(own):
                return True
        return False

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
        function = next((n for n in reversed(path) if self._is_function(n) and _holds(n, lookup)), self._root)
        names = self._names_of(lookup)
        return any(
            _holds(test, lookup) or bool(names & set(_WORD.findall(test.text())))
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

    def _caught(self, path: Sequence[SgNode], insert: Extent, until: int) -> tuple[int, Extent] | None:
        """Where the error is named, and the extent of what then runs."""
        for handler in self._handlers(path):
            named = next(_leaves(handler, extent_of(handler), _KNOWN), None)
            if named is not None:
                return start(named), self._guards.decided(named) or extent_of(handler)
        function = next((node for node in reversed(path) if self._is_function(node)), None)
        if function is None:
            return None
        after = (insert[1], min(extent_of(function)[1], until))
        named = next(_leaves(function, after, _KNOWN, without=_HANDLERS), None)
        return None if named is None else (start(named), self._guards.decided(named) or (start(named), after[1]))

    def _caught_where_used(self, path: Sequence[SgNode], insert: Extent, until: int) -> tuple[int, Extent] | None:
        """The same of a statement that is given a name before it is run: around the next use of the name."""
        names = self._names_of(insert[0])
        function = next((node for node in reversed(path) if self._is_function(node)), None)
        if len(names) != 1 or function is None:
            return None
        word = re.compile(rf"^{re.escape(next(iter(names)))}$")
        used = next(_leaves(function, (insert[1], extent_of(function)[1]), word), None)
        return None if used is None else self._caught(self._path(start(used)), extent_of(used), until)

    def _handlers(self, path: Sequence[SgNode]) -> Iterator[SgNode]:
        """What runs when the last of the path fails, the innermost first, as far as the functions are run there."""
        for inner, holder in zip(reversed(path), reversed(path[:-1]), strict=False):
            if inner.kind() not in _ELSEWHERE:
                yield from (one for one in holder.children() if one.kind() in _HANDLERS and start(one) > start(inner))
            if holder.kind() == "member_expression" and (call := holder.parent()) is not None:
                name, given = holder.field("property"), call.field("arguments")
                if (
                    name is not None
                    and name.text() == "catch"
                    and given is not None
                    and inner == holder.field("object")
                ):
                    yield given
            if self._is_function(inner) and not self._is_passed(inner):
                return

    def _asks_again(self, extent: Extent) -> bool:
        text = self._root.text()[extent[0] - start(self._root) : extent[1] - start(self._root)]
        return _AGAIN.search(text) is not None

    def _is_refused(self, path: Sequence[SgNode], lookup: int, insert: int) -> bool:
        """Whether the function leaves with an error when its lookup has found a row."""
        function = next((n for n in reversed(path) if self._is_function(n) and _holds(n, lookup)), None)
        if function is None or insert <= lookup:
            return False
        names = self._names_of(lookup)
        for branch, test, body in self._branches(function, (lookup, insert)):
            if _holds(body, insert) or _holds(body, lookup) or _ABSENT.search(test.text()):
                continue
            told = _holds(test, lookup) or bool(names & set(_WORD.findall(test.text())))
            last = _last(body)
            if told and start(branch) < insert and (_RAISES.match(last) or self._is_answer(body, last)):
                return True
        return False

    def _is_answer(self, body: SgNode, last: str) -> bool:
        """Whether a block leaves with words of an error."""
        return _REFUSES.search(last) is not None and self._guards.leaves(body)

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
            if target is not None and not _holds(target, lookup):
                return frozenset(word for word in _WORD.findall(target.text()) if not _FAULT.search(word))
            if self._is_function(node):
                return frozenset()
        return frozenset()

    def _serialised(self, path: Sequence[SgNode], lookup: int) -> str | None:
        """A lock that the functions around take first, or the isolation level that they are given."""
        for node in reversed(path):
            if not self._is_function(node):
                continue
            begin = extent_of(node)[0]
            nested = self._grammar.functions
            for leaf in _leaves(node, (begin, lookup), _LOCK, without=nested):
                return serialised_by(leaf.text()) or "SERIALIZABLE"
            if next(_leaves(node, (begin, lookup), _ROW_LOCK, without=nested), None) is not None:
                return "a row lock (FOR UPDATE)"
            if not self._is_passed(node):
                return None
            given = node.parent()
            after = (extent_of(node)[1], extent_of(given)[1]) if given is not None else (0, 0)
            if given is not None and any(
                "serializable" in one.text().casefold() for one in _leaves(given, after, _LOCK)
            ):
                return "SERIALIZABLE"
        return None

    def _is_function(self, node: SgNode) -> bool:
        return node.kind() in self._grammar.functions

    def _is_passed(self, function: SgNode) -> bool:
        """Whether a function is given to a call, which most likely runs it at once."""
        holder = function.parent()
        return holder is not None and (
            "argument" in holder.kind() or function.kind() in _PASSED or "call_suffix" in holder.kind()
        )


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


def _last(body: SgNode) -> str:
    """The last statement of a block, with the one before it where that only leaves."""
    inner = items(body)
    while len(inner) == 1 and not inner[0].kind().endswith(("statement", "expression")):
        inner = items(inner[0])
    if not inner or body.kind().endswith(("return_statement", "throw_statement", "raise_statement")):
        return body.text()
    last = inner[-1].text()
    return f"{inner[-2].text()} {last}" if len(inner) > 1 and not last.strip("; \n").partition("return")[2] else last


def _holds(node: SgNode, offset: int) -> bool:
    begin, end = extent_of(node)
    return begin <= offset < end


def _leaves(
    node: SgNode, extent: Extent, pattern: re.Pattern[str], *, without: frozenset[str] = frozenset()
) -> Iterator[SgNode]:
    """The names and pieces of literals in an extent that match; no comments."""
    begin, end = extent_of(node)
    if end <= extent[0] or begin >= extent[1] or "comment" in node.kind():
        return
    inner = node.children()
    if not inner:
        if extent[0] <= begin and pattern.search(node.text()):
            yield node
        return
    for child in inner:
        if child.kind() not in without:
            yield from _leaves(child, extent, pattern, without=without)
