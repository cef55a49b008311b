"""What is particular to the strings of Scala."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import pairs, sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_TEXTS = frozenset({"stripMargin", "trim", "stripIndent"})
_LISTS = frozenset({"Seq", "List", "Vector", "Array", "IndexedSeq"})


class ScalaStrings(Strings):
    """Methods without brackets, interpolators, and values that other files see."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        kind = holder.kind()
        if kind == "field_expression":
            name = holder.field("field")
            return name is not None and name.text() in _TEXTS and holder.field("value") == inner
        if kind == "infix_expression":
            return sign(holder) in {"+", "++", "+="}
        if kind in {"instance_expression", "block"}:
            return False
        return super().joins(inner, holder)

    def climb(self, node: SgNode) -> tuple[SgNode, bool]:
        """The largest string expression that this one is a part of: through blocks only out of interpolations."""
        outer, joined = node, False
        for inner, holder in pairs(node):
            kind = holder.kind()
            if kind in self.grammar.transparent:
                outer = holder if outer == inner else outer
            elif self.joins(inner, holder):
                outer, joined = holder, True
            elif kind == "block":
                within = holder.parent()
                if within is None or within.kind() != "interpolation":
                    break
            elif kind == "interpolated_string":
                continue
            elif kind not in self.grammar.through and not self._is_list(holder):
                break
        return outer, joined

    def _is_list(self, call: SgNode) -> bool:
        """Whether it is `Seq(a, b)` of `Seq(a, b).mkString(c)`."""
        member = call.parent()
        if call.kind() != "call_expression" or self.last_name(call) not in _LISTS or member is None:
            return False
        name = member.field("field") if member.kind() == "field_expression" else None
        return name is not None and name.text() == "mkString"

    def last_name(self, call: SgNode) -> str:
        """`m` of `x.m(..)`, `f` of `f(..)` and `f[T](..)`."""
        callee = call.field("function")
        while callee is not None and callee.kind() == "generic_function":
            callee = callee.field("function")
        named = callee.field("field") if callee is not None and callee.kind() == "field_expression" else callee
        return named.text() if named is not None else ""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used."""
        del joined
        holder = node.parent()
        return holder is not None and holder.kind() not in {"template_body", "import_declaration"}

    def is_exported(self, name: SgNode) -> bool:
        """Whether other files see the value: one of a class or object that is not private."""
        around = [
            a for a in name.ancestors() if a.kind() in {"val_definition", "var_definition", *self.grammar.functions}
        ]
        if not around or any(one.kind() in self.grammar.functions for one in around):
            return False
        return "private" not in around[0].text().partition("=")[0].split()

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable that holds a string."""
        if seed.kind() == "infix_expression" and sign(seed) == "+=":
            left = seed.field("left")
            return left if left is not None and left.kind() == "identifier" else None
        holder = seed.parent()
        call = holder.parent() if holder is not None and holder.kind() == "arguments" else None
        if call is not None and call.kind() == "call_expression" and self.last_name(call) in _LISTS:
            seed, holder = call, call.parent()  # the list that it is an item of
        fields = self.grammar.declarations.get(holder.kind()) if holder is not None else None
        if holder is None or fields is None or holder.field(fields[1]) != seed:
            return None
        name = holder.field(fields[0])
        return name if name is not None and name.kind() == "identifier" else None
