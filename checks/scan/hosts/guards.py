"""What must be the case for a place of a function to be reached: the tests of the branches around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Condition, Constant, Guard, Member, Name, Param, Text
from .nodes import extent_of, items, pairs, sign, start
from .scopes import choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .grammar import Branching, Grammar
    from .lowering import Lowering
    from .naming import Names
    from .scopes import Extent

_NOT = frozenset({"!", "not"})
_EQUAL = frozenset({"==", "===", "is"})
_UNEQUAL = frozenset({"!=", "!==", "is not"})
_AND, _OR = frozenset({"&&", "and"}), frozenset({"||", "or"})
_TWO_OPERANDS = ("binary", "boolean", "comparison", "equality", "conjunction", "disjunction")
# Parts of the kinds of nodes that change a variable without assigning to it: `n++`, `x ||= y`, `&x`.
_CHANGES = ("update", "augmented", "inc_", "dec_", "increment", "postfix", "prefix", "operator_assignment", "reference")
_ARMS = frozenset({
    "switch_case", "switch_default", "expression_case", "default_case", "type_case", "case_statement",
    "default_statement", "case_clause", "when", "in_clause", "switch_block_statement_group", "switch_rule",
    "switch_section", "match_arm", "when_entry", "switch_entry",
})  # fmt: skip
_HANDLERS = frozenset({"except_clause", "catch_clause", "rescue"})
_WRAPPERS = frozenset({"expression_statement", "else_clause"})


class Guards:
    """Reads the tests around places of one file."""

    def __init__(self, grammar: Grammar, lowering: Lowering, naming: Names) -> None:
        self._grammar = grammar
        self._lowering = lowering
        self._naming = naming

    def at(self, function: SgNode, offset: int) -> tuple[Guard, ...]:
        """The guards of a place inside of a function, the outermost first."""
        found: list[Guard] = []
        node: SgNode | None = function
        while node is not None:
            branching = self._grammar.branchings.get(node.kind())
            inner = next((child for child in node.children() if _holds(child, offset)), None)
            if inner is not None:
                found += self._chosen(node, inner, branching) if branching else ()
                found += self._one_of_several(node, inner)
                found += self._left_behind(node, inner)
            node = inner
        return tuple(found)

    def decided(self, node: SgNode) -> Extent | None:
        """What runs only when the test, or the handler, that a node is a part of is met; None when there is none."""
        met = True
        for inner, holder in pairs(node):
            kind = holder.kind()
            branching = self._grammar.branchings.get(kind)
            if branching is not None and (body := part_of(holder, branching.body)) is not None:
                if inner != part_of(holder, branching.test):
                    return None
                return extent_of(body) if met != branching.negated else self._otherwise(holder, body)
            if kind in _ARMS:
                first = next(iter(items(holder)), None)
                return (extent_of(inner)[1], extent_of(holder)[1]) if first == inner else None
            if kind in _HANDLERS:
                last = holder.field("body") or items(holder)[-1]
                return extent_of(last) if last != inner else None
            if kind in self._grammar.functions or kind.endswith(self._grammar.statements):
                return None
            signs = {child.text() for child in holder.children() if not child.is_named()}
            met = met != bool(signs & (_UNEQUAL | _NOT | {"not in"}))
        return None

    def _otherwise(self, holder: SgNode, body: SgNode) -> Extent | None:
        """What runs when a test does not hold: the other branch, or all that follows a body that always leaves."""
        rest = [one for one in items(holder) if start(one) > start(body)]
        if rest:
            return start(rest[0]), extent_of(holder)[1]
        around = holder.parent()
        return (extent_of(holder)[1], extent_of(around)[1]) if around is not None and self.leaves(body) else None

    def _chosen(self, node: SgNode, inner: SgNode, branching: Branching) -> Iterator[Guard]:
        """That the test of a branching holds in its body, and that none before it holds elsewhere."""
        test, body = part_of(node, branching.test), part_of(node, branching.body)
        if test is None or inner == test or not inner.is_named():
            return
        if inner == body:
            yield Guard(self._test(test), not branching.negated)
            return
        yield Guard(self._test(test), branching.negated)
        for other in node.children():
            if other == inner:
                return
            again = self._grammar.branchings.get(other.kind())
            if again is not None and other not in (test, body) and (asked := part_of(other, again.test)) is not None:
                yield Guard(self._test(asked), again.negated)

    def _one_of_several(self, node: SgNode, inner: SgNode) -> Iterator[Guard]:
        """That this arm of a switch is taken, and none of the others; what an arm asks is not read."""
        if inner.kind() in _ARMS:
            for arm in items(node):
                if arm.kind() in _ARMS:
                    yield Guard(self._unread(arm), arm == inner)

    def _left_behind(self, node: SgNode, inner: SgNode) -> Iterator[Guard]:
        """That no test held of a statement before this one, whose body always leaves: `if (x) return`."""
        for statement in items(node):
            if start(statement) >= start(inner):
                return
            whole = statement
            while whole.kind() in _WRAPPERS and len(items(whole)) == 1:
                whole = items(whole)[0]
            branching = self._grammar.branchings.get(whole.kind())
            test = part_of(whole, branching.test) if branching is not None else None
            body = part_of(whole, branching.body) if branching is not None else None
            if branching is None or test is None or body is None or not self.leaves(body):
                continue
            if all(part in (test, body) for part in items(whole)):
                yield Guard(self._test(test), branching.negated)

    def leaves(self, body: SgNode) -> bool:
        """Whether what runs ends by leaving the function or the loop."""
        last = body
        while last.kind() not in self._grammar.exits:
            inner = items(last)
            if not inner or self._grammar.branchings.get(last.kind()) or last.kind() in self._grammar.functions:
                return False
            last = inner[-1]
        return True

    def _test(self, node: SgNode) -> Condition:
        begin = start(node)
        while (node.kind() in self._grammar.transparent or "parenthesized" in node.kind()) and len(items(node)) == 1:
            node = items(node)[0]
        inner = items(node)
        if len(inner) == 1 and node.children()[0].text() in _NOT:
            return Condition("not", (self._test(inner[0]),), begin)
        if len(inner) == 2 and any(word in node.kind() for word in _TWO_OPERANDS):  # noqa: PLR2004 - left and right
            return self._compared(inner[0], inner[1], sign(node), begin) or self._unread(node)
        return Condition("", (self._settled(self._lowering.lower(node), node),), begin)

    def _compared(self, left: SgNode, right: SgNode, operator: str, begin: int) -> Condition | None:
        if operator in _AND or operator in _OR:
            return Condition("and" if operator in _AND else "or", (self._test(left), self._test(right)), begin)
        if operator not in _EQUAL and operator not in _UNEQUAL:
            return None
        sides = tuple(self._settled(self._lowering.lower(side), side) for side in (left, right))
        return Condition("==" if operator in _EQUAL else "!=", sides, begin)

    def _unread(self, node: SgNode) -> Condition:
        return Condition("", (self._lowering.opaque(node),), start(node))

    def _settled(self, value: Value, node: SgNode) -> Value:
        """The value when nothing in the function can change it between the test and any other use, else Opaque."""
        root = value
        while isinstance(root, Member):
            root = root.object
        known = isinstance(value, (Constant, Text)) or (isinstance(root, Name) and self._is_settled(root))
        return value if known else self._lowering.opaque(node)

    def _is_settled(self, name: Name) -> bool:
        """Whether a name is bound once in its function: to a parameter, or to what is made of others."""
        around = self._naming.tree.functions()
        holding = sorted(
            (e for e in map(extent_of, around) if e[0] <= name.offset < e[1]), key=lambda extent: extent[1] - extent[0]
        )
        for begin, end in holding:
            own = [one for one in self._naming.bindings(name.name) if begin <= one.start <= end]
            if own:
                changed = any(
                    begin <= start(node) < end and self._may_change(node) for node in self._naming.tree.named(name.name)
                )
                value = choose(own, name.offset, lambda: holding)
                is_plain = isinstance(value, (Constant, Text)) or value is None
                return len(own) == 1 and not changed and (isinstance(value, Param) or not is_plain)
        return False

    def _may_change(self, node: SgNode) -> bool:
        holder = node.parent()
        kind = holder.kind() if holder is not None else ""
        if holder is not None and kind == "unary_expression":
            return holder.text().startswith(("&", "++", "--", "*"))
        return any(word in kind for word in _CHANGES)


def _holds(node: SgNode, offset: int) -> bool:
    begin, end = extent_of(node)
    return begin <= offset < end


def part_of(node: SgNode, where: str | int) -> SgNode | None:
    """The field of a node, or one of its items by place."""
    if isinstance(where, str):
        return node.field(where)
    inner = items(node)
    return inner[where] if where < len(inner) else None
