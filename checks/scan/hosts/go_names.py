"""What Go names are bound to: declarations, assignments, parameters, receivers, imports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from ..values import Call, Import, Join, Lambda, Member, Name, Opaque, Param, Sequence, Text
from .naming import Names, augmented, entry
from .nodes import extent_of, items, sign, start
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .go_values import GoLowering
    from .grammar import Grammar
    from .lowering import Lowering
    from .tree import Tree

_SPECS = frozenset({"var_spec", "const_spec"})
_TYPES = frozenset({"type_spec", "type_alias"})
_PARAMETERS = frozenset({"parameter_declaration", "variadic_parameter_declaration"})
PRINTS = frozenset({"Fprintf", "Fprint", "Fprintln"})
_VERSION = re.compile(r"^v\d+$")


class GoNames(Names):
    """The bindings of one file's names, found when asked for."""

    def __init__(self, grammar: Grammar, tree: Tree, lowering: Lowering) -> None:
        super().__init__(grammar, tree, lowering)
        self._imports: dict[str, Import] | None = None
        self._methods: dict[str, list[SgNode]] | None = None
        self.go = cast("GoLowering", lowering)
        self.go.function_of = self.function
        self.go.methods_of = self.methods_of

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind == "expression_list" and (statement := holder.parent()) is not None:
            yield from self._assigned(node, holder, statement)
        elif kind in _SPECS and node.kind() == "identifier":
            yield from self._specified(node, holder)
        elif kind == "function_declaration" and holder.field("name") == node:
            yield self.defined(holder, lambda: self.function(holder))
        elif kind in _TYPES and holder.field("name") == node:
            yield from self._type(holder)
        elif kind in _PARAMETERS:
            yield from self._parameter(node, holder)
        else:
            yield from self._changed(node, holder)

    def _assigned(self, node: SgNode, left: SgNode, statement: SgNode) -> Iterator[Binding]:
        """`a, b := ..`, `a = ..`, `a += ..`, `for _, a := range ..`."""
        if statement.field("left") != left or (right := statement.field("right")) is None:
            return
        index, kind = items(left).index(node), statement.kind()
        begin, end = extent_of(statement)
        if kind == "short_var_declaration":
            scope = self.scope(statement)
            yield Binding(scope, self.condition(statement), begin, end, lambda: self._value(right, index, left))
        elif kind == "range_clause":
            loop = extent_of(statement.parent() or statement)
            yield Binding(loop, loop, begin, end, lambda: Member(self.lowering.lower(right), "*" if index else "#"))
        elif kind == "assignment_statement" and sign(statement) == "=":
            yield self.change(statement, lambda: self._value(right, index, left))
        elif kind == "assignment_statement":
            yield self.change(statement, lambda: augmented(self.lowering.lower(statement), begin))

    def _value(self, right: SgNode, index: int, left: SgNode) -> Value:
        """The value of the name at that index; of a call that gives several an item of what it returns."""
        given, wanted = items(right), len(items(left))
        if len(given) == wanted:
            return self.lowering.lower(given[index])
        whole = self.lowering.lower(right)
        return whole if not index and not isinstance(whole, Call) else Member(whole, str(index), start(right))

    def _specified(self, node: SgNode, spec: SgNode) -> Iterator[Binding]:
        names = [one for one in items(spec) if one.kind() == "identifier"]
        if node not in names:
            return
        index, value, kind = names.index(node), spec.field("value"), spec.field("type")
        begin, end = extent_of(spec)
        scope = self.scope(spec)
        hoisted = scope == self.whole

        def given() -> Value:
            if value is None:
                return self.go.zero(kind) if kind is not None else self.lowering.opaque(spec)
            inner = items(value) if value.kind() == "expression_list" else [value]
            if len(inner) == len(names):
                return self.lowering.lower(inner[index])
            return Member(self.lowering.lower(value), str(index), begin)

        if value is not None or (kind is not None and self._begins_empty(node, kind)):
            yield Binding(scope, self.condition(spec), begin, end, given, hoisted=hoisted)
        elif kind is not None and kind.text() == "string" and self._grows(node):
            yield Binding(scope, self.condition(spec), begin, end, lambda: Text("", (), self.lowering.path))
        else:
            yield Binding(scope, self.condition(spec), begin, end, None)

    def _begins_empty(self, node: SgNode, kind: SgNode) -> bool:
        """Whether what the variable holds before it is assigned says something: a struct, a list, a builder."""
        del node
        return kind.kind() not in {"type_identifier", "interface_type", "function_type", "channel_type"} or (
            kind.kind() == "type_identifier" and not self.go.is_scalar(kind)
        )

    def _grows(self, node: SgNode) -> bool:
        """Whether something is added to the variable somewhere: it is then built from nothing."""
        for use in self.tree.named(node.text()):
            holder = use.parent()
            statement = holder.parent() if holder is not None and holder.kind() == "expression_list" else None
            if statement is not None and statement.kind() == "assignment_statement" and sign(statement) == "+=":
                return True
        return False

    def _type(self, holder: SgNode) -> Iterator[Binding]:
        kind = holder.field("type")
        if kind is None or kind.kind() == "interface_type":  # whoever implements it is not known
            return
        if holder.kind() == "type_alias":
            yield self.defined(holder, lambda: self.go.reference(kind))
        else:
            yield self.defined(holder, lambda: self.lowering.class_(holder))

    def _parameter(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """A parameter, or the receiver of a method: a value of its type."""
        listed = holder.parent()
        owner = listed.parent() if listed is not None else None
        kind = holder.field("type")
        if owner is None or kind is None or node.kind() != "identifier" or owner.kind() not in self.grammar.functions:
            return
        extent = extent_of(owner)
        if owner.field("receiver") == listed:
            yield Binding(extent, extent, start(node), start(node), lambda: self.go.declared(kind))
        elif owner.field("parameters") == listed:
            name = node.text()

            def value() -> Value:
                known = next((param for param in self.params(owner) if param.name == name), None)
                return known or self.lowering.opaque(node)

            yield Binding(extent, extent, start(node), start(node), value)

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """A change in place: `b.WriteString(..)`, `fmt.Fprintf(&b, ..)`, `row["key"] = ..`, `x.Field = ..`."""
        outer, read, name = holder.parent(), self.lowering, node.text()
        if outer is None:
            return
        if holder.kind() == "selector_expression" and holder.field("operand") == node:
            field = holder.field("field")
            if outer.kind() == "call_expression" and field is not None and field.text() in self.grammar.appending:
                yield self.change(outer, lambda: self._written(name, outer, 0))
            elif field is not None:
                yield from self._set(node, holder, Text(field.text()))
        elif holder.kind() == "index_expression" and holder.field("operand") == node:
            index = holder.field("index")
            if index is not None:
                yield from self._set(node, holder, read.lower(index))
        else:
            call = _printed(node, holder)
            if call is not None:
                yield self.change(call, lambda: self._written(name, call, 1))

    def _set(self, node: SgNode, target: SgNode, key: Value) -> Iterator[Binding]:
        left = target.parent()
        statement = left.parent() if left is not None and left.kind() == "expression_list" else None
        if statement is None or left is None or statement.kind() != "assignment_statement":
            return
        right = statement.field("right")
        if statement.field("left") != left or sign(statement) != "=" or right is None:
            return
        index, begin, name, path = items(left).index(target), start(statement), node.text(), self.lowering.path
        yield self.change(statement, lambda: entry(name, key, self._value(right, index, left), begin, path))

    def _written(self, name: str, call: SgNode, first: int) -> Value:
        """What a builder holds after a call that writes to it; from `first` on the arguments are what is written."""
        begin, made = start(call), self.lowering.lower(call)
        before = Name(name, begin, self.lowering.path)
        if not isinstance(made, Call):
            return before
        args = made.args[first:]
        callee = made.callee
        if first and isinstance(callee, Member):
            printed = Member(callee.object, f"S{callee.name[1:]}", callee.offset)
            return Join((before, Call(printed, args, (), begin, made.name_offset, made.end)), offset=begin)
        return Join((before, *args), offset=begin)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them, each with a value of its type."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for holder in self.parameter_nodes(function):
            kind = holder.field("type")
            known = self.go.declared(kind) if kind is not None else None
            names = [one.text() for one in items(holder) if one.kind() == "identifier"] or [""]
            rest = holder.kind() == "variadic_parameter_declaration"
            if rest and known is not None and not isinstance(known, Opaque):
                known = Sequence((known,), complete=False, offset=start(holder))
            for plain in names:
                found.append(Param(name, plain, len(found), None, offset, self.lowering.path, known, rest))
        return tuple(found)

    def function(self, node: SgNode) -> Lambda:
        """A function as what it returns."""
        return self.go.returning(node, self.function_name(node), self.params(node))

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called: its own, or that of the variable that holds it."""
        own, holder = node.field("name"), node.parent()
        if own is not None:
            return own.text()
        statement = holder.parent() if holder is not None and holder.kind() == "expression_list" else None
        left = statement.field("left") if statement is not None else None
        if holder is None or left is None or len(items(left)) != len(items(holder)):
            return ""
        named = items(left)[items(holder).index(node)]
        return named.text() if named.kind() == "identifier" else ""

    def methods_of(self, name: str) -> list[SgNode]:
        """The methods of a type that stand in this file."""
        if self._methods is None:
            self._methods = {}
            for node in self.tree.functions():
                owner = self.receiver_of(node)
                if owner is not None:
                    self._methods.setdefault(owner.name, []).append(node)
        return self._methods.get(name, [])

    def receiver_of(self, function: SgNode) -> Name | None:
        """The type whose method a function is."""
        listed = function.field("receiver")
        holder = next(iter(items(listed)), None) if listed is not None else None
        kind = holder.field("type") if holder is not None else None
        known = self.go.reference(kind) if kind is not None else None
        return known if isinstance(known, Name) else None

    def imported(self, name: str) -> Import | None:
        """The package that is called so in this file."""
        if self._imports is None:
            self._imports = {}
            for spec in self.tree.find_all("import_spec"):
                path, alias = spec.field("path"), spec.field("name")
                if path is not None:
                    module = path.text()[1:-1]
                    local = alias.text() if alias is not None else package_name(module)
                    self._imports.setdefault(local, Import(module, None, self.lowering.path))
        return self._imports.get(name)


def package_name(module: str) -> str:
    """The name by which a package is called when its import gives none, as far as its path tells it."""
    parts = [part for part in module.split("/") if part]
    if len(parts) > 1 and _VERSION.match(parts[-1]):
        parts.pop()
    last = parts[-1] if parts else module
    last = re.sub(r"\.v\d+$", "", last)
    last = last.removeprefix("go-").removesuffix("-go").removesuffix(".go")
    return last.rpartition("-")[2] if "-" in last else last


def _printed(node: SgNode, holder: SgNode) -> SgNode | None:
    """The call `fmt.Fprintf(&name, ..)` whose first argument the name is."""
    given, first = holder, node
    if holder.kind() == "unary_expression" and (outer := holder.parent()) is not None:
        given, first = outer, holder
    call = given.parent() if given.kind() == "argument_list" else None
    if call is None or call.kind() != "call_expression" or items(given)[0] != first:
        return None
    callee = call.field("function")
    name = callee.field("field") if callee is not None else None
    return call if name is not None and name.text() in PRINTS else None
