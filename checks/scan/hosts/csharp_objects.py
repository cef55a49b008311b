"""What C# makes with `new` and in brackets, to values: objects, lists, dictionaries, rows without a type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Constant, Name, Opaque, Record, Sequence, Text
from .csharp_texts import CSharpTexts
from .csharp_types import LISTS
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from ast_grep_py import SgNode

    from ..values import Value

_DICTIONARIES = frozenset({
    "Dictionary", "SortedDictionary", "ConcurrentDictionary", "ExpandoObject", "OrderedDictionary", "SortedList",
})  # fmt: skip
_FIELDS = frozenset({"assignment_expression", "initializer_expression"})


class CSharpObjects(CSharpTexts):
    """Lowers what is made: `new T(a) { B = c }` is a call of T, what it initialises are keywords."""

    def readings(self) -> dict[str, Callable[[SgNode], Value]]:
        """What reads each kind of expression."""
        return {
            **super().readings(),
            "implicit_object_creation_expression": self._implied,
            "anonymous_object_creation_expression": self._anonymous,
            "array_creation_expression": self._array,
            "implicit_array_creation_expression": self._array,
            "initializer_expression": self._items,
            "collection_expression": self._items,
            "spread_element": self._spread,
            "tuple_expression": self._items,
            "with_expression": self._with,
        }

    def _implied(self, node: SgNode) -> Value:
        """`new(..)` of what is declared to be of a type."""
        holder = node.parent()
        declares = holder is not None and holder.kind() in {"variable_declarator", "property_declaration"}
        outer = holder.parent() if holder is not None and holder.kind() == "variable_declarator" else holder
        kind = outer.field("type") if declares and outer is not None else None
        if kind is not None and kind.kind() != "implicit_type":
            return self._made(kind, node)
        begin, end = extent_of(node)
        args, keywords = self.arguments(_child(node, "argument_list"))
        fields = self._fields_of(_child(node, "initializer_expression"))
        return Call(Opaque("", begin), args, (*keywords, *fields), begin, begin, end)

    def _made(self, kind: SgNode, node: SgNode) -> Value:
        """`new kind(..) { .. }`."""
        given = node.field("arguments") or _child(node, "argument_list")
        body = node.field("initializer") or _child(node, "initializer_expression")
        callee = self.reference(kind)
        name = callee.name if isinstance(callee, Name) else ""
        if name == "StringBuilder":
            args = self.arguments(given)[0]
            return args[0] if args and not isinstance(args[0], (Constant, Opaque)) else Text("", (), self.path)
        if name in _DICTIONARIES and (body is not None or not _has_items(given)):
            return self._map(body, node)
        if name in LISTS or (body is not None and self._is_list(body)):
            return self._filled(given, body, node)
        begin, end = extent_of(node)
        args, keywords = self.arguments(given)
        named = _name_start(kind)
        keywords = (*keywords, *self._fields_of(body), *self.type_arguments(kind))
        return Call(callee, args, keywords, begin, named, end)

    def _filled(self, given: SgNode | None, body: SgNode | None, node: SgNode) -> Value:
        """A list: what it is filled with; one that another is copied into is that."""
        if body is not None:
            return self._items(body)
        if _has_items(given) and not isinstance(first := self.arguments(given)[0][0], Constant | Opaque):
            return first
        return Sequence((), offset=start(node))

    def _is_list(self, body: SgNode) -> bool:
        inner = items(body)
        return bool(inner) and all(child.kind() not in _FIELDS for child in inner)

    def _fields_of(self, body: SgNode | None) -> tuple[tuple[str, Value], ...]:
        found: list[tuple[str, Value]] = []
        for one in items(body) if body is not None else ():
            left, right = one.field("left"), one.field("right")
            if left is not None and right is not None and left.kind() == "identifier":
                found.append((left.text(), self.lower(right)))
        return tuple(found)

    def _map(self, body: SgNode | None, node: SgNode) -> Value:
        """`{ ["a"] = 1, ["b"] = 2 }` and `{ { "a", 1 } }`."""
        entries: list[tuple[str, Value]] = []
        inner = items(body) if body is not None else []
        for one in inner:
            pair = [one.field("left"), one.field("right")] if one.field("left") is not None else items(one)
            key = self._key(pair[0]) if len(pair) > 1 and pair[0] is not None else None
            if key is not None:
                entries.append((key, self.lowered(pair[1])))
        return Record(tuple(entries), len(entries) == len(inner), start(node))

    def _key(self, node: SgNode) -> str | None:
        inner = items(node)[-1] if node.kind() == "element_binding_expression" and items(node) else node
        key = self.lower(inner)
        return key.text if isinstance(key, Text) else None

    def _anonymous(self, node: SgNode) -> Value:
        """`new { A = 1, b, x.C }`."""
        entries: list[tuple[str, Value]] = []
        name: SgNode | None = None
        inner = [child for child in node.children() if not child.kind().endswith("comment")]
        for child, after in zip(inner, [*inner[1:], None], strict=True):
            if not child.is_named():
                continue
            if after is not None and after.kind() == "=":
                name = child
            else:
                entries.append((name.text() if name is not None else last_of(child), self.lower(child)))
                name = None
        return Record(tuple(entries), offset=start(node))

    def _array(self, node: SgNode) -> Value:
        body = _child(node, "initializer_expression")
        kind = node.field("type")
        if body is not None:
            return self._items(body)
        return self.declared(kind) if kind is not None else self.opaque(node)

    def _items(self, node: SgNode) -> Value:
        inner = items(node)
        spread = any(one.find(kind="spread_element") is not None for one in inner if one.kind() == "collection_element")
        return Sequence(tuple(self.lower(one) for one in inner), not spread, start(node))

    def _spread(self, node: SgNode) -> Value:
        return Opaque(f"...{node.text()[2:80]}", start(node))

    def _with(self, node: SgNode) -> Value:
        inner = self.inside(node)
        return self.lowered(inner)


def _child(node: SgNode, kind: str) -> SgNode | None:
    return next((child for child in items(node) if child.kind() == kind), None)


def _has_items(given: SgNode | None) -> bool:
    return given is not None and bool(items(given))


def _name_start(kind: SgNode) -> int:
    """Where `C` of `A.B.C<T>` starts."""
    if kind.kind() in {"qualified_name", "alias_qualified_name"}:
        return _name_start(items(kind)[-1])
    return start(kind)


def last_of(node: SgNode) -> str:
    """`C` of `x.C`."""
    return node.text().rpartition(".")[2].partition("<")[0].strip().rstrip("!")
