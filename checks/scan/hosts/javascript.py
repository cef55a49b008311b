"""JavaScript and TypeScript files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

from ..model import Function
from ..values import Choice, Class, Import, Name
from .javascript_names import Names, function_name
from .javascript_values import FUNCTIONS, Lowering, extent_of
from .scopes import choose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Call, Value
    from .scopes import Extent

_CLASSES = [{"kind": "class_declaration"}, {"kind": "class"}, {"kind": "abstract_class_declaration"}]
_NO_CODE = frozenset({
    "literal_type",
    "import_statement",
    "export_statement",
    "jsx_attribute",
    "expression_statement",
    "import_require_clause",
    "template_literal_type",
})  # fmt: skip
_COMPARED = frozenset({"===", "==", "!==", "!="})
_ASSERTIONS = frozenset({
    "expect", "assert", "includes", "startsWith", "endsWith", "match", "test", "indexOf",
    "toBe", "toContain", "toEqual", "toMatch", "toMatchInlineSnapshot", "toStrictEqual", "toHaveBeenCalledWith",
    "toHaveBeenNthCalledWith", "toHaveBeenLastCalledWith", "stringContaining", "stringMatching", "toThrow",
    "equal", "strictEqual", "deepEqual", "deepStrictEqual", "notEqual", "include", "contain",
})  # fmt: skip
_WRAPPERS = frozenset({"raw", "unsafe", "trim", "trimStart", "trimEnd", "concat", "join", "stripIndent", "dedent"})


class JavaScriptModule:
    """One parsed JavaScript or TypeScript file."""

    def __init__(self, file: SourceFile, grammar: str, text: str | None = None) -> None:
        """`text` is the file's text with all that is no script blanked out."""
        self.file = file
        code = file.text if text is None else text
        self._root: SgNode = SgRoot(code, grammar).root()
        self._lowering = Lowering(code, file.path)
        self._names = Names(self._root, self._lowering)

    def calls(self, names: frozenset[str]) -> Iterator[Call]:
        """Every call whose called name is in `names`, in source order."""
        pattern = f"^({'|'.join(sorted(name.replace('$', chr(92) + '$') for name in names))})$"
        for node in self._root.find_all(any=[{"kind": "property_identifier"}, {"kind": "identifier"}], regex=pattern):
            call = _called(node)
            lowered = self._lowering.lower(call) if call is not None else None
            if lowered is not None and type(lowered).__name__ == "Call":
                yield lowered  # type: ignore[misc]  # the name was just compared

    def strings(self, pattern: str = "") -> Iterator[Value]:
        """Every outermost string expression of which a literal piece matches `pattern`, in source order."""
        literals = self._root.find_all(any=[{"kind": "string"}, {"kind": "template_string"}], regex=pattern or ".")
        outermost: dict[Extent, SgNode] = {}
        for literal in literals:
            self._climb(literal, outermost, joined_only=False)
        for node in list(outermost.values()) if pattern else ():
            for use in self._joins_of(node):
                self._climb(use, outermost, joined_only=True)
        for extent in sorted(outermost):
            yield self._lowering.lower(outermost[extent])

    def _climb(self, node: SgNode, outermost: dict[Extent, SgNode], *, joined_only: bool) -> None:
        outer, joined = _outermost(node)
        holder = outer.parent()
        if holder is None or (joined_only and not joined):
            return
        kind = holder.kind()
        is_key = kind == "pair" and holder.field("key") == outer
        if not is_key and (kind not in _NO_CODE or (kind == "expression_statement" and joined)):
            outermost[extent_of(outer)] = outer

    def _joins_of(self, node: SgNode) -> Iterator[SgNode]:
        """The uses of the variable that a string is assigned to, which may be part of a longer string."""
        holder = node.parent()
        name = holder.field("name") if holder is not None and holder.kind() == "variable_declarator" else None
        if name is not None and name.kind() == "identifier":
            pattern = f"^{name.text().replace('$', chr(92) + '$')}$"
            yield from (n for n in self._root.find_all(kind="identifier", regex=pattern) if n != name)

    def asserted(self, offset: int) -> bool:
        """Whether the expression that starts there is only compared, not executed."""
        for inner, holder in _pairs(self._literal_at(offset)):
            kind = holder.kind()
            if kind == "binary_expression":
                sign = holder.field("operator")
                if sign is not None and sign.text() in _COMPARED:
                    return True
            elif kind == "call_expression" and inner.kind() == "arguments":
                return _last_name(holder) in _ASSERTIONS
            if kind in FUNCTIONS or kind.endswith("statement") or kind.endswith("declaration"):
                return False
        return False

    def _literal_at(self, offset: int) -> SgNode | None:
        literals = self._root.find_all(any=[{"kind": "string"}, {"kind": "template_string"}])
        around = [n for n in literals if extent_of(n)[0] <= offset < extent_of(n)[1]]
        return around[-1] if around else None

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there."""
        if name == "this":
            return self._class_at(offset)
        return choose(self._names.bindings(name), name, offset, self.file.path, self._extents)

    def _class_at(self, offset: int) -> Class | None:
        around = [n for n in self._root.find_all(any=_CLASSES) if extent_of(n)[0] <= offset < extent_of(n)[1]]
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
        nodes = self._root.find_all(any=[{"kind": kind} for kind in FUNCTIONS])
        return [(extent_of(node), node) for node in nodes]

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
    while holder is not None and holder.kind() in {"member_expression", "non_null_expression"}:
        if holder.kind() == "member_expression" and holder.field("property") != callee:
            return None
        callee, holder = holder, holder.parent()
    called = holder is not None and holder.kind() == "call_expression" and holder.field("function") == callee
    return holder if called else None


def _outermost(node: SgNode) -> tuple[SgNode, bool]:
    """The largest string expression that this one is a part of, and whether it is larger."""
    outer, joined = node, False
    for inner, holder in _pairs(node):
        kind = holder.kind()
        if kind in {"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"}:
            outer = holder
        elif _joins(inner, holder):
            outer, joined = holder, True
        elif kind not in {"template_substitution", "arguments", "array", "member_expression", "ternary_expression"}:
            break
    return outer, joined


def _joins(inner: SgNode, holder: SgNode) -> bool:
    """Whether `holder` makes a longer string out of `inner`."""
    kind = holder.kind()
    if kind == "binary_expression":
        sign = holder.field("operator")
        return sign is not None and sign.text() == "+"
    if kind == "augmented_assignment_expression":
        return "+=" in [c.text() for c in holder.children()]
    if kind == "template_string":
        return True
    if kind != "call_expression":
        return False
    if inner.kind() == "template_string":
        return True
    return _last_name(holder) in _WRAPPERS


def _last_name(call: SgNode) -> str:
    callee = call.field("function")
    if callee is None:
        return ""
    named = callee.field("property") if callee.kind() == "member_expression" else callee
    return named.text() if named is not None else ""


def _pairs(node: SgNode | None) -> Iterator[tuple[SgNode, SgNode]]:
    inner = node
    for holder in node.ancestors() if node is not None else ():
        if inner is not None:
            yield inner, holder
        inner = holder


def _declares(declaration: SgNode, name: str) -> bool:
    own = declaration.field("name")
    if own is not None:
        return own.text() == name
    return any(
        (pattern := declarator.field("name")) is not None and (pattern.text() == name or "{" in pattern.text())
        for declarator in declaration.children()
        if declarator.kind() == "variable_declarator"
    )
