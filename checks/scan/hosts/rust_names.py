"""What Rust names are bound to: declarations, patterns, parameters, imports, changes in place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from ..values import Call, Choice, Class, Import, Member, Name, Opaque, Param, Text
from .naming import Names, augmented
from .nodes import extent_of, items, sign, start
from .rust_grammar import CHANGING
from .rust_uses import Use, uses_of
from .rust_values import written
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .grammar import Grammar
    from .lowering import Lowering
    from .rust_values import RustLowering
    from .tree import Tree

_DEFINED = frozenset({"struct_item", "enum_item", "function_item", "mod_item", "type_item"})
_FIXED = frozenset({"const_item", "static_item"})
_PATTERNS = frozenset({
    "tuple_pattern", "tuple_struct_pattern", "struct_pattern", "field_pattern", "ref_pattern", "mut_pattern",
    "reference_pattern", "captured_pattern", "slice_pattern", "or_pattern", "match_pattern", "remaining_field_pattern",
})  # fmt: skip
_HOLDING = frozenset({"Some", "Ok"})
_WRITES = frozenset({"write", "writeln"})


class RustNames(Names):
    """The bindings of one file's names, found when asked for."""

    def __init__(self, grammar: Grammar, tree: Tree, lowering: Lowering) -> None:
        super().__init__(grammar, tree, lowering)
        self.rust = cast("RustLowering", lowering)
        self.rust.function_of = self.function
        self.rust.impls_of = self.impls_of
        self._impls: dict[str, list[SgNode]] | None = None
        self._of_impls: dict[int, tuple[tuple[str, Value], ...]] = {}

    def bindings(self, name: str) -> tuple[Binding, ...]:
        """Every place of the file that binds that name; imports and tables of macros are listed once."""
        if name not in self._found:
            tables = tuple(self._known(node, table) for node, table in self._tables.get(name, ()))
            self._found[name] = (*self._imported.get(name, ()), *tables, *super().bindings(name))
        return self._found[name]

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None:
            return
        kind = holder.kind()
        if kind in _FIXED and holder.field("name") == node:
            if (value := holder.field("value")) is not None:
                yield self.defined(holder, lambda: self.lowering.lower(value))
        elif kind in _DEFINED and holder.field("name") == node:
            yield self.defined(holder, lambda: self._item(holder))
        elif kind == "assignment_expression":
            outer = holder.parent()
            if outer is None or outer.kind() != "arguments":  # what a macro is given by name
                yield from self.assigned(node, holder)
        elif kind == "compound_assignment_expr" and holder.field("left") == node and sign(holder) == "+=":
            begin = start(holder)
            yield self.change(holder, lambda: augmented(self.lowering.lower(holder), begin))
        elif kind == "field_expression" or kind in {"arguments", "reference_expression"}:
            yield from self._changed(node, holder)
        else:
            yield from self._patterned(node, holder)

    def _known(self, node: SgNode, value: Value) -> Binding:
        """A name that stands for one value in all of its scope."""
        return self.defined(node, lambda: value)

    def _item(self, holder: SgNode) -> Value:
        match holder.kind():
            case "function_item":
                return self.function(holder)
            case "mod_item" if holder.field("body") is None:
                name = holder.field("name")
                module = self.rust.module_name(["self", name.text() if name is not None else ""], holder)
                return Import(module, None, self.lowering.path)
            case "mod_item":
                return self.rust.module_class(holder)
            case "type_item" if (kind := holder.field("type")) is not None:
                return self.rust.reference(kind)
            case _:
                return self.lowering.class_(holder)

    def _patterned(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """A name in a pattern: of a `let`, a parameter, an arm, a loop, a condition."""
        pattern, inner = node, holder
        while inner.kind() in _PATTERNS:
            if inner.field("type") == pattern and inner.kind() in {"tuple_struct_pattern", "struct_pattern"}:
                return  # the name of the struct itself
            pattern, inner = inner, inner.parent() or inner
        kind = inner.kind()
        begin, end = extent_of(inner)
        value = inner.field("value")
        if kind == "closure_parameters" or (kind == "parameter" and inner.field("pattern") == pattern):
            yield from self._parameter(node, inner)
        elif kind not in {"let_declaration", "let_condition", "match_arm", "for_expression"} or (
            inner.field("pattern") != pattern
        ):
            return
        elif kind == "let_declaration":
            declared = inner.field("type")
            if value is None and declared is None:
                yield Binding(self.scope(inner), self.condition(inner), begin, end, None)
            else:
                yield Binding(self.scope(inner), self.condition(inner), begin, end, lambda: self._let(node, inner))
        else:
            around = inner if kind != "let_condition" else self._condition_of(inner)
            extent = extent_of(around)
            yield Binding(extent, extent, start(node), start(node), lambda: self._taken(node, inner, pattern))

    @staticmethod
    def _condition_of(node: SgNode) -> SgNode:
        found = (a for a in node.ancestors() if a.kind() in {"if_expression", "while_expression", "match_arm"})
        return next(found, node)

    def _let(self, node: SgNode, declaration: SgNode) -> Value:
        """What `let` gives a name: the value, an item of a tuple, else what the declared type says."""
        pattern, value, kind = (declaration.field(field) for field in ("pattern", "value", "type"))
        if value is None:
            return self.rust.declared(kind) if kind is not None else Opaque("")
        if pattern == node or (pattern is not None and pattern.kind() == "mut_pattern"):
            known = self.lowering.lower(value)
            typed = self.rust.declared(kind) if kind is not None and isinstance(known, (Opaque, Call)) else None
            if typed is None or isinstance(typed, Opaque) or (isinstance(known, Call) and known.keywords):
                return known
            return typed if isinstance(known, Opaque) else Choice((known, typed), fallback=True)
        if pattern is not None and pattern.kind() == "tuple_pattern" and node in items(pattern):
            return Member(self.lowering.lower(value), str(items(pattern).index(node)), start(node))
        return self._opened(node, pattern, value)

    def _taken(self, node: SgNode, holder: SgNode, pattern: SgNode) -> Value:
        """What a pattern takes out of a value: an item in a loop, the inside of `Some(..)`."""
        if holder.kind() == "for_expression":
            value = holder.field("value")
            return (
                Member(self.lowering.lowered(value), "*", start(node))
                if pattern == node
                else self.lowering.opaque(node)
            )
        if holder.kind() == "match_arm":
            whole = next((a for a in holder.ancestors() if a.kind() == "match_expression"), None)
            inner = next(iter(items(pattern)), None) if pattern.kind() == "match_pattern" else pattern
            return self._opened(node, inner, whole.field("value") if whole is not None else None)
        return self._opened(node, pattern, holder.field("value"))

    def _opened(self, node: SgNode, pattern: SgNode | None, value: SgNode | None) -> Value:
        if pattern is None or value is None or pattern.kind() != "tuple_struct_pattern":
            return self.lowering.opaque(node)
        named, inner = pattern.field("type"), items(pattern)
        holds = named is not None and named.text() in _HOLDING and inner[-1:] == [node]
        return self.lowering.lower(value) if holds else self.lowering.opaque(node)

    def _parameter(self, node: SgNode, inner: SgNode) -> Iterator[Binding]:
        owner = next((a for a in inner.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None:
            return
        extent, name = extent_of(owner), node.text()

        def value() -> Value:
            known = next((param for param in self.params(owner) if param.name == name), None)
            return known or self.lowering.opaque(node)

        yield Binding(extent, extent, start(node), start(node), value)

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters of a function as a caller counts them, each with a value of its type."""
        name, offset = self.function_name(function), start(function)
        given = [
            one for one in self.parameter_nodes(function) if one.kind() not in {"self_parameter", "attribute_item"}
        ]
        found: list[Param] = []
        for index, node in enumerate(given):
            pattern, kind = node.field("pattern") or node, node.field("type")
            plain = pattern.text() if pattern.kind() == "identifier" else ""
            known = self.rust.declared(kind) if kind is not None else None
            typed = None if isinstance(known, Opaque) else known
            found.append(Param(name, plain, index, None, offset, self.lowering.path, typed))
        return tuple(found)

    def function_name(self, node: SgNode) -> str:
        """The name by which a function is called: its own, or that of the variable that holds a closure."""
        own = node.field("name")
        if own is not None:
            return own.text()
        holder = node.parent()
        pattern = holder.field("pattern") if holder is not None and holder.kind() == "let_declaration" else None
        return pattern.text() if pattern is not None and pattern.kind() == "identifier" else ""

    def _changed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """A change in place: `s.push_str(..)`, `x.field = ..`, `write!(s, ..)`."""
        if holder.kind() == "field_expression":
            if holder.field("value") != node:
                return
            outer = holder.parent()
            if outer is not None and outer.kind() == "assignment_expression" and outer.field("left") == holder:
                yield from self._set(node, holder, outer)
            else:
                yield from self._chained(holder)
            return
        given = holder.parent() if holder.kind() == "reference_expression" else holder
        call = given.parent() if given is not None and given.kind() == "arguments" else None
        callee = call.field("function") if call is not None else None
        if given is None or call is None or callee is None or callee.text() not in _WRITES:
            return
        first = items(given)[0]
        if first in (node, holder):
            before = Name(node.text(), start(call), self.lowering.path)
            yield self.change(call, lambda: self._written(before, call))

    def _written(self, before: Name, call: SgNode) -> Value:
        made = self.lowering.lower(call)
        return written(before, made) if isinstance(made, Call) else before

    def _set(self, node: SgNode, target: SgNode, statement: SgNode) -> Iterator[Binding]:
        """`x.field = value` as the struct that it makes."""
        field, right = target.field("field"), statement.field("right")
        if field is None or right is None:
            return
        begin, name = start(statement), node.text()
        owner = Name(name, begin, self.lowering.path)
        key = Text(field.text())

        def value() -> Value:
            return Call(Member(owner, ".=", begin), (key, self.lowering.lower(right)), (), begin, begin, begin)

        yield self.change(statement, value)

    def _chained(self, holder: SgNode) -> Iterator[Binding]:
        """A statement that is a chain of calls, of which the first changes what it is called on."""
        field = holder.field("field")
        if field is None or field.text() not in CHANGING:
            return
        outer = holder.parent()
        while outer is not None and outer.kind() in {"call_expression", "field_expression"}:
            parent = outer.parent()
            if parent is None or parent.kind() not in {"call_expression", "field_expression"}:
                break
            if parent.kind() == "call_expression" and parent.field("function") != outer:
                return
            outer = parent
        statement = outer.parent() if outer is not None else None
        if outer is None or outer.kind() != "call_expression" or statement is None:
            return
        if statement.kind() == "expression_statement":
            yield self.change(outer, lambda: self.lowering.lower(outer))

    def impls_of(self, name: str) -> tuple[tuple[str, Value], ...]:
        """The constants and functions in the impls of a type in this file."""
        if self._impls is None:
            self._impls = {}
            for node in self.tree.find_all("impl_item"):
                self._impls.setdefault(self.owner_name(node), []).append(node)
        found: list[tuple[str, Value]] = []
        for node in self._impls.get(name, ()):
            found += self.of_impl(node)
        return tuple(found)

    def of_impl(self, node: SgNode) -> tuple[tuple[str, Value], ...]:
        """The constants, functions and types of one impl, read once."""
        begin = start(node)
        if begin not in self._of_impls:
            self._of_impls[begin] = ()  # while it is read: what stands in a type may be called as the type
            body = node.field("body")
            inner = items(body) if body is not None else []
            self._of_impls[begin] = tuple(entry for item in inner for entry in self.rust.item(item))
        return self._of_impls[begin]

    @staticmethod
    def owner_name(impl: SgNode) -> str:
        """The name of the type that an impl is of."""
        kind = impl.field("type")
        while kind is not None and kind.kind() in {"generic_type", "reference_type"}:
            kind = kind.field("type")
        return kind.text().rpartition("::")[2] if kind is not None else ""

    @cached_property
    def _tables(self) -> dict[str, list[tuple[SgNode, Class]]]:
        """The tables that macros of Diesel declare, by name."""
        found: dict[str, list[tuple[SgNode, Class]]] = {}
        if "table!" in self.lowering.text or "view!" in self.lowering.text:
            for node in self.tree.find_all("macro_invocation"):
                table = self.rust.table(node)
                if table is not None:
                    found.setdefault(table.name, []).append((node, table))
        return found

    def table_named(self, name: str) -> Class | None:
        """The table of that name, when the file declares one, in whatever module."""
        found = self._tables.get(name, [])
        return found[0][1] if len(found) == 1 else None

    @cached_property
    def _uses(self) -> tuple[Use, ...]:
        return uses_of(self.tree, self.rust)

    @cached_property
    def _imported(self) -> dict[str, list[Binding]]:
        """What `use` binds, by name."""
        found: dict[str, list[Binding]] = {}
        for use in self._uses:
            if use.name != "*":
                found.setdefault(use.name, []).append(self._known(use.node, use.value))
        return found

    def from_globs(self, name: str) -> Value | None:
        """What the modules may mean by a name of which all names are imported here."""
        found = tuple(Import(module, name, self.lowering.path) for module in self.globs_of())
        return None if not found else found[0] if len(found) == 1 else Choice(found)

    def globs_of(self) -> tuple[str, ...]:
        """The modules all of whose names are imported."""
        return tuple(dict.fromkeys(use.value.module for use in self._uses if use.name == "*"))
