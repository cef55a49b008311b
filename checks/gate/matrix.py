"""From verdicts to the matrix: which site of which code breaks in which state, and what that means for a deploy."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..arbiter.model import Outcome
from ..model import Mechanism
from .judging import by_site
from .model import Answer, Cell, Code, Count, Row, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..arbiter.model import BoundSite, Verdict
    from ..model import WriteSite
    from .judging import Judged

_NOT_THERE = "not in the schema source"  # as `bind` says of a table that a source does not define
_NO_TABLE = "42P01"


@dataclass(frozen=True, slots=True)
class Line:
    """A site of one code: what it is bound to in each state, and its cells."""

    code: Code
    bounds: tuple[BoundSite, ...]
    cells: tuple[Cell, ...]

    @property
    def site(self) -> WriteSite:
        """The site itself."""
        return self.bounds[0].site

    def breaks(self, state: int) -> bool:
        """Whether the server refuses it in that state."""
        return self.cells[state].answer is Answer.BREAKS


def lines(judged: Sequence[Judged], code: Code) -> tuple[Line, ...]:
    """The sites of that code of which a table is known, each with its cells.

    Where the first state is a live database and the second the source as of that time, a state in which the source says
    the same as then is as the live database is: what the source lacks is told, and is no change.
    """
    drifting = len(judged) > 1 and judged[0].live
    found = []
    for bounds in by_site(judged, code):
        if bounds[0].site.write.table is None:
            continue
        cells = tuple(_cells(bounds))
        if drifting:
            cells = (cells[0], *(cells[0] if cell == cells[1] else cell for cell in cells[2:]))
            bounds = bounds[1:]  # noqa: PLW2901 - why something changes is told by the source alone
        found.append(Line(code, bounds, cells))
    return tuple(found)


def inside(judged: Sequence[Judged]) -> tuple[Line, ...]:
    """The sites in the database, each with its cells; what one state does not have is absent there."""
    drifting = len(judged) > 1 and judged[0].live
    every: dict[str, list[BoundSite | None]] = {}
    for number, each in enumerate(judged):
        for bound in each.bounds[Code.DATABASE]:
            every.setdefault(bound.site.id, [None] * len(judged))[number] = bound
    found = []
    for own in every.values():
        present = [bound for bound in own if bound is not None]
        answers = iter(tuple(_cells(present)))
        cells = tuple(Cell(Answer.ABSENT) if bound is None else next(answers) for bound in own)
        bounds = tuple(bound or present[0] for bound in own)
        if drifting:
            cells = (cells[0], *(cells[0] if cell == cells[1] else cell for cell in cells[2:]))
            bounds = bounds[1:]
        found.append(Line(Code.DATABASE, bounds, cells))
    return tuple(found)


def drift(judged: Sequence[Judged], code: Code) -> Iterator[tuple[WriteSite, Cell, Cell]]:
    """The sites of which a live database says another thing than the source as of that time."""
    if len(judged) > 1 and judged[0].live:
        for bounds in by_site(judged[:2], code):
            live, source = _cells(bounds)
            if live.answer is not source.answer and bounds[0].site.write.table is not None:
                yield bounds[0].site, live, source


def _cells(bounds: Sequence[BoundSite]) -> Iterator[Cell]:
    """A table that some state has is gone, or not there yet, in those that do not have it."""
    there = any(bound.relation is not None for bound in bounds)
    for bound in bounds:
        if there and bound.relation is None and bound.verdict.reason == _NOT_THERE:
            yield Cell(Answer.BREAKS, _NO_TABLE, f'relation "{bound.site.write.table}" does not exist')
        else:
            yield _cell(bound.verdict, bound)


def _cell(verdict: Verdict, bound: BoundSite) -> Cell:
    if verdict.sqlstate is not None or verdict.outcome is Outcome.NO_MATCH:
        return Cell(Answer.BREAKS, verdict.sqlstate, verdict.message or verdict.reason)
    if verdict.outcome is Outcome.UNKNOWN or bound.relation is None or bound.site.is_open:
        return Cell(Answer.UNKNOWN, None, verdict.reason or bound.site.reason or "cannot tell")
    return Cell(Answer.OK)


@dataclass(frozen=True, slots=True)
class Matrix:
    """The lines of both codes, and what follows from them; see Part for the two limits."""

    old: tuple[Line, ...]
    new: tuple[Line, ...]
    database: tuple[Line, ...]
    states: int
    former: dict[str, Line]  # the old line by the id of a new site

    @classmethod
    def of(cls, old: tuple[Line, ...], new: tuple[Line, ...], database: tuple[Line, ...], states: int) -> Matrix:
        """With old and new lines paired: by their ids, else as the only ones of a file that write that table so."""
        former = {line.site.id: line for line in old}
        known = {line.site.id for line in new}
        gone, added = (
            _by_kind(line for line in old if line.site.id not in known),
            _by_kind(line for line in new if line.site.id not in former),
        )
        for kind, lines_ in added.items():
            if len(lines_) == len(gone.get(kind, ())) == 1:
                former[lines_[0].site.id] = gone[kind][0]
        return cls(old, new, database, states, former)

    def fails(self, line: Line, state: int) -> bool:
        """Whether it breaks there, and did not before this deploy."""
        if not line.breaks(state):
            return False
        if line.code is Code.DATABASE:
            own = (each for each in self.database if each.site.object == line.site.object)
            return not any(each.breaks(0) for each in own)
        former = line if line.code is Code.OLD else self.former.get(line.site.id)
        return former is None or not former.breaks(0)

    def first_inside(self) -> int | None:
        """The first state in which something in the database fails."""
        states = (n for n in range(1, self.states) if any(self.fails(line, n) for line in self.database))
        return next(states, None)

    def last_for_old(self) -> int:
        """The last state up to which nothing of the old code fails."""
        failing = (state for state in range(1, self.states) if any(self.fails(line, state) for line in self.old))
        return next(failing, self.states) - 1

    def first_for_new(self) -> int | None:
        """The first state from which on nothing of the new code fails."""
        first: int | None = None
        for state in reversed(range(self.states)):
            if any(self.fails(line, state) for line in self.new):
                break
            first = state
        return first

    def rows(self) -> tuple[Row, ...]:
        """What breaks in some state, or becomes doubtful: failures first; what is alike in both codes is one row."""
        by_id = {(line.code, line.site.id): line for line in (*self.old, *self.new)}
        rows = []
        for line in (*self.old, *self.new):
            other = by_id.get((Code.NEW if line.code is Code.OLD else Code.OLD, line.site.id))
            alike = other is not None and other.cells == line.cells
            if (alike and line.code is Code.OLD) or (standing := self._standing(line)) is None:
                continue
            codes = (Code.OLD, Code.NEW) if alike else (line.code,)
            rows.append(Row(codes, line.site, line.cells, standing))
        own = ((line, self._standing(line)) for line in self.database)
        rows += [Row((line.code,), line.site, line.cells, standing) for line, standing in own if standing is not None]
        return tuple(sorted(rows, key=_place))

    def _standing(self, line: Line) -> Standing | None:
        cells = line.cells
        if not any(cell.answer is Answer.BREAKS for cell in cells):
            answers = [cell.answer for cell in cells]
            return Standing.DOUBTFUL if answers[0] is Answer.OK and Answer.UNKNOWN in answers else None
        if any(self.fails(line, state) for state in range(self.states)):
            taken = any(cell.answer is Answer.OK for cell in cells)
            return Standing.BREAKS if taken or cells[0].answer is Answer.ABSENT else Standing.BROKEN
        if cells[-1].answer is Answer.ABSENT:
            return None
        return Standing.MENDED if cells[-1].answer is Answer.OK else Standing.ALREADY_BROKEN


def _by_kind(found: Iterable[Line]) -> dict[tuple[str | None, ...], list[Line]]:
    kinds: defaultdict[tuple[str | None, ...], list[Line]] = defaultdict(list)
    for line in found:
        site = line.site
        kinds[site.span.path, site.client, site.mechanism, str(site.write.table)].append(line)
    return kinds


def _place(row: Row) -> tuple[int, str, int, int]:
    span = row.site.span
    return list(Standing).index(row.standing), span.path or "", span.line, list(Code).index(row.codes[0])


def counted(found: Iterable[Line], sites: Sequence[WriteSite]) -> Count:
    """The numbers of one code, `sites` being all of them."""
    doubtful = Counter(line.site.mechanism is Mechanism.ON_CONFLICT for line in found if _is_doubtful(line))
    unresolved = sum(site.is_open for site in sites)
    return Count(len(sites) - unresolved, doubtful[True], doubtful[False], unresolved)


def unknown(sites: Sequence[WriteSite]) -> Count:
    """The numbers of sites that nothing judges."""
    unresolved = sum(site.is_open for site in sites)
    upserts = sum(site.mechanism is Mechanism.ON_CONFLICT and not site.is_open for site in sites)
    return Count(len(sites) - unresolved, upserts, len(sites) - unresolved - upserts, unresolved)


def doubts(found: Iterable[Line]) -> tuple[str, ...]:
    """Why sites cannot be told about, the commonest reason first, each with how many sites it is the reason for."""
    reasons = Counter(
        next(cell.said or "" for cell in line.cells if cell.answer is Answer.UNKNOWN)
        for line in found
        if _is_doubtful(line)
    )
    return tuple(
        f"{reason} ({number})" for reason, number in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
    )


def _is_doubtful(line: Line) -> bool:
    return not line.site.is_open and any(cell.answer is Answer.UNKNOWN for cell in line.cells)
