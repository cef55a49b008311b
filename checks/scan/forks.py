"""Which drafts are ways of one statement, or of one call, of which a run takes one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Mechanism, Way
from .branches import guards_at, holds
from .values import Join, Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .branches import Place
    from .model import Draft, SiteFact
    from .resolve import Resolver


def forked(drafts: Sequence[Draft], path: str, call: int | None = None) -> Iterator[Draft]:
    """The drafts of one fact, those told apart that are the same INSERT put together in several ways.

    `path` and `call`: the file, and where a wrapper is called that they are drafts of.
    """
    same = Counter(_statement(draft, path) for draft in drafts)
    for index, draft in enumerate(drafts):
        statement = _statement(draft, path)
        many = draft.mechanism is Mechanism.ON_CONFLICT and same[statement] > 1
        way = Way(f"{path} {call} {statement}", str(index))
        yield replace(draft, ways=(*draft.ways, way)) if many else draft


def _statement(draft: Draft, path: str) -> str:
    at, begin = draft.begin or (draft.path, draft.statement)
    return f"{draft.mechanism} {at or path} {begin}"


def ways_to(places: Iterable[Place], resolver: Resolver, path: str, call: int) -> tuple[Way, ...] | None:
    """The ways that a call of a wrapper must go to reach all these places; None when it never gets there.

    `resolver` knows what the call gives; `path` and `call`: where it stands.
    """
    found: list[Way] = []
    for place in places:
        for guard in guards_at(resolver.project, place):
            known = holds(guard, place[0], resolver)
            if known is False:
                return None
            if known is None:
                found.append(Way(f"{path} {call} if {guard.test}", str(guard.holds)))
    return tuple(found)


def ungrown(fact: SiteFact) -> SiteFact | None:
    """The fact of a string without what an untaken branch adds to it; None for a string that is made in one place."""
    match fact.values.get("sql"):
        case Join((Name() as before, *_)):
            return replace(fact, values={**fact.values, "sql": before})
        case _:
            return None


def rest_of(before: Sequence[Draft], whole: Sequence[Draft]) -> tuple[Draft, ...]:
    """What a string writes without what a branch adds to it.

    When that is the clause itself it is one of several, each of which is a fact: the INSERT without any is none.
    """
    adds = any(draft.mechanism is Mechanism.ON_CONFLICT for draft in whole)
    return tuple(draft for draft in before if draft.mechanism is Mechanism.ON_CONFLICT or not adds)
