"""What JavaScript and TypeScript names are bound to: declarations, assignments, parameters, imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Choice, Constant, Import, Member, Opaque, Param, Record, Text
from .naming import Names, appended, augmented, entry
from .nodes import extent_of, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .scopes import Extent

_PATTERNS = frozenset({
    "object_pattern",
    "array_pattern",
    "pair_pattern",
    "assignment_pattern",
    "object_assignment_pattern",
    "rest_pattern",
})  # fmt: skip
_PARAMETERS = frozenset({"required_parameter", "optional_parameter", "formal_parameters"})
_BINDING = frozenset({"identifier", "shorthand_property_identifier_pattern", "type_identifier"})


class JavaScriptNames(Names):
    """The bindings of one file's names, found when asked for."""

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds, also as a part of a pattern."""
        if node.kind() not in _BINDING:
            return
        target, path = _pattern_root(node)
        holder = target.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind == "variable_declarator" and holder.field("name") == target:
            yield self._declared(holder, path, node)
        elif kind in _PARAMETERS or (kind == "arrow_function" and holder.field("parameter") == target):
            yield self._parameter(target, holder, path, node)
        elif kind in self._defining and holder.field("name") == target:
            yield self._definition(holder)
        elif kind in {"import_specifier", "import_clause", "namespace_import"}:
            yield from self._import(holder, node)
        elif kind in {"for_in_statement", "catch_clause"} and target in (
            holder.field("left"),
            holder.field("parameter"),
        ):
            yield Binding(
                extent_of(holder), extent_of(holder), start(node), start(node), lambda: Opaque(node.text(), start(node))
            )
        else:
            yield from self._changed(target, holder, path)

    @property
    def _defining(self) -> frozenset[str]:
        return self.grammar.functions | self.grammar.classes | {"enum_declaration"}

    def _declared(self, holder: SgNode, path: tuple[_Step, ...], node: SgNode) -> Binding:
        value = holder.field("value")
        outer = holder.parent()
        hoists = outer is not None and outer.kind() == "variable_declaration"
        if value is None:
            lowered: Callable[[], Value] | None = None
        elif value.kind() in self.grammar.functions and not path:
            lowered = lambda: self.function(value)  # noqa: E731 - one of two readings of the same place
        else:
            lowered = lambda: self._destructured(self.lowering.lower(value), path)  # noqa: E731 - see above
        return Binding(
            self._scope_of(holder, function=hoists), self.condition(holder), start(node), extent_of(holder)[1], lowered
        )

    def _parameter(self, target: SgNode, holder: SgNode, path: tuple[_Step, ...], node: SgNode) -> Binding:
        around = (holder, *holder.ancestors())  # the last is the program, or an error if it cannot be read
        function = next((a for a in around if a.kind() in self.grammar.functions), around[-1])
        extent = extent_of(function)

        def value() -> Value:
            params = self.params(function)
            own = next(
                (p for p in params if p.offset == extent[0] and p.index == self._index(target, holder, function)), None
            )
            whole: Value = own or Opaque(target.text(), start(target))
            return self._destructured(whole, path)

        return Binding(extent, extent, start(node), start(node), value)

    def _definition(self, holder: SgNode) -> Binding:
        kind = holder.kind()
        if kind in self.grammar.classes:
            value: Callable[[], Value] = lambda: self.lowering.class_(holder)  # noqa: E731 - one of three readings
        elif kind == "enum_declaration":
            value = lambda: self._enum(holder)  # noqa: E731 - see above
        else:
            value = lambda: self.function(holder)  # noqa: E731 - see above
        scope = extent_of(holder) if kind == "function_expression" else self._scope_of(holder, function=False)
        return Binding(scope, scope, start(holder), start(holder), value, hoisted=True)

    def _import(self, holder: SgNode, node: SgNode) -> Iterator[Binding]:
        alias = holder.field("alias")
        if holder.kind() == "import_specifier" and alias is not None and alias != node:
            return
        statement = next((a for a in holder.ancestors() if a.kind() == "import_statement"), None)
        source = statement.field("source") if statement is not None else None
        if source is None or statement is None:
            return
        name: str | None = "default" if holder.kind() == "import_clause" else None
        if holder.kind() == "import_specifier":
            name = (holder.field("name") or node).text()
        value = Import(source.text()[1:-1], name, self.lowering.path)
        extent = extent_of(self.tree.root)
        yield Binding(extent, extent, start(node), start(node), lambda: value, hoisted=True)

    def _changed(self, target: SgNode, holder: SgNode, path: tuple[_Step, ...]) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.push(..)`, `x.key = `."""
        kind, outer, read = holder.kind(), holder.parent(), self.lowering
        if kind == "assignment_expression" and holder.field("left") == target:
            if (assigned := holder.field("right")) is not None:
                yield self.change(holder, lambda: self._destructured(read.lower(assigned), path))
        elif kind == "augmented_assignment_expression" and holder.field("left") == target:
            yield self.change(holder, lambda: augmented(read.lower(holder), start(holder)))
        elif holder.field("object") == target and outer is not None:
            yield from self._changed_inside(target, holder, outer)

    def _changed_inside(self, target: SgNode, holder: SgNode, outer: SgNode) -> Iterator[Binding]:
        read, name, begin = self.lowering, target.text(), start(outer)
        called = outer.kind() == "call_expression" and outer.field("function") == holder
        if called and (holder.field("property") or target).text() in {"push", "unshift"}:
            yield self.change(outer, lambda: appended(read.lower(outer), name, "append", begin, read.path))
        value = outer.field("right")
        if outer.kind() == "assignment_expression" and outer.field("left") == holder and value is not None:
            key = self._key(holder)
            yield self.change(outer, lambda: entry(name, key, read.lower(value), begin, read.path))

    def _key(self, holder: SgNode) -> Value:
        """The key of `row.key` or `row["key"]`, a Constant when it is computed."""
        named, index = holder.field("property"), holder.field("index")
        if named is not None:
            return Text(named.text(), (), self.lowering.path)
        key = self.lowering.lower(index) if index is not None else None
        return key if isinstance(key, Text) else Constant(None)

    def _destructured(self, value: Value, path: tuple[_Step, ...]) -> Value:
        for key, default in path:
            value = Member(value, key)
            if default is not None:
                value = Choice((value, self.lowering.lower(default)), fallback=True)
        return value

    def _enum(self, node: SgNode) -> Value:
        body = node.field("body")
        entries: list[tuple[str, Value]] = []
        for member in body.children() if body is not None else ():
            name, value = member.field("name"), member.field("value")
            if member.kind() == "enum_assignment" and name is not None and value is not None:
                entries.append((name.text().strip("'\""), self.lowering.lower(value)))
        return Record(tuple(entries), offset=start(node))

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function, destructured ones under the name ""."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            pattern = node.field("pattern") or node.field("left") or node
            value = node.field("value") or node.field("right")
            default = self.lowering.lower(value) if value is not None else None
            plain = pattern.text() if pattern.kind() == "identifier" else ""
            found.append(Param(name, plain, index, default, offset, self.lowering.path))
        return tuple(found)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The nodes of a function's parameters, in order."""
        single = function.field("parameter")
        return [single] if single is not None else super().parameter_nodes(function)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called: its own, that of its variable, property or method."""
        own = node.field("name")
        return own.text() if own is not None else _variable_of(node)

    def _index(self, target: SgNode, holder: SgNode, function: SgNode) -> int:
        places = [start(node) for node in self.parameter_nodes(function)]
        own = start(holder) if holder.kind() in {"required_parameter", "optional_parameter"} else start(target)
        return places.index(own) if own in places else -1

    def _scope_of(self, node: SgNode, *, function: bool) -> Extent:
        """Where a name is visible: the block, or for `var` the whole function."""
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            outer = kind == "program" or kind in self.grammar.functions
            if outer or (not function and kind in self.grammar.blocks):
                return extent_of(ancestor)
        return extent_of(node)

    def condition(self, node: SgNode) -> Extent:
        """The innermost code around a node that runs only sometimes; all of a `case`, whose statements share it."""
        inner = node
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if kind == "program" or kind in self.grammar.functions:
                return extent_of(ancestor)
            if kind in self.grammar.conditions:
                return extent_of(ancestor if kind in {"switch_case", "switch_default"} else inner)
            inner = ancestor
        return extent_of(node)


_Step = tuple[str, "SgNode | None"]


def _variable_of(node: SgNode) -> str:
    """What a function is assigned to; "" if it has no name."""
    holder = node.parent()
    while holder is not None and holder.kind() in {"parenthesized_expression", "call_expression", "arguments"}:
        holder = holder.parent()  # const save = useCallback(async (rows) => ...)
    if holder is None:
        return ""
    for kind, field in (
        ("variable_declarator", "name"),
        ("pair", "key"),
        ("public_field_definition", "name"),
        ("field_definition", "property"),
        ("assignment_expression", "left"),
    ):
        named = holder.field(field) if holder.kind() == kind else None
        if named is not None:
            return named.text().rpartition(".")[2]
    return ""


def _pattern_root(node: SgNode) -> tuple[SgNode, tuple[_Step, ...]]:
    """The whole pattern that an identifier is destructured by, and the keys from it to the identifier."""
    steps: list[_Step] = []
    default: SgNode | None = None
    inner, holder = node, node.parent()
    while holder is not None and holder.kind() in _PATTERNS:
        kind = holder.kind()
        if kind in {"assignment_pattern", "object_assignment_pattern"}:
            if holder.field("left") != inner:
                return node, ()
            default = holder.field("right")
            if holder.parent() is not None and (holder.parent() or holder).kind() in _PARAMETERS:
                return holder, tuple(reversed(steps))
        if kind == "pair_pattern":
            key = holder.field("key")
            if key is None or key == inner:
                return node, ()
            steps.append((key.text().strip("'\""), default))
            default = None
        elif kind == "object_pattern" and inner.kind() != "pair_pattern":
            steps.append((node.text() if inner.kind() != "rest_pattern" else "...", default))
            default = None
        elif kind == "array_pattern":
            steps.append(("[]", default))
            default = None
        inner, holder = holder, holder.parent()
    return inner, tuple(reversed(steps))
