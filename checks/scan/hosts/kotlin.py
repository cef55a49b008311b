"""Kotlin files as modules: calls, string expressions, names and exports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from ..values import Lambda
from .host import Host
from .hql import queried
from .kotlin_grammar import KOTLIN
from .kotlin_names import KotlinNames
from .kotlin_nodes import callee_of
from .kotlin_strings import KotlinStrings
from .kotlin_values import KotlinLowering
from .nodes import items

if TYPE_CHECKING:
    from ast_grep_py import SgNode

    from ..model import SourceFile
    from ..values import Value

# The grammar wants a line end behind the last member of a type, also of one that stands in one line.
_ONE_LINE = re.compile(r"""(?m)^([^\n"'/]*\b(?:object|class|interface)\b[^\n{]*\{)[ \t](\S[^\n]*)[ \t](\}[ \t)]*)$""")
_AROUND = frozenset({"navigation_expression", "postfix_expression", "parenthesized_expression"})


class KotlinModule(Host):
    """One parsed Kotlin file."""

    grammar = KOTLIN
    lowers = KotlinLowering
    names = KotlinNames
    reads = KotlinStrings
    own = frozenset({"this", "super"})

    def __init__(self, file: SourceFile, text: str | None = None) -> None:
        """Blanks in the braces of a type in one line are read as line ends."""
        super().__init__(file, _ONE_LINE.sub(r"\1\n\2\n\3", file.text if text is None else text))

    def lookup(self, name: str, offset: int) -> Value | None:
        """What an identifier means there."""
        names = cast("KotlinNames", self.naming)
        found = super().lookup(name, offset)
        if isinstance(found, Lambda):
            return names.functions_named(name, offset) or found
        return found if found is not None else names.imports.get(name)

    def call_of(self, name: SgNode) -> SgNode | None:
        """The call that calls this name, also an annotation."""
        inner, holder = name, name.parent()
        if holder is not None and holder.kind() == "navigation_suffix":
            inner, holder = holder, holder.parent()
            if holder is None or items(holder)[-1] != inner:
                return None
            inner, holder = holder, holder.parent()
        elif holder is not None and holder.kind() == "user_type":
            inner, holder = holder, holder.parent()
        while holder is not None and holder.kind() in _AROUND - {"navigation_expression"}:
            inner, holder = holder, holder.parent()
        is_call = holder is not None and holder.kind() in self.grammar.calls
        return holder if is_call and holder is not None and callee_of(holder) == inner else None

    def text_of(self, node: SgNode) -> Value:
        """A string expression; an annotation of MyBatis as the statement that its strings make."""
        lowering = cast("KotlinLowering", self.lowering)
        return queried(lowering.annotation_text(node) or lowering.lower(node), self._holder(node), self.file.text)

    def _holder(self, node: SgNode) -> tuple[str, str]:
        """The name of the call or annotation that a string is an argument of, and its text."""
        outer = node.parent()
        if outer is None or outer.kind() != "value_argument":
            return "", ""
        call = next((a for a in outer.ancestors() if a.kind() in self.grammar.calls), None)
        return (self._strings.last_name(call), call.text()) if call is not None else ("", "")
