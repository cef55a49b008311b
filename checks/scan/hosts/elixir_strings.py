"""What is particular to the strings of Elixir."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .elixir_grammar import is_piped, target_of
from .elixir_values import sign_of
from .grammar import kinds
from .nodes import sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_DOCUMENTING = frozenset({"doc", "moduledoc", "typedoc", "shortdoc"})
# What takes the strings of a list, and of the lists in it, for one text (Ecto.Adapters.SQL, Postgrex, IO).
_RUNS = kinds(
    "query query! query_many query_many! prepare prepare! prepare_execute prepare_execute! stream iodata_to_binary "
    "chardata_to_string"
)


def _list_around(node: SgNode) -> SgNode | None:
    """The list that a string or a list is an item of, also as what stands behind its bar."""
    holder = node.parent()
    if holder is not None and holder.kind() == "binary_operator" and sign(holder) == "|":
        holder = holder.parent()
    return holder if holder is not None and holder.kind() == "list" else None


def _runs(node: SgNode) -> bool:
    """Whether it is an argument of such a call, or piped into one."""
    holder = node.parent()
    if holder is not None and holder.kind() == "arguments":
        return _called(holder.parent()) in _RUNS
    piped = holder is not None and is_piped(holder) and holder.field("left") == node
    return piped and holder is not None and _called(holder.field("right")) in _RUNS


def _called(call: SgNode | None) -> str:
    """`f` of `f(..)` and `M.f(..)`."""
    target = call.field("target") if call is not None and call.kind() == "call" else None
    name = target.field("right") if target is not None and target.kind() == "dot" else target
    return name.text() if name is not None else ""


class ElixirStrings(Strings):
    """Attributes that document, and those that hold strings."""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string expression is used; no documentation is."""
        del joined
        call = self._attribute(node)
        return call is None or target_of(call) not in _DOCUMENTING

    def _attribute(self, node: SgNode) -> SgNode | None:
        """The call in `@name value` whose value this is."""
        arguments = node.parent()
        call = arguments.parent() if arguments is not None and arguments.kind() == "arguments" else None
        holder = call.parent() if call is not None and call.kind() == "call" else None
        is_attribute = holder is not None and holder.kind() == "unary_operator" and sign_of(holder) == "@"
        return call if is_attribute else None

    def climb(self, node: SgNode) -> tuple[SgNode, bool]:
        """The largest string expression that this one is a part of; lists of strings that are run as one text."""
        outer, joined = super().climb(node)
        found = outer
        while (holder := _list_around(found)) is not None:
            found = holder
        return (found, True) if found != outer and self._is_run(found) else (outer, joined)

    def _is_run(self, listed: SgNode) -> bool:
        """Whether a list is given to what runs it as one text, by itself or by the variable that holds it."""
        if _runs(listed):
            return True
        name = super().name_of(listed)
        return name is not None and any(use != name and _runs(use) for use in self.tree.named(name.text()))

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        return not (holder.kind() == "sigil" and inner == holder) and super().joins(inner, holder)

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable or the attribute that holds a string."""
        call = self._attribute(seed)
        return call.field("target") if call is not None else super().name_of(seed)

    def _assigned(self, holder: SgNode) -> tuple[str, str] | None:
        return ("left", "right") if holder.kind() == "binary_operator" and sign(holder) == "=" else None
