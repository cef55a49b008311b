"""What Ruby names are bound to: local variables, parameters, methods, instance variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..parameters import BY_NAME
from ..values import Call, Lambda, Member, Name, Param, Sequence
from .naming import Names
from .nodes import extent_of, items, sign, start
from .ruby_classes import CLASSES, METHODS
from .scopes import Binding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ast_grep_py import SgNode

    from ..values import Value
    from .scopes import Extent

_BLOCKS = frozenset({"block", "do_block", "lambda"})
_BATCHES = frozenset({"each_slice", "in_groups_of", "each_batch", "tap", "then"})  # give what they are of
_EACH = frozenset({
    "each", "each_with_index", "each_with_object", "find_each", "map", "flat_map", "collect", "filter_map",
    "each_entry", "reverse_each", "each_value", "select", "reject", "group_by", "index_by", "sum",
})  # fmt: skip
_BESIDE = frozenset({"each_with_index", "each_with_object"})  # give something beside the item
_MAPPING = frozenset({"map", "flat_map", "collect", "filter_map"})  # the block is given one item after the other


class RubyNames(Names):
    """The bindings of one file's names, found when asked for; constants are the module's."""

    def binding(self, node: SgNode) -> Iterator[Binding]:
        """What this identifier binds."""
        holder = node.parent()
        if holder is None or node.kind() == "constant":
            return
        kind = holder.kind()
        if kind in self.grammar.assignments and holder.field("left") == node:
            yield from self._assigned(node, holder)
        elif kind in {"left_assignment_list", "rest_assignment"}:
            yield from self._unpacked(node, holder)
        elif kind in METHODS and holder.field("name") == node:
            yield self._method(holder)
        elif kind == "binary" and sign(holder) == "<<" and holder.field("left") == node:
            yield from self._pushed(node, holder)
        elif kind == "call" and holder.field("receiver") == node:
            yield from self._changed(node, holder)
        elif kind == "element_reference" and holder.field("object") == node:
            yield from self._entered(node, holder)
        elif kind == "exception_variable":
            yield self._local(holder, lambda: self.lowering.opaque(node), node)
        else:
            yield from self.parameter(node)

    def _local(self, holder: SgNode, value: Callable[[], Value], node: SgNode, *, declares: bool = True) -> Binding:
        begin, end = extent_of(holder)
        scope, members_only = self._scope(node)
        return Binding(
            scope, self.condition(holder), begin, end, value, declares=declares, members_only=members_only,
            branches=self.branches(holder),
        )  # fmt: skip

    def _scope(self, node: SgNode) -> tuple[Extent, bool]:
        """Where a variable is seen: its method, or what of a class or file is in no method; instance variables: all."""
        for ancestor in node.ancestors():
            kind = ancestor.kind()
            if kind in METHODS and node.kind() != "instance_variable":
                return extent_of(ancestor), False
            if kind in CLASSES:
                return extent_of(ancestor), node.kind() != "instance_variable"
        return self.whole, node.kind() != "instance_variable"

    def _assigned(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`x = ..`, `x += ..`, `x ||= ..`."""
        read, begin, right = self.lowering, start(holder), holder.field("right")
        if right is None:
            return
        if holder.kind() == "assignment" or sign(holder) == "||=":
            yield self._local(holder, lambda: read.lower(right), node)
        elif sign(holder) == "+=":
            before = Name(node.text(), begin, read.path)
            call = Call(Member(before, "+", begin), (read.lower(right),), (), begin, begin, extent_of(holder)[1])
            yield self._local(holder, lambda: call, node)

    def _unpacked(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        whole = holder if holder.kind() == "left_assignment_list" else holder.parent()
        statement = whole.parent() if whole is not None else None
        if whole is None or statement is None or statement.kind() != "assignment":
            return
        right, index = statement.field("right"), next((i for i, one in enumerate(items(whole)) if one == node), None)

        def value() -> Value:
            known = self.lowering.lowered(right)
            if isinstance(known, Sequence) and index is not None and index < len(known.items):
                return known.items[index]
            return Member(known, str(index)) if index is not None else self.lowering.opaque(node)

        yield self._local(statement, value, node)

    def _method(self, holder: SgNode) -> Binding:
        """A method; one that takes nothing is what it gives, as a name alone calls it."""

        def value() -> Value:
            known = self.function(holder)
            return known if known.params else known.result

        owner = next((a for a in holder.ancestors() if a.kind() in CLASSES), None)
        scope = extent_of(owner) if owner is not None else self.whole
        return Binding(scope, scope, start(holder), start(holder), value, hoisted=True)

    def _pushed(self, node: SgNode, holder: SgNode) -> Iterator[Binding]:
        """`sql << "a" << "b"` and `rows << row` as what `x` is then."""
        outer, operands = holder, []
        while True:
            right, above = outer.field("right"), outer.parent()
            operands += [right] if right is not None else []
            if above is None or above.kind() != "binary" or sign(above) != "<<" or above.field("left") != outer:
                break
            outer = above
        if outer.parent() is not None and (outer.parent() or outer).kind() in {"assignment", "argument_list"}:
            return
        begin, end = extent_of(outer)
        value: Value = Name(node.text(), begin, self.lowering.path)
        for one in operands:
            value = Call(Member(value, "<<", begin), (self.lowering.lower(one),), (), begin, begin, end)
        yield self._local(outer, lambda: value, node, declares=False)

    def _changed(self, node: SgNode, call: SgNode) -> Iterator[Binding]:
        """`rows.push(row)`, `sql.concat("..")`, `row.merge!(a: 1)` as statements."""
        method, above = call.field("method"), call.parent()
        name = method.text() if method is not None else ""
        alone = above is not None and above.kind() in {
            "program", "body_statement", "block_body", "then", "else", "if_modifier", "unless_modifier", "do", "begin",
        }  # fmt: skip
        kinds = {"push": "<<", "append": "<<", "concat": "<<", "merge!": "merge", "update": "merge", "store": "[]="}
        if name not in kinds or not alone:
            return
        known = self.lowering.lower(call)
        if not isinstance(known, Call):
            return
        begin, end = extent_of(call)
        before = Name(node.text(), begin, self.lowering.path)
        changed = Call(Member(before, kinds[name], begin), known.args, known.keywords, begin, begin, end)
        yield self._local(call, lambda: changed, node, declares=False)

    def _entered(self, node: SgNode, reference: SgNode) -> Iterator[Binding]:
        """`row[:key] = value` as the row that it makes."""
        holder, key = reference.parent(), items(reference)[1:]
        if holder is None or holder.kind() != "assignment" or holder.field("left") != reference or len(key) != 1:
            return
        begin, end = extent_of(holder)
        before = Name(node.text(), begin, self.lowering.path)
        args = (self.lowering.lower(key[0]), self.lowering.lowered(holder.field("right")))
        made = Call(Member(before, "[]=", begin), args, (), begin, begin, end)
        yield self._local(holder, lambda: made, node, declares=False)

    def parameter(self, node: SgNode) -> Iterator[Binding]:
        """A parameter of the method around it; one of a block as what the block is given."""
        owner = next((a for a in node.ancestors() if a.kind() in self.grammar.functions), None)
        if owner is None or owner.kind() not in _BLOCKS:
            yield from super().parameter(node)
            return
        nodes = [self.parameter_name(one) for one in self.parameter_nodes(owner)]
        if node not in nodes:
            return
        extent, index = extent_of(owner), nodes.index(node)
        yield Binding(extent, extent, start(node), start(node), lambda: self._given(owner, index, node))

    def _given(self, block: SgNode, index: int, node: SgNode) -> Value:
        """What a block is given: of `rows.each { |row| .. }` one of the rows."""
        call = block.parent()
        receiver = call.field("receiver") if call is not None and call.kind() == "call" else None
        method = call.field("method") if call is not None and call.kind() == "call" else None
        if receiver is not None and method is not None and not index:
            alone = len(self.parameter_nodes(block)) == 1 or method.text() in _BESIDE  # `|a, b|` takes an item apart
            if alone and method.text() in _EACH - _MAPPING:
                return Member(self.lowering.lower(receiver), "*", start(node))
            if method.text() in _BATCHES:
                begin, end = extent_of(receiver)
                return Call(Member(self.lowering.lower(receiver), "slice", begin), (), (), begin, begin, end)
        found = next((one for one in self.params(block) if one.index == index), None)
        return found or self.lowering.opaque(node)

    def parameter_nodes(self, function: SgNode) -> list[SgNode]:
        """The parameters of a method, a block or a lambda."""
        listed = function.field("parameters")
        return items(listed) if listed is not None else []

    def params(self, function: SgNode) -> tuple[Param, ...]:
        """The parameters as a caller counts them; `**options` takes what is given by name and is meant by no other."""
        name, offset = self.function_name(function), start(function)
        found: list[Param] = []
        for index, node in enumerate(self.parameter_nodes(function)):
            named, kind, value = self.parameter_name(node), node.kind(), node.field("value")
            if named is None or kind == "block_parameter":
                continue
            default = self.lowering.lower(value) if value is not None else None
            place = BY_NAME if kind in {"keyword_parameter", "hash_splat_parameter"} else index
            rest = kind in {"splat_parameter", "hash_splat_parameter"}
            known = Param(name, named.text(), place, default, offset, self.lowering.path, None, rest)
            found.append(known)
        return tuple(found)

    def function(self, node: SgNode) -> Lambda:
        """A method or block as what it gives."""
        return self.lowering.function(node, self.function_name(node), self.params(node))

    def function_name(self, node: SgNode) -> str:
        """The name by which a method is called, "" for a block."""
        own = node.field("name") if node.kind() in METHODS else None
        return own.text() if own is not None else ""
