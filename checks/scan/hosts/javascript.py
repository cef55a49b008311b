"""JavaScript and TypeScript files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ..values import Choice, Import, Name
from .host import Host
from .javascript_grammar import TSX, TYPESCRIPT
from .javascript_names import JavaScriptNames
from .javascript_strings import JavaScriptStrings
from .javascript_values import JavaScriptLowering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value

_INDEX = re.compile(r"""\[(["'])([\w$]+)\1\]""")


class TypeScriptModule(Host):
    """One parsed TypeScript file."""

    grammar = TYPESCRIPT
    lowers = JavaScriptLowering
    names = JavaScriptNames
    reads = JavaScriptStrings
    own = frozenset({"this"})

    def named(self, names: frozenset[str]) -> list[SgNode]:
        """The nodes that name one of these, `x["name"]` included."""
        found = super().named(names)
        if names.isdisjoint(match[2] for match in _INDEX.finditer(self.code)):
            return found
        return found + list(self._indexes(names))

    def _indexes(self, names: frozenset[str]) -> Iterator[SgNode]:
        """The literal in each `x["name"]`."""
        for node in self.tree.find_all("subscript_expression"):
            index = node.field("index")
            if index is not None and index.kind() == "string" and index.text()[1:-1] in names:
                yield index

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, also as `x["name"](..)`."""
        holder = name.parent()
        indexed = holder is not None and holder.kind() == "subscript_expression" and holder.field("index") == name
        return super().call_of(holder if indexed and holder is not None else name)

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
                return self.lowering.lower(value)
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
        for assignment in self.root.find_all(kind="assignment_expression", regex=r"^(module\.)?exports\b"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is None or right is None:
                continue
            if left.text() in {f"exports.{name}", f"module.exports.{name}"}:
                return self.lowering.lower(right)
            if left.text() == "module.exports":
                whole = self.lowering.lower(right)
        if whole is None or name in {"default", "module.exports"}:
            return whole
        get = getattr(whole, "get", None)
        return get(name) if get else None

    def _at_end(self, name: str) -> Value:
        return Name(name, len(self.file.text), self.file.path)

    @cached_property
    def _exports(self) -> list[SgNode]:
        return self.root.find_all(kind="export_statement")


class JavaScriptModule(TypeScriptModule):
    """One parsed file of JavaScript, JSX or TSX."""

    grammar = TSX


def _declares(declaration: SgNode, name: str) -> bool:
    own = declaration.field("name")
    if own is not None:
        return own.text() == name
    return any(
        (pattern := declarator.field("name")) is not None and (pattern.text() == name or "{" in pattern.text())
        for declarator in declaration.children()
        if declarator.kind() == "variable_declarator"
    )
