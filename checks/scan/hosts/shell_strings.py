"""What is particular to the strings of a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import kinds
from .nodes import pairs
from .strings import Strings
from .told import PRINTED

if TYPE_CHECKING:
    from ast_grep_py import SgNode

# A here-document for one of these is a program, whose strings are not SQL by themselves.
_PROGRAMS = kinds("python python2 python3 node nodejs deno bun tsx ruby perl php awk osascript Rscript go java jq")

_PRINTS = frozenset({"echo", "printf"})
# What takes what a command prints: another command, a file, a variable, the callers of a function.
_PASSES = kinds("pipeline command_substitution process_substitution redirected_statement function_definition")


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

    def told(self, node: SgNode) -> str | None:
        """Whether a string is only printed: no command, file or caller gets what is printed."""
        holders = list(node.ancestors())
        command = next((one for one in holders if one.kind() == "command"), None)
        if command is None or self.last_name(command) not in _PRINTS:
            return None
        if any(one.kind() in _PASSES and not self._to_people(one) for one in holders):
            return None
        return PRINTED

    @staticmethod
    def _to_people(node: SgNode) -> bool:
        """Whether a redirection is one to the stream of errors."""
        files = [one.text().replace(" ", "") for one in node.children() if one.kind() == "file_redirect"]
        return node.kind() == "redirected_statement" and bool(files) and set(files) <= {">&2", "1>&2", ">/dev/stderr"}
