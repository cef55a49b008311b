"""Python files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from ..model import Function
from ..values import Call, Choice, Class, Import, Name
from .javascript_values import extent_of
from .python_names import FUNCTIONS, Names, function_name, in_class
from .python_values import Lowering
from .scopes import choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Value
    from .scopes import Extent

_COMPARING = frozenset({
    "assertEqual", "assertEquals", "assertIn", "assertNotIn", "assertMultiLineEqual", "assertRegex", "startswith",
    "endswith", "assert_called_with", "assert_called_once_with", "assert_any_call", "match", "search", "compile",
})  # fmt: skip
_WRAPPERS = frozenset(
    {"SQL", "text", "dedent", "cleandoc", "format", "join", "strip", "lstrip", "rstrip", "Composed", "str"}
)
_THROUGH = frozenset({"argument_list", "list", "tuple", "attribute", "interpolation", "keyword_argument"})


class PythonModule:
    """One parsed Python file."""

    def __init__(self, file: SourceFile, grammar: str = "python") -> None:
        self.file = file
        self._root: SgNode = SgRoot(file.text, grammar).root()
        self._lowering = Lowering(file.text, file.path)
        self._names = Names(self._root, self._lowering)

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name is in `names`, in source order."""
        pattern = f"^({'|'.join(sorted(names))})$"
        for node in self._root.find_all(kind="identifier", regex=pattern):
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
        outermost: dict[Extent, SgNode] = {}
        for literal in self._root.find_all(kind="string", regex=pattern or "."):
            outer, _ = _outermost(literal)
            if not _is_bare(outer):
                outermost[extent_of(outer)] = outer
        for node in list(outermost.values()) if pattern else ():
            for use in self._uses_of(node):
                outer, joined = _outermost(use)
                if joined:
                    outermost[extent_of(outer)] = outer
        for extent in sorted(outermost):
            yield self._lowering.lower(outermost[extent])

    def _uses_of(self, node: SgNode) -> Iterator[SgNode]:
        """The uses of the variable that a string is assigned to, which may be part of a longer string."""
        holder = node.parent()
        name = holder.field("left") if holder is not None and holder.kind() == "assignment" else None
        if name is not None and name.kind() == "identifier":
            yield from (n for n in self._root.find_all(kind="identifier", regex=f"^{name.text()}$") if n != name)

    def asserted(self, offset: int) -> bool:
        """Whether the expression that starts there is only compared, not executed."""
        inner = self._literal_at(offset)
        for holder in inner.ancestors() if inner is not None else ():
            kind = holder.kind()
            if kind in {"comparison_operator", "assert_statement"}:
                return True
            if kind == "argument_list":
                call = holder.parent()
                return call is not None and _last_name(call) in _COMPARING
            if kind.endswith(("_statement", "assignment", "block")):
                return False
        return False

    def _literal_at(self, offset: int) -> SgNode | None:
        around = [n for n in self._root.find_all(kind="string") if extent_of(n)[0] <= offset < extent_of(n)[1]]
        return around[-1] if around else None

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there."""
        if name in {"self", "cls"} and (owner := self._class_at(offset)) is not None:
            return owner
        found = choose(self._names.bindings(name), name, offset, self.file.path, self._extents)
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
        found = choose(self._names.bindings(name), name, end, self.file.path, self._extents)
        if found is not None:
            return Name(name, end, self.file.path) if not isinstance(found, Import) else found
        stars = tuple(Import(module, name, self.file.path) for module in self._names.stars())
        return None if not stars else stars[0] if len(stars) == 1 else Choice(stars)

    @cached_property
    def _functions(self) -> list[tuple[Extent, SgNode]]:
        return [(extent_of(n), n) for n in self._root.find_all(any=[{"kind": kind} for kind in FUNCTIONS])]

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


def _is_bare(node: SgNode) -> bool:
    """Whether a string stands alone as a statement, as docstrings do; or is a dictionary's key."""
    holder = node.parent()
    if holder is None or (holder.kind() == "expression_statement" and node.kind() != "augmented_assignment"):
        return holder is None or node.kind() in {"string", "concatenated_string"}
    return holder.kind() == "pair" and holder.field("key") == node


def _outermost(node: SgNode) -> tuple[SgNode, bool]:
    """The largest string expression that this one is a part of, and whether it is larger."""
    outer, joined, inner = node, False, node
    for holder in node.ancestors():
        kind = holder.kind()
        if kind in {"parenthesized_expression", "await"}:
            outer = holder if joined or outer == inner else outer
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
