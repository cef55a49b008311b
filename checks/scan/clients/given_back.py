"""What a chain of calls has the server give back: `.returning(..)` after an INSERT, by the calls before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import ColumnReference
from ..values import Call, Sequence
from .chain import name_of, reached
from .reading import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..model import Draft, Module, Resolve
    from ..values import Value

_EVERYTHING = "*"
_ALL = "returningAll"
METHODS = frozenset({"returning", _ALL})

Back = dict[int, tuple[Call, ...]]


def given_back(module: Module, through: frozenset[str] = frozenset()) -> Back:
    """The calls that ask for columns, by the places of the names of all calls in their chains, variables followed."""
    found: Back = {}
    for call in module.calls(METHODS):
        for place in reached(module, call, through):
            found[place] = (*found.get(place, ()), call)
    return found


def asking(back: Back, place: int) -> dict[str, Value]:
    """What a fact keeps of the calls that stand in the chain of the call there."""
    return {"back": Sequence(back.get(place, ()))}


def with_returning(
    draft: Draft,
    values: Mapping[str, Value],
    resolve: Resolve,
    *,
    everything: tuple[str, ...] = (_EVERYTHING,),
    column: Callable[[str], str | None],
) -> Draft:
    """The draft with the columns that come back; as it is where that cannot be read.

    `everything` are those of a call without arguments, `column` makes a name of what stands for one.
    """
    calls = values.get("back")
    if not isinstance(calls, Sequence):
        return draft
    names: list[str | None] = []
    for call in calls.items:
        if isinstance(call, Call):
            names += _names(call, everything, column, resolve)
    if None in names:
        return draft
    found = tuple(ColumnReference(None, name) for name in dict.fromkeys(names) if name is not None)
    return replace(draft, write=replace(draft.write, returning=found or None, returning_known=True))


def _names(
    call: Call, everything: tuple[str, ...], column: Callable[[str], str | None], resolve: Resolve
) -> list[str | None]:
    if not call.args or name_of(call) == _ALL:
        return [*everything]
    known = resolve(call.args[0])
    items = known.items if isinstance(known, Sequence) else call.args
    written = [text(item, resolve) for item in items]
    return [None if one is None else column(one) for one in written]


def plain_name(written: str) -> str:
    """The name of `name`, `table.name` or `name as alias`."""
    end = written.lower().find(" as ")
    return (written if end < 0 else written[:end]).strip().rpartition(".")[2]
