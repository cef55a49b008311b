"""Where syntax nodes stand, and what they hold besides comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
