"""Facts to write sites: names resolved across files, wrappers followed to their calls."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..model import Mechanism, Status
from .callers import callers_of, is_doubtful
from .clients.raw_sql import FRAGMENT
from .dialects import Dialects
from .model import NoSite, Skipped, Step
from .resolve import Resolver
from .sequences import caught, raced
from .sites import identified, lines_of, site_of, status_of
from .standing import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..model import WriteSite
    from .databases import Databases
    from .model import Client, Draft, SiteFact
    from .parameters import ParamKey
    from .project import Project
    from .sites import Lines
    from .values import Call, Param, Value

MOST_LEVELS = 2  # wrappers of wrappers
MOST_CALLS = 200  # of one wrapper


@dataclass(slots=True)
class _Calls:
    """The calls of a wrapper; `lost`: one of them is no site of its own, or there may be calls that were not seen."""

    sites: list[tuple[str, Draft]]
    number: int = 0
    lost: bool = False

    def add(self, more: _Calls) -> None:
        """The calls of a wrapper around this one."""
        self.sites += more.sites
        self.number += more.number
        self.lost = self.lost or more.lost or not more.number


@dataclass(slots=True)
class Linker:
    """Finishes the facts of one run."""

    project: Project
    clients: Mapping[str, Client]
    databases: Databases
    skipped: list[Skipped] = field(default_factory=list)
    unsure: list[Skipped] = field(default_factory=list)  # calls that may be of a wrapper, of those skipped
    # Path, first and past the last character, and the reason: what facts became sites or steps, and what did not.
    extents: list[tuple[str, int, int, str]] = field(default_factory=list)
    refusals: list[tuple[str, int, int, str]] = field(default_factory=list)
    elsewhere: dict[str, str] = field(default_factory=dict)  # files with writes for another database, and why they are
    _lines: dict[str, Lines] = field(default_factory=dict)
    _steps: dict[str, list[Step]] = field(default_factory=dict)
    _dialects: Dialects = field(init=False)

    def __post_init__(self) -> None:
        """The evidence is that of the project."""
        self._dialects = Dialects(self.project)

    def link(self, facts: Iterable[tuple[str, SiteFact]]) -> tuple[WriteSite, ...]:
        """All write sites of these facts, each with the path of its file."""
        found: list[tuple[str, Draft, str]] = []
        places: dict[str, list[int]] = {}
        for path, fact in facts:
            places.setdefault(path, []).append(fact.offset)
            try:
                drafts = [*self._sites(path, fact)]
                found += [(at, self._for_dialect(draft, at, path, fact), fact.client) for at, draft in drafts]
                self.extents += [(path, fact.offset, fact.offset + 1, fact.client)] if drafts else []
            except Exception as error:  # noqa: BLE001 - one client's bug must not hide every other site
                reason = f"{fact.client}: {type(error).__name__} while reading a write: {error}"
                self.project.fail(path, reason)
        self._skip_unsure(places)
        found = raced(
            caught(found, self.project), {path: tuple(own) for path, own in self._steps.items()}, self.project
        )
        for path, draft, client in found:
            if draft.not_postgres is not None:
                self.elsewhere.setdefault(path, draft.not_postgres)
            begin, offset = draft.begin or (path, draft.offset)
            self.extents += [(path, *_extent(draft), client), (begin or path, offset, offset + 1, client)]
        kept = _without_used_fragments(_once_each(found))
        standing = Standing(self.project)
        sites = (self._site(path, draft, client, standing) for path, draft, client in kept)
        return identified(site for site in sites if site is not None)

    def _sites(self, path: str, fact: SiteFact) -> Iterator[tuple[str, Draft]]:
        resolver = Resolver(self.project, path)
        drafts = self.clients[fact.client].finish(fact, resolver)
        if isinstance(drafts, NoSite):
            self._skip(path, fact.offset, drafts.reason)
            self.refusals.append((path, *_extent(fact), drafts.reason))
            if drafts.follow and resolver.left:
                yield from self._called(fact, resolver.left, {}, path, {Status.UNRESOLVED}, 1).sites
            return
        if isinstance(drafts, Step):
            self._steps.setdefault(path, []).append(drafts)
            self.refusals.append((path, *_extent(fact), "looks up or changes rows by a key, but no INSERT follows"))
            return
        calls = _Calls([])
        if resolver.left and any(status_of(draft) in {Status.UNRESOLVED, Status.PARTIAL} for draft in drafts):
            calls = self._called(fact, resolver.left, {}, path, {status_of(draft) for draft in drafts}, 1)
        for draft in drafts:
            followed = calls.number if status_of(draft) is Status.UNRESOLVED and not calls.lost else 0
            yield draft.path or path, replace(draft, followed=followed)
        yield from calls.sites

    def _called(
        self,
        fact: SiteFact,
        left: Mapping[ParamKey, Param],
        given: Mapping[ParamKey, Value],
        path: str,
        before: set[Status],
        level: int,
    ) -> _Calls:
        """The sites that the calls of a wrapper are: the same fact, with the call's arguments put in."""
        wrapper = self._wrapper(left, path, fact.offset)
        found = _Calls([])
        if wrapper is None:
            return found
        for caller, call, arguments, outer in callers_of(self.project, wrapper, left.values(), MOST_CALLS):
            resolver = Resolver(self.project, path, given=_substituted(self.project, path, given, arguments))
            drafts = self.clients[fact.client].finish(fact, resolver)
            if isinstance(drafts, NoSite | Step):
                found.lost = True
                if isinstance(drafts, NoSite) and drafts.follow and outer and level < MOST_LEVELS:
                    found.add(self._called(fact, outer, resolver.given, path, before, level + 1))
                continue
            found.sites += [(caller, _at(call, draft)) for draft in drafts if _is_better(draft, before)]
            still = any(status_of(draft) is Status.UNRESOLVED for draft in drafts)
            if still and outer and level < MOST_LEVELS:
                found.add(self._called(fact, outer, resolver.given, path, before, level + 1))
            else:
                found.number += 1
                found.lost = found.lost or still
        found.lost = found.lost or is_doubtful(self.project, wrapper)
        return found

    def _for_dialect(self, draft: Draft, path: str, origin: str, fact: SiteFact) -> Draft:
        """The draft of a fact of file `origin`, with why it is not for PostgreSQL if so: settings before evidence."""
        database = self.databases.of(path)
        if database is not None and database.dialect != "postgres":
            told = f'the settings say that database "{database.name}" is {database.dialect}'
            return replace(draft, not_postgres=draft.not_postgres or told)
        if draft.not_postgres is not None or database is not None or self.clients[fact.client].own_dialect:
            return draft
        file = self.project.file(path)
        text = file.text[draft.statement : draft.end] if file is not None else ""
        conflict = draft.mechanism is Mechanism.ON_CONFLICT
        other = self._dialects.other(origin, fact.offset, text, conflict=conflict)
        if other is None and path != origin:
            other = self._dialects.other(path, draft.offset, text, conflict=conflict)
        return replace(draft, not_postgres=other)

    def _wrapper(self, left: Mapping[ParamKey, Param], path: str, offset: int) -> Param | None:
        """A parameter of the function whose calls say more: rather of one that the fact stands in than of one it calls.

        Functions without a name have no calls.
        """
        named = [param for param in left.values() if param.function]
        around = [param for param in named if self._holds(param, path, offset)]
        return next(iter(around or named), None)

    def _holds(self, param: Param, path: str, offset: int) -> bool:
        """Whether the function of a parameter holds that place."""
        module = self.project.module(path) if param.path == path else None
        function = module.function_at(param.offset) if module is not None else None
        return function is not None and function.offset <= offset < function.end

    def _site(self, path: str, draft: Draft, client: str, standing: Standing) -> WriteSite | None:
        file = self.project.file(path)
        if file is None:
            return None
        if path not in self._lines:
            self._lines[path] = lines_of(file.text)
        database = self.databases.of(path)
        site = site_of(draft, file, self._lines[path], client)
        named = replace(site, database=database.name) if database is not None else site
        return standing.judged(named, path, draft.statement)

    def _skip_unsure(self, places: Mapping[str, list[int]]) -> None:
        """Name the calls that may be of a wrapper, but for those that hold a fact of their own."""
        for (path, offset), (function, end) in self.project.unsure.items():
            if not any(offset <= place < end for place in places.get(path, ())):
                self._skip(path, offset, f'may be a call of "{function}", which writes; its receiver is not known')
                self.unsure += self.skipped[-1:]

    def _skip(self, path: str, offset: int, reason: str) -> None:
        file = self.project.file(path)
        if file is not None:
            self._lines.setdefault(path, lines_of(file.text))
            self.skipped.append(Skipped(path, self._lines[path].at(offset)[0], reason))


