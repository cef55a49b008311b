"""What a function does about a row that another session makes between its lookup and its INSERT.

Between the two there may be an error for the row that the lookup has found; after the INSERT code that knows its 23505,
in the handler of a `try` around it or in what follows it; around both a lock.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Met
from ...sql.lexis import Kind, lex
from ...sql.lookups import serialised_by
from .leading import LOOPS, WORD, Leading, holds
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
    r"|\bis_?(unique|duplicate)(_?(key|violation|constraint|error|entry|row|record)\w*)?\b"
    r"|integrity_?(constraint_?)?(error|violation)|record_?not_?unique|not_?unique_?error"
    r"|already_?exists_?(error|exception)"
)
_SQL = re.compile(r"(?i)\b(?:from|into|update)\b")
_EXACT = re.compile(
    r"(?i)[\"'`]?(23505|P2002|\w*(unique|duplicate|integrity)\w*(error|violation|exception|key)|[\w:]*RecordNotUnique)[\"'`]?"
)
_TRIES = re.compile(r"^(?:continue|next|retry)$")
_TRANSACTION = re.compile(
    r"(?i)^(?:\$?(?:with_?|in_?|begin_?|start_?|run_?(?:in_?)?)?(?:transaction|tx)(?:al|_?func|_?async|_?scope)?"
    r"|atomic|begin)$"
)
_BEGINS = re.compile(r"(?i)^\W*(?:begin|start\s+transaction)\b[\w\s]*\W*$")
_BEGUN = re.compile(r"(?i)^begin_?(?:tx|txx|transaction)?(?:async)?$|^start_?transaction$|^set_?auto_?commit$")
_PART = re.compile(r"(?i)savepoint|nested|requires_?new")
_ENDS = re.compile(r"(?i)rollback|roll_back|savepoint")
_FAULTS = frozenset({
    "err", "error", "errors", "fail", "failed", "failure", "conflict", "invalid", "exists", "taken", "exist",
    "exception", "duplicate",
})  # fmt: skip
_PARTS_OF_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_RETURNS = re.compile(r"\breturn\b([^;\n]*)")
_REFUSES = re.compile(
    r"(?i)\b(?:throw|raise|abort|bail!?)\b|\b(?:400|403|409|422)\b|\b(?:conflict|bad_?request|unprocessable)\w*\("
)
_RAISES = re.compile(r"\W*(?:throw|raise|abort|bail!|panic|return\s+Err)\b")
_ABSENT = re.compile(
    r"(?i)^\(*\s*(?:!|not\b)|(?<![!=])={2,3}\s*(?:null|undefined|none|nil|0)\b|\bis\s+none\b"
    r"|\.?is_?(?:empty|none|null|nil)\b"
    r"|\.(?:blank|empty|none|nil)\?|\berr\w*\b|\bunless\b"
)
_LOCK = re.compile(r"(?i)\bpg_(?:try_)?advisory_(?!unlock)\w+|\block\s+table\b|\bserializable\b")
_LEVEL = re.compile(r"(?i)isolation|transaction|level")
_ROW_LOCK = re.compile(r"(?i)\bfor\s+(?:no\s+key\s+)?update\b")
_VERBS = frozenset({"select", "with", "lock", "set", "begin", "start", "do", "perform", "call"})
_LISTS = ("block", "body", "program", "module", "list", "statements", "source_file", "then")
_PASSED = frozenset({"block", "do_block", "lambda", "lambda_literal", "closure_expression", "func_literal"})


class Meeting(Leading):
    """Reads what stands around statements of one file."""

    def met(self, lookup: int, insert: Extent, until: int, others: Sequence[int] = ()) -> Met:
        """See Module."""
        path = self._path(insert[0])
        caught = self._caught(path, insert, until) or self._caught_where_used(path, insert, until)
        again = caught is not None and (
            any(caught[1][0] <= place < caught[1][1] for place in others) or self._asks_again(caught[1], lookup)
        )
        aborted = caught is not None and again and self._is_aborted(path, caught[1])
        return Met(
            caught=caught[0] if caught is not None else None,
            again=again and not aborted,
            refused=self._is_refused(path, lookup, insert[0]),
            serialised=self._serialised(path, lookup),
            aborted=aborted,
        )

    def _caught(self, path: Sequence[SgNode], insert: Extent, until: int) -> tuple[int, Extent] | None:
        """Where the error is named, and the extent of what then runs."""
        for handler in self._handlers(path):
            named = next(self._named(handler, extent_of(handler)), None)
            if named is not None:
                return start(named), self._guards.decided(named) or extent_of(handler)
        function = next((node for node in reversed(path) if self._is_function(node)), None)
        if function is None:
            return None
        after = (insert[1], min(extent_of(function)[1], until))
        told = self._told(path, insert)
        named = next((one for one in self._named(function, after, without=_HANDLERS) if told(one)), None)
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

    def _named(self, node: SgNode, extent: Extent, *, without: frozenset[str] = frozenset()) -> Iterator[SgNode]:
        """What names the error in an extent: a name, a string that is one or its code, and words of it in a test."""
        for leaf in _leaves(node, extent, _KNOWN, without=without):
            if not _is_text(leaf) or _EXACT.fullmatch(leaf.text()) or self._guards.decided(leaf) is not None:
                yield leaf

    def _told(self, path: Sequence[SgNode], insert: Extent) -> Callable[[SgNode], bool]:
        """Whether a name after an INSERT is asked of what the INSERT gives, before that name gets another value."""
        names = self._given_by(path)

        def told(leaf: SgNode) -> bool:
            holder = next((one for one in reversed(path) if holds(one, start(leaf))), self._root)
            is_list = holder.kind().endswith(_LISTS) or holder.kind() in self._grammar.blocks
            if not is_list and self._parts(holder) is None:
                return True
            whole = next((one for one in items(holder) if holds(one, start(leaf))), leaf)
            parent = leaf.parent()
            until = max(extent_of(leaf)[1], extent_of(parent)[1] if parent is not None else 0)
            begin = max(start(whole), insert[1]) - start(self._root)
            words = WORD.findall(self._root.text()[begin : until - start(self._root)])
            return bool(names & set(words)) and not self._is_given(names, self._root, (insert[1], start(leaf)))

        return told

    def _given_by(self, path: Sequence[SgNode]) -> frozenset[str]:
        """All names that the innermost of a path, once it was run, gives a value."""
        for node in reversed(path):
            fields = self._fields(node)
            target = node.field(fields[0]) if fields is not None else None
            if target is not None and not holds(target, start(path[-1])):
                return frozenset(WORD.findall(target.text())) - {"_"}
            if self._is_function(node):
                break
        return frozenset()

    def _is_given(self, names: frozenset[str], node: SgNode, extent: Extent) -> bool:
        """Whether one of these names gets another value in an extent."""
        begin, end = extent_of(node)
        if end <= extent[0] or begin >= extent[1]:
            return False
        fields = self._fields(node)
        target = node.field(fields[0]) if fields is not None and begin >= extent[0] else None
        if target is not None and names & set(WORD.findall(target.text())):
            return True
        return any(self._is_given(names, one, extent) for one in node.children())

    def _asks_again(self, extent: Extent, lookup: int) -> bool:
        """Whether what runs calls what looked up, by the same name, or goes back before the lookup."""
        for leaf in _leaves(self._root, extent, _TRIES):
            around = leaf.ancestors()
            if not leaf.kind().startswith(leaf.text()):
                continue  # a name
            if leaf.text() == "retry":
                tried = next((one.parent() for one in around if one.kind() in _HANDLERS), None)
            else:
                tried = next((one for one in around if one.is_named() and LOOPS.search(one.kind())), None)
            if tried is not None and holds(tried, lookup):
                return True
        path = self._path(lookup)
        if _is_text(path[-1]):  # of raw SQL the call says nothing
            tables = _tables(_whole(path[-1]))
            return any(_is_text(one) and tables & _tables(_whole(one)) for one in _leaves(self._root, extent, _SQL))
        asked = {name for node in path if start(node) >= lookup and (name := self._callee(node)) is not None}
        return bool(asked) and any(self._callee(one) in asked for one in _inside(self._root, extent))

    def _callee(self, node: SgNode) -> str | None:
        """What a call calls, as it is written."""
        method = self._grammar.methods.get(node.kind())
        if method is not None:
            parts = [part.text() for field in method[:2] if (part := node.field(field)) is not None]
            return ".".join("".join(part.split()) for part in parts).rstrip("!?") or None
        fields = self._grammar.calls.get(node.kind())
        called = node.field(fields[0]) if fields is not None else None
        return "".join(called.text().split()).rstrip("!?") if called is not None else None

    def _is_aborted(self, path: Sequence[SgNode], extent: Extent) -> bool:
        """Whether what then runs is in the transaction that the error has ended, with no savepoint before."""
        function = next((node for node in path if self._is_function(node) and holds(node, extent[0])), self._root)
        if next(_leaves(self._root, extent, _ENDS), None) is not None:
            return False
        around = [node for node in path if start(node) <= extent[0] and extent[1] <= extent_of(node)[1]]
        inner = path[len(around) :]
        until = start(path[-1])
        if next(_leaves(function, (start(function), until), _PART), None) is not None:
            return False
        if any(self._is_transaction(node, until) for node in inner):
            return False
        names = _leaves(function, (start(function), until), _BEGUN)
        begun = any(one.kind() != one.text() and not _is_text(one) for one in names)  # no keyword
        texts = _leaves(function, (start(function), until), _BEGINS)
        return begun or any(map(_is_text, texts)) or any(self._is_transaction(node, until) for node in around)

    def _is_transaction(self, node: SgNode, until: int) -> bool:
        """Whether a node runs what is in it in a transaction: `with`, a call with a function, an annotation."""
        kind = node.kind()
        if kind.startswith(("with_", "decorated", "using_")) or kind in self._grammar.calls or "call" in kind:
            inside = next((one for one in items(node) if holds(one, until)), None)
            begin = start(inside) if inside is not None else until
            heads = _leaves(node, (start(node), max(begin, start(node))), _TRANSACTION)
            return any(one.kind() != one.text() for one in heads)
        if self._is_function(node):
            body = node.field("body")
            head = (start(node), start(body) if body is not None else start(node))
            return next(_leaves(node, head, _TRANSACTION), None) is not None
        return False

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
        told = {part.casefold() for one in _RETURNS.findall(last) for part in _PARTS_OF_WORDS.findall(one)}
        return (bool(told & _FAULTS) or _REFUSES.search(last) is not None) and self._guards.leaves(body)

    def _serialised(self, path: Sequence[SgNode], lookup: int) -> str | None:
        """A lock that the functions around take first, or the isolation level that they are given."""
        for node in reversed(path):
            if not self._is_function(node):
                continue
            begin = extent_of(node)[0]
            nested = self._grammar.functions
            for leaf in _leaves(node, (begin, lookup), _LOCK, without=nested):
                lock = self._lock(leaf, lookup)
                if lock is not None:
                    return lock
            rows = _leaves(node, (begin, lookup), _ROW_LOCK, without=nested)
            if any(self._is_sql(leaf, lookup) for leaf in rows):
                return "a row lock (FOR UPDATE)"
            if not self._is_passed(node):
                return None
            given = node.parent()
            after = (extent_of(node)[1], extent_of(given)[1]) if given is not None else (0, 0)
            if given is not None and any(
                "serializable" in one.text().casefold() and self._lock(one, after[1]) is not None
                for one in _leaves(given, after, _LOCK)
            ):
                return "SERIALIZABLE"
        return None

    def _lock(self, leaf: SgNode, lookup: int) -> str | None:
        """What a name or a piece of SQL locks; no words of another text."""
        if holds(leaf, lookup):
            return None
        if not _is_text(leaf):
            around = [one.text() for one in leaf.ancestors()][:3]
            is_level = any(_LEVEL.search(one.partition("\n")[0]) for one in around)
            return serialised_by(leaf.text()) if is_level or "serializable" not in leaf.text().casefold() else None
        if leaf.text().strip("\"'`").casefold() == "serializable":
            return "SERIALIZABLE"
        return serialised_by(_whole(leaf)) if self._is_sql(leaf, lookup) else None

    @staticmethod
    def _is_sql(leaf: SgNode, lookup: int) -> bool:
        """Whether a piece of a string is one of a statement, of another than the lookup."""
        whole = _whole(leaf)
        first = next((token.value for token in lex(whole) if token.kind is Kind.WORD), "")
        outer = leaf.parent()
        own = holds(leaf, lookup) or (outer is not None and _is_text(outer) and holds(outer, lookup))
        return _is_text(leaf) and not own and first in _VERBS and _is_statement(whole)

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


_WORDS_OF = {"with": "as", "begin": "", "do": "", "perform": "(", "call": "(", "start": "transaction", "set": ""}


def _tables(text: str) -> frozenset[str]:
    """The tables of a statement, without their schemas."""
    tokens = [token.value.strip('"') for token in lex(text)]
    if not tokens or tokens[0] not in {"select", "insert", "update", "with", "merge", "delete"}:
        return frozenset()
    names = [at + 1 for at, word in enumerate(tokens[:-1]) if word in {"from", "into", "join", "update"}]
    return frozenset(
        tokens[at + 2 if tokens[at + 1 : at + 2] == ["."] and len(tokens) > at + 2 else at] for at in names
    )


def _is_statement(text: str) -> bool:
    """Whether a text that begins like SQL goes on as such."""
    words = [token.value for token in lex(text)]
    if words[0] == "select":
        return "from" in words or "(" in words
    return _WORDS_OF.get(words[0], "") in {"", *words}


def _is_text(leaf: SgNode) -> bool:
    """Whether a node is a string, or a piece of its text."""
    kind, holder = leaf.kind(), leaf.parent()
    if any(word in kind for word in ("string", "fragment", "content", "quoted", "heredoc")):
        return True
    inside = holder is not None and "string" in holder.kind() and "interpol" not in holder.kind()
    return inside and not any(word in kind for word in ("identifier", "constant", "interpol"))


def _whole(leaf: SgNode) -> str:
    """The text of the string that a piece is of, without its quotes."""
    outer = leaf
    while (holder := outer.parent()) is not None and _is_text(holder):
        outer = holder
    return re.sub(r"^[A-Za-z]{0,2}[\"'`]+|[\"'`]+$", "", outer.text().strip())


def _inside(node: SgNode, extent: Extent) -> Iterator[SgNode]:
    """The nodes that begin in an extent."""
    begin, end = extent_of(node)
    if end <= extent[0] or begin >= extent[1]:
        return
    if extent[0] <= begin:
        yield node
    for child in node.children():
        yield from _inside(child, extent)


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
