"""What JavaScript and TypeScript names are bound to: declarations, assignments, parameters, imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Choice, Constant, Import, Join, Lambda, Member, Name, Opaque, Param, Record, Text
from .javascript_values import FUNCTIONS, extent_of, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .javascript_values import Lowering
    from .scopes import Extent
    from .tree import Tree

_BLOCKS = frozenset({"statement_block", "program", "for_statement", "for_in_statement", "switch_body", "catch_clause"})
_CONDITIONS = frozenset({
    "if_statement",
    "else_clause",
    "for_statement",
    "for_in_statement",
    "while_statement",
    "do_statement",
    "switch_case",
    "switch_default",
    "catch_clause",
})  # fmt: skip
_PATTERNS = frozenset({
    "object_pattern",
    "array_pattern",
    "pair_pattern",
    "assignment_pattern",
    "object_assignment_pattern",
    "rest_pattern",
})  # fmt: skip
_BRANCHES = frozenset({"if_statement", "else_clause", "switch_case", "switch_default"})
_CHAIN = frozenset({"else_clause", "if_statement", "switch_body", "switch_statement"})
_PARAMETERS = frozenset({"required_parameter", "optional_parameter", "formal_parameters"})
_CLASSES = frozenset({"class_declaration", "abstract_class_declaration"})
IDENTIFIERS = ("identifier", "shorthand_property_identifier_pattern", "type_identifier")
_DEFINED = FUNCTIONS | _CLASSES | {"enum_declaration"}


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
            nodes = (node for node in self._tree.named(name) if node.kind() in IDENTIFIERS)
            self._found[name] = tuple(b for node in nodes for b in self._binding(node))
        return self._found[name]

    def _binding(self, node: SgNode) -> Iterator[Binding]:
        target, path = _pattern_root(node)
        holder = target.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind == "variable_declarator" and holder.field("name") == target:
            yield self._declared(holder, path, node)
        elif kind in _PARAMETERS or (kind == "arrow_function" and holder.field("parameter") == target):
            yield self._parameter(target, holder, path, node)
        elif kind in _DEFINED and holder.field("name") == target:
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

    def _declared(self, holder: SgNode, path: tuple[_Step, ...], node: SgNode) -> Binding:
        value = holder.field("value")
        outer = holder.parent()
        hoists = outer is not None and outer.kind() == "variable_declaration"
        if value is None:
            lowered: Callable[[], Value] | None = None
        elif value.kind() in FUNCTIONS and not path:
            lowered = lambda: self.function(value)  # noqa: E731 - one of two readings of the same place
        else:
            lowered = lambda: self._destructured(self._lowering.lower(value), path)  # noqa: E731 - see above
        return Binding(_scope(holder, function=hoists), _condition(holder), start(node), extent_of(holder)[1], lowered)

    def _parameter(self, target: SgNode, holder: SgNode, path: tuple[_Step, ...], node: SgNode) -> Binding:
        function = next(a for a in (holder, *holder.ancestors()) if a.kind() in FUNCTIONS or a.kind() == "program")
        extent = extent_of(function)

        def value() -> Value:
            params = self.params(function)
            own = next(
                (p for p in params if p.offset == extent[0] and p.index == _index(target, holder, function)), None
            )
            whole: Value = own or Opaque(target.text(), start(target))
            return self._destructured(whole, path)

        return Binding(extent, extent, start(node), start(node), value)

    def _definition(self, holder: SgNode) -> Binding:
        kind = holder.kind()
        if kind in _CLASSES:
            value: Callable[[], Value] = lambda: self._lowering.class_(holder)  # noqa: E731 - one of three readings
        elif kind == "enum_declaration":
            value = lambda: self._enum(holder)  # noqa: E731 - see above
        else:
            value = lambda: self.function(holder)  # noqa: E731 - see above
        scope = extent_of(holder) if kind == "function_expression" else _scope(holder, function=False)
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
        value = Import(source.text()[1:-1], name, self._lowering.path)
        extent = extent_of(self._root)
        yield Binding(extent, extent, start(node), start(node), lambda: value, hoisted=True)

    def _changed(self, target: SgNode, holder: SgNode, path: tuple[_Step, ...]) -> Iterator[Binding]:
        """An assignment, or a change in place: `x = `, `x += `, `x.push(..)`, `x.key = `."""
        kind, outer, read = holder.kind(), holder.parent(), self._lowering
        if kind == "assignment_expression" and holder.field("left") == target:
            if (assigned := holder.field("right")) is not None:
                yield self._change(holder, lambda: self._destructured(read.lower(assigned), path))
        elif kind == "augmented_assignment_expression" and holder.field("left") == target:
            yield self._change(holder, lambda: _augmented(read.lower(holder), start(holder)))
        elif holder.field("object") == target and outer is not None:
            yield from self._changed_inside(target, holder, outer)

    def _changed_inside(self, target: SgNode, holder: SgNode, outer: SgNode) -> Iterator[Binding]:
        read, name, begin = self._lowering, target.text(), start(outer)
        called = outer.kind() == "call_expression" and outer.field("function") == holder
        if called and (holder.field("property") or target).text() in {"push", "unshift"}:
            yield self._change(outer, lambda: _appended(read.lower(outer), name, begin, read.path))
        value = outer.field("right")
        if outer.kind() == "assignment_expression" and outer.field("left") == holder and value is not None:
            key = self._key(holder)
            yield self._change(outer, lambda: _entry(name, key, read.lower(value), begin, read.path))

    def _key(self, holder: SgNode) -> str:
        """The key of `row.key` or `row["key"]`, "" when it is computed."""
        named, index = holder.field("property"), holder.field("index")
        if named is not None:
            return named.text()
        key = self._lowering.lower(index) if index is not None else None
        return key.text if isinstance(key, Text) else ""

    def _change(self, node: SgNode, value: Callable[[], Value]) -> Binding:
        begin, end = extent_of(node)
        return Binding(
            extent_of(self._root), _condition(node), begin, end, value, declares=False, branches=_branches(node)
        )

    def _destructured(self, value: Value, path: tuple[_Step, ...]) -> Value:
        for key, default in path:
            value = Member(value, key)
            if default is not None:
                value = Choice((value, self._lowering.lower(default)))
        return value

    def _enum(self, node: SgNode) -> Value:
        body = node.field("body")
        entries: list[tuple[str, Value]] = []
        for member in body.children() if body is not None else ():
            name, value = member.field("name"), member.field("value")
            if member.kind() == "enum_assignment" and name is not None and value is not None:
                entries.append((name.text().strip("'\""), self._lowering.lower(value)))
        return Record(tuple(entries), offset=start(node))

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns."""
        result = self._lowering.returned(node) or self._lowering.opaque(node)
        return Lambda(function_name(node), self.params(node), result, start(node), self._lowering.path)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function, destructured ones under the name ""."""
        name, offset = function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(parameter_nodes(function)):
            pattern = node.field("pattern") or node.field("left") or node
            value = node.field("value") or node.field("right")
            default = self._lowering.lower(value) if value is not None else None
            plain = pattern.text() if pattern.kind() == "identifier" else ""
            found.append(Param(name, plain, index, default, offset, self._lowering.path))
        return tuple(found)


_Step = tuple[str, "SgNode | None"]


def parameter_nodes(function: SgNode) -> list[SgNode]:
    """The nodes of a function's parameters, in order."""
    single = function.field("parameter")
    if single is not None:
        return [single]
    listed = function.field("parameters")
    return [] if listed is None else [c for c in listed.children() if c.is_named() and c.kind() != "comment"]


