"""Enum types that no ADD VALUE makes: another type takes the place of the old one, and its columns move by text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...quoting import literal, quoted
from ...structure.ddl import others
from ...structure.ddl.statement import Statement
from ...structure.definition import qualified
from ...structure.model import Enum, Kind, Relation
from ..model import Action, Subject
from . import columns, objects
from .gone import columns_of
from .model import EXCLUSIVE, Step, Unwritten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...structure.ddl import Maker
    from ...structure.model import Structure
    from ...structure.parts import Column, Name
    from ..model import Change

_ASIDE = "_before"  # what the old type is called while its columns move


def swapped(changes: Iterable[Change], old: Structure) -> tuple[dict[Name, Enum], tuple[Unwritten, ...]]:
    """Enum types that have to be made again, by name, and those for which that cannot be done."""
    found: dict[Name, Enum] = {}
    refused: list[Unwritten] = []
    for change in changes:
        if change.action is not Action.CHANGED or not isinstance(change.new, Enum):
            continue
        if change.old.labels == change.new.labels or objects.added_labels(change.old, change.new) is not None:
            continue
        users = [str(kind) for kind in (Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE) if _uses(old, kind, change.new[:2])]
        users += _told_by_name(old, change.new[:2])
        if users:
            refused.append(
                Unwritten(change.subject, f"a {users[0]} uses the type, which has to be made again for that")
            )
        else:
            found[change.new[:2]] = change.new
    return found, tuple(refused)


def _uses(old: Structure, kind: Kind, name: Name) -> bool:
    made = (statement for found in old.objects.get(kind, {}).values() for statement in others.create(kind, found))
    return any(name in statement.mentioned() for statement in made)


def _told_by_name(old: Structure, name: Name) -> list[str]:
    """Kinds of objects without a definition here, casts above all, that name the type and cannot be made again."""
    return sorted({kind for kind, identity in old.objects.get(Kind.OTHER, {}) if qualified(name) in identity})


def moved(wanted: dict[Name, Enum], maker: Maker, old: Structure) -> Iterator[Step]:
    """Enum types that are made again: the old one steps aside, and the columns move by way of text."""
    for name, enum in wanted.items():
        subject = Subject(Kind.ENUM, name)
        lost = [label for label in _labels(old, name) if label not in enum.labels]
        destroys = f"rows can no longer hold {', '.join(map(literal, lost))}" if lost else None
        aside = f"ALTER TYPE {qualified(name)} RENAME TO {quoted(name[1] + _ASIDE)}"
        yield Step(Statement(aside, (name,), ""), subject)
        yield from (Step(each, subject) for each in maker.object(Kind.ENUM, enum))
        for table, column in columns_of(old, [name]):
            if found := _pair(old, maker.structure, table, column):
                statement = columns.retyped(*found, qualified(table), by_text=True)
                yield Step(statement._replace(makes=(table,)), subject, EXCLUSIVE, destroys)


def done(wanted: dict[Name, Enum]) -> Iterator[Step]:
    """The old types go."""
    for name in wanted:
        text = f"DROP TYPE {qualified((name[0], name[1] + _ASIDE))}"
        yield Step(Statement(text, needs=""), Subject(Kind.ENUM, name))


def _labels(old: Structure, name: Name) -> tuple[str, ...]:
    found = old.objects[Kind.ENUM][name]
    return found.labels if isinstance(found, Enum) else ()


def _pair(old: Structure, new: Structure, table: Name, name: str) -> tuple[Column, Column] | None:
    """The column before and after, if it is there in both with one type, and is not its parent's."""
    for kind in (Kind.TABLE, Kind.FOREIGN_TABLE):
        one, two = (side.objects.get(kind, {}).get(table) for side in (old, new))
        if isinstance(one, Relation) and isinstance(two, Relation):
            before = next((each for each in one.columns if each.name == name), None)
            after = next((each for each in two.columns if each.name == name), None)
            handed_down = after is not None and after.inherited and not after.local
            if before and after and not handed_down and before.type == after.type:
                return before, after
    return None
