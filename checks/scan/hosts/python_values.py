"""Python expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Class, Join, Lambda, Member, Name, Opaque, Param, Record, Sequence, Text
from .lowering import Lowering
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_CUT = 80  # of an annotation


class PythonLowering(Lowering):
    """Lowers the expressions of one file."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        comprehensions = ("list_comprehension", "generator_expression", "set_comprehension")
        return {
            **super().readings(),
            "concatenated_string": self._concatenated,
            "subscript": self._subscript,
            "dictionary": self._dictionary,
            **dict.fromkeys(comprehensions, self._comprehension),
            "boolean_operator": self._boolean,
            "conditional_expression": self._conditional,
        }

    def inside(self, node: SgNode) -> SgNode | None:
        """The last of what is inside: the value of `(name := value)`."""
        inner = items(node)
        if node.kind() in self.grammar.returns:
            return inner[0] if inner else None
        return inner[-1] if inner else None

    def string(self, node: SgNode) -> Value:
        """A literal with any prefix; an f-string is a Join."""
        parts = self._pieces(node)
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0]
        return Join(tuple(parts), offset=start(node))

    def _pieces(self, node: SgNode) -> list[Value]:
        children = node.children()
        opening = next((c for c in children if c.kind() == "string_start"), None)
        closing = next((c for c in reversed(children) if c.kind() == "string_end"), None)
        if opening is None or closing is None:
            return [self.opaque(node)]
        prefix = opening.text().rstrip("'\"").lower()
        parts: list[Value] = []
        at = extent_of(opening)[1]

        def piece(end: int) -> None:
            if end > at:
                doubled = "{}" if "f" in prefix else ""
                parts.append(decode(self.text, at, end, self.path, escapes="r" not in prefix, doubled=doubled))

        for child in children:
            if child.kind() != "interpolation":
                continue
            begin, end = extent_of(child)
            piece(begin)
            hole = child.field("expression") or next(iter(items(child)), None)
            parts.append(self.lower(hole) if hole is not None else self.opaque(child))
            at = end
        piece(start(closing))
        return parts or [Text("", ((0, at),), self.path)]

    def _concatenated(self, node: SgNode) -> Value:
        parts = [piece for child in items(node) if child.kind() == "string" for piece in self._pieces(child)]
        return Join(tuple(parts), offset=start(node))

    def _subscript(self, node: SgNode) -> Value:
        owner, index = node.field("value"), node.field("subscript")
        if owner is None or index is None:
            return self.opaque(node)
        key = self.lower(index)
        return Member(self.lower(owner), key.text, start(index)) if isinstance(key, Text) else self.opaque(node)

    def arguments(self, given: SgNode | None) -> tuple[tuple[Value, ...], tuple[tuple[str, Value], ...]]:
        """The arguments by position, those by name, `**known` put in."""
        args: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        alone = given is not None and given.kind() == "generator_expression"
        for child in [] if given is None else [given] if alone else items(given):
            name, value = child.field("name"), child.field("value")
            if child.kind() == "keyword_argument" and name is not None and value is not None:
                keywords.append((name.text(), self.lower(value)))
            elif child.kind() == "dictionary_splat":
                keywords += self._splat(child)
            else:
                args.append(self.lower(child))
        return tuple(args), tuple(keywords)

    def _splat(self, node: SgNode) -> list[tuple[str, Value]]:
        inner = items(node)
        known = self.lower(inner[0]) if inner else None
        if isinstance(known, Record) and known.complete:
            return list(known.entries)
        return [("**", known if known is not None else self.opaque(node))]

    def _dictionary(self, node: SgNode) -> Value:
        entries: list[tuple[str, Value]] = []
        spreads: list[tuple[int, Value]] = []
        for child in items(node):
            key, value = child.field("key"), child.field("value")
            name = self.lower(key) if key is not None else None
            if child.kind() == "pair" and isinstance(name, Text) and value is not None:
                entries.append((name.text, self.lower(value)))
            else:
                spread = items(child)[:1] if child.kind() == "dictionary_splat" else []
                spreads.append((len(entries), self.lower(spread[0]) if spread else self.opaque(child)))
        return Record(tuple(entries), not spreads, start(node), tuple(spreads))

    def listed(self, node: SgNode) -> Value:
        """A list, tuple or set."""
        children = items(node)
        splat = any(child.kind() == "list_splat" for child in children)
        known = (self.opaque(child) if child.kind() == "list_splat" else self.lower(child) for child in children)
        return Sequence(tuple(known), not splat, start(node))

    def _comprehension(self, node: SgNode) -> Value:
        """What stands for one item, of each item of what is gone through, without those that a condition takes out."""
        body, name = node.field("body"), looped(node)
        if body is None:
            return self.opaque(node)
        clause = next(child for child in node.children() if child.kind() == "for_in_clause")
        over = clause.field("right")
        if name is None or over is None:
            return Sequence((self.lower(body),), complete=False, offset=start(node))
        taken = self.lower(over)
        for condition in (child for child in node.children() if child.kind() == "if_clause"):
            taken = self._call_of(taken, "without", self._left_out(condition, name), condition)
        return self._call_of(taken, "for", self._of_each(node, name, self.lower(body)), node)

    def _left_out(self, condition: SgNode, name: str) -> Value:
        """The values of a name that `if name != x` and `if name not in xs` leave out."""
        test = next(iter(items(condition)), None)
        parts = test.children() if test is not None and test.kind() == "comparison_operator" else []
        if len(parts) != 3 or parts[0].text() != name or parts[1].kind() not in {"!=", "not in"}:  # noqa: PLR2004
            return self.opaque(condition)
        return self.lower(parts[2])

    def _of_each(self, node: SgNode, name: str, result: Value) -> Lambda:
        begin = start(node)
        return Lambda("", (Param("", name, 0, None, begin, self.path),), result, begin, self.path)

    def _call_of(self, owner: Value, name: str, given: Value, node: SgNode) -> Call:
        begin, end = extent_of(node)
        return Call(Member(owner, name, begin), (given,), (), begin, begin, end)

    def called(self, callee: Value, given: SgNode | None, node: SgNode) -> Value:
        """A call; `map(f, xs)` as the list that it makes."""
        made = super().called(callee, given, node)
        match made:
            case Call(Name("map"), (function, over), ()):
                item = Param("", "item", 0, None, made.offset, self.path)
                result = Call(function, (item,), (), made.offset, made.name_offset, made.end)
                return self._call_of(over, "for", self._of_each(node, item.name, result), node)
            case _:
                return made

    def joined(self, node: SgNode) -> Value:
        """`a + b`; `a % b` as a call."""
        left, right = self.operands(node)
        if left is None or right is None or sign(node) != "%":
            return super().joined(node)
        begin, end = extent_of(node)
        return Call(Member(self.lower(left), "%", begin), (self.lower(right),), (), begin, begin, end)

    def _boolean(self, node: SgNode) -> Value:
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return self.opaque(node)
        if sign(node) == "and":
            return self.lower(right)
        return Choice((self.lower(left), self.lower(right)), fallback=True)

    def _conditional(self, node: SgNode) -> Value:
        branches = items(node)
        if len(branches) != 3:  # noqa: PLR2004 - value, condition, other value
            return self.opaque(node)
        return Choice((self.lower(branches[0]), self.lower(branches[2])))

    def class_at(self, node: SgNode, begin: int) -> Class:
        """A class with the assignments and classes of its body, then what `__init__` assigns to `self`."""
        name, body, given = node.field("name"), node.field("body"), node.field("superclasses")
        bases: list[Value] = []
        keywords: list[tuple[str, Value]] = []
        for child in items(given) if given is not None else ():
            key, value = child.field("name"), child.field("value")
            if child.kind() == "keyword_argument" and key is not None and value is not None:
                keywords.append((key.text(), self.lower(value)))
            else:
                bases.append(self.lower(child))
        entries = self._body(body) if body is not None else []
        return Class(name.text() if name else "", tuple(bases), tuple(entries), tuple(keywords), begin, self.path)

    def _body(self, body: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        last: list[tuple[str, Value]] = []
        for statement in body.children():
            inner = items(statement)
            if statement.kind() == "expression_statement" and inner and inner[0].kind() == "assignment":
                left, right, hint = (inner[0].field(field) for field in ("left", "right", "type"))
                if left is not None and right is not None and left.kind() == "identifier":
                    entries.append((left.text(), self.lower(right)))
                elif left is not None and hint is not None:
                    entries.append((left.text(), Opaque(f": {hint.text()}"[:_CUT], start(left))))
            elif statement.kind() == "class_definition" and (name := statement.field("name")) is not None:
                entries.append((name.text(), self.class_(statement)))
            elif statement.kind() == "function_definition" and (name := statement.field("name")) is not None:
                last += self._constructed(statement) if name.text() == "__init__" else []
        return entries + last

    def _constructed(self, constructor: SgNode) -> list[tuple[str, Value]]:
        entries: list[tuple[str, Value]] = []
        for assignment in constructor.find_all(kind="assignment"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is None or right is None or left.kind() != "attribute":
                continue
            owner, name = left.field("object"), left.field("attribute")
            if owner is not None and owner.text() == "self" and name is not None:
                entries.append((name.text(), self.lower(right)))
        return entries

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns; a lambda is its expression."""
        body = function.field("body")
        if body is not None and function.kind() == "lambda":
            return self.lower(body)
        return super().returned(function)


def looped(node: SgNode) -> str | None:
    """The one name that a comprehension gives its items, None when it has several loops or takes items apart."""
    clauses = [child for child in node.children() if child.kind() == "for_in_clause"]
    left = clauses[0].field("left") if len(clauses) == 1 else None
    return left.text() if left is not None and left.kind() == "identifier" else None
