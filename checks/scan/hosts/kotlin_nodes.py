"""The parts of Kotlin's syntax nodes, which its grammar gives by their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

TYPES = frozenset({"user_type", "nullable_type"})
_BODIES = frozenset({"class_body", "enum_class_body"})


def child(node: SgNode | None, *kinds: str) -> SgNode | None:
    """The first child of one of these kinds."""
    return next((one for one in items(node) if one.kind() in kinds), None) if node is not None else None


def named(node: SgNode) -> SgNode | None:
    """The name of a declaration."""
    if node.kind() == "property_declaration":
        return child(child(node, "variable_declaration"), "simple_identifier")
    return child(node, "simple_identifier", "type_identifier")


def initial(node: SgNode) -> SgNode | None:
    """What stands behind the sign of equality, of a property behind `by lazy` too."""
    after = False
    for one in node.children():
        if after and one.is_named() and not one.kind().endswith("comment"):
            return one
        after = after or one.text() in {"=", "+="}
    delegate = child(node, "property_delegate")
    call = child(delegate, "call_expression")
    if call is not None and callee_of(call).text() == "lazy" and (block := trailing(call)) is not None:
        return last_of(block)
    getter = child(node, "getter")
    return single(child(getter, "function_body"))


def callee_of(call: SgNode) -> SgNode:
    """What a call calls."""
    return items(call)[0]


def method_of(call: SgNode) -> SgNode | None:
    """The name that a call calls: the last of a chain."""
    callee = callee_of(call)
    while callee.kind() in {"parenthesized_expression", "postfix_expression"} and items(callee):
        callee = items(callee)[0]
    if callee.kind() == "navigation_expression":
        return child(child(callee, "navigation_suffix") and items(callee)[-1], "simple_identifier")
    if callee.kind() == "user_type":
        return child(callee, "type_identifier")
    return callee if callee.kind() == "simple_identifier" else None


def given_of(call: SgNode) -> list[SgNode]:
    """The arguments of a call, in order; a lambda behind the brackets last."""
    suffix = child(call, "call_suffix") or call
    listed = child(suffix, "value_arguments")
    found = items(listed) if listed is not None else []
    block = trailing(call)
    return [*found, *([block] if block is not None else [])]


def trailing(call: SgNode) -> SgNode | None:
    """The lambda behind the brackets of a call."""
    return child(child(child(call, "call_suffix"), "annotated_lambda"), "lambda_literal")


def statements_of(block: SgNode | None) -> list[SgNode]:
    """The statements of a lambda, a body or a branch."""
    if block is None:
        return []
    inner = child(block, "statements")
    if inner is not None:
        return items(inner)
    return [one for one in items(block) if one.kind() not in {"lambda_parameters", "statements"}]


def last_of(block: SgNode | None) -> SgNode | None:
    """The value of a lambda, or of a branch: its last statement."""
    found = statements_of(block)
    return found[-1] if found else None


def single(body: SgNode | None) -> SgNode | None:
    """The expression that a function is: `fun f() = x`; None for a body in braces."""
    if body is None or not body.text().startswith("="):
        return None
    return next(iter(items(body)), None)


def members_of(node: SgNode) -> Iterator[SgNode]:
    """What stands in the body of a class, what its companion holds included."""
    body = child(node, *_BODIES)
    for one in items(body) if body is not None else ():
        if one.kind() == "companion_object":
            yield from members_of(one)
        else:
            yield one
