"""Swift expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Join, Member, Name, Opaque, Record, Sequence, Text
from .lowering import interpolated
from .nodes import extent_of, items, sign, start
from .swift_types import SwiftTypes

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_NAMES = frozenset({"ident"})  # labels of holes that are put in as quoted names, in SQLKit
_TEXTS = frozenset({"unescaped", "raw", "unsafeRaw", ""})  # of holes that are put in as they are


class SwiftLowering(SwiftTypes):
    """Lowers the expressions of one file; arguments behind labels are keywords."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "raw_string_literal": self._raw,
            "boolean_literal": self.boolean,
            "self_expression": self.name,
            "super_expression": self._super,
            "constructor_expression": self._constructed,
            "prefix_expression": self._prefix,
            "postfix_expression": self._postfix,
            "array_literal": self._list,
            "dictionary_literal": self._map,
            "ternary_expression": self._ternary,
            "nil_coalescing_expression": self._if_nil,
            "as_expression": self._as,
            "if_statement": self._branches,
            "switch_statement": self._branches,
            "lambda_literal": self._lambda,
            "tuple_expression": self._tuple,
            "user_type": self.reference,
        }

    def inside(self, node: SgNode) -> SgNode | None:
        """The expression inside, behind `try` and `await`; what a `return` returns."""
        if node.kind() == "control_transfer_statement":
            return node.field("result") if node.text().startswith("return") else None
        inner = items(node)
        return inner[-1] if inner else None

    def string(self, node: SgNode) -> Value:
        """A string in quotes, or in three."""
        begin, end = extent_of(node)
        width = 3 if node.kind() == "multi_line_string_literal" else 1
        at, last = begin + width, end - width
        parts: list[Value] = []
        for child in items(node):
            if child.kind() == "interpolated_expression":
                first, after = extent_of(child)
                parts.append(decode(self.text, at, max(first - 2, at), self.path))
                parts.append(self._hole(child))
                at = after + 1
        parts.append(decode(self.text, at, last, self.path))
        return interpolated(parts, begin)

    def _hole(self, node: SgNode) -> Value:
        r"""What stands in `\(..)`; behind a label that binds it is no text."""
        label, value = node.field("name"), node.field("value")
        known = self.lowered(value)
        word = label.text() if label is not None else ""
        if word in _NAMES and isinstance(known, Text):
            return Join((Text('"'), known, Text('"')), "raw", start(node))
        return known if word in _TEXTS else Opaque(node.text()[:80], start(node))

    def _raw(self, node: SgNode) -> Value:
        r"""`#"..."#`, in which only `\#(..)` is put in."""
        begin, end = extent_of(node)
        text = node.text()
        hashes = len(text) - len(text.lstrip("#"))
        width = hashes + (3 if text[hashes:].startswith('"""') else 1)
        at = begin + width
        parts: list[Value] = []
        for child in items(node):
            if child.kind() == "raw_str_interpolation":
                first, after = extent_of(child)
                hole = next((one for one in items(child) if one.kind() == "interpolated_expression"), None)
                parts.append(decode(self.text, at, first, self.path, escapes=False))
                parts.append(self._hole(hole) if hole is not None else self.opaque(child))
                at = after
        parts.append(decode(self.text, at, end - width, self.path, escapes=False))
        return interpolated(parts, begin)

    def _super(self, node: SgNode) -> Value:
        return Name("self", start(node), self.path)

    def member(self, node: SgNode) -> Value:
        """`owner.name`."""
        owner, suffix = node.field("target"), node.field("suffix")
        name = suffix.field("suffix") if suffix is not None else None
        if owner is None or name is None:
            return self.opaque(node)
        return Member(self.lower(owner), name.text(), start(name))

    def call(self, node: SgNode) -> Value:
        """A call; `rows[i]` as an item, `T.init(..)` as `T(..)`."""
        inner = items(node)
        callee, suffix = inner[0], inner[-1]
        if suffix.kind() != "call_suffix" or len(inner) < 2:  # noqa: PLR2004 - what is called and with what
            return self.opaque(node)
        if suffix.text().startswith("["):
            return self._indexed(callee, suffix)
        made = self.lower(callee)
        if isinstance(made, Member) and made.name == "init" and isinstance(made.object, Name):
            made = made.object
        args, keywords = self.given(suffix)
        begin, end = extent_of(node)
        if isinstance(made, Member) and made.name == "joined":
            separator = next((value for name, value in keywords if name == "separator"), Text(""))
            return Call(Member(made.object, "join", made.offset), (separator,), (), begin, made.offset, end)
        if isinstance(made, Name) and made.name == "String" and len(args) == 1 and not keywords:
            return args[0]
        named = made.offset if isinstance(made, (Member, Name)) else begin
        return Call(made, args, keywords, begin, named, end)

    def given(self, suffix: SgNode) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
        """The arguments in and behind the brackets of a call."""
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for child in items(suffix):
            if child.kind() == "lambda_literal":
                args.append(self.lower(child))
            for one in items(child) if child.kind() == "value_arguments" else ():
                label, value = one.field("name"), one.field("value")
                lowered = self.lower(value) if value is not None else self.opaque(one)
                if label is not None:
                    keywords.append((label.text(), lowered))
                else:
                    args.append(lowered)
        return tuple(args), tuple(keywords)

    def _indexed(self, owner: SgNode, suffix: SgNode) -> Value:
        args, _ = self.given(suffix)
        key = args[0] if len(args) == 1 else None
        if isinstance(key, Text):
            return Member(self.lower(owner), key.text, start(suffix))
        plain = suffix.text().strip("[] ")
        return Member(self.lower(owner), plain if plain.isdecimal() else "*", start(suffix))

    def _constructed(self, node: SgNode) -> Value:
        """`T<U>(..)`."""
        kind, suffix = items(node)[0], items(node)[-1]
        callee, (begin, end) = self.reference(kind), extent_of(node)
        args, keywords = self.given(suffix)
        return Call(callee, args, keywords, begin, start(kind), end)

    def _prefix(self, node: SgNode) -> Value:
        """`.name` of a type that is known elsewhere; of other operators nothing."""
        name = node.field("target")
        is_member = name is not None and node.text().startswith(".")
        return Member(Opaque("", start(node)), name.text(), start(name)) if name and is_member else self.opaque(node)

    def _postfix(self, node: SgNode) -> Value:
        inner = node.field("target")
        return self.lower(inner) if inner is not None and node.text().endswith("!") else self.opaque(node)

    def _list(self, node: SgNode) -> Value:
        return Sequence(tuple(self.lower(child) for child in items(node)), offset=start(node))

    def _map(self, node: SgNode) -> Value:
        inner = items(node)
        entries: list[tuple[str, Value]] = []
        for key, value in zip(inner[::2], inner[1::2], strict=False):
            known = self.lower(key)
            if isinstance(known, Text):
                entries.append((known.text, self.lower(value)))
        return Record(tuple(entries), 2 * len(entries) == len(inner), start(node))

    def _ternary(self, node: SgNode) -> Value:
        return Choice(tuple(self.lower(one) for one in items(node)[-2:]))

    def _if_nil(self, node: SgNode) -> Value:
        return Choice(tuple(self.lower(one) for one in items(node)), fallback=True)

    def _as(self, node: SgNode) -> Value:
        return self.lower(items(node)[0])

    def _branches(self, node: SgNode) -> Value:
        """`if` and `switch` as expressions."""
        entries = [child for child in items(node) if child.kind() in {"switch_entry", "if_statement"}]
        blocks = [one for child in (node, *entries) for one in items(child) if one.kind() == "statements"]
        found = [value for block in blocks if (value := self.last(block)) is not None]
        nested = [self.lower(one) for one in entries if one.kind() == "if_statement"]
        return Choice((*found, *nested)) if found else self.opaque(node)

    def _lambda(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _tuple(self, node: SgNode) -> Value:
        inner = items(node)
        return self.lower(inner[0]) if len(inner) == 1 else self._list(node)

    def joined(self, node: SgNode) -> Value:
        """`a + b + c`."""
        parts: list[Value] = []
        left = node
        while left.kind() == node.kind() and sign(left) == "+" and len(inner := items(left)) > 1:
            parts = [self.lower(inner[-1]), *parts]
            left = inner[0]
        return Join((self.lower(left), *parts), offset=start(node)) if parts else self.opaque(node)

    def added(self, node: SgNode) -> Value:
        """`x += y` as `x + y`."""
        left, right = node.field("target"), node.field("result")
        if left is None or right is None or sign(node) != "+=":
            return self.opaque(node)
        return Join((self.lower(left), self.lower(right)), offset=start(node))

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns; of one with a single expression that."""
        body = function.field("body")
        block = next((one for one in items(body if body is not None else function) if one.kind() == "statements"), None)
        if block is None:
            return None
        found = [node for node in block.find_all(kind="control_transfer_statement") if self._is_own(node, function)]
        options = tuple(self.lower(value) for node in found if (value := self.inside(node)) is not None)
        if not options:
            return self.last(block)
        return options[0] if len(options) == 1 else Choice(options)

    def _is_own(self, node: SgNode, function: SgNode) -> bool:
        around = next((one for one in node.ancestors() if one.kind() in self.grammar.functions), None)
        return around is not None and extent_of(around) == extent_of(function)
