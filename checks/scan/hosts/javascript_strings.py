"""The outermost string expressions of JavaScript and TypeScript code, and which of them are only compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .javascript_values import FUNCTIONS, extent_of, start
from .parts import MOST_USES, Touch, touch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from .parts import Lookup
    from .scopes import Extent
    from .tree import Tree


_NO_CODE = frozenset({
    "literal_type",
    "import_statement",
    "export_statement",
    "jsx_attribute",
    "expression_statement",
    "import_require_clause",
    "template_literal_type",
})  # fmt: skip
_COMPARED = frozenset({"===", "==", "!==", "!="})
_ASSERTIONS = frozenset({
    "expect", "assert", "includes", "startsWith", "endsWith", "match", "test", "indexOf",
    "toBe", "toContain", "toEqual", "toMatch", "toMatchInlineSnapshot", "toStrictEqual", "toHaveBeenCalledWith",
    "toHaveBeenNthCalledWith", "toHaveBeenLastCalledWith", "stringContaining", "stringMatching", "toThrow",
    "equal", "strictEqual", "deepEqual", "deepStrictEqual", "notEqual", "include", "contain",
})  # fmt: skip
_WRAPPERS = frozenset({"raw", "unsafe", "trim", "trimStart", "trimEnd", "concat", "join", "stripIndent", "dedent"})
_TRANSPARENT = frozenset({
    "parenthesized_expression",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
    "await_expression",
})  # fmt: skip
_THROUGH = frozenset({"template_substitution", "arguments", "array", "member_expression", "ternary_expression"})


def outermost(tree: Tree, pattern: str, lookup: Lookup) -> list[tuple[SgNode, bool]]:
    """Every outermost string expression of which a literal matches `pattern`, or a constant it is put together from.

    With each: whether it is a constant that is only ever a part of longer strings, which then stand for it.
    """
    found: dict[Extent, SgNode] = {}
    for literal in tree.literals(pattern):
        outer, joined = _climb(literal)
        if _is_code(outer, joined=joined):
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


def _is_code(node: SgNode, *, joined: bool) -> bool:
    holder = node.parent()
    if holder is None or (holder.kind() == "pair" and holder.field("key") == node):
        return False
    return holder.kind() not in _NO_CODE or (holder.kind() == "expression_statement" and joined)


def _name_of(seed: SgNode) -> SgNode | None:
    """The variable that holds a string, or the array that it is an item of."""
    holder = seed if seed.kind() == "augmented_assignment_expression" else seed.parent()
    if holder is not None and holder.kind() == "array":
        holder = holder.parent()
    if holder is not None and holder.kind() in {"augmented_assignment_expression", "assignment_expression"}:
        left = holder.field("left")
        return left if left is not None and left.kind() == "identifier" else None
    if holder is not None and holder.kind() == "arguments":
        call = holder.parent()
        callee = call.field("function") if call is not None and _last_name(call) == "push" else None
        name = callee.field("object") if callee is not None else None
    else:
        name = holder.field("name") if holder is not None and holder.kind() == "variable_declarator" else None
    return name if name is not None and name.kind() == "identifier" else None


def _uses(tree: Tree, seed: SgNode, name: SgNode, lookup: Lookup) -> tuple[list[SgNode], bool]:
    """The longer strings that a string is a part of by its variable, and whether that is also used by itself."""
    joins: list[SgNode] = []
    alone = any(ancestor.kind() == "export_statement" for ancestor in name.ancestors())
    extent, uses = extent_of(seed), tree.named(name.text())
    for use in uses if len(uses) <= MOST_USES else ():
        outer, joined = _climb(use)
        if use == name or (_is_target(use) and not joined) or outer == seed:
            continue
        how = touch(lookup(use.text(), start(use)), extent, lookup)
        if joined and _is_code(outer, joined=True) and how is not Touch.NOT:
            joins.append(outer)
        alone = alone or (not joined and how is Touch.WHOLE)
    return joins, alone


def _is_target(node: SgNode) -> bool:
    holder = node.parent()
    return holder is not None and (holder.field("left") == node or holder.field("name") == node)


def is_compared(node: SgNode) -> bool:
    """Whether a string expression is an operand of a comparison or an assertion."""
    for inner, holder in _pairs(node):
        kind = holder.kind()
        if kind == "binary_expression":
            sign = holder.field("operator")
            if sign is not None and sign.text() in _COMPARED:
                return True
        elif kind == "call_expression" and inner.kind() == "arguments":
            return _last_name(holder) in _ASSERTIONS
        if kind in FUNCTIONS or kind.endswith(("statement", "declaration")):
            return False
    return False


def _climb(node: SgNode) -> tuple[SgNode, bool]:
    """The largest string expression that this one is a part of, and whether it is larger."""
    outer, joined = node, False
    for inner, holder in _pairs(node):
        kind = holder.kind()
        if kind in _TRANSPARENT:
            outer = holder if outer == inner else outer
        elif _joins(inner, holder):
            outer, joined = holder, True
        elif kind not in _THROUGH:
            break
    return outer, joined


def _joins(inner: SgNode, holder: SgNode) -> bool:
    """Whether `holder` makes a longer string out of `inner`."""
    kind = holder.kind()
    if kind == "binary_expression":
        sign = holder.field("operator")
        return sign is not None and sign.text() == "+"
    if kind == "augmented_assignment_expression":
        return "+=" in [child.text() for child in holder.children()]
    if kind == "template_string":
        return True
    if kind != "call_expression":
        return False
    return inner.kind() == "template_string" or _last_name(holder) in _WRAPPERS


def _last_name(call: SgNode) -> str:
    callee = call.field("function")
    if callee is None:
        return ""
    named = callee.field("property") if callee.kind() == "member_expression" else callee
    return named.text() if named is not None else ""


def _pairs(node: SgNode) -> Iterator[tuple[SgNode, SgNode]]:
    inner = node
    for holder in node.ancestors():
        yield inner, holder
        inner = holder
