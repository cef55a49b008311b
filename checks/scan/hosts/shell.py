"""Shell scripts as modules: commands, string expressions, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .host import Host
from .shell_grammar import SHELL
from .shell_names import ShellNames
from .shell_strings import ShellStrings
from .shell_values import ShellLowering

if TYPE_CHECKING:
    from ast_grep_py import SgNode


class ShellModule(Host):
    """One parsed script."""

    grammar = SHELL
    lowers = ShellLowering
    names = ShellNames
    reads = ShellStrings
    own = frozenset()

    def call_of(self, name: SgNode) -> SgNode | None:
        """The command of that name."""
        holder = name.parent()
        command = holder.parent() if holder is not None and holder.kind() == "command_name" else None
        return command if command is not None and command.kind() == "command" else None
