"""One syntax tree, its identifiers and literals listed once: a search of the tree costs as much as that."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from ast_grep_py import SgRoot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ast_grep_py import SgNode


class Tree:
    """A parsed file; `names` and `literals` are the grammar's kinds of identifiers and string literals."""

    def __init__(self, text: str, grammar: str, names: Sequence[str], literals: Sequence[str]) -> None:
        self.root: SgNode = SgRoot(text, grammar).root()
        self._names = names
        self._literals = literals

    @cached_property
    def _by_name(self) -> dict[str, list[SgNode]]:
        found: dict[str, list[SgNode]] = {}
        for node in self.root.find_all(any=[{"kind": kind} for kind in self._names]):
            found.setdefault(node.text(), []).append(node)
        return found

    def named(self, name: str) -> list[SgNode]:
        """Every identifier of that name, in source order."""
        return self._by_name.get(name, [])

    @cached_property
    def _texts(self) -> list[tuple[str, SgNode]]:
        return [(n.text(), n) for n in self.root.find_all(any=[{"kind": kind} for kind in self._literals])]

    def literals(self, pattern: str) -> list[SgNode]:
        """Every string literal whose text, quotes included, matches the pattern, in source order."""
        matches = re.compile(pattern).search
        return [node for text, node in self._texts if matches(text)]

    def find_all(self, *kinds: str) -> list[SgNode]:
        """Every node of one of these kinds, in source order."""
        return self.root.find_all(any=[{"kind": kind} for kind in kinds])
