"""Walks over parse trees by protobuf's own description of their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.message import Message  # type: ignore[import-untyped]  # its stubs are no dependency

from ..model import ColumnReference
from .parser import Node, strings

if TYPE_CHECKING:
    from collections.abc import Iterator


def holds(node: Node, field: str) -> bool:
    """Whether the tree has a node of that kind ("param_ref", ...) anywhere."""
    return any(descriptor == field for descriptor, _ in _fields(node))


def texts(node: Node) -> Iterator[str]:
    """Every string in the tree: names, operators and constants."""
    for _, value in _fields(node):
        if isinstance(value, str):
            yield value


def messages(node: Node, kind: str) -> Iterator[Node]:
    """Every message of that type ("SelectStmt", ...) in the tree, outer ones first."""
    return (value for _, value in _fields(node) if isinstance(value, Message) and value.DESCRIPTOR.name == kind)


def column_references(node: Node) -> Iterator[ColumnReference]:
    """The columns that an expression names, sub-selects left out (but not what is compared with one)."""
    for field, value in _children(node):
        if field == "subselect":
            continue
        if field == "column_ref":
            names = strings(value.fields)
            if names and len(names) == len(value.fields):
                *before, name = names
                yield ColumnReference(before[-1] if before else None, name)
        elif isinstance(value, Message):
            yield from column_references(value)


def _fields(node: Node) -> Iterator[tuple[str, Node]]:
    """Every set field of the tree by name, parents before children."""
    for field, value in _children(node):
        yield field, value
        if isinstance(value, Message):
            yield from _fields(value)


def _children(node: Node) -> Iterator[tuple[str, Node]]:
    for descriptor, value in node.ListFields():
        if isinstance(value, (Message, str, int, float, bytes)):
            yield descriptor.name, value
        else:
            for item in value:
                yield descriptor.name, item
