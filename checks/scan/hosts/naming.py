"""What names are bound to: what all languages share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Call, Join, Member, Name, Param
from .nodes import extent_of, items, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Lambda, Value
    from .grammar import Grammar
    from .lowering import Lowering
    from .scopes import Extent
    from .tree import Tree


class Names:
    """The bindings of one file's names, found when asked for; a language says what binds one."""

    def __init__(self, grammar: Grammar, tree: Tree, lowering: Lowering) -> None:
        self.grammar = grammar
        self.tree = tree
        self.lowering = lowering
        self._found: dict[str, tuple[Binding, ...]] = {}

    @property
    def whole(self) -> Extent:
        """All of the file."""
        return 0, len(self.lowering.text)

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Every place of the file that binds that name."""
        if name not in self._found:
            self._found[name] = tuple(b for node in self.tree.named(name) for b in self.binding(node))
        return self._found[name]

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds, if it does: a declaration, an assignment, a parameter, a definition."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind in self.grammar.declarations:
            yield from self.declared(node, holder)
        elif kind in self.grammar.assignments:
            yield from self.assigned(node, holder)
        elif kind in self.grammar.functions and holder.field("name") == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif kind in self.grammar.classes and holder.field("name") == node:
            yield self.defined(holder, lambda: self.lowering.class_(holder))
        else:
            yield from self.parameter(node)

    def declared(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`let x = ..`."""
        name, value = (holder.field(field) for field in self.grammar.declarations[holder.kind()])
        if name != node:
            return
        begin, end = extent_of(holder)
        lowered: Callable[[], Value] | None = None if value is None else lambda: self.lowering.lower(value)
        yield Binding(self.scope(holder), self.condition(holder), begin, end, lowered)

    def assigned(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`x = ..` of a name that is declared elsewhere, or nowhere."""
        left, right = (holder.field(field) for field in self.grammar.assignments[holder.kind()])
        if left == node and right is not None:
            yield self.change(holder, lambda: self.lowering.lower(right))

    def change(self, node: SgNode, value: Callable[[], Value]) -> Binding:
        """A statement that gives a name another value."""
        begin, end = extent_of(node)
        condition, branches = self.condition(node), self.branches(node)
        return Binding(self.whole, condition, begin, end, value, declares=False, branches=branches)

    def defined(self, holder: SgNode, value: Callable[[], Value]) -> Binding:
        """A function or class, in force in all of its scope."""
        scope = self.scope(holder)
        return Binding(scope, scope, start(holder), start(holder), value, hoisted=True)

    def parameter(self, node: SgNode) -> Iterator[Binding]:
        """A parameter of the function around it."""
        owner = next((a for a in node.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None or not any(self.parameter_name(p) == node for p in self.parameter_nodes(owner)):
            return
        extent, name = extent_of(owner), node.text()

        def value() -> Value:
            known = next((param for param in self.params(owner) if param.name == name), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, start(node), start(node), value)

    def is_inside_method(self, function: SgNode) -> bool:
        """Whether a function is a method, or stands in one."""
        return any(a.kind() in self.grammar.classes for a in function.ancestors())

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The nodes of a function's parameters, in order, without the receiver."""
        listed = function.field("parameters")
        return items(listed) if listed is not None else []

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The identifier of a parameter."""
        return node if node.kind() in self.grammar.identifiers else node.field("name")

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            named = self.parameter_name(node)
            value = node.field("value")
            default = self.lowering.lower(value) if value is not None else None
            plain = named.text() if named is not None else ""
            found.append(Param(name, plain, index, default, offset, self.lowering.path))
        return tuple(found)

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns."""
        return self.lowering.function(node, self.function_name(node), self.params(node))

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called, "" for one without a name."""
        own = node.field("name")
        if own is not None:
            return own.text()
        holder = node.parent()
        fields = self.grammar.declarations.get(holder.kind()) if holder is not None else None
        name = holder.field(fields[0]) if holder is not None and fields is not None else None
        return name.text() if name is not None else ""

    def scope(self, node: SgNode) -> Extent:
        """Where a name that is declared at this node is visible."""
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if kind in self.grammar.functions or kind in self.grammar.blocks:
                return extent_of(ancestor)
        return self.whole

    def before_brace(self, extent: Extent) -> Extent:
        """An extent without the brace that ends it: what it declares is not seen there, where a file may end too."""
        begin, end = extent
        return (begin, end - 1) if self.lowering.text[begin : begin + 1] == "{" else extent

    def condition(self, node: SgNode) -> Extent:
        """The innermost code around a node that runs only sometimes: a branch, a loop's body, else the function."""
        inner = node
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if kind in self.grammar.functions or kind in self.grammar.classes:
                return extent_of(ancestor)
            if kind in self.grammar.conditions:
                return extent_of(inner)
            inner = ancestor
        return self.whole

    def branches(self, node: SgNode) -> Extent | None:
        """The whole statement that the innermost branch around the node is one of; only one of its branches runs."""
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if kind in self.grammar.functions:
                return None
            if kind in self.grammar.conditions:
                whole = ancestor
                while (
                    kind in self.grammar.branches and (holder := whole.parent()) and holder.kind() in self.grammar.chain
                ):
                    whole = holder
                return extent_of(whole) if kind in self.grammar.branches else None
        return None


def augmented(value: Value, offset: int) -> Value:
    """`x += y` as `x + y`, the `x` being what it was before the statement."""
    match value:
        case Join((Name(name, _, path), added)):
            return Join((Name(name, offset, path), added), offset=offset)
        case _:
            return value


def appended(value: Value, name: str, method: str, offset: int, path: str) -> Value:
    """`x.push(y)` as a call of `method` on what `x` was before the statement."""
    args = value.args if isinstance(value, Call) else ()
    keywords = value.keywords if isinstance(value, Call) else ()
    end = value.end if isinstance(value, Call) else offset
    return Call(Member(Name(name, offset, path), method, offset), args, keywords, offset, offset, end)


def entry(name: str, key: Value, value: Value, offset: int, path: str) -> Value:
    """`row["key"] = value` as the row that it makes; a Constant key is one that is computed."""
    return Call(Member(Name(name, offset, path), "[]=", offset), (key, value), (), offset, offset, offset)
