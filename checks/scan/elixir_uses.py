"""Aliases that modules of Elixir get from `use`: those that the module used quotes, or one of its functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .fold import called
from .values import Call, Import, Lambda, Member, Name, Sequence, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .project import Project
    from .values import Value

_DEEPEST = 8  # `use` in what a `use` quotes
_COMMENT = re.compile(r"#[^\n]*")
_NAME = re.compile(r"[A-Z][\w.]*")


class ElixirUses:
    """What names of modules mean in one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, dict[str, str]] = {}

    def imported(self, value: Import, importer: str) -> Value | None:
        """A module by its whole name, or by an alias that a `use` of the importing file gives it."""
        if value.name is not None:
            return None
        first, dot, rest = value.module.partition(".")
        full = self._aliases(importer).get(first, first)
        return self._project.declared(f"{full}{dot}{rest}", importer)

    def _aliases(self, path: str) -> dict[str, str]:
        """Each alias that all modules of a file that have it by `use` have alike, and its whole name."""
        if path not in self._known:
            self._known[path] = {}  # what a name means on the way is asked for without them
            module = self._project.module(path) if b"use " in self._project.data(path) else None
            uses = module.calls(frozenset({"use"})) if module is not None else ()
            own = [use for use in uses if module is None or module.function_at(use.offset) is None]
            found: dict[str, set[str]] = {}
            for short, full in (pair for use in own for pair in self._used(use, 0)):
                found.setdefault(short, set()).add(full)
            self._known[path] = {short: full.pop() for short, full in found.items() if len(full) == 1}
        return self._known[path]

    def _used(self, use: Call, depth: int) -> Iterator[tuple[str, str]]:
        """The aliases of `use Module`, or of `use Module, :function`."""
        owner = use.args[0] if use.args else None
        if not isinstance(owner, Name) or depth > _DEEPEST:
            return
        whole = self._whole(owner)
        chosen = use.args[1] if use.args[1:] else None
        for name in ("__using__", *((chosen.text,) if isinstance(chosen, Text) else ())):
            for one in self._quoted(f"{whole}.{name}", owner.path or ""):
                word = one.callee.name if isinstance(one.callee, Name) else ""
                if word == "use":
                    yield from self._used(one, depth + 1)
                elif word == "alias":
                    yield from self._aliased(one)

    def _quoted(self, function: str, importer: str) -> Iterator[Call]:
        """The statements of what a function of the project quotes."""
        owner, _, name = function.rpartition(".")
        declaring = self._project.declared(owner, importer)
        path = getattr(declaring, "path", None) or importer
        module = self._project.module(path)
        found = module.exported(f"{owner}.{name}") if module is not None else None
        made = found.result if isinstance(found, Lambda) else None
        block = dict(made.keywords).get("do") if isinstance(made, Call) and called(made) == "quote" else None
        items = block.items if isinstance(block, Sequence) else (block,)
        return (one for one in items if isinstance(one, Call))

    def _aliased(self, alias: Call) -> Iterator[tuple[str, str]]:
        given = alias.args[0] if alias.args else None
        renamed = dict(alias.keywords).get("as")
        if isinstance(given, Member) and isinstance(given.object, Name) and given.name.startswith("{"):
            for inner in _NAME.findall(_COMMENT.sub("", given.name)):
                yield inner.rpartition(".")[2], f"{self._whole(given.object)}.{inner}"
        elif isinstance(given, Name):
            full = self._whole(given)
            yield (renamed.name if isinstance(renamed, Name) else full.rpartition(".")[2]), full

    def _whole(self, name: Name) -> str:
        """The name of a module as it is meant where it stands."""
        module = self._project.module(name.path or "")
        found = module.lookup(name.name, name.offset) if module is not None else None
        return found.module if isinstance(found, Import) else getattr(found, "name", name.name)
