"""C# expressions to values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Choice, Constant, Lambda, Member, Name, Opaque, Text
from .csharp_objects import CSharpObjects, last_of
from .nodes import extent_of, items, sign, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value
    from .grammar import Grammar


class CSharpLowering(CSharpObjects):
    """Lowers the expressions of one file: `new T(a) { B = c }` is a call of T, what it initialises are keywords."""

    def __init__(self, grammar: Grammar, text: str, path: str) -> None:
        super().__init__(grammar, text, path)
        self._owners: list[Value] = []  # of `?.`, innermost last

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "this": self.name,
            "base": self._base,
            "predefined_type": self.reference,
            "generic_name": self.reference,
            "qualified_name": self.reference,
            "alias_qualified_name": self.reference,
            "argument": self.argument,
            "conditional_access_expression": self._conditional,
            "member_binding_expression": self._bound,
            "element_access_expression": self._indexed,
            "conditional_expression": self._ternary,
            "switch_expression": self._switch,
            "cast_expression": self._cast,
            "as_expression": self._as,
            "postfix_unary_expression": self._postfix,
            "lambda_expression": self._function,
            "anonymous_method_expression": self._function,
            "collection_element": self.argument,
            "typeof_expression": self._type_of,
            "default_expression": self._default,
        }

    def _base(self, node: SgNode) -> Value:
        return Name("this", start(node), self.path)

    def member(self, node: SgNode) -> Value:
        """`owner.name`, whose name may have type arguments."""
        owner, name = node.field("expression"), node.field("name")
        if owner is None or name is None:
            return self.opaque(node)
        return self._named(self.lower(owner), name)

    def _named(self, owner: Value, name: SgNode) -> Value:
        plain = name.text().partition("<")[0].strip()
        if plain == "Empty" and isinstance(owner, Name) and owner.name.lower() == "string":
            return Text("", (), self.path)
        if plain == "NewLine" and isinstance(owner, Name) and owner.name == "Environment":
            return Text("\n", (), self.path)
        return Member(owner, plain, start(name))

    def _conditional(self, node: SgNode) -> Value:
        """`owner?.name`."""
        owner, inner = node.field("condition"), items(node)[-1]
        if owner is None:
            return self.opaque(node)
        self._owners.append(self.lower(owner))
        found = self.lower(inner)
        self._owners.pop()
        return found

    def _bound(self, node: SgNode) -> Value:
        name = node.field("name")
        return self._named(self._owners[-1], name) if name is not None and self._owners else self.opaque(node)

    def _indexed(self, node: SgNode) -> Value:
        """`rows[0]`, `row["key"]`; by a computed index any of its items."""
        owner, listed = node.field("expression"), node.field("subscript")
        inner = items(listed) if listed is not None else []
        if owner is None or len(inner) != 1:
            return self.opaque(node)
        key = self.lower(inner[0])
        if isinstance(key, Text):
            return Member(self.lower(owner), key.text, start(inner[0]))
        return Member(self.lower(owner), inner[0].text() if inner[0].text().isdecimal() else "*", start(inner[0]))

    def argument(self, node: SgNode) -> Value:
        """An argument, whatever stands before it (`ref`, `in`)."""
        inner = items(node) if node.kind() in {"argument", "collection_element"} else [node]
        return self.lower(inner[-1]) if inner else self.opaque(node)

    def keyword(self, node: SgNode) -> tuple[str, Value] | None:
        """`name: value`."""
        name = node.field("name") if node.kind() == "argument" else None
        return (name.text(), self.lower(items(node)[-1])) if name is not None and len(items(node)) > 1 else None

    def call(self, node: SgNode) -> Value:
        """A call with its type arguments as keywords; `nameof(x)` as the name."""
        callee, given = (node.field(field) for field in self.grammar.calls[node.kind()])
        if callee is None:
            return self.opaque(node)
        if node.kind() == "object_creation_expression":
            return self._made(callee, node)
        if callee.text() == "nameof" and given is not None and items(given):
            named = items(given)[0]
            return Text(named.text().rpartition(".")[2], ((0, extent_of(named)[1] - len(last_of(named))),), self.path)
        made = self.called(self.lower(callee), given, node)
        return _typed(made, self._arguments_of(callee))

    def _arguments_of(self, callee: SgNode) -> tuple[tuple[str, Value], ...]:
        if callee.kind() == "conditional_access_expression":
            callee = items(callee)[-1]
        named = callee.field("name") if callee.kind() != "generic_name" else callee
        return self.type_arguments(named) if named is not None and named.kind() == "generic_name" else ()

    def joined(self, node: SgNode) -> Value:
        """`a + b`; `a ?? b` as either."""
        left, right = self.operands(node)
        if left is not None and right is not None and sign(node) == "??":
            if right.kind() == "throw_expression":
                return self.lower(left)
            return Choice((self.lower(left), self.lower(right)), fallback=True)
        return super().joined(node)

    def _ternary(self, node: SgNode) -> Value:
        options = [node.field("consequence"), node.field("alternative")]
        return Choice(tuple(self.lower(one) for one in options if one is not None and one.kind() != "throw_expression"))

    def _switch(self, node: SgNode) -> Value:
        arms = [items(child)[-1] for child in items(node) if child.kind() == "switch_expression_arm"]
        found = tuple(self.lower(arm) for arm in arms if arm.kind() != "throw_expression")
        return found[0] if len(found) == 1 else Choice(found) if found else self.opaque(node)

    def _cast(self, node: SgNode) -> Value:
        """`(T)x`: what is cast, or a value of that type when nothing else is known of it."""
        value, kind = node.field("value"), node.field("type")
        known = self.lowered(value)
        return self.declared(kind) if isinstance(known, Opaque) and kind is not None else known

    def _as(self, node: SgNode) -> Value:
        return self.lowered(node.field("left"))

    def _postfix(self, node: SgNode) -> Value:
        inner = self.inside(node)
        return self.lower(inner) if inner is not None and node.text().endswith("!") else self.opaque(node)

    def _function(self, node: SgNode) -> Value:
        return self.function_of(node)

    def _type_of(self, node: SgNode) -> Value:
        kind = node.field("type")
        return self.reference(kind) if kind is not None else self.opaque(node)

    def _default(self, node: SgNode) -> Value:
        return Constant(None, start(node))

    def result(self, body: SgNode) -> Value | None:
        """What `=> x` gives."""
        if body.kind() == "block":
            return None
        return self.lowered(self.inside(body)) if body.kind() == "arrow_expression_clause" else self.lower(body)

    def returning(self, made: Lambda, node: SgNode) -> Lambda:
        """A function as what it returns, or as what it is declared to return when no more is known."""
        kind = node.field("returns") or (node.field("type") if node.kind() == "local_function_statement" else None)
        known = self.declared(kind) if kind is not None and isinstance(made.result, Opaque) else None
        return made if known is None else Lambda(made.name, made.params, known, made.offset, made.path)


def _typed(made: Value, kinds: tuple[tuple[str, Value], ...]) -> Value:
    if not kinds or not isinstance(made, Call):
        return made
    keywords = (*made.keywords, *kinds)
    return Call(made.callee, made.args, keywords, made.offset, made.name_offset, made.end)
