"""Which findings a comment is about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..model import WriteSite
    from ..rules import Ignore
    from ..rules.model import Finding
    from ..scan.model import Remark


class Near(IntEnum):
    """How a comment stands to a finding; one that stands nearer to another one is about that."""

    FILE = 1
    WITHIN = 2  # somewhere in the statement
    AT = 3  # on its line, on the line before it, or where the statement begins


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: its line, and the first and the last line of its statement."""

    path: str | None
    inside: str | None
    line: int
    first: int
    last: int


def places(finding: Finding | None, site: WriteSite | None) -> Iterator[Place]:
    """Where comments about a finding may stand: at it, and where a file has the same statement of the database."""
    span = site.span if site is not None else finding.span if finding is not None else None
    if span is None:
        return
    first = site.statement_line if site is not None else span.line
    yield Place(span.path, span.inside, span.line, first, max(span.end_line, span.line))
    if site is not None and (defined := site.defined) is not None:
        before, behind = span.line - first, max(span.end_line - span.line, 0)
        yield Place(defined.path, None, defined.line, defined.line - before, defined.line + behind)


def near(remark: Remark, place: Place, *, whole_file: bool = False) -> Near | None:
    """How a comment stands to a place, None if it is not about it."""
    if remark.path != place.path or (place.path is None and remark.inside != place.inside):
        return None
    if whole_file:
        return Near.FILE
    if remark.string is not None and not remark.string[0] <= place.line <= remark.string[1]:
        return None
    if remark.line in {place.line, place.first} or (remark.alone and remark.last + 1 in {place.line, place.first}):
        return Near.AT
    if remark.before is not None and remark.before[0] <= place.first <= remark.before[1]:
        return Near.AT
    return Near.WITHIN if place.first <= remark.line <= place.last else None


@dataclass(frozen=True, slots=True)
class Meant:
    """`by` is the nearest comment that leaves a finding out, by the number of the finding.

    `used` are the rules, by the number of the comment, of which it is about a finding.
    """

    by: Mapping[int, Ignore]
    used: Mapping[int, frozenset[str]]


def meant(ignores: Sequence[Ignore], found: Iterable[tuple[Finding, WriteSite | None]]) -> Meant:
    """What comments leave out of these findings, each with its site if it is about one."""
    at: dict[tuple[str | None, str | None], list[tuple[int, Finding, Place]]] = defaultdict(list)
    for number, (finding, site) in enumerate(found):
        for place in places(finding, site):
            at[place.path, place.inside if place.path is None else None].append((number, finding, place))
    chosen: dict[int, tuple[Near, Ignore]] = {}
    used: dict[int, frozenset[str]] = {}
    for index, ignore in enumerate(ignores):
        own = at.get((ignore.remark.path, ignore.remark.inside), []) if ignore.counts else []
        about = tuple(_about(ignore, own))
        used[index] = frozenset(code for _, code, _ in about)
        for number, _, nearness in about:
            if number not in chosen or nearness > chosen[number][0]:
                chosen[number] = nearness, ignore
    return Meant({number: ignore for number, (_, ignore) in chosen.items()}, used)


def _about(ignore: Ignore, found: Sequence[tuple[int, Finding, Place]]) -> Iterator[tuple[int, str, Near]]:
    """The findings that it is about: of those that it only stands within, the ones of the shortest statement."""
    for code in ignore.codes:
        own = [
            (number, nearness, place.last - place.first)
            for number, finding, place in found
            if finding.code == code and (nearness := near(ignore.remark, place, whole_file=ignore.whole_file))
        ]
        nearest = max((nearness for _, nearness, _ in own), default=None)
        shortest = min((length for _, nearness, length in own if nearness is nearest), default=0)
        for number, nearness, length in own:
            if nearness is nearest and (nearness is not Near.WITHIN or length == shortest):
                yield number, code, nearness
