"""Calls of Ruby to values: arguments by name, blocks, and methods whose meaning is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Member, Name, Opaque, Record, Sequence, Text
from .lowering import Lowering
from .nodes import items, start
from .ruby_classes import qualified

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value

_BLANK = frozenset({r"/\s+/", r"/\n/", r"/\n+/", r"/\s*\n\s*/", r"/\n\s*/", r"/\n\s+/", r"/\r?\n/", r"/[\r\n]+/"})
_MAPPING = frozenset({"map", "collect", "filter_map", "flat_map", "map!"})
_SANITIZING = frozenset({"sanitize_sql", "sanitize_sql_array", "sanitize_sql_for_conditions"})
_FORMATTING = frozenset({"format", "sprintf"})
_SAME = frozenset({
    "squish", "strip_heredoc", "strip_indent", "html_safe", "chomp", "rstrip", "lstrip", "strip", "freeze", "dup",
    "clone", "deep_dup", "to_s", "to_str", "to_sym", "to_h", "to_a", "to_hash", "symbolize_keys", "stringify_keys",
    "deep_symbolize_keys", "with_indifferent_access", "presence", "uniq", "flatten", "itself", "lazy", "force",
    "compact_blank", "to_unsafe_h", "shuffle", "reverse",
})  # fmt: skip
_MERGING = frozenset({"merge", "reverse_merge", "with_defaults"})


class RubyCalls(Lowering):
    """Lowers the calls of one file: `X.new(a)` is a call of X, a block the keyword "&"."""

    def pair(self, node: SgNode) -> tuple[str, Value] | None:
        """`a: x`, `:a => x`, `"a" => x`, and `a:`, which is `a: a`."""
        key, value = node.field("key"), node.field("value")
        name = self.lower(key) if node.kind() == "pair" and key is not None else None
        if not isinstance(name, Text) or key is None:
            return None
        return name.text, self.lower(value) if value is not None else Name(name.text, start(key), self.path)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """An argument that is given by its name; `**options` are of the name "**"."""
        if node.kind() == "hash_splat_argument":
            return "**", self.lowered(self.inside(node))
        if node.kind() == "pair":
            return self.pair(node) or ("**", self.opaque(node))
        return None

    def arguments(self, given: SgNode | None) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
        """The arguments by position, and those by name; `&block` is none of them."""
        args, keywords = super().arguments(given)
        blocks = [start(one) for one in items(given) if one.kind() == "block_argument"] if given is not None else []
        return tuple(arg for arg in args if getattr(arg, "offset", -1) not in blocks), keywords

    def method(self, node: SgNode) -> Value:
        """A call; those of which the meaning is known as what they give."""
        receiver, name, given, block = (node.field(f) for f in ("receiver", "method", "arguments", "block"))
        if name is None:  # `f.(x)`
            return self.opaque(node)
        if receiver is None and given is None and block is None:
            return self.name(name)
        scoped = qualified(node)
        if scoped is not None:
            return Name(scoped, start(node), self.path)
        called = super().method(node)
        return called if not isinstance(called, Call) else self._known(called, name, block)

    def _known(self, call: Call, name: SgNode, block: SgNode | None) -> Value:
        method, owner = name.text(), call.callee.object if isinstance(call.callee, Member) else None
        if method == "new" and owner is not None and isinstance(owner, Name) and owner.name[:1].isupper():
            return Call(owner, call.args, call.keywords, call.offset, call.name_offset, call.end)
        if method in _MAPPING and owner is not None and block is not None:
            callee = Member(owner, "map", call.name_offset)
            return Call(callee, (self.function_of(block),), (), call.offset, call.name_offset, call.end)
        if block is not None:
            keywords = (*call.keywords, ("&", self.function_of(block)))
            return Call(call.callee, call.args, keywords, call.offset, call.name_offset, call.end)
        return self._of_hashes(call, method, owner) if owner is not None else self._of_strings(call, method, owner)

    def _of_hashes(self, call: Call, method: str, owner: Value) -> Value:
        """`row.to_h`, `row.slice(:a, :b)`, `row.merge(a: 1)` as the rows that they give."""
        if not call.args and (method in _SAME or (method == "class" and _is_self(owner))):
            return owner
        keys = [arg for arg in call.args if isinstance(arg, Text)]
        if method == "slice" and keys and len(keys) == len(call.args):
            return Record(tuple((key.text, Member(owner, key.text, call.offset)) for key in keys), offset=call.offset)
        if method in _MERGING:
            return self._merged(call, owner, reverse=method.startswith("reverse"))
        return self._of_strings(call, method, owner)

    def _merged(self, call: Call, owner: Value, *, reverse: bool) -> Value:
        """`row.merge(a: 1)` as `{**row, a: 1}`."""
        named = [pair for pair in call.keywords if pair[0] != "**"]
        added = [*call.args, *(value for name, value in call.keywords if name == "**")]
        spreads = [(len(named) if reverse else 0, owner), *((0 if reverse else len(named), one) for one in added)]
        return Record(tuple(named), complete=False, offset=call.offset, spreads=tuple(sorted(spreads, key=_at)))

    def _of_strings(self, call: Call, method: str, owner: Value | None) -> Value:
        r"""`format("..", a)`, `sanitize_sql_array(["..", a])`, `text.tr("\n", " ")` as the strings that they give."""
        if method in _FORMATTING and call.args and (owner is None or owner == Name("Kernel", call.offset, self.path)):
            given = Record(call.keywords) if call.keywords else Sequence(call.args[1:])
            callee = Member(call.args[0], "%", call.offset)
            return Call(callee, (given,), (), call.offset, call.name_offset, call.end)
        if method in _SANITIZING and call.args:
            first = call.args[0]
            return first.items[0] if isinstance(first, Sequence) and first.items else first
        if method in {"gsub", "tr"} and owner is not None and call.args:
            what = call.args[0]
            blank = isinstance(what, Text) and what.text and not what.text.strip()
            return owner if blank or (isinstance(what, Opaque) and what.source in _BLANK) else call
        return call


def _at(spread: tuple[int, Value]) -> int:
    return spread[0]


def _is_self(value: Value) -> bool:
    return isinstance(value, Name) and value.name == "self"
