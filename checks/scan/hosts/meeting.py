"""What a function does about a row that another session makes between its lookup and its INSERT.

Between the two there may be an error for the row that the lookup has found; after the INSERT code that knows its 23505,
in the handler of a `try` around it or in what follows it; around both a lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Met
from ...sql.lookups import serialised_by
from .leading import WORD, Leading, holds
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ast_grep_py import SgNode

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
_LOCK = re.compile(r"(?i)\bpg_(?:try_)?advisory_(?!unlock)\w+|\block\s+table\b|\bserializable\b")
_LEVEL = re.compile(r"(?i)\bserializable\b")
_ROW_LOCK = re.compile(r"(?i)\bfor\s+(?:no\s+key\s+)?update\b")
_PASSED = frozenset({"block", "do_block", "lambda", "lambda_literal", "closure_expression", "func_literal"})


class Meeting(Leading):
    """Reads what stands around statements of one file."""

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
        function = next((n for n in reversed(path) if self._is_function(n) and holds(n, lookup)), None)
        if function is None or insert <= lookup:
            return False
        names = self._names_of(lookup)
        for branch, test, body in self._branches(function, (lookup, insert)):
            if holds(body, insert) or holds(body, lookup) or _ABSENT.search(test.text()):
                continue
            told = holds(test, lookup) or bool(names & set(WORD.findall(test.text())))
            last = _last(body)
            if told and start(branch) < insert and (_RAISES.match(last) or self._is_answer(body, last)):
                return True
        return False

    def _is_answer(self, body: SgNode, last: str) -> bool:
        """Whether a block leaves with words of an error."""
        return _REFUSES.search(last) is not None and self._guards.leaves(body)

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

    def _is_passed(self, function: SgNode) -> bool:
        """Whether a function is given to a call, which most likely runs it at once."""
        holder = function.parent()
        return holder is not None and (
            "argument" in holder.kind() or function.kind() in _PASSED or "call_suffix" in holder.kind()
        )


def _last(body: SgNode) -> str:
    """The last statement of a block, with the one before it where that only leaves."""
    inner = items(body)
    while len(inner) == 1 and not inner[0].kind().endswith(("statement", "expression")):
        inner = items(inner[0])
    if not inner or body.kind().endswith(("return_statement", "throw_statement", "raise_statement")):
        return body.text()
    last = inner[-1].text()
    return f"{inner[-2].text()} {last}" if len(inner) > 1 and not last.strip("; \n").partition("return")[2] else last


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
