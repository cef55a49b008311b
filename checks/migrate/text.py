"""Plans, results and states as people read them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from .model import Applied, Revision, Status

_LABEL = 12


def applied(found: Applied, direction: str, stream: TextIO) -> None:
    """What `up` or `down` has done."""
    page = Page(stream)
    for note in found.notes:
        _entry(page, "note", note, style="yellow")
    at = f"at {', '.join(found.current)}" if found.current else "at no revision"
    if not found.revisions:
        page.line(f"nothing to do: the database is {at}")
        return
    done = "applied" if direction == "up" else "taken back"
    told = f"; PostgREST was told to reload on channel {found.notified}" if found.notified else ""
    page.line(f"{_count(len(found.revisions), 'revision')} {done}, the database is {at}{told}", style="bold green")


def status(found: Status, stream: TextIO) -> None:
    """Where a database stands."""
    page = Page(stream)
    page.line(found.database, style="bold")
    _entry(page, "at", ", ".join(found.current) or "no revision")
    _entry(page, "heads", ", ".join(found.heads) or "none")
    if found.unknown:
        _entry(page, "unknown", f"{', '.join(found.unknown)}: not among the scripts", style="bold red")
    elif not found.pending:
        _entry(page, "pending", "nothing", style="green")
    _revisions(page, found.pending)
    for label, lines, style in (
        ("unfinished", found.unfinished, "bold red"),
        ("INVALID", found.invalid, "bold red"),
        ("NOT VALID", found.not_valid, "yellow"),
        ("quarantine", found.quarantined, "cyan"),
    ):
        for number, line in enumerate(lines):
            _entry(page, "" if number else label, line, style=style)


def _revisions(page: Page, pending: Iterable[Revision]) -> None:
    for number, each in enumerate(pending):
        _entry(page, "" if number else "pending", f"{each.revision}  {headline(each)}", style="yellow")


def headline(revision: Revision) -> str:
    """The first line of its message."""
    return revision.doc.partition("\n")[0]


def _entry(page: Page, label: str, text: str, *, style: str = "", indent: int = 2) -> None:
    page.line(text, indent=indent, label=f"{label:<{_LABEL}}", label_style=style)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