def _extent(found: SiteFact | Draft) -> tuple[int, int]:
    return min(found.statement, found.offset), max(found.end, found.offset + 1)


def _substituted(
    project: Project, path: str, given: Mapping[ParamKey, Value], arguments: Mapping[ParamKey, Value]
) -> dict[ParamKey, Value]:
    resolver = Resolver(project, path, given=arguments)
    return {**{key: resolver(value) for key, value in given.items()}, **arguments}


def _at(call: Call, draft: Draft) -> Draft:
    return replace(draft, offset=call.name_offset, statement=call.offset, end=call.end, path=None)


def _is_better(draft: Draft, before: set[Status]) -> bool:
    """Whether a call says more than the wrapper itself: else the wrapper's own site already stands for it."""
    status = status_of(draft)
    return status in {Status.RESOLVED, Status.PARTIAL} and (Status.UNRESOLVED in before or status is Status.RESOLVED)


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


def _rank(draft: Draft) -> tuple[bool, bool, int]:
    return status_of(draft) is Status.RESOLVED, draft.write.columns is not None, draft.offset


def _without_used_fragments(found: list[tuple[str, Draft, str]]) -> list[tuple[str, Draft, str]]:
    """A constant that is a part of statements is no site of its own where one of them was read."""
    clauses = {(path, draft.offset) for path, draft, _ in found if draft.reason != FRAGMENT}
    begins = {draft.begin for _, draft, _ in found if not draft.part}
    return [
        (path, draft, client)
        for path, draft, client in found
        if not (draft.reason == FRAGMENT and (path, draft.offset) in clauses)
        and not (draft.part and draft.begin is not None and draft.begin in begins)
    ]
