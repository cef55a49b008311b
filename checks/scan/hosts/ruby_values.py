"""Ruby expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Constant, Join, Lambda, Member, Name, Opaque, Record, Text
from .lowering import interpolated
from .nodes import extent_of, items, sign, start
from .ruby_called import RubyCalls
from .ruby_classes import class_of, qualified
from .ruby_heredocs import pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Param, Value
    from .ruby_heredocs import Heredocs

_QUOTED = "\\'"  # what a backslash escapes in single quotes


class RubyLowering(RubyCalls):
    """Lowers the expressions of one file; a symbol is a Text."""

    heredocs: Heredocs

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        statements = ("begin", "then", "else", "body_statement", "block_body", "do", "ensure")
        return {
            **super().readings(),
            "simple_symbol": self._symbol,
            "hash_key_symbol": self._symbol,
            "bare_string": self._bare,
            "bare_symbol": self._bare,
            "heredoc_beginning": self._heredoc,
            "chained_string": self._chained,
            "hash": self._hash,
            "element_reference": self._indexed,
            "scope_resolution": self._scoped,
            "conditional": self._conditional,
            "assignment": self._assigned,
            "unary": self._unary,
            "self": self._self,
            "right_assignment_list": self.listed,
            "splat_argument": self._spread,
            "superclass": lambda node: self.lowered(self.inside(node)),
            **dict.fromkeys(("string_array", "symbol_array"), self.listed),
            **dict.fromkeys(("if", "unless", "elsif"), self._branches),
            **dict.fromkeys(("case", "case_match"), self._cases),
            **dict.fromkeys(statements, self._last),
            **dict.fromkeys(("block", "do_block", "lambda", "method", "singleton_method"), self._function),
        }

    def inside(self, node: SgNode) -> SgNode | None:
        """The last of what stands in parentheses, the one thing in others."""
        inner = items(node)
        if node.kind() == "parenthesized_statements":
            return inner[-1] if inner else None
        if node.kind() in self.grammar.returns:
            inner = items(inner[0]) if inner else []
            return inner[0] if len(inner) == 1 else None
        return inner[0] if inner else None

    def string(self, node: SgNode) -> Value:
        """A quoted literal of any kind; one in double quotes, `%Q` or `%` may have interpolations."""
        if node.kind() == "heredoc_body":
            opening = self.heredocs.opening(node)
            return self._heredoc(opening) if opening is not None else self.opaque(node)
        return interpolated(self._pieces(node), start(node))

    def _pieces(self, node: SgNode) -> list[Value]:
        children = node.children()
        if len(children) < 2:  # noqa: PLR2004 - an opening and a closing quote
            return [self.opaque(node)]
        opening, at, end = children[0].text(), extent_of(children[0])[1], start(children[-1])
        plain = opening in {"'", ":'"} or opening.startswith("%q")
        only = _QUOTED if plain else ""
        parts: list[Value] = []
        for child in children[1:-1]:
            if child.kind() == "interpolation":
                begin, after = extent_of(child)
                parts += [decode(self.text, at, begin, self.path, only=only)] if begin > at else []
                parts.append(self._hole(child))
                at = after
        parts += [decode(self.text, at, end, self.path, only=only)] if end > at else []
        return parts or [Text("", ((0, at),), self.path)]

    def _hole(self, node: SgNode) -> Value:
        inner = items(node)
        return self.lower(inner[-1]) if inner else self.opaque(node)

    def _heredoc(self, node: SgNode) -> Value:
        body = self.heredocs.body(node)
        if body is None:
            return self.opaque(node)
        return interpolated(pieces(node, body, self.text, self.path, self._hole), start(body))

    def _chained(self, node: SgNode) -> Value:
        parts = [piece for child in items(node) if child.kind() == "string" for piece in self._pieces(child)]
        return Join(tuple(parts), offset=start(node))

    def _symbol(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + (self.text[begin] == ":"), end, self.path, escapes=False)

    def _bare(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin, end, self.path, escapes=False)

    def _self(self, node: SgNode) -> Value:
        return Name("self", start(node), self.path)

    def _spread(self, node: SgNode) -> Value:
        return Opaque("*" + node.text()[1:80], start(node))

    def _scoped(self, node: SgNode) -> Value:
        """`A::B` as one name, as constants are looked up."""
        name = qualified(node)
        if name is not None:
            return Name(name, start(node), self.path)
        owner, last = node.field("scope"), node.field("name")
        return (
            self.opaque(node) if owner is None or last is None else Member(self.lower(owner), last.text(), start(last))
        )

    def _indexed(self, node: SgNode) -> Value:
        """`row[:a]` and `rows[0]` as members, any other index as a call of `[]`."""
        owner, given = node.field("object"), items(node)[1:]
        if owner is None:
            return self.opaque(node)
        keys = [self.lower(one) for one in given]
        if len(keys) == 1 and isinstance(keys[0], Text):
            return Member(self.lower(owner), keys[0].text, start(given[0]))
        if len(given) == 1 and given[0].kind() == "integer":
            return Member(self.lower(owner), given[0].text(), start(given[0]))
        begin, end = extent_of(node)
        return Call(Member(self.lower(owner), "[]", begin), tuple(keys), (), begin, begin, end)

    def _hash(self, node: SgNode) -> Value:
        entries: list[tuple[str, Value]] = []
        spreads: list[tuple[int, Value]] = []
        for child in items(node):
            named = self.pair(child)
            if named is not None:
                entries.append(named)
            else:
                inner = self.inside(child) if child.kind() == "hash_splat_argument" else None
                spreads.append((len(entries), self.lower(inner) if inner is not None else self.opaque(child)))
        return Record(tuple(entries), not spreads, start(node), tuple(spreads))

    def joined(self, node: SgNode) -> Value:
        """`a + b`, `a << b`, `template % values`, `a || b`."""
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return self.opaque(node)
        begin, end = extent_of(node)
        match sign(node):
            case "||" | "or":
                return Choice((self.lower(left), self.lower(right)), fallback=True)
            case "%" | "<<" as operator:
                callee = Member(self.lower(left), operator, start(right))
                return Call(callee, (self.lower(right),), (), begin, start(right), end)
            case _:
                return super().joined(node)

    def added(self, node: SgNode) -> Value:
        """`x += y` as `x + y`, `x ||= y` as either."""
        left, right = self.operands(node)
        if left is not None and right is not None and sign(node) == "||=":
            return self.lower(right)
        return super().added(node)

    def _assigned(self, node: SgNode) -> Value:
        return self.lowered(node.field("right"))

    def _unary(self, node: SgNode) -> Value:
        """`-"text"` and `+"text"` are the text."""
        operand = node.field("operand")
        is_text = operand is not None and operand.kind() in {"string", "heredoc_beginning", "chained_string"}
        return (
            self.lower(operand) if operand is not None and is_text and sign(node) in {"-", "+"} else self.opaque(node)
        )

    def _conditional(self, node: SgNode) -> Value:
        ways = [self.lowered(node.field(field)) for field in ("consequence", "alternative")]
        return Choice(tuple(ways))

    def _branches(self, node: SgNode) -> Value:
        one, other = node.field("consequence"), node.field("alternative")
        missing = Constant(None, start(node))
        return self._either([self.lower(way) if way is not None else missing for way in (one, other)])

    def _cases(self, node: SgNode) -> Value:
        ways = [child for child in items(node) if child.kind() in {"when", "in_clause", "else"}]
        values = [self.lowered(way.field("body") if way.kind() != "else" else way) for way in ways]
        ends = bool(ways) and ways[-1].kind() == "else"
        return self._either(values if ends else [*values, Constant(None, start(node))])

    def _either(self, values: list[Value]) -> Value:
        options = [one for value in values for one in (value.options if isinstance(value, Choice) else (value,))]
        distinct = list(dict.fromkeys(options))
        return distinct[0] if len(distinct) == 1 else Choice(tuple(distinct))

    def _last(self, node: SgNode) -> Value:
        """What a block of statements gives: its last one."""
        skipped = {"rescue", "ensure", "heredoc_body"}
        inner = [one for one in items(node) if one.kind() not in skipped]
        return self.lower(inner[-1]) if inner else Constant(None, start(node))

    def _function(self, node: SgNode) -> Value:
        return self.function_of(node)

    def returned(self, function: SgNode) -> Value | None:
        """What a method gives: what it returns early, or its last expression."""
        body = function.field("body")
        if body is not None and function.kind() == "lambda":
            body = body.field("body")
        if body is None:
            return None
        found = [node for kind in self.grammar.returns for node in body.find_all(kind=kind) if node.is_named()]
        own = [value for node in found if self._method_around(node) == extent_of(function)
               if (value := self.inside(node)) is not None]  # fmt: skip
        values = [self.lower(value) for value in own]
        last = items(body)[-1:] if body.kind() in {"body_statement", "block_body"} else [body]
        ends = bool(last) and last[0].kind() in self.grammar.returns
        return self._either([*values, *([] if ends else [self.lower(body)])])

    def _method_around(self, node: SgNode) -> tuple[int, int] | None:
        kinds = {"method", "singleton_method", "lambda"}
        return next((extent_of(a) for a in node.ancestors() if a.kind() in kinds), None)

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class or module under its whole name; see `class_of`."""
        return class_of(self, node, begin)

    def function(self, node: SgNode, name: str, params: tuple[Param, ...]) -> Lambda:
        """A method or block as what it gives."""
        return Lambda(name, params, self.returned(node) or self.opaque(node), start(node), self.path)
