"""What the `use` declarations of a Rust file import."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..values import Import
from .nodes import items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from .rust_types import RustTypes
    from .tree import Tree


class Use(NamedTuple):
    """A name that a declaration gives to an item; "*" for all names of the module."""

    name: str
    value: Import
    node: SgNode


def uses_of(tree: Tree, lowering: RustTypes) -> tuple[Use, ...]:
    """The imports of a file, in order; what a module in the file imports, it alone sees."""
    found: list[Use] = []
    own, path = _own_modules(tree), lowering.path
    for node in tree.find_all("use_declaration"):
        argument = node.field("argument")
        for segments, local in _leaves(argument, ()) if argument is not None else ():
            lead = ["self"] if segments[0] in own else []
            module, last = lowering.module_name([*lead, *segments[:-1]], node), segments[-1]
            value = Import(module, last, path) if module or local == "*" else Import(last, None, path)
            found.append(Use(local, value, node))
    return tuple(found)


def _leaves(node: SgNode, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each path that a `use` names, and the name that it gets here, "*" for all of a module."""
    match node.kind():
        case "use_list":
            for one in items(node):
                yield from _leaves(one, before)
        case "scoped_use_list":
            path, listed = node.field("path"), node.field("list")
            if listed is not None:
                yield from _leaves(listed, (*before, *_segments(path)))
        case "use_as_clause":
            path, alias = node.field("path"), node.field("alias")
            if alias is not None and alias.text() != "_":
                yield (*before, *_segments(path)), alias.text()
        case "use_wildcard":
            yield (*before, *_segments(next(iter(items(node)), None)), "*"), "*"
        case "self" if before:
            yield before, before[-1]
        case _:
            segments = (*before, *_segments(node))
            if segments:
                yield segments, segments[-1]


def _own_modules(tree: Tree) -> frozenset[str]:
    """The names of the modules that stand in the file."""
    inside = [node for node in tree.find_all("mod_item") if node.field("body") is not None]
    return frozenset(name.text() for node in inside if (name := node.field("name")) is not None)


def _segments(node: SgNode | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in node.text().split("::") if part.strip()) if node is not None else ()
