"""Why a row breaks: what a revision did to the table, which of its statements did it, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from ..schema.effect import leading, words
from . import differences
from .advice import NEVER, advice
from .model import Answer, Standing, Why

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..catalog.model import Relation
    from .differences import Difference
    from .matrix import Line
    from .model import Cell, Ran, Row, State

_TOLD = (Standing.BREAKS, Standing.BROKEN)
_ALTER = frozenset({("alter", "table"), ("create", "table")})
_KINDS = {  # of statements, by what they change
    differences.COLUMN: _ALTER,
    differences.TABLE: _ALTER | {("drop", "table"), ("drop", "schema"), ("create", "view"), ("alter", "schema")},
    differences.RIGHTS: _ALTER | {(verb, "policy") for verb in ("create", "drop", "alter")} | {("revoke",), ("grant",)},
    differences.INDEX: _ALTER
    | {(verb, noun) for verb in ("create", "drop", "alter") for noun in ("index", "unique")}
    | {("drop", "table")},
}
_LOSING = {
    differences.COLUMN: (" drop ", " rename ", " not null", " type "),
    differences.TABLE: (" drop table", " drop schema", " rename to ", " set schema "),
    differences.INDEX: (" drop ", " rename ", " alter index"),
    differences.RIGHTS: (" revoke ", " row level security", " policy "),
}
_MAKING = {
    differences.COLUMN: (" add column", " not null", " rename "),
    differences.TABLE: (" create ", " rename to ", " set schema "),
    differences.INDEX: (" unique", " primary key", " attach "),
    differences.RIGHTS: (" grant ", " policy ", " row level security"),
}
_ROUTINES = frozenset({("create", "function"), ("create", "procedure")})
_CODE = frozenset({"do", "call", "select"})  # may do anything
_MISSING = "23502"
_SHOWN = 3  # statements of one revision, and changes


@dataclass(frozen=True, slots=True)
class _Failure:
    """What is refused of a row for one reason, from the state `since` up to `until`, which is not in it.

    `subject`: what it is about, its message if that is not known; `shown`: some cell says it, else another masks it.
    """

    sqlstate: str | None
    subject: str
    message: str
    since: int
    until: int
    shown: bool


def whys(rows: Sequence[Row], lines: Iterable[Line], states: Sequence[State]) -> tuple[Why, ...]:
    """The reasons for each row that fails, those of one reason together, in the order of the states."""
    of = {(line.code, line.site.id): line for line in lines}
    told = [row for row in rows if row.standing in _TOLD]
    found = [why for row in told for why in _of_row(row, of[row.codes[-1], row.site.id], states)]
    ordered = sorted(found, key=_key)  # of one reason, in the order of the rows
    return tuple(_merged(tuple(group)) for _, group in groupby(ordered, key=_key))


def _key(why: Why) -> tuple[object, ...]:
    """Losses before what is early, and what no state takes last."""
    turn = (why.state is None, why.early, why.state or 0)
    return *turn, why.sqlstate or "", why.message, why.changes, why.remedy, why.rows[0].codes


def _merged(group: Sequence[Why]) -> Why:
    rows = tuple(row for why in group for row in why.rows)
    return replace(group[0], rows=rows, by=tuple(dict.fromkeys(ran for why in group for ran in why.by)))


def _of_row(row: Row, line: Line, states: Sequence[State]) -> Iterator[Why]:
    """A reason for each failure that a cell shows, and for what these mask if it is another revision's doing."""
    told: set[tuple[int | None, bool]] = set()
    for failure in sorted(_failures(row, line), key=lambda each: not each.shown):
        why = _why(row, line, states, failure)
        if failure.shown or (why.state, why.early) not in told:
            told.add((why.state, why.early))
            yield why


def _failures(row: Row, line: Line) -> Iterator[_Failure]:
    """Each distinct failure, once for each time that it begins."""
    each_state = [_said(cell, line, n) if cell.answer is Answer.BREAKS else {} for n, cell in enumerate(row.cells)]
    for key in dict.fromkeys(key for said in each_state for key in said):
        there = [key in said for said in each_state]
        for since in (n for n in range(len(there)) if there[n] and not (n and there[n - 1])):
            until = next((n for n in range(since, len(there)) if not there[n]), len(there))
            shown = any(next(iter(said)) == key for said in each_state[since:until])
            yield _Failure(*key, each_state[since][key], since, until, shown)


