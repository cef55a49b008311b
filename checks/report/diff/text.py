"""The diff for people at a terminal: a tree of schemas and tables, old and new values side by side."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from ...diff import words
from ...diff.model import Action
from ...wording import plural
from ..page import Page

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from ...diff.model import Change, Diff, Property, Subject

_MARKS = {Action.ADDED: "+ ", Action.REMOVED: "- ", Action.CHANGED: "~ ", Action.RENAMED: "> "}
_STYLES = {Action.ADDED: "green", Action.REMOVED: "red", Action.CHANGED: "yellow", Action.RENAMED: "cyan"}


def write(diff: Diff, stream: TextIO) -> None:
    """Write the diff, in colour on a terminal."""
    page = Page(stream)
    page.line(f"- {diff.old.name}", style="red")
    page.line(f"+ {diff.new.name}", style="green")
    page.line()
    for _, group in groupby(diff.changes, key=_object):
        _changes(page, tuple(group))
    for note in diff.notes:
        page.line(note, label="note  ", style="dim")
    page.line(summary(diff), style="bold")


def summary(diff: Diff) -> str:
    """How many changes there are, in one line."""
    counts = Counter(change.action for change in diff.changes)
    told = ", ".join(f"{counts[action]} {action}" for action in Action if counts[action])
    ignored = f"; {plural(diff.ignored, 'change')} ignored" if diff.ignored else ""
    return (f"{plural(len(diff.changes), 'change')}: {told}" if told else "no difference") + ignored


def _object(change: Change) -> Subject:
    return change.subject._replace(part=None, name=None)


def _changes(page: Page, changes: Iterable[Change]) -> None:
    """Everything about one object: itself first, then its parts below it."""
    told = False
    for change in changes:
        if change.subject.part is None:
            told = True
            page.line(words.title(change.subject), label=_MARKS[change.action], style=_STYLES[change.action])
            _properties(page, change.properties, indent=4)
            continue
        if not told:
            told = True
            page.line(words.title(_object(change)), label="  ", style="bold")
        _part(page, change)
    page.line()


def _part(page: Page, change: Change) -> None:
    definition = words.definition(change) if change.action in (Action.ADDED, Action.REMOVED) else None
    text = f"{change.subject.part} {definition}" if definition else words.title(change.subject)
    page.line(text, indent=4, label=_MARKS[change.action], style=_STYLES[change.action])
    _properties(page, change.properties, indent=8)
    if change.hint:
        page.line(change.hint, indent=8, style="dim")


def _properties(page: Page, properties: tuple[Property, ...], *, indent: int) -> None:
    for each in properties:
        text = f"{words.value(each.old)}  ->  {words.value(each.new)}"
        page.line(text, indent=indent, label=f"{words.property_name(each.name)}  ")
