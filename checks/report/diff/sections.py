"""A diff as what a page shows: a section for each object, in it an item for each change."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from ...diff import words
from ...diff.model import Action, Severity
from ...quoting import quoted
from ...structure.ddl import Maker
from ...structure.model import Relation
from ..page import visible
from .compared import line_diff, word_diff
from .parts import former_name, groups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...diff.model import Change, Diff, Effect, Property, Subject
    from ...structure.ddl import Statement
    from ...structure.model import Kind
    from .compared import Line, Piece
    from .parts import Group

_BODIES = ("definition",)


class Told(NamedTuple):
    """A property with its old and its new value."""

    name: str
    old: str
    new: str


class Item(NamedTuple):
    """A change; `name` is that of a part.

    Of SQL there is `made` (the text of what comes or goes), or `old` and `new`, or the lines of `body`.
    """

    action: Action
    kind: str
    name: str | None
    severity: Severity
    made: str | None = None
    old: tuple[Piece, ...] = ()
    new: tuple[Piece, ...] = ()
    body: tuple[Line, ...] = ()
    properties: tuple[Told, ...] = ()
    effects: tuple[Effect, ...] = ()
    hint: str | None = None


class Section(NamedTuple):
    """All changes of an object. `action`: what happens to it as a whole; `anchor` is its place in the page."""

    anchor: str
    kind: str
    name: str
    action: Action
    severity: Severity
    items: tuple[Item, ...]


def sections(diff: Diff) -> tuple[Section, ...]:
    """The objects of the diff in its order."""
    makers = {Action.REMOVED: Maker(diff.old.structure), Action.ADDED: Maker(diff.new.structure)}
    return tuple(_section(group, makers) for group in groups(diff.changes))


def addresses(diff: Diff) -> Iterator[tuple[Subject, str]]:
    """Each object of the diff and the address of its section in the page."""
    for group in groups(diff.changes):
        yield group.subject, f"#{_anchor(group.subject)}"


def _section(group: Group, makers: dict[Action, Maker]) -> Section:
    subject = group.subject
    return Section(
        _anchor(subject),
        subject.kind,
        visible(words.name_of(subject)),
        next((change.action for change in group.changes if change.subject.part is None), Action.CHANGED),
        group.severity,
        tuple(_item(change, makers) for change in group.changes),
    )


def _anchor(subject: Subject) -> str:
    """The same for the same object in every diff, so that an address of it lasts; without a character to escape."""
    text = "\0".join((subject.kind, *subject.identity))
    return "o" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _item(change: Change, makers: dict[Action, Maker]) -> Item:
    subject = change.subject
    item = Item(
        change.action,
        subject.part or subject.kind,
        None if subject.name is None else visible(subject.name),
        change.severity,
        effects=tuple(_told(effect) for effect in change.effects if effect.text),
        hint=visible(change.hint) if change.hint else None,
    )
    match change.action:
        case Action.ADDED | Action.REMOVED:
            return item._replace(made=_made(change, makers[change.action]))
        case Action.RENAMED:
            return item._replace(properties=(_renamed(change),))
        case Action.CHANGED:
            return _compared(item, change)


def _told(effect: Effect) -> Effect:
    return effect._replace(text=visible(effect.text), sites=tuple(map(visible, effect.sites)))


def _made(change: Change, maker: Maker) -> str | None:
    """The SQL of what comes or goes: of a part on one line, of an object with all that belongs to it."""
    found = change.old if change.action is Action.REMOVED else change.new
    if change.subject.part is not None:
        text = words.definition(change)
        return visible(text) if text else None
    statements = maker.object(change.subject.kind, found)
    text = ";\n".join(each.sql for each in (*statements, *_belonging(change.subject.kind, found, maker)))
    return _visible_lines(f"{text};") if text else None


def _belonging(kind: Kind, found: object, maker: Maker) -> Iterator[Statement]:
    if isinstance(found, Relation):
        for step in (maker.keyed, maker.attached, maker.linked, maker.guarded):
            yield from step(kind, found)


def _visible_lines(text: str) -> str:
    return "\n".join(visible(line.expandtabs(4)) for line in text.split("\n"))


def _renamed(change: Change) -> Told:
    subject = change.subject
    new = words.name_of(subject) if subject.part is None else quoted(subject.name or "")
    return Told("name", visible(former_name(change) or ""), visible(new))


def _compared(item: Item, change: Change) -> Item:
    """Old and new: the SQL of a part, the lines of a body, and the properties that neither shows."""
    bodies = [each for each in change.properties if each.name in _BODIES and change.subject.part is None]
    old, new = _both(change)
    differ = old is not None and new is not None and old != new
    rest = [each for each in change.properties if each not in bodies and not (differ and _is_in_sql(each, change))]
    before, after = word_diff(visible(old), visible(new)) if differ and old and new else ((), ())
    lines = tuple(line._replace(text=visible(line.text)) for each in bodies for line in _body(each))
    told = tuple(Told(words.property_name(each.name), _value(each.old), _value(each.new)) for each in rest)
    return item._replace(old=before, new=after, body=lines, properties=told)


def _both(change: Change) -> tuple[str | None, str | None]:
    """The SQL of the part on both sides; None for what is no part, or has none."""
    return (None, None) if change.subject.part is None else (_sql(change, change.old), _sql(change, change.new))


def _sql(change: Change, found: object) -> str | None:
    return words.definition(replace(change, action=Action.ADDED, new=found))


def _is_in_sql(each: Property, change: Change) -> bool:
    """Whether the SQL of the part is another one if that property alone is."""
    field = each.name.partition(".")[0]
    altered = change.old._replace(**{field: getattr(change.new, field)})
    return _sql(change, altered) != _sql(change, change.old)


def _body(each: Property) -> tuple[Line, ...]:
    return line_diff(each.old or "", each.new or "")


def _value(given: object) -> str:
    return _visible_lines(words.value(given))
