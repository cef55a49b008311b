"""What Elixir names are bound to: matches, generators, parameters, attributes, functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..values import Member, Param
from .elixir_grammar import (
    BLOCKS,
    arguments_of,
    head_of,
    is_definition,
    is_function,
    keyword_of,
    target_of,
)
from .elixir_values import name_of, sign_of
from .naming import Names
from .nodes import extent_of, items, pairs, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .scopes import Extent

_GENERATING = frozenset({"for", "with"})
_PATTERNS = frozenset({"list", "map", "map_content", "keywords", "pair", "tuple"})
_GIVES_LIST = "for"

Step = tuple[str, str]  # into a matched value: ("key", name), or ("index", position)


class ElixirNames(Names):
    """The bindings of one file's names, found when asked for.

    A name that is bound again is another name from there on: each binding holds from its end to that of its block.
    """

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Every place of the file that binds that name; "@a" is an attribute of a module."""
        if name not in self._found and name.startswith("@"):
            nodes = (node for node in self.tree.named(name[1:]))
            self._found[name] = tuple(one for node in nodes for one in self._attribute(node))
        return super().bindings(name)

    def _attribute(self, node: SgNode) -> Iterator[Binding]:
        call = node.parent()
        holder = call.parent() if call is not None else None
        if call is None or holder is None or holder.kind() != "unary_operator" or sign_of(holder) != "@":
            return
        given = arguments_of(call) if call.kind() == "call" else None
        value = next(iter(items(given)), None) if given is not None else None
        if value is not None:
            yield self._bound(holder, lambda: self.lowering.lower(value))

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        definition = self._defined_by(node)
        if definition is not None:
            if self._is_only(definition):
                yield self.defined(definition, lambda: self.function(definition))
            return
        if node.kind() == "identifier":
            yield from self._matched(node)

    def _defined_by(self, node: SgNode) -> SgNode | None:
        """The definition of the function that this node names."""
        for holder in list(node.ancestors())[:4]:
            if is_definition(holder):
                head = head_of(holder)
                named = head.field("target") if head is not None and head.kind() == "call" else head
                return holder if named == node else None
        return None

    def _is_only(self, definition: SgNode) -> bool:
        """Whether the function has this one clause."""
        module, name = self._module_around(definition), name_of(definition)
        others = (other for node in self.tree.named(name) if (other := self._defined_by(node)) is not None)
        return all(other == definition or self._module_around(other) != module for other in others)

    def _module_around(self, node: SgNode) -> Extent | None:
        return next((extent_of(a) for a in node.ancestors() if target_of(a) == "defmodule"), None)

    def _matched(self, node: SgNode) -> Iterator[Binding]:
        """A name in a pattern: of `=`, of a generator, of a clause, of a parameter."""
        steps: list[Step] = []
        for inner, holder in pairs(node):
            kind = holder.kind()
            if kind == "binary_operator" and sign(holder) in {"=", "<-"} and holder.field("left") == inner:
                if not self._is_pattern(holder):
                    yield self._assigned(node, holder, steps)
                    return
            elif kind == "arguments":
                yield from self._given(node, inner, holder, steps)
                return
            elif kind == "binary_operator" and sign(holder) in {"=", "\\\\", "|", "<>", "when"}:
                continue
            elif kind not in _PATTERNS or (kind == "map" and inner.kind() == "struct"):
                return
            elif kind == "pair":
                steps.insert(0, ("key", keyword_of(holder)))
            elif kind == "tuple":
                steps.insert(0, ("index", str(items(holder).index(inner))))

    def _is_pattern(self, holder: SgNode) -> bool:
        """Whether `a = b` is itself a part of a pattern: of a parameter, or of a match around it."""
        for inner, outer in pairs(holder):
            kind = outer.kind()
            if kind == "arguments":
                return self._owner(outer) is not None
            if kind == "binary_operator" and sign(outer) in {"=", "<-"}:
                return outer.field("left") == inner
            if kind not in _PATTERNS and kind != "binary_operator":
                return False
        return False

    def _owner(self, arguments: SgNode) -> SgNode | None:
        """The function, or the clause, whose parameters these are."""
        for inner, holder in pairs(arguments):
            if holder.kind() == "stab_clause":
                return holder if holder.field("left") == inner else None
            if is_definition(holder):
                return holder
            if holder.kind() not in {"call", "arguments", "binary_operator"} or holder.kind() in BLOCKS:
                return None
            if holder.kind() == "call" and head_of_around(holder) != holder:
                return None
        return None

    def _assigned(self, node: SgNode, holder: SgNode, steps: list[Step]) -> Binding:
        right = holder.field("right")
        generating = sign(holder) == "<-"

        def value() -> Value:
            if right is None:
                return self.lowering.opaque(node)
            known = self.lowering.lower(right)
            if generating and self._call_around(holder) == _GIVES_LIST:
                known = Member(known, "*", start(right))
            return self._inner(known, steps, node)

        return self._bound(holder, value)

    def _call_around(self, node: SgNode) -> str:
        return next((name for a in node.ancestors() if (name := target_of(a))), "")

    def _inner(self, known: Value, steps: list[Step], node: SgNode) -> Value:
        """What stands at that place of a matched value; what is tagged (`{:ok, x}`) is not known."""
        for how, step in steps:
            if how == "index":
                return self.lowering.opaque(node)
            known = Member(known, step, start(node))
        return known

    def _given(self, node: SgNode, inner: SgNode, arguments: SgNode, steps: list[Step]) -> Iterator[Binding]:
        """A parameter of a function, or a name in the pattern of a clause."""
        owner = self._owner(arguments)
        if owner is None:
            return
        function = owner if is_definition(owner) else owner.parent()
        extent = extent_of(owner)
        named = steps or function is None or not is_function(function) or self.parameter_name(inner) != node

        def value() -> Value:
            if named or function is None:
                return self.lowering.opaque(node)
            known = next((param for param in self.params(function) if param.name == node.text()), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, start(node), start(node), value)

    def _bound(self, holder: SgNode, value: Callable[[], Value]) -> Binding:
        begin, end = extent_of(holder)
        scope = end, self.scope(holder)[1]
        return Binding(scope, scope, begin, end, value)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The nodes of a function's parameters, in order; of `fn` those of its first clause."""
        if is_definition(function):
            head = head_of(function)
            listed = arguments_of(head) if head is not None and head.kind() == "call" else None
        else:
            clause = next((child for child in items(function) if child.kind() == "stab_clause"), None)
            listed = clause.field("left") if clause is not None else None
        return items(listed) if listed is not None else []

    def parameter_name(self, node: SgNode) -> SgNode | None:
        """The identifier of a parameter, whatever its default and its pattern."""
        if node.kind() == "identifier":
            return node
        if node.kind() == "binary_operator" and sign(node) in {"\\\\", "="}:
            sides = [node.field("left"), *([node.field("right")] if sign(node) == "=" else [])]
            named = (self.parameter_name(side) for side in sides if side is not None)
            return next((one for one in named if one is not None), None)
        return None

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function, those that must be a struct with that for their type."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            named = self.parameter_name(node)
            given = sign(node) if node.kind() == "binary_operator" else ""
            right = node.field("right") if given else None
            default = self.lowering.lower(right) if given == "\\\\" and right is not None else None
            sides = [node.field("left"), right] if given == "=" else []
            struct = next((side for side in sides if side is not None and side.kind() == "map"), None)
            kind = self.lowering.lower(struct) if struct is not None else None
            plain = named.text() if named is not None else ""
            found.append(Param(name, plain, index, default, offset, self.lowering.path, kind))
        return tuple(found)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called, "" for one without a name."""
        if is_definition(node):
            return name_of(node)
        holder = node.parent()
        left = holder.field("left") if holder is not None and sign(holder) == "=" else None
        return left.text() if left is not None and left.kind() == "identifier" else ""

    def scope(self, node: SgNode) -> Extent:
        """The block that a node stands in."""
        for ancestor in node.ancestors():
            generating = target_of(ancestor) in _GENERATING
            if ancestor.kind() in BLOCKS or is_function(ancestor) or generating:
                return extent_of(ancestor)
        return self.whole

    def condition(self, node: SgNode) -> Extent:
        """The block that a node stands in: no name is bound beyond it."""
        return self.scope(node)

    def branches(self, node: SgNode) -> Extent | None:
        """None: what is bound in a branch ends with it."""
        del node
        return None


def head_of_around(call: SgNode) -> SgNode | None:
    """The head of the definition around a call, if any."""
    definition = next((a for a in call.ancestors() if is_definition(a)), None)
    return head_of(definition) if definition is not None else None
