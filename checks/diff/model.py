"""What a comparison gives: changes of objects, of their parts and of their properties."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ..structure.model import Kind, Structure
    from ..structure.parts import Part


class Action(StrEnum):
    """What happens to an object on the way from the first structure to the second."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    RENAMED = "renamed"


class Severity(StrEnum):
    """What a change costs, the worst first."""

    BREAKS = "breaks"  # a statement of the application works with one side only
    DESTRUCTIVE = "destructive"  # data, or values that could be stored, are lost
    LOCKS = "locks"  # others wait while the change is made
    CHANGE = "change"
    COSMETIC = "cosmetic"  # no statement gives another result

    @property
    def rank(self) -> int:
        """0 for what breaks, 4 for what is cosmetic."""
        return _SEVERITIES.index(self)


_SEVERITIES = tuple(Severity)


class Effect(NamedTuple):
    """One thing that a change does, as a sentence fragment; `sites` are the places of the application that it is about.

    A place is `path:line`.
    """

    severity: Severity
    text: str
    sites: tuple[str, ...] = ()


class Property(NamedTuple):
    """A property with its two values. `name` is a field of `structure.model`, dotted for a field of a field."""

    name: str
    old: Any
    new: Any


class Subject(NamedTuple):
    """What a change is about: an object by its kind and identity or, with `part`, a part of a relation by its name."""

    kind: Kind
    identity: tuple[str, ...]
    part: Part | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a diff.

    `old` and `new` are the objects or parts themselves, None where there is none. `properties` say what differs between
    them. `subject` has the new name of what is renamed. `hint`: a full sentence on what may lie behind it. `effects`:
    what it does, the worst first.
    """

    action: Action
    subject: Subject
    old: Any = None
    new: Any = None
    properties: tuple[Property, ...] = ()
    hint: str | None = None
    effects: tuple[Effect, ...] = ()

    @property
    def severity(self) -> Severity:
        """That of the worst effect."""
        return min((effect.severity for effect in self.effects), key=lambda each: each.rank, default=Severity.CHANGE)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two structures, with the name that reports give its source."""

    name: str
    structure: Structure


@dataclass(frozen=True, slots=True)
class Diff:
    """All changes from `old` to `new`, in the order of kind and name.

    `ignored` counts changes that the user's rules took out; `notes` are sentences on what could not be compared.
    """

    old: Side
    new: Side
    changes: tuple[Change, ...] = ()
    ignored: int = 0
    notes: tuple[str, ...] = field(default=())
