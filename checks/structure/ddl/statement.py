"""A statement of DDL, and the order in which many of them work."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from ...sql.mentions import mentions

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..parts import Name


class Statement(NamedTuple):
    """A statement without its semicolon.

    `makes`: the qualified names that are there, or complete, once it has run. `needs`: the text that says which names
    it needs; None: the statement itself.
    """

    sql: str
    makes: tuple[Name, ...] = ()
    needs: str | None = None

    def mentioned(self) -> frozenset[Name]:
        """The names that it needs, among others that only look like such."""
        return mentions(self.sql if self.needs is None else self.needs)


def ordered(statements: Iterable[Statement]) -> list[Statement]:
    """The statements as they are given, each behind those that make what it needs; a circle stays as it is given."""
    given = list(statements)
    return [given[index] for index in order([(each.makes, each.mentioned()) for each in given])]


def order(items: Sequence[tuple[Iterable[Name], frozenset[Name]]]) -> list[int]:
    """Indexes of items, of which each says what it makes and what it needs, in an order that works.

    Of those that make the same name, the later one stays behind the earlier one.
    """
    makers: defaultdict[Name, list[int]] = defaultdict(list)
    for index, (makes, _) in enumerate(items):
        for name in makes:
            makers[name].append(index)
    before: list[set[int]] = [set() for _ in items]
    for index, (makes, needs) in enumerate(items):
        own = set(makes)
        for name in needs | own:
            earlier = makers.get(name, ())
            before[index].update(other for other in earlier if other != index and (name not in own or other < index))
    return _sorted(before)


def _sorted(before: list[set[int]]) -> list[int]:
    """Indexes in topological order, the lowest first of those that are free; of a circle the lowest goes first."""
    after: defaultdict[int, list[int]] = defaultdict(list)
    for index, others in enumerate(before):
        for other in others:
            after[other].append(index)
    waiting = {index: len(others) for index, others in enumerate(before)}
    free = [index for index, count in waiting.items() if not count]
    heapq.heapify(free)
    done: list[int] = []
    while waiting:
        index = heapq.heappop(free) if free else min(waiting)
        if index not in waiting:
            continue
        del waiting[index]
        done.append(index)
        for other in after[index]:
            if other in waiting:
                waiting[other] -= 1
                if not waiting[other]:
                    heapq.heappush(free, other)
    return done