def _said(cell: Cell, line: Line, state: int) -> dict[tuple[str | None, str], str]:
    """The messages in one state by SQLSTATE and subject: what the cell says first, then what it masks."""
    errors = [error for error in line.bounds[state].verdict.errors if error.certain]
    message = cell.said or "the server refuses it"
    subject = next((e.subject for e in errors if (e.sqlstate, e.message) == (cell.sqlstate, message)), None)
    found: dict[tuple[str | None, str], str] = {(cell.sqlstate, subject or message): message}
    return found | {(error.sqlstate, error.subject or error.message): error.message for error in errors}


def _why(row: Row, line: Line, states: Sequence[State], failure: _Failure) -> Why:
    """What brought it; of one that is there from the start what mends it."""
    early, turn = not failure.since, failure.since or failure.until
    if not early and row.cells[0].answer is Answer.BREAKS and not _brought(line, states, failure):
        # Masked until then, by what another revision mends: it was there all the time.
        early = all(cell.answer is Answer.BREAKS for cell in row.cells[: failure.until])
        turn = failure.until if early else turn
    if turn == len(states):
        return Why((row,), None, False, failure.sqlstate, failure.message, (), (), NEVER)
    before, after = (_relation(line, n) for n in (turn - 1, turn))
    found = differences.differences(before, after, failure.sqlstate, same=states[turn].follows)
    refused, taken = (line.bounds[n].verdict for n in ((turn - 1, turn) if early else (turn, turn - 1)))
    subjects = {error.subject for error in refused.errors if error.certain and error.sqlstate == failure.sqlstate}
    found = tuple(each for each in found if each.name in {*subjects, *taken.arbiters}) or found
    names = {each.name for each in (before, after) if each is not None}
    by = tuple(_by(states[turn].statements, names, found) if found else _makers(states[turn].statements, row))[:_SHOWN]
    changes = tuple(each.told for each in found[:_SHOWN])
    remedy = advice(row, failure.sqlstate, found, states[turn], early=early)
    return Why((row,), turn, early, failure.sqlstate, failure.message, changes, by, remedy)


def _brought(line: Line, states: Sequence[State], failure: _Failure) -> bool:
    """Whether the revision takes something away, or asks for more, as that failure says."""
    before, after = (_relation(line, n) for n in (failure.since - 1, failure.since))
    found = differences.differences(before, after, failure.sqlstate, same=states[failure.since].follows)
    return any(each.lost or failure.sqlstate == _MISSING for each in found)


def _relation(line: Line, state: int) -> Relation | None:
    bound = line.bounds[state]
    return bound.base or bound.relation


def _by(statements: Iterable[Ran], tables: set[str], found: Sequence[Difference]) -> Iterator[Ran]:
    """The statements that name what was changed; else those that name its columns, else the table."""
    kinds = frozenset[tuple[str, ...]]().union(*(_KINDS[each.part] for each in found))
    telling = [(ran, leading(ran.text)) for ran in statements]
    changing = [(ran, words(ran.text)) for ran, said in telling if said[:2] in kinds or said[:1] in kinds]
    doing = [(ran, said) for ran, said in changing if _does(ran.text, found)]
    running = [(ran, words(ran.text)) for ran, said in telling if said[:1] and said[0] in _CODE]
    names = {each.name for each in found} - tables
    columns = {column for each in found for column in each.columns}
    for own in (doing, changing, running):
        named = [ran for ran, said in own if names & said and (tables & said or leading(ran.text)[1:2] == ("index",))]
        on_table = [(ran, said) for ran, said in own if tables & said]
        if kept := named or [ran for ran, said in on_table if columns & said] or [ran for ran, _ in on_table]:
            yield from kept
            return


def _makers(statements: Iterable[Ran], row: Row) -> Iterator[Ran]:
    """The statements that make the function which the row stands in."""
    name = (row.site.object or "").partition("(")[0].rpartition(".")[2]
    for ran in statements:
        if leading(ran.text)[:2] in _ROUTINES and name in words(ran.text.partition("(")[0]):
            yield ran


def _does(text: str, found: Sequence[Difference]) -> bool:
    """Whether a statement takes something away, or makes something, as one of the differences is."""
    lowered = f" {' '.join(text.casefold().split())}"
    wanted = {word for each in found for word in (_LOSING if each.lost else _MAKING)[each.part]}
    return any(word in lowered for word in wanted)
