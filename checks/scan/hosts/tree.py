"""One syntax tree, its identifiers, literals and functions listed once: each search costs as much as that."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from ast_grep_py import SgRoot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ast_grep_py import SgNode


class _Listed(NamedTuple):
    by_name: dict[str, list[SgNode]]
    texts: list[tuple[str, SgNode]]
    functions: list[SgNode]


class Tree:
    """A parsed file; `names`, `literals` and `functions` are the kinds of node looked for in every file."""

    def __init__(
        self, text: str, grammar: str, *, names: Iterable[str], literals: Iterable[str], functions: Iterable[str]
    ) -> None:
        self.root: SgNode = SgRoot(text, grammar).root()
        self._names = frozenset(names)
        self._literals = frozenset(literals)
        self._functions = frozenset(functions)

    @cached_property
    def _listed(self) -> _Listed:
        """One walk for all of them: it is the walk that costs."""
        by_name: dict[str, list[SgNode]] = {}
        texts: list[tuple[str, SgNode]] = []
        functions: list[SgNode] = []
        for node in self.find_all(*self._names, *self._literals, *self._functions):
            kind = node.kind()
            if kind in self._names:
                by_name.setdefault(node.text(), []).append(node)
            elif kind in self._literals:
                texts.append((node.text(), node))
            else:
                functions.append(node)
        return _Listed(by_name, texts, functions)

    def named(self, name: str) -> list[SgNode]:
        """Every identifier of that name, in source order."""
        return self._listed.by_name.get(name, [])

    def literals(self, pattern: str) -> list[SgNode]:
        """Every string literal whose text, quotes included, matches the pattern, in source order."""
        matches = re.compile(pattern).search
        return [node for text, node in self._listed.texts if matches(text)]

    def functions(self) -> list[SgNode]:
        """Every function, in source order."""
        return self._listed.functions

    def find_all(self, *kinds: str) -> list[SgNode]:
        """Every node of one of these kinds, in source order."""
        return self.root.find_all(any=[{"kind": kind} for kind in kinds])
