"""The temporary tables that the statements of one file make."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..sql.temporary import is_temporary, temporary_tables
from .flatten import variants
from .resolve import Resolver

if TYPE_CHECKING:
    from .model import Draft
    from .project import Project

_PATTERN = r"(?i)\btemp(?:orary)?\b|\bpg_temp\b"


@dataclass(slots=True)
class Temporaries:
    """Asked by the paths of files; a file is looked into once."""

    project: Project
    _known: dict[str, frozenset[str]] = field(default_factory=dict)

    def marked(self, draft: Draft, *paths: str) -> Draft:
        """The draft, marked when it writes to a temporary table that one of these files makes.

        Which of them runs first nobody can tell, nor whether it does: a table of that name may be either.
        """
        names = frozenset[str]().union(*(self._names(path) for path in dict.fromkeys(paths)))
        if draft.write.temporary or not is_temporary(draft.write, names):
            return draft
        return replace(draft, write=replace(draft.write, temporary=True))

    def _names(self, path: str) -> frozenset[str]:
        if path not in self._known:
            self._known[path] = self._read(path) if b"temp" in self.project.data(path).lower() else frozenset()
        return self._known[path]

    def _read(self, path: str) -> frozenset[str]:
        module = self.project.module(path)
        if module is None:
            return frozenset()
        resolver = Resolver(self.project, path)
        texts = (flat.text for value in module.strings(_PATTERN) for flat in variants(resolver(value)))
        return frozenset[str]().union(*map(temporary_tables, texts))
