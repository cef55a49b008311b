"""JavaScript and TypeScript files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ..values import Choice, Import, Name
from .host import Host
from .javascript_exports import exports_of
from .javascript_grammar import TSX, TYPESCRIPT
from .javascript_names import JavaScriptNames
from .javascript_results import JavaScriptResults
from .javascript_strings import JavaScriptStrings
from .javascript_values import JavaScriptLowering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..model import Result
    from ..values import Value
    from .javascript_exports import Export

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

    def read_result(self, call: SgNode) -> Result:
        """What is done with the result of a call."""
        return self._results.of(call)

    @cached_property
    def _results(self) -> JavaScriptResults:
        return JavaScriptResults(self.tree, markup=self.file.text is not self.code)

    def exported(self, name: str) -> Value | None:
        """What another file gets when it imports that name."""
        stars: list[Value] = []
        for export in self._exports:
            found = self._exported_by(export, name)
            if found is not None:
                return found
            if export.star and export.module is not None:
                stars.append(Import(export.module, name, self.file.path))
        assigned = self._assigned_export(name)
        if assigned is not None:
            return assigned
        return None if not stars else stars[0] if len(stars) == 1 else Choice(tuple(stars))

    def _exported_by(self, export: Export, name: str) -> Value | None:
        if name == "default" and export.default is not None:
            own = export.default
            return self._at_end(own) if isinstance(own, str) else self.lowering.lower(own)
        if name in export.local:
            local = export.local[name]
            return Import(export.module, local, self.file.path) if export.module else self._at_end(local)
        if export.pattern:
            return self._at_end(name)
        if export.space == name and export.module is not None:
            return Import(export.module, None, self.file.path)
        return None

    def _assigned_export(self, name: str) -> Value | None:
        """CommonJS: `module.exports = {..}`, `exports.name = ..`."""
        whole: Value | None = None
        for left, right in self._assigned:
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
    def _exports(self) -> list[Export]:
        return exports_of(self.root)

    @cached_property
    def _assigned(self) -> list[tuple[SgNode, SgNode]]:
        found = self.root.find_all(kind="assignment_expression", regex=r"^(module\.)?exports\b")
        sides = ((assignment.field("left"), assignment.field("right")) for assignment in found)
        return [(left, right) for left, right in sides if left is not None and right is not None]


class JavaScriptModule(TypeScriptModule):
    """One parsed file of JavaScript, JSX or TSX."""

    grammar = TSX
