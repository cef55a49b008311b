"""Lookups, updates and deletes by a key before a plain INSERT in one function of Go, for its query builders.

A lookup counts where something before the INSERT asks whether it found a row, an update where its number of rows is
asked for, a delete where nothing repeats the INSERT; and each only where all that it compares is written as it was
compared. What lists, counts in groups or orders rows is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism
from ...sql.lookups import read_lookups
from ..values import Call, Record, Sequence, Text
from .chain import name_of, own_links
from .drafting import Racy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Module, Resolve
    from ..values import Value

# What asks whether a row was found; `if err != nil { return err }` does not.
_FOUND = re.compile(
    r"ErrNoRows|NotFound|\berr == nil\b|(?<!\berr) == nil\b|(?<!\berr) != nil\s*\{\s*return\b"
    r"|\blen\(\w+\)\s*(?:[=!]=|>) ?0|\b(?:if|case)\s+!?\s*\w*(?:[eE]xist|[fF]ound|\bok\b)\w*"
    r"|\b(?:c|n|cnt|\w*[cC]ount|total|num)\s*(?:[=!]=|>) ?0"
)
_CHANGED = re.compile(r"RowsAffected")
_REPEATS = re.compile(r"\bfor\b")
_LISTS = frozenset({
    "OrderBy", "GroupBy", "Having", "Join", "LeftJoin", "InnerJoin", "JoinClause", "Offset", "Order", "OrderExpr",
    "GroupExpr", "WhereOr", "WhereGroup", "Relation",
})  # fmt: skip
WHY = {
    Mechanism.SELECT_THEN_INSERT: "a lookup before this INSERT decides whether it is made",
    Mechanism.UPDATE_THEN_INSERT: "an update before this INSERT decides whether it is made",
    Mechanism.DELETE_INSERT: "a delete before this INSERT makes room for it",
}
NOT_ASKED = "makes a row, but asks for none by values that it is given before"


def asking(module: Module, ends: frozenset[str], kinds: dict[str, Mechanism]) -> list[tuple[Call, Mechanism]]:
    """The longest chain of each statement with a condition; `kinds` by the call that such a chain starts with."""
    found: dict[int, tuple[Call, Mechanism]] = {}
    for call in module.calls(ends):
        _, links = own_links(call)
        names = [name_of(link) for link in links]
        kind = next((kinds[name] for name in names if name in kinds), None)
        if kind is not None and "Where" in names:
            found[links[0].name_offset] = call, kind
    lists = {own_links(call)[1][0].name_offset for call in module.calls(_LISTS) if own_links(call)[1]}
    return [pair for at, pair in found.items() if at not in lists]


def before(module: Module, insert: Call, steps: Iterable[tuple[Call, Mechanism]]) -> Iterator[tuple[Call, Mechanism]]:
    """The statements of its function on which an INSERT depends, the latest first."""
    function = module.function_at(insert.offset)
    for call, kind in sorted(steps, key=lambda pair: -pair[0].offset) if function is not None else ():
        inside = function is not None and function.offset <= call.offset and call.end <= insert.offset
        if inside and _decides(module.file.text[call.end : insert.offset], kind):
            yield call, kind


def _decides(between: str, kind: Mechanism) -> bool:
    match kind:
        case Mechanism.DELETE_INSERT:
            return _REPEATS.search(between) is None
        case Mechanism.UPDATE_THEN_INSERT:
            return _CHANGED.search(between) is not None
        case _:
            return _FOUND.search(between) is not None


def kept(steps: Iterable[tuple[Call, Mechanism]]) -> Sequence:
    """Statements as a value of a fact."""
    return Sequence(tuple(Sequence((call, Text(kind))) for call, kind in steps))


def read_back(value: Value) -> Iterator[tuple[Call, Mechanism]]:
    """The statements that `kept` has put into a fact."""
    for pair in value.items if isinstance(value, Sequence) else ():
        match pair:
            case Sequence((Call() as call, Text(kind))):
                yield call, Mechanism(kind)
            case _:
                pass


def compared(module_text: str, link: Call, resolve: Resolve) -> dict[str, Value] | None:
    """The columns that `Where("a = ?", x)` or `Where(sq.Eq{"a": x})` compares for equality; None for any other."""
    match link.args:
        case (Record(entries, True, offset), *rest) if entries and not rest:
            return dict(entries) if module_text[:offset].endswith(".Eq") else None
        case (condition, *values):
            known = resolve(condition)
            if not isinstance(known, Text):
                return None
            lookups = read_lookups(f"SELECT 1 FROM t WHERE {known.text}")  # noqa: S608 - parsed, never sent
            columns = lookups[0].columns if len(lookups) == 1 else ()
            return dict(zip(columns, values, strict=True)) if columns and len(columns) == len(values) else None
        case _:
            return None


def racy(kind: Mechanism, columns: Iterable[str]) -> Racy:
    """What makes the INSERT one that a statement by these columns decides."""
    return Racy(kind, tuple(columns), WHY[kind])
