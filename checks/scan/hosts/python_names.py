"""What Python names are bound to: assignments, parameters, imports, definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Constant, Import, Join, Lambda, Member, Name, Opaque, Param, Sequence, Text
from .javascript_values import extent_of, start
from .python_values import items
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .python_values import Lowering
    from .scopes import Extent
    from .tree import Tree

FUNCTIONS = frozenset({"function_definition", "lambda"})
_CONDITIONS = frozenset({
    "if_statement",
    "elif_clause",
    "else_clause",
    "for_statement",
    "while_statement",
    "except_clause",
    "case_clause",
})  # fmt: skip
_BRANCHES = frozenset({"if_statement", "elif_clause", "else_clause"})
_CHAIN = frozenset({"elif_clause", "else_clause", "if_statement"})
_PARAMETERS = frozenset({
    "default_parameter",
    "typed_parameter",
    "typed_default_parameter",
    "list_splat_pattern",
    "dictionary_splat_pattern",
})  # fmt: skip
_APPENDING = frozenset({"append", "extend", "update", "add"})


class Names:
    """The bindings of one file's names, found when asked for."""

    def __init__(self, tree: Tree, lowering: Lowering) -> None:
        self._tree = tree
        self._root = tree.root
        self._lowering = lowering
        self._found: dict[str, tuple[Binding, ...]] = {}

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Every place of the file that binds that name."""
        if name not in self._found:
            nodes = (node for node in self._tree.named(name))
            self._found[name] = tuple(b for node in nodes for b in self._binding(node))
        return self._found[name]

    def _binding(self, node: SgNode) -> Iterator[Binding]:
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind in {"parameters", "lambda_parameters"} or kind in _PARAMETERS:
            yield from self._parameter(node)
        elif kind == "function_definition" and holder.field("name") == node:
            yield self._definition(holder, lambda: self.function(holder))
        elif kind == "class_definition" and holder.field("name") == node:
            yield self._definition(holder, lambda: self._lowering.class_(holder))
        elif kind in {"dotted_name", "aliased_import"}:
            yield from self._import(node)
        elif kind in {"pattern_list", "tuple_pattern", "list_pattern"}:
            yield from self._unpacked(node, holder)
        else:
            yield from self._changed(node, holder)

    def _parameter(self, node: SgNode) -> Iterator[Binding]:
        owner = next((a for a in node.ancestors() if a.kind() in FUNCTIONS), None)
        listed = owner.field("parameters") if owner is not None else None
        if owner is None or listed is None:
            return
        own = next((c for c in items(listed) if extent_of(c)[0] <= start(node) < extent_of(c)[1]), None)
        if own is None or _parameter_name(own) != node.text():
            return
        extent = extent_of(owner)

        def value() -> Value:
            known = next((p for p in self.params(owner) if p.name == node.text()), None)
            return known or Opaque(own.text(), start(own))

        yield Binding(extent, extent, start(node), start(node), value)

    def _definition(self, holder: SgNode, value: Callable[[], Value]) -> Binding:
        scope, members_only = self._scope(holder)
        return Binding(scope, scope, start(holder), start(holder), value, hoisted=True, members_only=members_only)

    def _import(self, node: SgNode) -> Iterator[Binding]:
        statement = next((a for a in node.ancestors() if a.kind() in _IMPORTS), None)
        if statement is None:
            return
        part = _imported(node, statement)
        if part is None:
            return
        dotted, alias = part
        scope, members_only = self._scope(statement)
        module = statement.field("module_name")
        if statement.kind() == "import_from_statement" and module is not None:
            value = Import(module.text(), dotted, self._lowering.path)
        else:
            value = Import(dotted if alias else dotted.partition(".")[0], None, self._lowering.path)
        yield Binding(scope, scope, start(node), start(node), lambda: value, hoisted=True, members_only=members_only)

    def _unpacked(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        assignment = holder.parent()
        if assignment is None:
            return
        if assignment.kind() == "assignment" and assignment.field("left") == holder:
            index, right = items(holder).index(node), assignment.field("right")

            def value() -> Value:
                known = self._lowering.lower(right) if right is not None else None
                one = isinstance(known, Sequence) and known.complete and index < len(known.items)
                return known.items[index] if one and isinstance(known, Sequence) else self._lowering.opaque(node)

            yield self._assigned(assignment, value)
        else:
            yield self._assigned(holder, lambda: self._lowering.opaque(node))

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.append(..)`, `x["key"] = `."""
        kind, outer, read = holder.kind(), holder.parent(), self._lowering
        right, name = holder.field("right"), node.text()
        if kind == "assignment" and holder.field("left") == node and right is not None:
            yield self._assigned(holder, lambda: read.lower(right))
        elif kind == "augmented_assignment" and holder.field("left") == node:
            yield self._assigned(holder, lambda: _augmented(read.lower(holder), start(holder)))
        elif kind == "named_expression" and holder.field("name") == node:
            yield self._assigned(holder, lambda: read.lower(holder))
        elif kind in {"for_statement", "for_in_clause"} and holder.field("left") == node:
            yield self._assigned(holder, lambda: read.opaque(node))
        elif kind == "as_pattern_target":
            yield self._assigned(holder, lambda: self._entered(holder))
        elif kind == "attribute" and outer is not None and outer.kind() == "call" and holder.field("object") == node:
            method = holder.field("attribute")
            if outer.field("function") == holder and method is not None and method.text() in _APPENDING:
                yield self._assigned(outer, lambda: _appended(read.lower(outer), name, start(outer), read.path))
        elif kind == "subscript" and outer is not None and outer.kind() == "assignment":
            key, value = holder.field("subscript"), outer.field("right")
            if (
                outer.field("left") == holder
                and holder.field("value") == node
                and key is not None
                and value is not None
            ):
                entry = read.lower(key)
                text: Value = entry if isinstance(entry, Text) else Constant(None)
                yield self._assigned(outer, lambda: _entry(name, text, read.lower(value), start(outer), read.path))

    def _entered(self, target: SgNode) -> Value:
        """`with x() as y`: y is taken for what x() makes."""
        pattern = target.parent()
        inner = items(pattern) if pattern is not None else []
        return self._lowering.lower(inner[0]) if inner else self._lowering.opaque(target)

    def _assigned(self, node: SgNode, value: Callable[[], Value]) -> Binding:
        scope, members_only = self._scope(node)
        begin, end = extent_of(node)
        if node.kind() in {"for_statement", "for_in_clause", "as_pattern_target"}:
            end = begin
        return Binding(scope, _condition(node), begin, end, value, members_only=members_only, branches=_branches(node))

    def _scope(self, node: SgNode) -> tuple[Extent, bool]:
        for ancestor in node.ancestors():
            if ancestor.kind() in FUNCTIONS:
                return extent_of(ancestor), False
            if ancestor.kind() == "class_definition":
                return extent_of(ancestor), True
        return (0, len(self._lowering.text)), False

    def stars(self) -> tuple[str, ...]:
        """The modules whose names are all imported (`from x import *`)."""
        found = self._root.find_all(kind="wildcard_import")
        modules = [holder.field("module_name") for node in found if (holder := node.parent()) is not None]
        return tuple(module.text() for module in modules if module is not None)

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns."""
        result = self._lowering.returned(node) or self._lowering.opaque(node)
        return Lambda(function_name(node), self.params(node), result, start(node), self._lowering.path)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them: without self and cls."""
        listed = function.field("parameters")
        nodes = items(listed) if listed is not None else []
        if nodes and in_class(function) and _parameter_name(nodes[0]) in {"self", "cls"}:
            nodes = nodes[1:]
        name, offset = function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(nodes):
            named = _parameter_name(node)
            value = node.field("value")
            default = self._lowering.lower(value) if value is not None else None
            if named is not None and not node.text().startswith("*"):
                found.append(Param(name, named, index, default, offset, self._lowering.path))
        return tuple(found)


