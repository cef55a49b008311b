"""The gate as Markdown that fits a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...report.essence import essence
from ...report.inert import bytes_of, code, inert
from ...wording import plural
from . import told

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import TextIO

    from ..model import Gate, Order, Part, Row, Why

LIMIT = 65_536  # of a comment on GitHub, in characters; counted here in bytes, which are never fewer
MARKER = "<!-- pgarbiter gate -->"  # by which a later run finds its comment
_ROWS = 40
_ROOM = 200  # for the sentence on what is left out
_PLACES = 5


def write(gate: Gate, stream: TextIO) -> None:
    """Write the comment."""
    stream.write(render(gate))


def render(gate: Gate, limit: int = LIMIT) -> str:
    """The comment, of at most `limit` bytes as UTF-8; what has no room is counted."""
    kept: list[str] = []
    room, blocks = limit - _ROOM, list(_blocks(gate))
    for block in blocks:
        if bytes_of(block) > room:
            break
        room -= bytes_of(block)
        kept.append(block)
    if left := len(blocks) - len(kept):
        kept.append(f"**{plural(left, 'block')} left out**: no room here. `--format text` has all of them.\n")
    return "".join(kept)


def _blocks(gate: Gate) -> Iterator[str]:
    mark = "✅" if gate.is_safe else "❌"
    yield f"{MARKER}\n### {mark} Deploy gate\n\n**{inert(told.headline(gate))}**\n\n"
    yield f"{code(gate.base)} → {code(gate.head)}\n\n"
    for part in gate.parts:
        yield from _part(part, gate.order)
    yield _list((*gate.notes, *(f"could not be read: {each}" for each in gate.incomplete)))


def _part(part: Part, order: Order) -> Iterator[str]:
    name = f"{code(part.name)}: " if part.name else ""
    yield f"{name}{code(part.source)}, {plural(part.end, 'pending revision')}\n\n"
    if rows := told.in_matrix(part, order):
        yield _matrix(part, rows)
    failing, limits = told.reasons(part, order)
    yield from (_why(why, part) for why in failing)
    yield _list(f"limit: {told.limit(why, part)}" for why in limits)
    if part.end:
        yield _list(f"{how}: {said}" for how, said in told.orders(part))
    yield _list((*told.counts(part), *part.notes))


def _matrix(part: Part, rows: Sequence[Row]) -> str:
    shown = told.columns(part, rows)
    labels, legend = told.heads(part, shown)
    head = ["write site", "code", *map(inert, labels)]
    lines = [_line(head), _line(["---"] * len(head))]
    for row in rows[:_ROWS]:
        cells = (inert(told.cell(row.cells[n])) for n in shown)
        lines.append(_line([code(row.site.span.place), told.codes(row), *cells]))
    more = f"\n{len(rows) - _ROWS} more rows: `--format json` has all of them.\n" if len(rows) > _ROWS else ""
    return "\n".join(lines) + f"\n{more}\n" + _list(legend)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _why(why: Why, part: Part) -> str:
    row = why.rows[0]
    rest = len(why.rows) - 1
    places = ", ".join(code(each.site.span.place) for each in why.rows[1 : _PLACES + 1])
    more = f" and {rest - _PLACES} more" if rest > _PLACES else ""
    title = f"{code(row.site.span.place)}, {told.codes(row)}: {inert(essence(row.site))}"
    lines = [
        f"<details open><summary>{title}</summary>\n",
        f"- {inert(told.reason(why, part))}",
        *([f"- also {places}{more}"] if rest else []),
        *([f"- the revision {inert('; '.join(why.changes))}"] if why.changes else []),
        *(f"- by {code(ran.place)}: {code(told.one_line(ran.text))}" for ran in why.by),
        f"- {inert(why.remedy)}",
        "\n</details>\n\n",
    ]
    return "\n".join(lines)


def _list(texts: Iterable[str]) -> str:
    lines = [f"- {inert(text)}\n" for text in texts]
    return "".join((*lines, "\n")) if lines else ""
