"""A change as lines that `diff` marks: + for what comes, - for what goes, ! for what it does, a blank for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...diff import words
from ...diff.model import Action, Severity
from ..page import visible
from .parts import body, headline, sides

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...diff.model import Change, Effect, Property

_MARKS = {Action.ADDED: "+", Action.REMOVED: "-"}


class Line(NamedTuple):
    """A mark and a text without line breaks or control characters."""

    mark: str
    text: str

    def __str__(self) -> str:
        """As in a unified diff, with a blank after the mark."""
        return f"{self.mark} {self.text}".rstrip()


def lines(change: Change) -> Iterator[Line]:
    """The change itself, its properties, and what it does."""
    mark = _MARKS.get(change.action, " ")
    yield Line(mark, visible(headline(change)))
    for each in change.properties:
        yield from _property(each)
    for effect in change.effects:
        yield from _effect(effect)
    if change.hint:
        yield Line("#", f"  {visible(change.hint)}")


def _property(each: Property) -> Iterator[Line]:
    label = words.property_name(each.name)
    if (texts := body(each)) is not None:
        yield Line(" ", f"  {label}:")
        yield from (Line(text[:1] if text[:1] in "+-" else " ", f"    {_visible(text)}") for text in texts)
        return
    old, new = sides(each)
    yield Line("-", f"  {label}: {visible(old)}")
    yield Line("+", f"  {label}: {visible(new)}")


def _visible(text: str) -> str:
    """A line of a unified diff without its mark; a head of lines stays as it is."""
    return visible(text if text.startswith("@@") else text[1:])


def _effect(effect: Effect) -> Iterator[Line]:
    if effect.severity is Severity.CHANGE and not effect.text:
        return
    label = "" if effect.severity is Severity.CHANGE else str(effect.severity)
    yield Line("!", "  " + ": ".join(part for part in (label, visible(effect.text)) if part))
    yield from (Line("!", f"    {visible(site)}") for site in effect.sites)
