"""Scala files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..values import Member
from .host import Host
from .scala_grammar import SCALA
from .scala_names import ScalaNames
from .scala_strings import ScalaStrings
from .scala_values import ScalaLowering

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value


class ScalaModule(Host):
    """One parsed Scala file."""

    grammar = SCALA
    lowers = ScalaLowering
    names = ScalaNames
    reads = ScalaStrings
    own = frozenset({"this", "super"})

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; what no file binds may be inherited."""
        names = cast("ScalaNames", self.naming)
        found = super().lookup(name, offset) or names.imports.get(name)
        if found is not None or not name[:1].islower():
            return found
        owner = self.class_at(offset)
        return Member(owner, name, offset) if owner is not None and owner.bases else None

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, `new T(..)` too."""
        holder = name.parent()
        if holder is not None and holder.kind() == "instance_expression":
            return holder
        return super().call_of(name)
