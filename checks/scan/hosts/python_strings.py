"""The outermost string expressions of Python code, and which of them are only compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .javascript_values import extent_of, start
from .parts import MOST_USES, Touch, touch

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from .parts import Lookup
    from .scopes import Extent
    from .tree import Tree


_COMPARING = frozenset({
    "assertEqual", "assertEquals", "assertIn", "assertNotIn", "assertMultiLineEqual", "assertRegex", "startswith",
    "endswith", "assert_called_with", "assert_called_once_with", "assert_any_call", "match", "search", "compile",
})  # fmt: skip
_WRAPPERS = frozenset({
    "SQL", "text", "dedent", "cleandoc", "format", "join", "strip", "lstrip", "rstrip", "Composed", "str",
})  # fmt: skip
_THROUGH = frozenset({"argument_list", "list", "tuple", "attribute", "interpolation", "keyword_argument"})
_APPENDING = frozenset({"append", "extend", "insert"})


def outermost(tree: Tree, pattern: str, lookup: Lookup) -> list[tuple[SgNode, bool]]:
    """Every outermost string expression of which a literal matches `pattern`, or a constant it is put together from.

    With each: whether it is a constant that is only ever a part of longer strings, which then stand for it.
    """
    found: dict[Extent, SgNode] = {}
    for literal in tree.literals(pattern):
        outer, _ = _climb(literal)
        if not _is_bare(outer):
            found[extent_of(outer)] = outer
    parts: set[Extent] = set()
    waiting = list(found) if pattern else []
    for extent in waiting:  # grows: a longer string may be a part of a still longer one
        name = _name_of(found[extent])
        if name is not None:
            joins, alone = _uses(tree, found[extent], name, lookup)
            parts.update({extent} if joins and not alone else ())
            waiting += [own for node in joins if (own := extent_of(node)) not in found]
            found.update((extent_of(node), node) for node in joins)
    return [(found[extent], extent in parts) for extent in sorted(found)]


def _name_of(seed: SgNode) -> SgNode | None:
    """The variable that holds a string, or the list that it is an item of."""
    inner, holder = seed, seed.parent()
    if seed.kind() == "augmented_assignment":
        holder, inner = seed, seed.field("right") or seed
    if holder is not None and holder.kind() in {"list", "tuple"}:
        inner, holder = holder, holder.parent()
    if holder is not None and holder.kind() == "argument_list":
        return _receiver(holder.parent())
    name = holder.field("left") if holder is not None and holder.field("right") == inner else None
    return name if name is not None and name.kind() == "identifier" else None


def _receiver(call: SgNode | None) -> SgNode | None:
    callee = call.field("function") if call is not None and call.kind() == "call" else None
    method = callee.field("attribute") if callee is not None else None
    owner = callee.field("object") if callee is not None else None
    appended = method is not None and method.text() in _APPENDING
    return owner if appended and owner is not None and owner.kind() == "identifier" else None


def _uses(tree: Tree, seed: SgNode, name: SgNode, lookup: Lookup) -> tuple[list[SgNode], bool]:
    """The longer strings that a string is a part of by its variable, and whether that is also used by itself."""
    joins: list[SgNode] = []
    alone = False
    extent, uses = extent_of(seed), tree.named(name.text())
    for use in uses if len(uses) <= MOST_USES else ():
        outer, joined = _climb(use)
        if use == name or (_is_target(use) and not joined) or outer == seed:
            continue
        how = touch(lookup(use.text(), start(use)), extent, lookup)
        if joined and how is not Touch.NOT:
            joins.append(outer)
        alone = alone or (not joined and how is Touch.WHOLE)
    return joins, alone


def _is_target(node: SgNode) -> bool:
    holder = node.parent()
    return holder is not None and holder.field("left") == node


def is_compared(node: SgNode) -> bool:
    """Whether a string expression is an operand of a comparison or an assertion."""
    for holder in node.ancestors():
        kind = holder.kind()
        if kind in {"comparison_operator", "assert_statement"}:
            return True
        if kind == "argument_list":
            call = holder.parent()
            return call is not None and _last_name(call) in _COMPARING
        if kind.endswith(("_statement", "assignment", "block")):
            return False
    return False


def _is_bare(node: SgNode) -> bool:
    """Whether a string stands alone as a statement, as docstrings do; or is a dictionary's key."""
    holder = node.parent()
    if holder is None:
        return True
    if holder.kind() == "expression_statement":
        return node.kind() in {"string", "concatenated_string"}
    return holder.kind() == "pair" and holder.field("key") == node


def _climb(node: SgNode) -> tuple[SgNode, bool]:
    """The largest string expression that this one is a part of, and whether it is larger."""
    outer, joined, inner = node, False, node
    for holder in node.ancestors():
        kind = holder.kind()
        if kind in {"parenthesized_expression", "await"}:
            outer = holder if outer == inner else outer
        elif _joins(inner, holder):
            outer, joined = holder, True
        elif kind not in _THROUGH:
            break
        inner = holder
    return outer, joined


def _joins(inner: SgNode, holder: SgNode) -> bool:
    """Whether `holder` makes a longer string out of `inner`."""
    kind = holder.kind()
    if kind in {"concatenated_string", "string"}:
        return True
    if kind in {"binary_operator", "augmented_assignment"}:
        sign = holder.field("operator")
        return sign is not None and sign.text() in {"+", "%", "+="}
    return kind == "call" and _last_name(holder) in _WRAPPERS and inner.kind() in {"argument_list", "attribute"}


def _last_name(call: SgNode) -> str:
    callee = call.field("function")
    if callee is None:
        return ""
    named = callee.field("attribute") if callee.kind() == "attribute" else callee
    return named.text() if named is not None else ""
