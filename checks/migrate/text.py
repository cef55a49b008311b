"""Plans, results and states as people read them in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.page import Page
from ..wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from .model import (
        Applied,
        DataFinding,
        Left,
        Plan,
        PlannedRevision,
        PlannedStep,
        Revision,
        Status,
        TakenLock,
        Verified,
    )

_LABEL = 12
_SAMPLES = 3  # JSON has all that were taken


def applied(found: Applied, direction: str, stream: TextIO) -> None:
    """What `up` or `down` has done."""
    page = Page(stream)
    for note in found.notes:
        _entry(page, "note", note, style="yellow")
    at = f"at {', '.join(found.current)}" if found.current else "at no revision"
    if not found.revisions:
        page.line(f"nothing to do: the database is {at}")
        return
    for revision in found.revisions:
        for label, moved in (("quarantined", revision.quarantined), ("restored", revision.restored)):
            for each in moved:
                _entry(page, label, f"{plural(each.rows, 'row')} of {each.source} by rule {each.rule}", style="cyan")
    done = "applied" if direction == "up" else "taken back"
    told = f"; PostgREST was told to reload on channel {found.notified}" if found.notified else ""
    page.line(f"{plural(len(found.revisions), 'revision')} {done}, the database is {at}{told}", style="bold green")


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
    _left(page, "unfinished", found.unfinished)
    _left(page, "left over", found.left)
    _left(page, "INVALID", found.invalid)
    for label, lines, style in (("NOT VALID", found.not_valid, "yellow"), ("quarantine", found.quarantined, "cyan")):
        for number, line in enumerate(lines):
            _entry(page, "" if number else label, line, style=style)
    if any(each.remove for each in (*found.unfinished, *found.left, *found.invalid)):
        page.line(
            "`pgarbiter migrate up` goes on with what is unfinished, and removes what it has left, if the revision"
        )
        page.line("is pending; where it was given up, run the statements.")


def plan(found: Plan, stream: TextIO) -> None:
    """The pending revisions, step by step, and what is in their way."""
    page = Page(stream)
    at = ", ".join(found.current) or "no revision"
    page.line(f"at {at}, PostgreSQL {found.server}", label=f"{found.database}  ", label_style="bold")
    for note in found.notes:
        _entry(page, "note", note, style="yellow")
    page.line()
    for revision in found.revisions:
        _planned(page, revision)
    _verdict(page, found)


def verified(found: Verified, stream: TextIO) -> None:
    """Where the database is not what its revisions make."""
    page = Page(stream)
    page.line(f"at {', '.join(found.current) or 'no revision'}", label=f"{found.database}  ", label_style="bold")
    for note in found.notes:
        _entry(page, "note", note, style="yellow")
    for each in found.differences:
        style = "yellow" if each.kind == "NOT VALID" else "bold red"
        _entry(page, each.kind, f"{each.what}{f': {each.detail}' if each.detail else ''}", style=style)
    for extra in found.extra:
        _entry(page, "extra", extra, style="dim")
    _left(page, "left over", found.left)
    relations = f"{plural(found.relations, 'relation')} that the revisions make"
    if found.differences:
        page.line(f"{plural(len(found.differences), 'difference')} in {relations}", style="bold red")
    elif not found.clean:
        page.line(f"{relations}: as they should be, but for what is left over", style="bold red")
    else:
        page.line(f"{relations}: as they should be", style="bold green")


def _left(page: Page, label: str, found: Iterable[Left]) -> None:
    for number, each in enumerate(found):
        at_work = f", at work in process {each.pid}" if each.pid and str(each.pid) not in each.what else ""
        _entry(page, "" if number else label, f"{each.what}{at_work}", style="bold red")
        for statement in each.remove:
            _entry(page, "", statement)


def _planned(page: Page, planned: PlannedRevision) -> None:
    page.line(headline(planned.revision), label=f"{planned.revision.revision}  ", label_style="bold")
    sized: set[str] = set()
    for number, step in enumerate(planned.steps, 1):
        _step(page, number, step, sized)
    for found in planned.data:
        _data(page, found)
    if planned.error:
        _entry(page, "error", planned.error, style="bold red")
    if planned.not_planned:
        _entry(page, "not planned", planned.not_planned, style="bold yellow")
    if not (planned.steps or planned.error or planned.not_planned):
        _entry(page, "", "nothing but its stamp", style="dim")
    page.line()


def _step(page: Page, number: int, step: PlannedStep, sized: set[str]) -> None:
    """A step; the size of a table is told once, and a lock that every reader takes is not worth a line."""
    name = f"{step.name}: " if step.name else ""
    page.line(f"{name}{step.why or step.sql}", indent=2, label=f"{number:<3}")
    for at, lock in enumerate(lock for lock in step.locks if lock.mode != "ACCESS SHARE"):
        text = _lock(lock, sized=lock.relation in sized)
        _entry(page, "" if at else "lock", text, style=_lock_style(lock), indent=5)
        sized.add(lock.relation)
    for change in step.sites:
        style = "bold red" if change.change == "loses" else "green"
        reason = f": {change.reason}" if change.reason and change.change == "loses" else ""
        _entry(page, change.change, f"{change.place}  {change.essence}{reason}", style=style, indent=5)


def _lock(lock: TakenLock, *, sized: bool) -> str:
    blocks = f"blocks {lock.blocks}" if lock.blocks != "nothing" else "blocks nobody"
    size = "" if sized or lock.bytes is None else f"; {_rows(lock.rows)}, {_bytes(lock.bytes)}"
    how = {True: ", for a moment", False: ", while it runs", None: ", until the revision commits"}[lock.brief]
    rewrite = ", rewrites the table" if lock.rewrite else ""
    return f"{lock.relation} {lock.mode}: {blocks}{how if lock.blocks != 'nothing' else ''}{rewrite}{size}"


def _lock_style(lock: TakenLock) -> str:
    if lock.rewrite or (lock.blocks != "nothing" and not lock.brief):
        return "bold red" if lock.rewrite or lock.blocks == "reads and writes" else "yellow"
    return "dim"


def _data(page: Page, found: DataFinding) -> None:
    styles = {"clean": "green", "fails": "bold red", "taken out": "cyan", "unclear": "yellow", "not asked": "yellow"}
    told = {
        "clean": f"none: {found.what}",
        "fails": f"will fail: {found.what}",
        "taken out": f"{found.what}: handled by {found.note}",
        "unclear": f"{found.what}; {found.note}",
        "not asked": f"not asked: {found.what}; {found.note}",
    }[found.state]
    samples = f", such as {'; '.join(found.samples[:_SAMPLES])}" if found.samples else ""
    _entry(page, "data", told + samples, style=styles[found.state])


def _verdict(page: Page, found: Plan) -> None:
    sites = f"; {plural(found.sites, 'write site')} judged at each step" if found.sites else ""
    if not found.revisions:
        page.line("nothing is pending", style="bold green")
        return
    for lost in found.lost:
        _entry(page, "lost", f"{lost.place}  {lost.essence}", style="bold red", indent=0)
    fails = sum(each.state == "fails" for revision in found.revisions for each in revision.data)
    errors = sum(each.error is not None for each in found.revisions)
    unplanned = sum(each.not_planned is not None for each in found.revisions)
    parts = [
        text
        for number, text in (
            (fails, f"{plural(fails, 'obstacle')} in the data"),
            (len(found.lost), f"{plural(len(found.lost), 'write site')} left without an arbiter"),
            (errors, f"{plural(errors, 'revision')} in error"),
            (unplanned, f"{plural(unplanned, 'revision')} not planned"),
        )
        if number
    ]
    pending = f"{plural(len(found.revisions), 'revision')} pending"
    told = f"{', '.join(parts)}" if parts else "nothing is in the way"
    page.line(f"{pending}: {told}{sites}", style="bold red" if parts else "bold green")


def _rows(number: int | None) -> str:
    return "rows not counted yet" if number is None else f"about {number:,} row{'' if number == 1 else 's'}"


def _bytes(number: int) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 10240:  # noqa: PLR2004 - as pg_size_pretty
            return f"{number} {unit}"
        number = round(number / 1024)
    return f"{number} TB"


def _revisions(page: Page, pending: Iterable[Revision]) -> None:
    for number, each in enumerate(pending):
        _entry(page, "" if number else "pending", f"{each.revision}  {headline(each)}", style="yellow")


def headline(revision: Revision) -> str:
    """The first line of its message."""
    return revision.doc.partition("\n")[0]


def _entry(page: Page, label: str, text: str, *, style: str = "", indent: int = 2) -> None:
    page.line(text, indent=indent, label=f"{label:<{_LABEL}}", label_style=style)
