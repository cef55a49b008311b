"""Facts to drafts of write sites: names resolved across files, wrappers followed to their calls."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..model import Mechanism, Status
from .callers import callers_of, is_doubtful
from .clients import client
from .dialects import Dialects
from .forks import forked, rest_of, ungrown, ways_to
from .model import Answer, NoSite, Skipped, Step
from .resolve import Resolver
from .sites import has_its_table, lines_of, status_of
from .temporary import Temporaries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .databases import Databases
    from .model import Draft, SiteFact
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


@dataclass(frozen=True, slots=True)
class _Alone:
    """What a fact is without its calls. `settled`: calls elsewhere are sites of their own, and say nothing of it."""

    statuses: frozenset[Status]
    settled: bool

    @classmethod
    def of(cls, drafts: Iterable[Draft]) -> _Alone:
        """By what it writes. A part of a statement is none where another file completes it."""
        settled = all(has_its_table(draft) and not draft.part for draft in drafts)
        return cls(frozenset(map(status_of, drafts)), settled)


@dataclass(slots=True)
class Linked:
    """What the facts of some files are, before those of all files are put together."""

    found: list[tuple[str, Draft, str]] = field(default_factory=list)  # path, and the client
    steps: dict[str, list[Step]] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    # Path, first and past the last character, and the reason: what facts became sites or steps, and what did not.
    extents: list[tuple[str, int, int, str]] = field(default_factory=list)
    refusals: list[tuple[str, int, int, str]] = field(default_factory=list)
    places: dict[str, list[int]] = field(default_factory=dict)  # of the facts
    # Calls by path and offset that may be of the function named, and their ends.
    unsure: dict[tuple[str, int], tuple[str, int]] = field(default_factory=dict)

    def add(self, more: Linked) -> None:
        """What the facts of the files after these are."""
        self.found += more.found
        self.skipped += more.skipped
        self.extents += more.extents
        self.refusals += more.refusals
        for path, steps in more.steps.items():
            self.steps.setdefault(path, []).extend(steps)
        for path, answers in more.answers.items():
            self.answers.setdefault(path, []).extend(answers)
        for path, places in more.places.items():
            self.places.setdefault(path, []).extend(places)
        self.unsure |= more.unsure


@dataclass(slots=True)
class Linker:
    """Finishes the facts of some files."""

    project: Project
    databases: Databases
    _linked: Linked = field(default_factory=Linked)
    _lines: dict[str, Lines] = field(default_factory=dict)
    _alike: set[tuple[str, Draft]] = field(default_factory=set)
    _dialects: Dialects = field(init=False)
    _temporaries: Temporaries = field(init=False)

    def __post_init__(self) -> None:
        """The evidence is that of the project."""
        self._dialects = Dialects(self.project)
        self._temporaries = Temporaries(self.project)

    def link(self, facts: Iterable[tuple[str, SiteFact]]) -> Linked:
        """What these facts are, each with the path of its file."""
        self._linked = linked = Linked()
        for path, fact in facts:
            linked.places.setdefault(path, []).append(fact.offset)
            try:
                drafts = [*self._sites(path, fact)]
                linked.found += [(at, self._for_dialect(draft, at, path, fact), fact.client) for at, draft in drafts]
                linked.extents += [(path, fact.offset, fact.offset + 1, fact.client)] if drafts else []
            except Exception as error:  # noqa: BLE001 - one client's bug must not hide every other site
                reason = f"{fact.client}: {type(error).__name__} while reading a write: {error}"
                self.project.fail(path, reason, unforeseen=True)
        linked.unsure |= self.project.unsure
        return linked

    def _sites(self, path: str, fact: SiteFact) -> Iterator[tuple[str, Draft]]:
        resolver = Resolver(self.project, path)
        drafts = client(fact.client).finish(fact, resolver)
        if isinstance(drafts, NoSite):
            self._skip(path, fact.offset, drafts.reason)
            self._linked.refusals.append((path, *extent_of(fact), drafts.reason))
            if drafts.follow and resolver.left:
                alone = _Alone(frozenset({Status.UNRESOLVED}), settled=False)
                calls = self._called(fact, resolver.left, {}, path, alone, ((path, fact.offset),))
                yield from self._distinct(calls.sites)
            return
        if isinstance(drafts, Step):
            self._linked.steps.setdefault(path, []).append(drafts)
            self._linked.refusals.append(
                (path, *extent_of(fact), "looks up or changes rows by a key, but no INSERT follows")
            )
            return
        if isinstance(drafts, Answer):
            self._linked.answers.setdefault(path, []).append(drafts)
            self._linked.refusals.append((path, fact.offset, fact.end, "answers the error of a missing arbiter"))
            return
        calls = _Calls([])
        alone = _Alone.of(drafts)
        if resolver.left and alone.statuses & {Status.UNRESOLVED, Status.PARTIAL}:
            calls = self._called(fact, resolver.left, {}, path, alone, ((path, fact.offset),))
        for draft in forked(drafts, path):
            followed = calls.number if not has_its_table(draft) and not calls.lost else 0
            yield draft.path or path, replace(draft, followed=followed)
        yield from self._distinct(calls.sites)

    def _elsewhere(
        self, fact: SiteFact, whole: tuple[Draft, ...] | NoSite | Step | Answer, resolver: Resolver
    ) -> tuple[Draft, ...]:
        """The sites of a call that goes past the branch in which a fact stands."""
        before = ungrown(fact)
        known = client(fact.client).finish(before, resolver) if before is not None else ()
        return rest_of(known, whole) if isinstance(known, tuple) and isinstance(whole, tuple) else ()

    def _distinct(self, calls: Iterable[tuple[str, Draft]]) -> Iterator[tuple[str, Draft]]:
        """The sites of calls, without those that another statement of the same wrapper is alike, but for its values."""
        for path, draft in calls:
            alike = path, replace(draft, sql=None, begin=None, ways=(), write=replace(draft.write, rows=None))
            if alike not in self._alike:
                self._alike.add(alike)
                yield path, draft

    def _called(
        self,
        fact: SiteFact,
        left: Mapping[ParamKey, Param],
        given: Mapping[ParamKey, Value],
        path: str,
        alone: _Alone,
        inside: tuple[tuple[str, int], ...],
    ) -> _Calls:
        """The sites that the calls of a wrapper are: the same fact, with the call's arguments put in.

        `inside`: the place of the fact, then those of the calls that reach it.
        """
        wrapper = self._wrapper(left, path, fact.offset)
        found = _Calls([])
        if wrapper is None:
            return found
        level, tree = len(inside), self.project.tree  # wrappers around wrappers
        calls = callers_of(self.project, wrapper, left.values(), MOST_CALLS, asked=alone.settled)
        for caller, call, arguments, outer in calls:
            told = tree.is_asked(caller) or tree.is_asked(inside[0][0])
            if not (told or outer or "sql" in fact.values):  # of a string a part may stand in a file that is told about
                continue
            resolver = Resolver(self.project, path, given=_substituted(self.project, path, given, arguments))
            ways = ways_to(inside, resolver, caller, call.offset)
            drafts = client(fact.client).finish(fact, resolver)
            if ways is None:  # what the call gives takes another branch
                drafts = self._elsewhere(fact, drafts, resolver)
            if not drafts:
                found.number += 1
                continue
            if isinstance(drafts, NoSite | Step | Answer):
                found.lost = True
                if isinstance(drafts, NoSite) and drafts.follow and outer and level < MOST_LEVELS:
                    found.add(self._called(fact, outer, resolver.given, path, alone, (*inside, (caller, call.offset))))
                continue
            drafts = tuple(replace(one, ways=(*one.ways, *(ways or ()))) for one in forked(drafts, caller, call.offset))
            found.sites += [(caller, _at(call, draft)) for draft in drafts if _is_better(draft, alone.statuses)]
            still = not all(map(has_its_table, drafts))
            if still and outer and level < MOST_LEVELS:
                found.add(self._called(fact, outer, resolver.given, path, alone, (*inside, (caller, call.offset))))
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
        draft = self._temporaries.marked(draft, origin, path)
        if draft.not_postgres is not None or database is not None or client(fact.client).own_dialect:
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

    def _skip(self, path: str, offset: int, reason: str) -> None:
        file = self.project.file(path)
        if file is not None:
            self._lines.setdefault(path, lines_of(file.text))
            self._linked.skipped.append(Skipped(path, self._lines[path].at(offset)[0], reason))


def extent_of(found: SiteFact | Draft) -> tuple[int, int]:
    """First and past the last character."""
    return min(found.statement, found.offset), max(found.end, found.offset + 1)


def _substituted(
    project: Project, path: str, given: Mapping[ParamKey, Value], arguments: Mapping[ParamKey, Value]
) -> dict[ParamKey, Value]:
    resolver = Resolver(project, path, given=arguments)
    return {**{key: resolver(value) for key, value in given.items()}, **arguments}


def _at(call: Call, draft: Draft) -> Draft:
    """The draft where a wrapper is called; what is done with the result of the write is the wrapper's."""
    return replace(draft, offset=call.name_offset, statement=call.offset, end=call.end, path=None, unchecked=None)


def _is_better(draft: Draft, before: frozenset[Status]) -> bool:
    """Whether a call says more than the wrapper itself: else the wrapper's own site already stands for it."""
    status = status_of(draft)
    return status in {Status.RESOLVED, Status.PARTIAL} and (Status.UNRESOLVED in before or status is Status.RESOLVED)
