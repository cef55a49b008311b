"""The texts of SQL that a database holds, as they were read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Origin


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells a routine or rule from others: of a routine its input types by pg_type's names, `[]` behind arrays.

    `types` None: a rule, whose table is `table`.
    """

    schema: str
    name: str
    types: tuple[str, ...] | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """One text of SQL that a database holds.

    `object` names it as reports do ("public.f(text)"), `definition` is the whole statement that the server prints,
    whose `text` from character `start` on is what its author wrote, or, `deparsed`, what the server made of that.
    `attached` are the triggers that call a function ("audit on public.orders"). `runs_as` is the role whose rights
    count: the owner of a SECURITY DEFINER function or of a rule's table, the user of a job; None: whoever calls it.
    """

    origin: Origin
    object: str
    language: str
    definition: str
    start: int
    text: str
    signature: Signature | None = None
    deparsed: bool = False
    attached: tuple[str, ...] = ()
    runs_as: str | None = None
    owner: int = 0
    acl: str | None = None  # proacl; None: its owner and PUBLIC may call it


@dataclass(frozen=True, slots=True)
class Inside:
    """All texts of a database that may hold a write, and notes on what was left out or could not be read."""

    stored: tuple[Stored, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING = Inside()
