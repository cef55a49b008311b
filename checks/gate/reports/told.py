"""The sentences of a gate, the same in every format."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from ...wording import plural
from ..model import Answer, Code, Order, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..model import Cell, Count, Gate, Part, Row, Why

_MOST_COLUMNS = 6  # states that are all shown
_WIDEST = 72  # characters of all heads together
_MATRIX = (Standing.BREAKS, Standing.BROKEN, Standing.DOUBTFUL)
_WORDS = {
    Order.MIGRATIONS_FIRST: "migrations first",
    Order.CODE_FIRST: "code first",
    Order.ANY: "in any order",
}


_OF = {Code.OLD: "of the old code", Code.NEW: "of the new code", Code.DATABASE: "in the database"}


def headline(gate: Gate) -> str:
    """The verdict in one sentence."""
    if not gate.is_safe:
        return f"breaks, {_WORDS[gate.order]}: {_breaking(gate)}"
    unknown = sum(count.upserts_unknown + count.others_unknown + count.unresolved for count in _counts(gate, Code.NEW))
    judged = sum(count.judged for count in _counts(gate, Code.NEW))
    if gate.is_untold:
        return "cannot tell: no write site could be judged"
    if not any(count.judged or count.unresolved for code in Code for count in _counts(gate, code)):
        return "safe, since no write site was found"
    doubt = f", but {unknown} cannot be told about" if unknown else ""
    orders = [_WORDS[order] for order in (Order.MIGRATIONS_FIRST, Order.CODE_FIRST) if _is_safe(gate, order)]
    how = f"{orders[0]} or {orders[1]}" if len(orders) > 1 else orders[0] if orders else "with the code in between"
    return f"safe, {how}: {plural(judged, 'write site')} of the new code{doubt}"


def _is_safe(gate: Gate, order: Order) -> bool:
    return all(part.is_safe(order) for part in gate.parts)


def _counts(gate: Gate, code: Code) -> list[Count]:
    return [part.counts[code] for part in gate.parts]


def _breaking(gate: Gate) -> str:
    """How many sites of which code fail in the order that was asked for."""
    told = []
    for code in Code:
        count = sum(
            _fails(part, row, code, gate.order) for part in gate.parts for row in part.rows if code in row.codes
        )
        if count:
            told.append(f"{plural(count, 'write site')} {_OF[code]}")
    return " and ".join(told)


def _fails(part: Part, row: Row, code: Code, order: Order) -> bool:
    """Whether it is a reason why that order is not safe."""
    if row.standing not in (Standing.BREAKS, Standing.BROKEN):
        return False
    broken = [cell.answer is Answer.BREAKS for cell in row.cells]
    if part.is_safe(order) or code is Code.DATABASE:
        return code is Code.DATABASE
    match order:
        case Order.MIGRATIONS_FIRST:
            return any(broken[1:]) if code is Code.OLD else broken[-1]
        case Order.CODE_FIRST:
            return code is Code.NEW
        case Order.ANY:
            return True


def fails(why: Why, part: Part, order: Order) -> bool:
    """Whether it is a reason why that order is not safe; else it only limits what may run when."""
    if why.early and order is Order.MIGRATIONS_FIRST:  # when new code runs, that is over
        return False
    return any(_fails(part, row, code, order) for row in why.rows for code in row.codes)


def orders(part: Part) -> Iterator[tuple[str, str]]:
    """Each order with whether it is safe, and why not."""
    yield "migrations first", _safe(part, Order.MIGRATIONS_FIRST, _limits(part))
    yield "code first", _safe(part, Order.CODE_FIRST, _limit_of_new(part))
    first, last = part.first_for_new, part.last_for_old
    if first is not None and 0 < first <= last < part.end and part.first_inside is None:
        yield "in between", f'safe: run up to "{part.states[last].name}", then the code, then the rest'


def _safe(part: Part, order: Order, why: Sequence[str]) -> str:
    return "safe" if part.is_safe(order) else f"breaks: {'; '.join(why)}"


def _within(part: Part) -> list[str]:
    name = None if part.first_inside is None else part.states[part.first_inside].name
    return [] if name is None else [f'the database\'s own functions break after "{name}"']


def _limits(part: Part) -> list[str]:
    told = _within(part)
    if part.last_for_old < part.end:
        told.append(f'old code breaks after "{part.states[part.last_for_old + 1].name}"')
    if part.first_for_new is None:
        told.append(_broken(part, _failing(part)[-1]))
    return told


def _failing(part: Part) -> list[tuple[int, int]]:
    """The spans of states in which something of the new code fails: the first one, and the first one after it."""
    rows = [row for row in part.rows if Code.NEW in row.codes and row.standing in (Standing.BREAKS, Standing.BROKEN)]
    failing = [any(row.cells[n].answer is Answer.BREAKS for row in rows) for n in range(len(part.states))]
    spans = ((there, tuple(group)) for there, group in groupby(range(len(failing)), key=failing.__getitem__))
    return [(span[0], span[-1] + 1) for there, span in spans if there]


def _broken(part: Part, span: tuple[int, int]) -> str:
    since, until = span
    if since:
        return f'new code breaks after "{part.states[since].name}"'
    if until <= part.end:
        return f'new code must not run before "{part.states[until].name}"'
    return "new code breaks in every state" if part.end else "new code breaks"


def _limit_of_new(part: Part) -> list[str]:
    if part.first_for_new is None:
        first, *rest = _failing(part)
        return [*_within(part), *(_broken(part, span) for span in ([first] if first[0] else [first, *rest[:1]]))]
    if not part.first_for_new:
        return _within(part)
    return [*_within(part), f'new code must not run before "{part.states[part.first_for_new].name}"']


def codes(row: Row) -> str:
    """Which code the site is in."""
    return " and ".join(row.codes)


def cell(one: Cell) -> str:
    """`ok`, `breaks 42P10` or `?`."""
    if one.answer is Answer.BREAKS:
        return f"breaks {one.sqlstate}" if one.sqlstate else "breaks"
    return {Answer.OK: "ok", Answer.ABSENT: "-"}.get(one.answer, "?")


def in_matrix(part: Part, order: Order) -> tuple[Row, ...]:
    """The rows that a deploy is about, those first that stand in the way of that order."""
    rows = [row for row in part.rows if row.standing in _MATRIX]
    return tuple(sorted(rows, key=lambda row: not any(_fails(part, row, code, order) for code in row.codes)))


def reasons(part: Part, order: Order) -> tuple[list[Why], list[Why]]:
    """The reasons why that order is not safe, and those that only say what must not run before what."""
    failing = [why for why in part.whys if fails(why, part, order)]
    return failing, [why for why in part.whys if why not in failing]


def limit(why: Why, part: Part) -> str:
    """A reason that stands in the way of nothing, in one line."""
    row, rest = why.rows[0], len(why.rows) - 1
    more = f" and {plural(rest, 'more site')}" if rest else ""
    return f"{reason(why, part)}: {row.site.span.place}{more} ({codes(row)})"


def heads(part: Part, shown: Sequence[int]) -> tuple[list[str], list[str]]:
    """The heads of these columns, and lines that say what they stand for: numbers, where names would be too wide."""
    labels = [part.states[n].label for n in shown]
    if sum(map(len, labels)) > _WIDEST:
        labels = [labels[0], *(f"[{n}]" for n in range(1, len(shown)))]
    told = [(label, part.states[n]) for label, n in zip(labels, shown, strict=True)]
    return labels, [f"{label} {state.path or state.name}" for label, state in told if label != state.name]


def columns(part: Part, rows: Sequence[Row]) -> list[int]:
    """The states that are shown: all of a few; of many the first, the last, and those after which a row is another."""
    every = range(len(part.states))
    if len(part.states) <= _MOST_COLUMNS:
        return list(every)
    changing = {n for n in every if n and any(row.cells[n] != row.cells[n - 1] for row in rows)}
    return sorted({0, part.end, *changing})


def counts(part: Part) -> Iterator[str]:
    """What is counted only."""
    for standing, said in ((Standing.ALREADY_BROKEN, _ALREADY), (Standing.MENDED, _MENDED)):
        found = [row for row in part.rows if row.standing is standing]
        if found:
            places = ", ".join(dict.fromkeys(row.site.span.place for row in found[:3]))
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""  # noqa: PLR2004 - those shown
            yield said.format(plural(len(found), "write site"), f"{places}{more}")
    shown = [row for row in part.rows if row.standing in _MATRIX]
    quiet = []
    for code in Code:
        count = part.counts[code]
        doubtful = count.upserts_unknown + count.others_unknown
        rows = [row for row in part.rows if code in row.codes and row.standing is not Standing.DOUBTFUL]
        if count.judged or code is not Code.DATABASE:
            quiet.append(f"{count.judged - doubtful - len(rows)} {_OF[code]}")
    yield f"Write sites that never break{', besides these' if shown else ''}: {', '.join(quiet[:-1])} and {quiet[-1]}."
    yield from _unknown(part)


_ALREADY = "{} refused before this deploy and after it, which it does not change: {}. `pgarbiter check` is for these."
_MENDED = "{} refused until now, and taken in the end: {}."


def _unknown(part: Part) -> Iterator[str]:
    told = []
    for code in Code:
        count = part.counts[code]
        kinds = (
            (count.upserts_unknown, "upsert"),
            (count.others_unknown, "other write"),
            (count.unresolved, "unresolved site"),
        )
        if said := ", ".join(plural(number, noun) for number, noun in kinds if number):
            told.append(f"{said} {_OF[code]}")
    if told:
        why = f": {'; '.join(part.doubts)}" if part.doubts else ""
        yield f"Cannot tell about {' and '.join(told)}{why}."


def reason(why: Why, part: Part) -> str:
    """Why rows break, in one sentence."""
    said = f"{why.message} ({why.sqlstate})" if why.sqlstate and why.sqlstate not in why.message else why.message
    if why.state is None:
        return f"in every state: {said}"
    name = part.states[why.state].name
    return f'until "{name}": {said}' if why.early else f'after "{name}": {said}'


def one_line(text: str, width: int = 160) -> str:
    """A statement on one line, cut where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 4]} ..."
