"""What is particular to the strings of a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import kinds
from .nodes import pairs
from .strings import Strings

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# A here-document for one of these is a program, whose strings are not SQL by themselves.
_PROGRAMS = kinds("python python2 python3 node nodejs deno bun tsx ruby perl php awk osascript Rscript go java jq")


class ShellStrings(Strings):
    """Here-documents, and words that are put together without an operator."""

    def joins(self, inner: SgNode, holder: SgNode) -> bool:
        """Whether `holder` makes a longer string out of `inner`."""
        del inner
        if holder.kind() == "concatenation":  # `--command="INSERT .."` is an option and its value
            return not holder.text().startswith("-")
        return holder.kind() in {"string", "heredoc_body"}

    def last_name(self, call: SgNode) -> str:
        """The command."""
        name = call.field("name")
        return name.text().rpartition("/")[2] if name is not None else ""

    def is_code(self, node: SgNode, *, joined: bool) -> bool:
        """Whether a string is used: no here-document that is a program of another language."""
        del joined
        return node.kind() != "heredoc_body" or not (self._commands(node) & _PROGRAMS)

    @staticmethod
    def _commands(node: SgNode) -> frozenset[str]:
        """The words of the commands that are given a here-document."""
        for holder in node.ancestors():
            if holder.kind() == "redirected_statement":
                body = holder.field("body")
                words = body.text().split() if body is not None else []
                return frozenset(word.rpartition("/")[2] for word in words)
        return frozenset()

    def is_compared(self, node: SgNode) -> bool:
        """Whether a string is looked for, or compared."""
        for _, holder in pairs(node):
            kind = holder.kind()
            if kind == "test_command":
                return True
            if kind == "command":
                return self.last_name(holder) in self.grammar.asserting
            if kind.endswith(self.grammar.statements):
                return False
        return False
