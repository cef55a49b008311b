"""Why a row breaks: what a revision did to the table, which of its statements did it, and what to do about it."""

from __future__ import annotations

from dataclasses import replace
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
    from .model import Ran, Row, State

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
_SHOWN = 3  # statements of one revision, and changes


def whys(rows: Sequence[Row], lines: Iterable[Line], states: Sequence[State]) -> tuple[Why, ...]:
    """A reason for each row that fails, those of one reason together, in the order of the states."""
    of = {(line.code, line.site.id): line for line in lines}
    found = [_why(row, of[row.codes[-1], row.site.id], states) for row in rows if row.standing in _TOLD]
    ordered = sorted(found, key=_key)  # of one reason, in the order of the rows
    return tuple(_merged(tuple(group)) for _, group in groupby(ordered, key=_key))


def _key(why: Why) -> tuple[object, ...]:
    """Losses before what is early, and what no state takes last."""
    turn = (why.state is None, why.early, why.state or 0)
    return *turn, why.sqlstate or "", why.message, why.changes, why.remedy, why.rows[0].codes


def _merged(group: Sequence[Why]) -> Why:
    rows = tuple(row for why in group for row in why.rows)
    return replace(group[0], rows=rows, by=tuple(dict.fromkeys(ran for why in group for ran in why.by)))


def _why(row: Row, line: Line, states: Sequence[State]) -> Why:
    """The first time that it breaks after it did not; of one that breaks from the start, what mends it."""
    broken = [cell.answer is Answer.BREAKS for cell in row.cells]
    early = broken[0]
    turn = next((n for n in range(1, len(broken)) if broken[n] is not early and broken[n - 1] is early), None)
    fails = row.cells[-1 if turn is None else turn - 1 if early else turn]
    message = fails.said or "the server refuses it"
    if turn is None:
        return Why((row,), None, False, fails.sqlstate, message, (), (), NEVER)
    before, after = (_relation(line, n) for n in (turn - 1, turn))
    found = differences.differences(before, after, fails.sqlstate, same=states[turn].follows)
    refused, taken = (line.bounds[n].verdict for n in ((turn - 1, turn) if early else (turn, turn - 1)))
    subjects = {error.subject for error in refused.errors if error.certain and error.sqlstate == fails.sqlstate}
    found = tuple(each for each in found if each.name in {*subjects, *taken.arbiters}) or found
    names = {each.name for each in (before, after) if each is not None}
    by = tuple(_by(states[turn].statements, names, found) if found else _makers(states[turn].statements, row))[:_SHOWN]
    changes = tuple(each.told for each in found[:_SHOWN])
    remedy = advice(row, fails.sqlstate, found, states[turn], early=early)
    return Why((row,), turn, early, fails.sqlstate, message, changes, by, remedy)


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
