"""What is particular to the strings of Elixir."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .elixir_grammar import target_of
from .elixir_values import sign_of
from .nodes import sign
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_DOCUMENTING = frozenset({"doc", "moduledoc", "typedoc", "shortdoc"})


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

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        return not (holder.kind() == "sigil" and inner == holder) and super().joins(inner, holder)

    def name_of(self, seed: SgNode) -> SgNode | None:
        """The variable or the attribute that holds a string."""
        call = self._attribute(seed)
        return call.field("target") if call is not None else super().name_of(seed)

    def _assigned(self, holder: SgNode) -> tuple[str, str] | None:
        return ("left", "right") if holder.kind() == "binary_operator" and sign(holder) == "=" else None
