"""Kotlin expressions and types to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..literals import decode
from ..values import Call, Choice, Constant, Join, Lambda, Member, Name, Opaque, Record, Sequence, Text
from .java_values import JOINING, whole_name
from .kotlin_nodes import (
    TYPES,
    callee_of,
    child,
    given_of,
    initial,
    last_of,
    method_of,
    single,
    statements_of,
    trailing,
)
from .kotlin_types import KotlinTypes
from .lowering import interpolated
from .nodes import extent_of, items, sign, start
from .typed import BUILDERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Param, Value

_QUOTES = '"""'
_EMPTY = frozenset({"emptyList", "mutableListOf", "listOf", "arrayListOf", "ArrayList"})
_EMPTY_MAPS = frozenset({"mutableMapOf", "HashMap", "LinkedHashMap", "hashMapOf", "linkedMapOf"})
_OBJECTS = frozenset({"buildJsonObject", "buildMap"})
_PUTS = frozenset({"put", "putJsonArray", "putJsonObject"})
_WITHIN = frozenset({"if_expression", "when_expression", "for_statement", "while_statement"})


class KotlinLowering(KotlinTypes):
    """Lowers the expressions of one file.

    `a to b` and all other infix calls are `a.to(b)`, `x[k] = v` is `x.set(k, v)`, and an assignment to a property of
    the receiver of a lambda, `name = v`, is `this.name=(v)`. A lambda that assigns anything gives its statements.
    """

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            **dict.fromkeys(TYPES, self.reference),
            "navigation_expression": self._navigated,
            "this_expression": self.name,
            "super_expression": lambda node: Name("super", start(node), self.path),
            "boolean_literal": lambda node: Constant(node.text() == "true", start(node)),
            "character_literal": self._character,
            "if_expression": self._either,
            "when_expression": self._one_of,
            "elvis_expression": lambda node: Choice(tuple(map(self.lower, items(node))), fallback=True),
            "infix_expression": self._infix,
            "indexing_expression": self._indexed,
            "lambda_literal": self._lambda,
            "assignment": self._assigned,
            "callable_reference": self._referred,
            "object_literal": self._anonymous,
            "annotation": lambda node: self.lowered(child(node, "constructor_invocation", "user_type")),
            "spread_expression": lambda node: Opaque("*" + node.text()[:80], start(node)),
            "comparison_expression": self._operated,
            "equality_expression": self._operated,
            "conjunction_expression": self._operated,
            "disjunction_expression": self._operated,
        }

    def string(self, node: SgNode) -> Value:
        """A string, raw or not, with what is put into it."""
        begin, end = extent_of(node)
        raw = self.text.startswith(_QUOTES, begin) and end >= begin + 6
        size = len(_QUOTES) if raw else 1
        at = begin + size
        parts: list[Value] = []
        for hole in node.children():
            first, last = extent_of(hole)
            match hole.kind():
                case "interpolation_identifier_start" | "interpolation_expression_start":  # `$`, `${`
                    parts.append(decode(self.text, at, first, self.path, escapes=not raw))
                case "interpolated_identifier":
                    parts.append(self.name(hole))
                case "interpolated_expression":
                    inner = self.inside(hole)
                    parts.append(self.lower(inner) if inner else self.opaque(hole))
                case "interpolation_expression_end":
                    pass
                case _:
                    continue
            at = last
        parts.append(decode(self.text, at, end - size, self.path, escapes=not raw))
        return interpolated(parts, begin)

    def _character(self, node: SgNode) -> Value:
        begin, end = extent_of(node)
        return decode(self.text, begin + 1, end - 1, self.path)

    def number(self, node: SgNode) -> Value:
        """A number, of whatever type its suffix says it is."""
        try:
            return Constant(float(node.text().replace("_", "").rstrip("LuUfF")), start(node))
        except ValueError:
            return self.opaque(node)

    def _navigated(self, node: SgNode) -> Value:
        """`owner.name`, `owner?.name`; a type by its whole name as one that is imported."""
        if (whole := whole_name(node, self.path)) is not None:
            return whole
        *owner, suffix = items(node)
        name = child(suffix, "simple_identifier")
        if not owner or name is None:
            return self.opaque(node)
        return Member(self.lower(owner[0]), name.text(), start(name))

    def _indexed(self, node: SgNode) -> Value:
        owner, suffix = items(node)[0], items(node)[-1]
        index = next(iter(items(suffix)), None)
        known = self.lowered(index)
        begin, end = extent_of(node)
        if len(items(suffix)) > 1 or isinstance(known, Name | Member):
            given = tuple(map(self.lower, items(suffix)))
            return Call(Member(self.lower(owner), "get", start(suffix)), given, (), begin, start(suffix), end)
        if isinstance(known, Text):
            return Member(self.lower(owner), known.text, start(suffix))
        number = index is not None and index.kind() == "integer_literal"
        return Member(self.lower(owner), index.text() if number and index is not None else "*", start(suffix))

    def call(self, node: SgNode) -> Value:
        """A call; what begins a text, a list or a map as that."""
        if (builder := applied(node)) is not None and (block := trailing(node)) is not None:
            return Join((self.lower(builder), self._built(block)), offset=start(node))
        callee = self.lower(callee_of(node))
        args, keywords = self.given(given_of(node))
        begin, end = extent_of(node)
        if isinstance(callee, Name) and not keywords:
            made = self._made(callee.name, args, node)
            if made is not None:
                return made
        at = callee.offset if isinstance(callee, (Member, Name)) else begin
        return Call(callee, args, keywords, begin, at, end)

    def _made(self, name: str, args: tuple[Value, ...], node: SgNode) -> Value | None:  # noqa: PLR0911 - by name
        if name in BUILDERS:
            return args[0] if args and not isinstance(args[0], Constant) else Text("", (), self.path)
        if name in _EMPTY and not args:
            return Sequence((), offset=start(node))
        if name in _EMPTY_MAPS and not args:
            return Record((), offset=start(node))
        block = trailing(node)
        if name in _OBJECTS and block is not None:
            return self._put(block)
        if name == "buildString" and block is not None:
            return self._built(block)
        if name in {"run", "lazy"} and block is not None:
            return self.lowered(last_of(block))
        return None

    def _built(self, block: SgNode) -> Value:
        """`buildString { append("a"); append(b) }`; what is added in branches and loops is not known."""
        parts: list[Value] = []
        for one in statements_of(block):
            calls = [one]
            while calls[-1].kind() == "call_expression" and callee_of(calls[-1]).kind() == "navigation_expression":
                calls.append(items(callee_of(calls[-1]))[0])
            for call in reversed(calls):
                name = method_of(call) if call.kind() == "call_expression" else None
                if name is not None and name.text() in {"append", "appendLine"}:
                    parts += self.given(given_of(call))[0][:1]
                    parts += [Text("\n", (), self.path)] if name.text() == "appendLine" else []
                else:
                    parts.append(self.opaque(call))
        return Join(tuple(parts), offset=start(block))

    def _put(self, block: SgNode) -> Value:
        """`buildJsonObject { put("a", 1) }`, `buildMap { put("a", 1) }`."""
        entries: list[tuple[str, Value]] = []
        statements = statements_of(block)
        for one in statements:
            call = self.lower(one) if one.kind() == "call_expression" else None
            if isinstance(call, Call) and isinstance(call.callee, Name) and call.callee.name in _PUTS and call.args:
                key = call.args[0]
                entries += [(key.text, call.args[-1])] if isinstance(key, Text) else []
        return Record(tuple(entries), len(entries) == len(statements), start(block))

    def _infix(self, node: SgNode) -> Value:
        """`left method right`."""
        inner = items(node)
        if len(inner) != 3:  # noqa: PLR2004 - two operands and the name between them
            return self.opaque(node)
        begin, end = extent_of(node)
        name = inner[1]
        owner = Member(self.lower(inner[0]), name.text(), start(name))
        return Call(owner, (self.lower(inner[2]),), (), begin, start(name), end)

    def _operated(self, node: SgNode) -> Value:
        """`a == b`, `a && b` as a call of the operator."""
        inner, (begin, end) = items(node), extent_of(node)
        if len(inner) != 2:  # noqa: PLR2004 - its operands
            return self.opaque(node)
        return Call(Member(self.lower(inner[0]), sign(node), begin), (self.lower(inner[1]),), (), begin, begin, end)

    def _either(self, node: SgNode) -> Value:
        branches = [one for one in items(node) if one.kind() == "control_structure_body"]
        options = tuple(self.lower(last) for one in branches if (last := last_of(one)) is not None)
        return Choice(options) if len(options) > 1 else self.opaque(node)

    def _one_of(self, node: SgNode) -> Value:
        entries = [child(one, "control_structure_body") for one in items(node) if one.kind() == "when_entry"]
        last = [last_of(one) for one in entries]
        options = tuple(self.lower(one) for one in last if one is not None and one.kind() != "jump_expression")
        return Choice(options) if options else self.opaque(node)

    def _lambda(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _assigned(self, node: SgNode) -> Value:
        """`x[k] = v` as `x.set(k, v)`, `name = v` as `this.name=(v)`, `x += y` as `x + y`."""
        target, value = child(node, "directly_assignable_expression"), initial(node)
        begin, end = extent_of(node)
        if target is None or value is None:
            return self.opaque(node)
        inner = items(target)
        if len(inner) == 1 and inner[0].kind() == "simple_identifier":
            if sign(node) == "+=":
                return Join((self.lower(inner[0]), self.lower(value)), offset=begin)
            setter = Member(Name("this", begin, self.path), f"{inner[0].text()}=", begin)
            return Call(setter, (self.lower(value),), (), begin, begin, end)
        if inner[-1].kind() == "navigation_suffix" and (name := child(inner[-1], "simple_identifier")) is not None:
            setter = Member(self._target(inner[:-1]), f"{name.text()}=", start(name))
            return Call(setter, (self.lower(value),), (), begin, begin, end)
        key = next(iter(items(inner[-1])), None)
        if inner[-1].kind() != "indexing_suffix" or key is None:
            return self.opaque(node)
        return Call(
            Member(self._target(inner[:-1]), "set", begin), (self.lower(key), self.lower(value)), (), begin, begin, end
        )

    def _target(self, inner: list[SgNode]) -> Value:
        """What is assigned into, of an expression whose parts stand beside each other."""
        known = self.lower(inner[0])
        for one in inner[1:]:
            name = child(one, "simple_identifier")
            known = Member(known, name.text(), start(name)) if name is not None else self.opaque(one)
        return known

    def _referred(self, node: SgNode) -> Value:
        """`Owner::name`, `::name`."""
        inner = items(node)
        if not inner:
            return self.opaque(node)
        owner = self.reference(inner[0]) if inner[0].kind() in TYPES else self.lower(inner[0])
        if isinstance(owner, Opaque):
            owner = self.name(inner[0])
        return Member(owner, inner[-1].text(), start(inner[-1])) if len(inner) > 1 else self.name(inner[-1])

    def joined(self, node: SgNode) -> Value:
        """`a + b`."""
        return super().joined(node)

    def operands(self, node: SgNode) -> tuple[SgNode | None, SgNode | None]:
        """What stands left and right of an operator."""
        inner = items(node)
        return (inner[0], inner[-1]) if len(inner) > 1 else (None, None)

    def returned(self, function: SgNode) -> Value | None:
        """What a function returns: of a lambda its last statement, or all of them when it assigns anything."""
        if function.kind() == "lambda_literal":
            statements = statements_of(function)
            if any(_assigns(one) for one in statements):
                return Sequence(tuple(self._statement(one) for one in statements), offset=start(function))
            return self.lower(statements[-1]) if statements else None
        body = child(function, "function_body")
        alone = single(body)
        if alone is not None:
            return self.lower(alone)
        found = body.find_all(kind="jump_expression") if body is not None else []
        returns = [
            one
            for one in found
            if one.text().startswith("return") and self._function_around(one) == extent_of(function)
        ]
        options = tuple(self.lower(value) for one in returns if (value := self.inside(one)) is not None)
        return None if not options else options[0] if len(options) == 1 else Choice(options)

    def _statement(self, node: SgNode) -> Value:
        """A statement of a lambda that assigns; what is assigned in a branch or a loop is a list that may be empty."""
        if node.kind() not in _WITHIN:
            return self.lower(node)
        bodies = [one for one in node.find_all(kind="control_structure_body") if _nearest(one) == extent_of(node)]
        inner = tuple(self._statement(one) for body in bodies for one in statements_of(body))
        return Sequence(inner, complete=False, offset=start(node))

    def function(self, node: SgNode, name: str, params: tuple[Param, ...]) -> Lambda:
        """A function as what it returns, or as what its type says when no more is known."""
        made = super().function(node, name, params)
        kind = next((one for one in node.children() if one.kind() in TYPES), None)
        if isinstance(made.result, Opaque) and kind is not None and node.kind() == "function_declaration":
            return Lambda(name, params, self.declared(kind), made.offset, made.path)
        return made

    def annotation_text(self, node: SgNode) -> Value | None:
        """The strings of an annotation of MyBatis, joined by blanks."""
        name = method_of(node)
        if node.kind() != "constructor_invocation" or name is None or name.text() not in JOINING:
            return None
        parts: list[Value] = []
        args, keywords = self.given(given_of(node))
        given = [*args, *(value for key, value in keywords if key == "value")]
        for one in (inner for value in given for inner in (value.items if isinstance(value, Sequence) else (value,))):
            parts += [Text(" ", (), self.path), one] if parts else [one]
        return Join(tuple(parts), offset=start(node))


def applied(call: SgNode) -> SgNode | None:
    """`StringBuilder(..)` of `StringBuilder(..).apply { .. }`."""
    callee, name = callee_of(call), method_of(call)
    if callee.kind() != "navigation_expression" or name is None or name.text() != "apply":
        return None
    owner = items(callee)[0]
    made = method_of(owner) if owner.kind() == "call_expression" else None
    return owner if made is not None and made.text() in BUILDERS else None


def _assigns(node: SgNode) -> bool:
    """Whether a statement of a lambda assigns anything, also in a branch."""
    if node.kind() == "assignment":
        return True
    if node.kind() not in _WITHIN:
        return False
    return node.find(kind="assignment") is not None


def _nearest(body: SgNode) -> tuple[int, int] | None:
    """The statement whose branch or body it is."""
    return next((extent_of(one) for one in body.ancestors() if one.kind() in _WITHIN), None)
