"""Classes and modules of Ruby: their whole names, and what stands in their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Class, Name
from .nodes import extent_of, items, start

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .lowering import Lowering

CLASSES = frozenset({"class", "module"})
METHODS = frozenset({"method", "singleton_method"})
_BODIES = frozenset({"body_statement", "then", "begin"})


def qualified(node: SgNode) -> str | None:
    """`A::B` of a constant's node, however it is parsed; None for what is no constant."""
    kind = node.kind()
    if kind == "constant":
        return node.text()
    if kind == "scope_resolution":
        scope, name = node.field("scope"), node.field("name")
        if name is None or name.kind() != "constant":
            return None
        if scope is None:
            return name.text()
        owner = qualified(scope)
        return None if owner is None else f"{owner}::{name.text()}"
    return None


def nesting(node: SgNode) -> tuple[str, ...]:
    """The names of the classes and modules around a node, outermost first."""
    around = [qualified(name) for a in node.ancestors() if a.kind() in CLASSES and (name := a.field("name"))]
    return tuple(name for name in reversed(around) if name is not None)


def name_of(node: SgNode) -> str:
    """The whole name of a class or module."""
    own = node.field("name")
    return "::".join([*nesting(node), (qualified(own) if own is not None else None) or ""])


def head_end(node: SgNode) -> int:
    """Where the name of a class and what it derives from end: what stands there is not inside of it."""
    last = node.field("superclass") or node.field("name")
    return extent_of(last)[1] if last is not None else start(node)


def class_of(read: Lowering, node: SgNode, begin: int) -> Class:
    """A class: its superclass, then what its body says.

    Of the body: `A = 1` and `self.a = 1` by their names, calls such as `has_many :x` by "@has_many", nested classes,
    and the methods of the class itself (`def self.f`), which are looked up when they are asked for.
    """
    above = node.field("superclass")
    bases = (read.lower(above),) if above is not None else ()
    body = tuple(entry for one in _statements(node) for entry in _entries(read, one, node))
    return Class(name_of(node), bases, body, (), begin, read.path)


def _statements(node: SgNode) -> Iterator[SgNode]:
    body = node.field("body")
    for child in items(body) if body is not None else ():
        if child.kind() in {"if", "unless", "if_modifier", "unless_modifier"}:
            for way in ("body", "consequence", "alternative"):
                inner = child.field(way)
                if inner is not None:
                    yield from items(inner) if inner.kind() in {"then", "else"} else (inner,)
        elif child.kind() == "singleton_class":
            yield from (one for one in _statements(child))
        else:
            yield child


def _entries(read: Lowering, node: SgNode, owner: SgNode) -> Iterator[tuple[str, Value]]:
    kind = node.kind()
    if kind in {"assignment", "operator_assignment"}:
        left, right = node.field("left"), node.field("right")
        if left is not None and right is not None and (name := _assigned(left)) is not None:
            yield name, read.lower(right)
    elif kind in CLASSES:
        own = node.field("name")
        named = qualified(own) if own is not None else None
        if named is not None:
            yield named, read.class_(node)
    elif kind == "call":
        yield from _called(read, node, owner)
    elif kind == "identifier":
        yield f"@{node.text()}", read.lower(node)
    elif kind in METHODS and (kind == "singleton_method" or _is_singleton(node)) and (own := node.field("name")):
        yield own.text(), Name(own.text(), extent_of(owner)[1] - 1, read.path)


def _called(read: Lowering, node: SgNode, owner: SgNode) -> Iterator[tuple[str, Value]]:
    """`has_many :x`, `private def self.f`."""
    method, given = node.field("method"), node.field("arguments")
    inner = next((one for one in items(given) if one.kind() in METHODS), None) if given is not None else None
    if inner is not None:
        yield from _entries(read, inner, owner)
    elif method is not None and node.field("receiver") is None:
        yield f"@{method.text()}", read.lower(node)


def _assigned(left: SgNode) -> str | None:
    if left.kind() == "constant":
        return left.text()
    if left.kind() == "class_variable":
        return left.text()
    receiver, method = left.field("receiver"), left.field("method")
    is_own = left.kind() == "call" and receiver is not None and receiver.kind() == "self"
    return method.text() if is_own and method is not None else None


def _is_singleton(method: SgNode) -> bool:
    """Whether a method stands in `class << self`."""
    around = (a.kind() for a in method.ancestors())
    return next((kind for kind in around if kind in {*CLASSES, "singleton_class"}), "") == "singleton_class"


def first_superclass(nodes: list[SgNode]) -> SgNode:
    """Of several bodies of one class the one that says what it derives from, else the first."""
    return next((node for node in nodes if node.field("superclass") is not None), nodes[0])
