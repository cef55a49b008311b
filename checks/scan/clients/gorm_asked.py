"""GORM: a row that is created where the same function has asked for one with the same values before.

`db.Where("email = ?", email).First(&user)`, then `db.Create(&User{Email: email})`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..declarations.go_structs import struct_of
from ..declarations.gorm import GormTable, table_of
from ..model import NoSite, SiteFact
from ..values import Call, Class, Name, Record, Sequence, Text
from .asked import NOT_ASKED, alike, racy
from .chain import Chain, name_of, own_links
from .drafting import insert
from .gorm_racy import condition_columns
from .gorm_rows import rows_of, with_optional

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve
    from ..values import Value

_ASKS = frozenset({"First", "Take"})
# What changes neither which rows are looked at nor that one of them is asked for.
_KEEPING = _ASKS | {"Where", "Model", "WithContext", "Session", "Debug", "Unscoped", "Select", "Preload"}


def is_paired(data: bytes) -> bool:
    """Whether a file asks for one row and creates one."""
    return b".Create(&" in data and (b".First(&" in data or b".Take(&" in data)


def find_asked(module: Module) -> Iterator[SiteFact]:
    """Each row that is written where it is created, with what its function has asked for before, latest first."""
    asked: list[Call] | None = None
    for call in module.calls(frozenset({"Create"})):
        _, links = own_links(call)
        row = _literal(module, call.args[0]) if len(call.args) == 1 else None
        around = module.function_at(call.offset)
        if row is None or around is None or any(name_of(link) in {"Clauses", "Table", "Model"} for link in links):
            continue
        asked = [one for one in module.calls(_ASKS) if _is_of_one(one)] if asked is None else asked
        before = tuple(one for one in reversed(asked) if around.offset <= one.offset and one.end <= row.offset)
        if before:
            values: dict[str, Value] = {"kind": Text("asked"), "call": call, "row": row, "asked": Sequence(before)}
            start, end = call.offset, call.end
            yield SiteFact(client="gorm", values=values, offset=call.name_offset, statement=start, end=end)


def _literal(module: Module, value: Value) -> Call | None:
    """`User{..}` that the row is, or that the variable of the row was made as."""
    meant = module.lookup(value.name, value.offset) if isinstance(value, Name) else value
    return meant if isinstance(meant, Call) and meant.keywords and not meant.args else None


def _is_of_one(call: Call) -> bool:
    _, links = own_links(call)
    names = [name_of(link) for link in links]
    return bool(call.args) and "Where" in names and set(names) <= _KEEPING and len(call.args) == 1


def finish_asked(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The site of the row and the last lookup of its values."""
    call, row, asked = fact.values["call"], fact.values["row"], fact.values["asked"]
    model = _model(row, resolve)
    if not isinstance(model, GormTable) or not isinstance(call, Call) or not isinstance(row, Call):
        return NoSite(NOT_ASKED)
    for lookup in asked.items if isinstance(asked, Sequence) else ():
        found = _keys(lookup, model, row, resolve) if isinstance(lookup, Call) else ()
        if found and isinstance(lookup, Call):
            rows = rows_of(model, row, Chain(row), resolve)
            begun = SiteFact(client=fact.client, values={}, offset=fact.offset, statement=lookup.offset, end=fact.end)
            return (with_optional(insert(begun, model.name, rows, racy=racy(found)), model, rows),)
    return NoSite(NOT_ASKED)


def _model(value: Value, resolve: Resolve) -> GormTable | None:
    found = struct_of(value, resolve)
    known = table_of(found, resolve) if isinstance(found, Class) else None
    return known if isinstance(known, GormTable) else None


def _keys(lookup: Call, model: GormTable, row: Call, resolve: Resolve) -> tuple[str, ...]:
    """The columns that a lookup of the same model compares with what the row is given; none when not all are."""
    _, links = own_links(lookup)
    named = next((link.args[0] for link in links if name_of(link) == "Model" and link.args), lookup.args[0])
    other = _model(named, resolve)
    if other is None or other.name != model.name:
        return ()
    given = {field.name: value for name, value in row.keywords if (field := model.called(name)) is not None}
    found: list[str] = []
    for link in links:
        for column, value in _compared(link, model, resolve) if name_of(link) == "Where" else ():
            if column not in given or value is None or not alike(value, given[column]):
                return ()
            found.append(column)
    return tuple(dict.fromkeys(found))


def _compared(link: Call, model: GormTable, resolve: Resolve) -> Iterator[tuple[str, Value | None]]:
    """Each column of a condition, and the value that it is compared with; ("", None) when it is not read."""
    condition = link.args[0] if link.args else None
    columns = condition_columns(condition, model, resolve) if condition is not None else None
    values: tuple[Value, ...] = link.args[1:]
    if isinstance(condition, (Call, Record)):
        entries = condition.keywords if isinstance(condition, Call) else condition.entries
        values = tuple(value for _, value in entries)
    if not columns or len(columns) != len(values):
        yield "", None
    else:
        yield from zip(columns, values, strict=True)
