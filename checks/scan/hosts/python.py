"""Python files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..literals import place_of
from ..model import Function
from ..values import Call, Choice, Class, Import, Name
from .javascript_values import extent_of
from .python_names import FUNCTIONS, Names, function_name, in_class
from .python_strings import is_compared, outermost
from .python_values import Lowering
from .scopes import choose
from .tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Value
    from .scopes import Extent


class PythonModule:
    """One parsed Python file."""

    def __init__(self, file: SourceFile, grammar: str = "python") -> None:
        self.file = file
        self._tree = Tree(file.text, grammar, names=("identifier",), literals=("string",), functions=FUNCTIONS)
        self._root = self._tree.root
        self._lowering = Lowering(file.text, file.path)
        self._names = Names(self._tree, self._lowering)
        self._parts: set[int | None] = set()
        self._compared: set[int | None] = set()

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name is in `names`, in source order."""
        found = {extent_of(node): node for name in names for node in self._tree.named(name)}
        for _, node in sorted(found.items(), key=lambda item: item[0]):
            callee = node
            holder = node.parent()
            if holder is not None and holder.kind() == "attribute":
                if holder.field("attribute") != node:
                    continue
                callee, holder = holder, holder.parent()
            if holder is not None and holder.kind() == "call" and holder.field("function") == callee:
                lowered = self._lowering.lower(holder)
                if isinstance(lowered, Call):
                    yield lowered

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """Every outermost string expression of which a literal piece matches `pattern`, in source order."""
        for node, part in outermost(self._tree, pattern, self.lookup):
            value = self._lowering.lower(node)
            place = place_of(value)
            self._parts.update({place} if part else ())
            self._compared.update({place} if is_compared(node) else ())
            yield value

    def is_part(self, offset: int) -> bool:
        """Whether the string that `strings` has yielded from there is only ever a part of longer ones."""
        return offset in self._parts

    def asserted(self, offset: int) -> bool:
        """Whether the string that `strings` has yielded from there is only compared, not executed."""
        return offset in self._compared

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there."""
        if name in {"self", "cls"} and (owner := self._class_at(offset)) is not None:
            return owner
        found = choose(self._names.bindings(name), offset, lambda: self._extents)
        if found is not None or name not in self.file.text:
            return found
        stars = tuple(Import(module, name, self.file.path) for module in self._names.stars())
        return None if not stars else stars[0] if len(stars) == 1 else Choice(stars)

    def _class_at(self, offset: int) -> Class | None:
        function = next((n for e, n in reversed(self._functions) if e[0] <= offset < e[1]), None)
        if function is None or not (in_class(function) or any(in_class(a) for a in _functions_around(function))):
            return None
        owner = next((a for a in function.ancestors() if a.kind() == "class_definition"), None)
        value = self._lowering.class_(owner) if owner is not None else None
        return value if isinstance(value, Class) else None

    def exported(self, name: str) -> Value | None:
        """What another file gets when it imports that name."""
        end = len(self.file.text)
        found = choose(self._names.bindings(name), end, lambda: self._extents)
        if found is not None:
            return Name(name, end, self.file.path) if not isinstance(found, Import) else found
        stars = tuple(Import(module, name, self.file.path) for module in self._names.stars())
        return None if not stars else stars[0] if len(stars) == 1 else Choice(stars)

    @cached_property
    def _functions(self) -> list[tuple[Extent, SgNode]]:
        return [(extent_of(n), n) for n in self._tree.functions()]

    @cached_property
    def _extents(self) -> list[Extent]:
        return [extent for extent, _ in self._functions]

    def function_at(self, offset: int) -> Function | None:
        """The innermost function that holds this offset."""
        around = [(extent, node) for extent, node in self._functions if extent[0] <= offset < extent[1]]
        if not around:
            return None
        extent, node = min(around, key=lambda pair: pair[0][1] - pair[0][0])
        return Function(function_name(node), self._names.params(node), *extent)


def _functions_around(function: SgNode) -> Iterator[SgNode]:
    return (a for a in function.ancestors() if a.kind() in FUNCTIONS)
