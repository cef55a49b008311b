"""Java files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..values import Lambda, Member
from .host import Host
from .hql import queried
from .java_grammar import JAVA
from .java_names import JavaNames
from .java_strings import JavaStrings
from .java_values import JavaLowering
from .nodes import extent_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..values import Value


class JavaModule(Host):
    """One parsed Java file."""

    grammar = JAVA
    lowers = JavaLowering
    names = JavaNames
    reads = JavaStrings
    own = frozenset({"this", "super"})

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there; an inherited constant, or one that is imported with all others of a type."""
        names = cast("JavaNames", self.naming)
        found = super().lookup(name, offset)
        if found is not None:
            return (self._overloaded(name, offset) or found) if isinstance(found, Lambda) else found
        if name in names.imports:
            return names.imports[name]
        owner = self.class_at(offset) if name.isupper() or name[:1].islower() else None
        if owner is not None and owner.bases:
            return Member(owner, name, offset)
        if name.isupper() and len(names.wide) == 1:
            return Member(names.wide[0], name, offset)
        return None

    def _overloaded(self, name: str, offset: int) -> Value | None:
        """All methods of that name of the innermost type around that has one."""
        kinds = self.grammar.classes
        around = [n for n in self.tree.find_all(*kinds) if extent_of(n)[0] <= offset < extent_of(n)[1]]
        found = (cast("JavaNames", self.naming).methods(name, extent_of(node)) for node in reversed(around))
        return next((one for one in found if one is not None), None)

    def text_of(self, node: SgNode) -> Value:
        """A string expression; one that is a query on entities is tagged so."""
        return queried(self.lowering.lower(node), self._holder(node), self.file.text)

    def _holder(self, node: SgNode) -> tuple[str, str]:
        """The name of the call or annotation that a string is an argument of, and its text."""
        holder = node.parent()
        if holder is not None and holder.kind() == "element_value_pair":
            holder = holder.parent()
        call = holder.parent() if holder is not None and holder.kind() in self.grammar.arguments else None
        name = call.field("name") if call is not None else None
        return (name.text(), call.text()) if name is not None and call is not None else ("", "")

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, `new T<..>(..)` too."""
        holder = name.parent()
        if holder is not None and holder.kind() in {"generic_type", "scoped_type_identifier"}:
            return super().call_of(holder)
        return super().call_of(name)