_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})


def _imported(node: SgNode, statement: SgNode) -> tuple[str, bool] | None:
    """What the import statement names where it binds this identifier, and whether by an alias."""
    for part in statement.field_children("name"):
        name, alias = part.field("name"), part.field("alias")
        if alias is not None and alias == node and name is not None:
            return name.text(), True
        if alias is None and extent_of(part)[0] == start(node):
            return part.text(), False
    return None


def _parameter_name(node: SgNode) -> str | None:
    if node.kind() == "identifier":
        return node.text()
    named = node.field("name") or next((c for c in items(node)), None)
    while named is not None and named.kind() != "identifier":
        named = next((c for c in items(named)), None)
    return named.text() if named is not None else None


def function_name(node: SgNode) -> str:
    """The name by which a function is called, "" for a lambda without a name."""
    own = node.field("name")
    if own is not None:
        return own.text()
    holder = node.parent()
    left = holder.field("left") if holder is not None and holder.kind() == "assignment" else None
    return left.text() if left is not None else ""


def in_class(function: SgNode) -> bool:
    """Whether a function is a method."""
    around = (a.kind() for a in function.ancestors())
    return next((kind for kind in around if kind in FUNCTIONS or kind == "class_definition"), "") == "class_definition"


def _condition(node: SgNode) -> Extent:
    """The innermost code that holds the node and runs only sometimes: a branch, a loop's body, else the function."""
    inner = node
    for ancestor in node.ancestors():
        kind = ancestor.kind()
        if kind in FUNCTIONS or kind in {"module", "class_definition"}:
            return extent_of(ancestor)
        if kind in _CONDITIONS:
            return extent_of(inner)
        inner = ancestor
    return extent_of(node)


def _branches(node: SgNode) -> Extent | None:
    """The whole statement that the innermost branch around the node is one of; only one of its branches runs."""
    for ancestor in node.ancestors():
        kind = ancestor.kind()
        if kind in FUNCTIONS:
            return None
        if kind in _CONDITIONS:
            whole = ancestor
            while kind in _BRANCHES and (holder := whole.parent()) is not None and holder.kind() in _CHAIN:
                whole = holder
            return extent_of(whole) if kind in _BRANCHES else None
    return None


def _augmented(value: Value, offset: int) -> Value:
    """`x += y` as `x + y`, the `x` being what it was before the statement."""
    match value:
        case Join((Name(name, _, path), added)):
            return Join((Name(name, offset, path), added), offset=offset)
        case _:
            return value


def _appended(value: Value, name: str, offset: int, path: str) -> Value:
    if not isinstance(value, Call) or not isinstance(value.callee, Member):
        return value
    owner = Member(Name(name, offset, path), value.callee.name, offset)
    return Call(owner, value.args, value.keywords, offset, offset, value.end)


def _entry(name: str, key: Value, value: Value, offset: int, path: str) -> Value:
    """`row["key"] = value` as the row that it makes; a Constant key is one that is computed."""
    return Call(Member(Name(name, offset, path), "[]=", offset), (key, value), (), offset, offset, offset)
