"""Drafts to write sites: those of all files put together, races told, and each place reported once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..model import Span, Status
from .clients.raw_sql import FRAGMENT, is_unfinished
from .link import extent_of
from .meetings import met
from .model import Fallback, Skipped
from .sequences import caught, raced
from .sites import identified, lines_of, scope_of, site_of, status_of
from .standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import WriteSite
    from .databases import Databases
    from .link import Linked
    from .model import Answer, Draft, SourceFile
    from .project import Project
    from .sites import Lines


@dataclass(slots=True)
class Gathered:
    """What all facts of a run are; complete once `sites` was called."""

    project: Project
    databases: Databases
    linked: Linked
    unsure: list[Skipped] = field(default_factory=list)  # calls that may be of a wrapper, of those skipped
    elsewhere: dict[str, str] = field(default_factory=dict)  # files with writes for another database, and why they are
    _lines: dict[str, Lines] = field(default_factory=dict)

    def sites(self) -> tuple[WriteSite, ...]:
        """All write sites."""
        self._skip_unsure()
        steps = {path: tuple(own) for path, own in self.linked.steps.items()}
        found = met(raced(caught(self.linked.found, self.project), steps, self.project), steps, self.project)
        for path, draft, client in found:
            if draft.not_postgres is not None:
                self.elsewhere.setdefault(path, draft.not_postgres)
            begin, offset = draft.begin or (path, draft.offset)
            places = [(path, *extent_of(draft), client), (begin or path, offset, offset + 1, client)]
            self.linked.extents += places
        return identified(self._sites(_without_used_fragments(_once_each(found))), self.project.tree.address)

    def _sites(self, kept: list[tuple[str, Draft, str]]) -> Iterator[WriteSite]:
        standing = Standing(self.project)
        for path, draft, client in kept:
            lines, file = self._lines_of(path), self.project.file(path)
            if lines is None or file is None:
                continue
            site, database = site_of(draft, self._placed(file), lines, client), self.databases.of(path)
            span = replace(site.span, path=path)
            named = replace(site, span=span, database=database.name if database is not None else None)
            yield standing.judged(named, path, draft.statement)

    def fallbacks(self) -> tuple[Fallback, ...]:
        """The places that answer a missing arbiter by writing another way; in order, once the sites are known."""
        places = {
            path: [draft.offset for at, draft, _ in self.linked.found if at == path] for path in self.linked.answers
        }
        found = [
            self._fallback(path, one)
            for path, answers in self.linked.answers.items()
            for one in answers
            if one.writes or any(one.begin <= place < one.end for place in places[path])
        ]
        return tuple(sorted((one for one in found if one is not None), key=_placed_at))

    def _fallback(self, path: str, answer: Answer) -> Fallback | None:
        lines, file = self._lines_of(path), self.project.file(path)
        if lines is None or file is None:
            return None
        line, column = lines.at(answer.offset)
        span = Span(path, line, column, lines.at(max(answer.end - 1, answer.offset))[0])
        return Fallback(span, scope_of(self._placed(file), answer.offset))

    def _placed(self, file: SourceFile) -> SourceFile:
        """By its path below what was asked for: `check tests/shop` asks for an application that lies in tests."""
        tree = self.project.tree
        return file if tree.files_only else replace(file, path=tree.shown(file.path))

    def _skip_unsure(self) -> None:
        """Name the calls that may be of a wrapper, but for those that hold a fact of their own."""
        for (path, offset), (function, end) in self.linked.unsure.items():
            lines = self._lines_of(path)
            if lines is not None and not any(offset <= place < end for place in self.linked.places.get(path, ())):
                told = f'may be a call of "{function}", which writes; its receiver is not known'
                self.unsure.append(Skipped(path, lines.at(offset)[0], told))
        self.linked.skipped += self.unsure

    def _lines_of(self, path: str) -> Lines | None:
        if path not in self._lines:
            file = self.project.file(path)
            if file is None:
                return None
            self._lines[path] = lines_of(file.text)
        return self._lines[path]


def _placed_at(fallback: Fallback) -> tuple[str, int, int]:
    return fallback.span.path or "", fallback.span.line, fallback.span.column


def _once_each(found: list[tuple[str, Draft, str]]) -> list[tuple[str, Draft, str]]:
    """A call that several clauses of its function, or itself, say to write the same, by what is most known of it."""
    best: dict[tuple[object, ...], Draft] = {}
    keys = [
        (path, client, one.statement, one.end, one.mechanism, one.write.table, one.write.target, one.write.action)
        for path, one, client in found
    ]
    for key, (_, draft, _) in zip(keys, found, strict=True):
        known = best.setdefault(key, draft)
        if _rank(draft) > _rank(known):
            best[key] = draft
    return [
        (path, draft, client)
        for key, (path, draft, client) in zip(keys, found, strict=True)
        if draft is best[key] or (_rank(draft)[0] and draft.write != best[key].write) or draft.end <= draft.statement
    ]


def _rank(draft: Draft) -> tuple[bool, bool, bool, int]:
    return status_of(draft) is Status.RESOLVED, draft.write.columns is not None, not draft.part, draft.offset


def _without_used_fragments(found: list[tuple[str, Draft, str]]) -> list[tuple[str, Draft, str]]:
    """A constant or a beginning that is a part of statements is no site of its own where one of them was read."""
    clauses = {(path, draft.offset) for path, draft, _ in found if draft.reason != FRAGMENT}
    begins = {draft.begin for _, draft, _ in found if not draft.part}
    finished = {(path, draft.statement) for path, draft, _ in found if not is_unfinished(draft)}
    return [
        (path, draft, client)
        for path, draft, client in found
        if not (draft.reason == FRAGMENT and (path, draft.offset) in clauses)
        and not (draft.part and draft.begin is not None and draft.begin in begins)
        and not (is_unfinished(draft) and (path, draft.statement) in finished)
    ]
