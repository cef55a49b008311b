"""What a run has to say besides its findings, as notifications of a SARIF invocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sarif_pydantic import Invocation, Level, Message
from sarif_pydantic.sarif import Notification

from ..wording import plural
from .page import visible
from .summary import left_out_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .model import Report

_MOST = 100  # notifications, before the rest is only counted
SHOWN_BY_GITHUB = 5_000  # results, of the most severe


def invocation(report: Report, left_out: int) -> Invocation:
    """Whether all could be read, and the notes. `left_out`: results that GitHub would not take."""
    notes = list(_notes(report, left_out))
    if len(notes) > _MOST:
        notes[_MOST:] = [_note(Level.NOTE, f"{plural(len(notes) - _MOST, 'more note')}: --format text has all")]
    done = not any(failed.unforeseen for failed in report.scan.failed)
    # What the library has no field for.
    return Invocation(execution_successful=done).model_copy(update={"toolExecutionNotifications": notes})


def _notes(report: Report, left_out: int) -> Iterator[Notification]:
    if left_out:
        text = f"{plural(left_out, 'finding')} less severe than these: GitHub takes no more"
        yield _note(Level.WARNING, text)
    if len(report.findings) - left_out > SHOWN_BY_GITHUB:
        yield _note(Level.NOTE, f"GitHub shows the {SHOWN_BY_GITHUB:,} most severe of these findings")
    for failed in report.scan.failed:
        level = Level.ERROR if failed.unforeseen else Level.NOTE
        yield _note(level, f"{failed.path} was not read: {failed.reason}")
    for note in report.scan.notes:
        yield _note(Level.NOTE, f"{note.path}: {note.reason}")
    for source in report.sources:
        for failure in source.schema.failed:
            unknown = f"; makes unknown: {', '.join(failure.makes_unknown)}" if failure.makes_unknown else ""
            text = f"did not run: {failure.sqlstate or ''} {failure.message}{unknown}"
            yield _note(Level.WARNING, f"{failure.path}:{failure.line} {text}")
        for told in source.schema.notes:
            yield _note(Level.NOTE, told)
    open_ = sum(site.is_open for site in report.sites)
    if open_:
        yield _note(Level.NOTE, f"{plural(open_, 'write site')} could not be resolved")
    for text, _ in left_out_by(report):
        yield _note(Level.NOTE, text)


def _note(level: Level, text: str) -> Notification:
    return Notification(level=level, message=Message(text=visible(text).replace("](", "\\](")))
