"""The diff for people at a terminal: a tree of schemas and tables, old and new values side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...diff import words
from ...diff.model import Action, Severity
from ..page import Page
from .parts import body, groups, headline, sides, summary

if TYPE_CHECKING:
    from typing import TextIO

    from ...diff.model import Change, Diff, Effect, Property
    from .parts import Group

_MARKS = {Action.ADDED: "+ ", Action.REMOVED: "- ", Action.CHANGED: "~ ", Action.RENAMED: "> "}
_STYLES = {Action.ADDED: "green", Action.REMOVED: "red", Action.CHANGED: "yellow", Action.RENAMED: "cyan"}
_SEVERITIES = {Severity.BREAKS: "bold red", Severity.DESTRUCTIVE: "red", Severity.LOCKS: "magenta"}
_LINES = {"+": "green", "-": "red", "@": "cyan"}
_ARROW = "  ->  "
_STEP = 4


def write(diff: Diff, stream: TextIO) -> None:
    """Write the diff, in colour on a terminal."""
    page = Page(stream)
    page.line(f"- {diff.old.name}", style="red")
    page.line(f"+ {diff.new.name}", style="green")
    page.line()
    told: set[str] = set()
    for group in groups(diff.changes):
        _group(page, group, told)
    for note in diff.notes:
        page.line(note, label="note  ", style="dim")
    page.line(summary(diff), style="bold")


def _group(page: Page, group: Group, told: set[str]) -> None:
    """Everything about one object: itself first, then its parts below it. `told`: effects that stand above in full."""
    if group.changes[0].subject.part is not None:
        page.line(words.title(group.subject), label="  ", style="bold")
    for change in group.changes:
        indent = 0 if change.subject.part is None else _STEP
        page.line(headline(change), indent=indent, label=_MARKS[change.action], style=_style(change))
        for each in change.properties:
            _property(page, each, indent=indent + _STEP)
        for effect in change.effects:
            _effect(page, effect, told, indent=indent + _STEP)
        if change.hint:
            page.line(change.hint, indent=indent + _STEP, label="hint: ", style="dim")
    page.line()


def _style(change: Change) -> str:
    style = _STYLES[change.action]
    return f"bold {style}" if change.severity.rank <= Severity.DESTRUCTIVE.rank else style


def _effect(page: Page, effect: Effect, told: set[str], *, indent: int) -> None:
    """What it does, in full the first time; what goes without saying is not said."""
    if not effect.text and effect.severity is not Severity.COSMETIC:
        return
    text = effect.text.partition(";")[0] if effect.text in told else effect.text
    told.add(effect.text)
    label = "" if effect.severity is Severity.CHANGE else f"{effect.severity}: " if text else str(effect.severity)
    page.line(text, indent=indent, label=label, label_style=_SEVERITIES.get(effect.severity, "dim"))
    for site in effect.sites:
        page.line(site, indent=indent + _STEP, style="bold")


def _property(page: Page, each: Property, *, indent: int) -> None:
    """Both values on a line, or below each other where they are long, or line by line where they have several."""
    label = words.property_name(each.name)
    if (lines := body(each)) is not None:
        page.line(indent=indent, label=label)
        for line in lines:
            page.line(line, indent=indent, style=_LINES.get(line[:1], "dim"), wrap=False)
        return
    old, new = sides(each)
    if indent + len(label) + 2 + len(old) + len(_ARROW) + len(new) <= page.width:
        page.line(f"{old}{_ARROW}{new}", indent=indent, label=f"{label}  ")
        return
    page.line(indent=indent, label=label)
    page.line(old, indent=indent + 2, label="- ", style="red")
    page.line(new, indent=indent + 2, label="+ ", style="green")