def function_name(node: SgNode) -> str:
    """The name by which a function is called: its own, that of its variable, property or method; "" if it has none."""
    own = node.field("name")
    if own is not None:
        return own.text()
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


def _index(target: SgNode, holder: SgNode, function: SgNode) -> int:
    places = [start(node) for node in parameter_nodes(function)]
    own = start(holder) if holder.kind() in {"required_parameter", "optional_parameter"} else start(target)
    return places.index(own) if own in places else -1


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


def _scope(node: SgNode, *, function: bool) -> Extent:
    for ancestor in node.ancestors():
        kind = ancestor.kind()
        if kind == "program" or kind in FUNCTIONS or (not function and kind in _BLOCKS):
            return extent_of(ancestor)
    return extent_of(node)


def _condition(node: SgNode) -> Extent:
    """The innermost code that holds the node and runs only sometimes: a branch, a loop's body, else the function."""
    inner = node
    for ancestor in node.ancestors():
        kind = ancestor.kind()
        if kind == "program" or kind in FUNCTIONS:
            return extent_of(ancestor)
        if kind in _CONDITIONS:
            return extent_of(ancestor if kind in {"switch_case", "switch_default"} else inner)
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
    args = value.args if isinstance(value, Call) else ()
    end = value.end if isinstance(value, Call) else offset
    return Call(Member(Name(name, offset, path), "append", offset), args, (), offset, offset, end)


def _entry(name: str, key: str, value: Value, offset: int, path: str) -> Value:
    """`row.key = value` as the row that it makes; an empty key is one that is computed."""
    known: Value = Text(key, (), path) if key else Constant(None)
    return Call(Member(Name(name, offset, path), "[]=", offset), (known, value), (), offset, offset, offset)
