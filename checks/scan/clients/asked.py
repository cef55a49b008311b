"""Rows that a function makes of the values by which it has asked for one before, in clients without such a method."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Mechanism
from ..values import Member, Text
from .drafting import Racy
from .python_steps import decides
from .spelling import spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ..model import Module, SiteFact
    from ..values import Call, Record, Value

_ASSERTION = re.compile(r"\s*(?:self\.|\$this->|\w+\.)?(?:assert|expect|require)", re.IGNORECASE)
_KEYS = frozenset({"id", "pk", "Id", "ID"})
WHY = "a lookup before this INSERT decides whether it is made"
_WHY = {
    Mechanism.SELECT_THEN_INSERT: WHY,
    Mechanism.UPDATE_THEN_INSERT: "an update before this INSERT decides whether it is made",
    Mechanism.DELETE_INSERT: "a delete before this INSERT makes room for it",
}
NOT_ASKED = "makes a row, but asks for none by values that it is given before"


@dataclass(frozen=True, slots=True)
class Asked:
    """A lookup of one row: the owner as it is written, and the values by the names that they are compared with.

    Or an UPDATE or DELETE of the rows that have them, as `mechanism` says.
    """

    owner: str
    keys: Record
    offset: int
    end: int
    mechanism: Mechanism = Mechanism.SELECT_THEN_INSERT


@dataclass(frozen=True, slots=True)
class Made:
    """A row that is sent by `call`, and the values that it is given by name where it is made, at `offset`."""

    owner: str
    row: Record
    offset: int
    call: Call


def pairs(
    module: Module, made: Iterable[Made], asked: Iterable[Asked], named: Callable[[str], str] = str
) -> Iterator[tuple[Made, Asked]]:
    """Each row with the last lookup before it in its function that asks for all it compares in what the row is given.

    `named` makes names alike that mean the same column.
    """
    lookups = tuple(one for one in asked if not _is_asserted(module, one))
    for one in made:
        around = module.function_at(one.call.offset)
        given = {named(name): value for name, value in one.row.entries}
        for lookup in sorted(lookups, key=lambda lookup: -lookup.offset) if around is not None else ():
            inside = around is not None and around.offset <= lookup.offset and lookup.end <= one.offset
            if inside and lookup.owner == one.owner and _is_given(lookup.keys, given, named):
                if not decides(lookup.mechanism, module.file.text, lookup.offset, lookup.end, one.offset):
                    continue
                if not module.leads(lookup.offset, one.call.offset, asked=False):
                    continue
                yield one, lookup
                break


def _is_asserted(module: Module, lookup: Asked) -> bool:
    """Whether the lookup's line is an assertion of a test, which decides nothing."""
    text = module.file.text
    return _ASSERTION.match(text, text.rfind("\n", 0, lookup.offset) + 1, lookup.offset) is not None


def _is_given(keys: Record, given: dict[str, Value], named: Callable[[str], str]) -> bool:
    if not keys.complete or not keys.entries:
        return False
    return all(named(name) in given and alike(value, given[named(name)]) for name, value in keys.entries)


def alike(one: Value, other: Value) -> bool:
    """Whether two expressions of one function are written the same; a row and its key are (`user`, `user.id`)."""
    left, right = _written(one), _written(other)
    return left is not None and left == right


def _written(value: Value) -> object | None:
    return spelled(value.object if isinstance(value, Member) and value.name in _KEYS else value)


def racy(columns: tuple[str, ...], mechanism: Mechanism = Mechanism.SELECT_THEN_INSERT) -> Racy:
    """What makes the INSERT of a pair one that a lookup by these columns decides."""
    return Racy(mechanism, columns, _WHY[mechanism])


def mechanism_of(fact: SiteFact) -> Mechanism:
    """What the value "mechanism" of a fact says."""
    given = fact.values.get("mechanism")
    return Mechanism(given.text) if isinstance(given, Text) else Mechanism.SELECT_THEN_INSERT
