"""Where syntax nodes stand, and what they hold besides comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from .scopes import Extent


def start(node: SgNode) -> int:
    """Where a node starts, in characters."""
    return node.range().start.index


def extent_of(node: SgNode) -> Extent:
    """Where a node starts and ends, in characters."""
    extent = node.range()
    return extent.start.index, extent.end.index


def items(node: SgNode) -> list[SgNode]:
    """The named children that are no comments."""
    return [child for child in node.children() if child.is_named() and not child.kind().endswith("comment")]


def sign(node: SgNode) -> str:
    """The operator of a node: its field of that name, or the first token between its operands."""
    operator = node.field("operator")
    if operator is None:
        operator = next((child for child in node.children()[1:] if not child.is_named()), None)
    return operator.text() if operator is not None else ""


def pairs(node: SgNode) -> Iterator[tuple[SgNode, SgNode]]:
    """Each ancestor with the node below it that leads here, innermost first."""
    inner = node
    for holder in node.ancestors():
        yield inner, holder
        inner = holder


class Chain(NamedTuple):
    """How a grammar writes `value.name()`: kinds of the member and the call, and the member's field with the name.

    `around`: kinds of what stands around a value and changes nothing of it.
    """

    member: str
    name: str
    call: str
    around: frozenset[str]


def outermost(node: SgNode, chain: Chain) -> SgNode:
    """The expression with what stands around it without a meaning."""
    while (holder := node.parent()) is not None and holder.kind() in chain.around:
        node = holder
    return node


def chained(node: SgNode, chain: Chain) -> tuple[str, SgNode] | None:
    """The name of the call that is chained to this one, and that call; None where there is none."""
    holder = node.parent()
    if holder is None or holder.kind() != chain.member or holder.field("object") != node:
        return None
    outer, name = holder.parent(), holder.field(chain.name)
    called = outer is not None and outer.kind() == chain.call and outer.field("function") == holder
    return (name.text(), outer) if called and outer is not None and name is not None else None
