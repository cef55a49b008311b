"""The gate for a terminal or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...report.essence import essence
from ...report.page import Page, visible
from ...wording import plural
from . import told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from ..model import Gate, Order, Part, Row, Why

_DIM = "dim"
_ROWS = 50
_PLACES = 5  # of sites that break for the same reason


def write(gate: Gate, stream: TextIO) -> None:
    """Write the verdict, then each database."""
    page = Page(stream)
    colour = "bold green" if gate.is_safe else "bold red"
    page.line(told.headline(gate), style=colour)
    page.line(f"{gate.base} -> {gate.head}", style=_DIM)
    for part in gate.parts:
        page.line()
        _part(page, part, gate.order)
    for note in (*gate.notes, *(f"could not be read: {each}" for each in gate.incomplete)):
        page.line(f"note: {note}", style=_DIM)


def _part(page: Page, part: Part, order: Order) -> None:
    name = f"database {part.name}: " if part.name else ""
    pending = plural(part.end, "pending revision") if part.end else "no pending revision"
    page.line(f"{name}{part.source}, {pending}", style="bold")
    if rows := told.in_matrix(part, order):
        page.line()
        _matrix(page, part, rows)
        page.line()
    failing, limits = told.reasons(part, order)
    for why in failing:
        _why(page, why, part)
    for why in limits:
        page.line(told.limit(why, part), label="limit  ", label_style="yellow")
    if limits:
        page.line()
    for how, said in told.orders(part) if part.end else ():
        page.line(said, label=f"{how:<18}", style="green" if said.startswith("safe") else "red")
    for said in (*told.counts(part), *(f"note: {note}" for note in part.notes)):
        page.line(said, style=_DIM)


def _matrix(page: Page, part: Part, rows: Sequence[Row]) -> None:
    """One line for each row; wide as it has to be, since a table that is wrapped is none."""
    shown = told.columns(part, rows)
    labels, legend = told.heads(part, shown)
    table = [["", "", *labels]]
    table += [[row.site.span.place, told.codes(row), *(told.cell(row.cells[n]) for n in shown)] for row in rows[:_ROWS]]
    table = [[visible(text) for text in line] for line in table]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        page.line("  ".join(padded).rstrip(), wrap=False)
    if len(rows) > _ROWS:
        page.line(f"and {len(rows) - _ROWS} more: --format json has all of them", style=_DIM)
    for said in legend:
        page.line(said, style=_DIM, wrap=False)
    if hidden := len(part.states) - len(shown):
        page.line(f"not shown: {plural(hidden, 'revision')} after which all of these are as before", style=_DIM)


def _why(page: Page, why: Why, part: Part) -> None:
    row = why.rows[0]
    rest = len(why.rows) - 1
    page.line(f"{row.site.span.place}  {told.codes(row)}: {essence(row.site)}", style="bold")
    if rest:
        places = ", ".join(each.site.span.place for each in why.rows[1 : _PLACES + 1])
        page.line(f"{places}{f' and {rest - _PLACES} more' if rest > _PLACES else ''}", indent=2, label="and  ")
    page.line(told.reason(why, part), indent=2, label="why  ", label_style="red")
    if why.changes:
        page.line(f"the revision {'; '.join(why.changes)}", indent=2, label="     ", style=_DIM)
    for ran in why.by:
        page.line(f"{ran.place}  {told.one_line(ran.text)}", indent=2, label="by   ", style=_DIM)
    page.line(why.remedy, indent=2, label="do   ", label_style="green")
    page.line()
