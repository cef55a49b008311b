"""Expressions to values: what all languages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Choice, Class, Constant, Join, Lambda, Member, Name, Opaque, Sequence, Text
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Param, Value
    from .grammar import Grammar

_CUT = 80


class Lowering:
    """Lowers the expressions of one file by the kinds of its nodes; a language adds its own readings.

    `text` is the file's source, offsets count its characters.
    """

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        self.grammar = grammar
        self.text = text
        self.path = path
        self.function_of: Callable[[SgNode], Value] = self.opaque  # the host's, which knows names and parameters
        self._classes: dict[int, Class] = {}
        self._by_kind = self.readings()

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        table = self.grammar
        return {
            **dict.fromkeys(table.literals, self.string),
            **dict.fromkeys(table.numbers, self.number),
            **dict.fromkeys(table.identifiers, self.name),
            **dict.fromkeys(table.members, self.member),
            **dict.fromkeys(table.calls, self.call),
            **dict.fromkeys(table.methods, self.method),
            **dict.fromkeys(table.joins, self.joined),
            **dict.fromkeys(table.augmented, self.added),
            **dict.fromkeys(table.lists, self.listed),
            **dict.fromkeys(table.classes, self.class_),
        }

    def lower(self, node: SgNode) -> Value:
        """The value of an expression; Opaque for what has no simpler reading."""
        kind = node.kind()
        while kind in self.grammar.transparent:
            inner = self.inside(node)
            if inner is None:
                return self.opaque(node)
            node, kind = inner, inner.kind()
        if kind in self.grammar.constants:
            return Constant(self.grammar.constants[kind], start(node))
        lower = self._by_kind.get(kind)
        return lower(node) if lower is not None else self.opaque(node)

    def lowered(self, node: SgNode | None) -> Value:
        """The value of an expression that may be missing."""
        return self.lower(node) if node is not None else Opaque("")

    def opaque(self, node: SgNode) -> Opaque:
        """What is only known at run time."""
        begin, end = extent_of(node)
        return Opaque(self.text[begin : min(end, begin + _CUT)], begin)

    def inside(self, node: SgNode) -> SgNode | None:
        """The one expression inside parentheses, a cast, an interpolation, an `await` or a `return`."""
        return next(iter(items(node)), None)

    def string(self, node: SgNode) -> Value:
        """A string literal: a Text, or a Join with its interpolations."""
        return self.opaque(node)

    def number(self, node: SgNode) -> Value:
        """A number without separators and suffixes."""
        try:
            return Constant(float(node.text().replace("_", "")), start(node))
        except ValueError:
            return self.opaque(node)

    def name(self, node: SgNode) -> Value:
        """An identifier."""
        return Name(node.text(), start(node), self.path)

    def member(self, node: SgNode) -> Value:
        """`owner.name`."""
        owner, name = (node.field(field) for field in self.grammar.members[node.kind()])
        if owner is None or name is None:
            return self.opaque(node)
        return Member(self.lower(owner), name.text(), start(name))

    def call(self, node: SgNode) -> Value:
        """`callee(arguments)`."""
        callee, given = (node.field(field) for field in self.grammar.calls[node.kind()])
        return self.opaque(node) if callee is None else self.called(self.lower(callee), given, node)

    def method(self, node: SgNode) -> Value:
        """A call whose receiver and name are fields of its own."""
        receiver, name, given = (node.field(field) for field in self.grammar.methods[node.kind()])
        if name is None:
            return self.opaque(node)
        callee = self.name(name) if receiver is None else Member(self.lower(receiver), name.text(), start(name))
        return self.called(callee, given, node)

    def called(self, callee: Value, given: SgNode | None, node: SgNode) -> Value:
        """The call of `callee` that `node` is, with the arguments in `given`."""
        args, keywords = self.arguments(given)
        begin, end = extent_of(node)
        named = callee.offset if isinstance(callee, (Member, Name)) else begin
        return Call(callee, args, keywords, begin, named, end)

    def arguments(self, given: SgNode | None) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
        """The arguments by position, and those by name."""
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for child in items(given) if given is not None else ():
            named = self.keyword(child)
            if named is not None:
                keywords.append(named)
            else:
                args.append(self.argument(child))
        return tuple(args), tuple(keywords)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """An argument that is given by its name."""
        del node
        return None

    def argument(self, node: SgNode) -> Value:
        """An argument that is given by its position."""
        return self.lower(node)

    def listed(self, node: SgNode) -> Value:
        """A list whose items are its children."""
        return Sequence(tuple(self.lower(child) for child in items(node)), offset=start(node))

    def operands(self, node: SgNode) -> tuple[SgNode | None, SgNode | None]:
        """What stands left and right of an operator."""
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            inner = items(node)
            return (inner[0], inner[-1]) if len(inner) > 1 else (None, None)
        return left, right

    def joined(self, node: SgNode) -> Value:
        """`a + b + c` of strings; Opaque for another operator."""
        left, right = self.operands(node)
        if left is None or right is None or sign(node) not in self.grammar.joining:
            return self.opaque(node)
        parts = [right]
        while left is not None and left.kind() == node.kind() and sign(left) in self.grammar.joining:
            left, right = self.operands(left)
            parts += [right] if right is not None else []
        ordered = [*([left] if left is not None else []), *reversed(parts)]
        return Join(tuple(self.lower(part) for part in ordered), offset=start(node))

    def added(self, node: SgNode) -> Value:
        """`x += y` as `x + y`."""
        left, right = self.operands(node)
        if left is None or right is None or sign(node).rstrip("=") not in self.grammar.joining:
            return self.opaque(node)
        return Join((self.lower(left), self.lower(right)), offset=start(node))

    def class_(self, node: SgNode) -> Class:
        """A class with the assignments of its body, read once."""
        begin = start(node)
        if begin not in self._classes:
            self._classes[begin] = self.class_at(node, begin)
        return self._classes[begin]

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class that starts at `begin`."""
        name = node.field("name")
        return Class(name.text() if name is not None else "", (), (), (), begin, self.path)

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns: a Choice if it has several returns, None if it has none."""
        body = function.field("body")
        if body is None:
            return None
        found = [node for kind in self.grammar.returns for node in body.find_all(kind=kind)]
        own = [node for node in found if self._function_around(node) == extent_of(function)]
        options = tuple(self.lower(value) for node in own if (value := self.inside(node)) is not None)
        if not options:
            return self.result(body)
        return options[0] if len(options) == 1 else Choice(options)

    def result(self, body: SgNode) -> Value | None:
        """What a function without a `return` gives: in some languages its last expression."""
        del body
        return None

    def _function_around(self, node: SgNode) -> tuple[int, int] | None:
        return next((extent_of(a) for a in node.ancestors() if a.kind() in self.grammar.functions), None)

    def function(self, node: SgNode, name: str, params: tuple[Param, ...]) -> Lambda:
        """A function as what it returns."""
        return Lambda(name, params, self.returned(node) or self.opaque(node), start(node), self.path)


def interpolated(parts: list[Value], offset: int, tag: str | None = None) -> Value:
    """A string literal of these parts: a Text when it is one, empty parts left out."""
    kept = [part for part in parts if not (isinstance(part, Text) and not part.text)]
    if tag is None and len(kept) <= 1 and all(isinstance(part, Text) for part in kept):
        return kept[0] if kept else parts[0] if parts else Text("")
    return Join(tuple(kept), tag, offset)
