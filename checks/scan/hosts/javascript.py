"""JavaScript and TypeScript files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ..literals import place_of
from ..model import Function
from ..values import Choice, Class, Import, Name
from .javascript_names import IDENTIFIERS, Names, function_name
from .javascript_strings import is_compared, outermost
from .javascript_values import FUNCTIONS, Lowering, extent_of
from .scopes import choose
from .tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Call, Value
    from .scopes import Extent

_INDEX = re.compile(r"""\[(["'])([\w$]+)\1\]""")
_CLASSES = ("class_declaration", "class", "abstract_class_declaration")


class JavaScriptModule:
    """One parsed JavaScript or TypeScript file."""

    def __init__(self, file: SourceFile, grammar: str, text: str | None = None) -> None:
        """`text` is the file's text with all that is no script blanked out."""
        self.file = file
        self._code = code = file.text if text is None else text
        self._tree = Tree(
            code,
            grammar,
            names=(*IDENTIFIERS, "property_identifier"),
            literals=("string", "template_string"),
            functions=FUNCTIONS,
        )
        self._root = self._tree.root
        self._lowering = Lowering(code, file.path)
        self._names = Names(self._tree, self._lowering)
        self._parts: set[int | None] = set()
        self._compared: set[int | None] = set()

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name is in `names`, in source order."""
        found = {extent_of(node): node for name in names for node in self._tree.named(name)}
        if not names.isdisjoint(match[2] for match in _INDEX.finditer(self._code)):
            found |= {extent_of(index): index for index in self._indexes(names)}
        for _, node in sorted(found.items(), key=lambda item: item[0]):
            call = _called(node)
            lowered = self._lowering.lower(call) if call is not None else None
            if lowered is not None and type(lowered).__name__ == "Call":
                yield lowered  # type: ignore[misc]  # the name was just compared

    def _indexes(self, names: frozenset[str]) -> Iterator[SgNode]:
        """The literal in each `x["name"]`."""
        for node in self._tree.find_all("subscript_expression"):
            index = node.field("index")
            if index is not None and index.kind() == "string" and index.text()[1:-1] in names:
                yield index

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
        if name == "this":
            return self._class_at(offset)
        return choose(self._names.bindings(name), offset, lambda: self._extents)

    def _class_at(self, offset: int) -> Class | None:
        around = [n for n in self._tree.find_all(*_CLASSES) if extent_of(n)[0] <= offset < extent_of(n)[1]]
        value = self._lowering.class_(around[-1]) if around else None
        return value if isinstance(value, Class) else None

    def exported(self, name: str) -> Value | None:
        """What another file gets when it imports that name."""
        stars: list[Value] = []
        for statement in self._exports:
            source = statement.field("source")
            module = source.text()[1:-1] if source is not None else None
            found = self._exported_by(statement, name, module)
            if found is not None:
                return found
            if module is not None and "*" in [c.text() for c in statement.children()]:
                stars.append(Import(module, name, self.file.path))
        assigned = self._assigned_export(name)
        if assigned is not None:
            return assigned
        return None if not stars else stars[0] if len(stars) == 1 else Choice(tuple(stars))

    def _exported_by(self, statement: SgNode, name: str, module: str | None) -> Value | None:
        declared = statement.field("declaration")
        value = statement.field("value")
        kinds = {child.kind() for child in statement.children()}
        if name == "default" and "default" in kinds:
            if value is not None:
                return self._lowering.lower(value)
            own = declared.field("name") if declared is not None else None
            return self._at_end(own.text()) if own is not None else None
        if declared is not None and "default" not in kinds and _declares(declared, name):
            return self._at_end(name)
        for specifier in statement.find_all(kind="export_specifier"):
            local, alias = specifier.field("name"), specifier.field("alias")
            if local is not None and (alias or local).text() == name:
                return Import(module, local.text(), self.file.path) if module else self._at_end(local.text())
        space = statement.find(kind="namespace_export")
        if space is not None and module is not None and space.text().split()[-1] == name:
            return Import(module, None, self.file.path)
        return None

    def _assigned_export(self, name: str) -> Value | None:
        """CommonJS: `module.exports = {..}`, `exports.name = ..`."""
        whole: Value | None = None
        for assignment in self._root.find_all(kind="assignment_expression", regex=r"^(module\.)?exports\b"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is None or right is None:
                continue
            if left.text() in {f"exports.{name}", f"module.exports.{name}"}:
                return self._lowering.lower(right)
            if left.text() == "module.exports":
                whole = self._lowering.lower(right)
        if whole is None or name == "default":
            return whole
        get = getattr(whole, "get", None)
        return get(name) if get else None

    def _at_end(self, name: str) -> Value:
        return Name(name, len(self.file.text), self.file.path)

    @cached_property
    def _exports(self) -> list[SgNode]:
        return self._root.find_all(kind="export_statement")

    @cached_property
    def _functions(self) -> list[tuple[Extent, SgNode]]:
        return [(extent_of(node), node) for node in self._tree.functions()]

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


def _called(node: SgNode) -> SgNode | None:
    """The call that calls this name, None when the name is not called."""
    callee, holder = node, node.parent()
    if holder is not None and holder.kind() == "subscript_expression" and holder.field("index") == node:
        callee, holder = holder, holder.parent()
    while holder is not None and holder.kind() in {"member_expression", "non_null_expression"}:
        if holder.kind() == "member_expression" and holder.field("property") != callee:
            return None
        callee, holder = holder, holder.parent()
    called = holder is not None and holder.kind() == "call_expression" and holder.field("function") == callee
    return holder if called else None


def _declares(declaration: SgNode, name: str) -> bool:
    own = declaration.field("name")
    if own is not None:
        return own.text() == name
    return any(
        (pattern := declarator.field("name")) is not None and (pattern.text() == name or "{" in pattern.text())
        for declarator in declaration.children()
        if declarator.kind() == "variable_declarator"
    )
