"""Whether a write in a file of migrations is live: inside the last definition of its function, or history."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Scope
from .definitions import definitions_of, source_of
from .languages import language_of
from .sites import is_migration, lines_of

if TYPE_CHECKING:
    from ..model import WriteSite
    from .definitions import Definition
    from .project import Project
    from .sites import Lines


class Standing:
    """The functions of all schema sources of a project, each source read when it is first asked for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sources: dict[str, dict[str, tuple[Definition, ...]]] = {}
        self._lines: dict[str, Lines] = {}

    def judged(self, site: WriteSite, path: str, offset: int) -> WriteSite:
        """The site, its statement at that offset, of scope "app" in a live function; else with what ended it."""
        language = language_of(path)
        if site.scope is not Scope.MIGRATION or language is None or language.name != "sql":
            return site
        source = source_of(path)
        if source not in self._sources:
            self._sources[source] = definitions_of(source, self._texts(source))
        own = next((one for one in self._sources[source].get(path, ()) if one.start <= offset < one.end), None)
        if own is None:
            return site
        if own.ended is not None:
            return replace(site, reason=self._told(own, *own.ended))
        write = replace(site.write, search_path=own.search_path) if own.configured else site.write
        return replace(site, scope=Scope.APP, write=write)

    def _told(self, own: Definition, path: str, offset: int) -> str:
        if path not in self._lines:
            file = self._project.file(path)
            self._lines[path] = lines_of(file.text if file is not None else "")
        return f"{'dropped' if own.dropped else 'superseded'} by {path}:{self._lines[path].at(offset)[0]}"

    def _texts(self, source: str) -> dict[str, str]:
        texts = {}
        for path in self._project.tree.paths:
            language = language_of(path)
            if language is not None and language.name == "sql" and is_migration(path) and source_of(path) == source:
                file = self._project.file(path)
                if file is not None:
                    texts[path] = file.text
        return texts
