"""bun: a row that is inserted where the same function has asked for one with the same values before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.bun import bun_table, columns_by_field
from ..declarations.go_structs import struct_of
from ..model import NoSite, SiteFact
from ..values import Call, Class, Member, Name, Text
from .asked import alike
from .chain import name_of, own_links
from .drafting import insert
from .go_steps import NOT_ASKED, asking, before, compared, kept, racy, read_back
from .payload import Payload

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve
    from ..values import Value

_KINDS = {
    "NewSelect": Mechanism.SELECT_THEN_INSERT,
    "NewUpdate": Mechanism.UPDATE_THEN_INSERT,
    "NewDelete": Mechanism.DELETE_INSERT,
}
_ENDS = frozenset({"Exec", "Scan", "Exists", "Count"})
_PLAIN = frozenset({"NewInsert", "Model", "Exec", "Returning", "Scan"})


def is_paired(data: bytes) -> bool:
    """Whether a file inserts a row with bun, and asks for rows."""
    return b".NewInsert()" in data and any(b"." + kind.encode() + b"()" in data for kind in _KINDS)


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each plain INSERT of a model, with the statements of its function that it may depend on."""
    steps = asking(module, _ENDS, _KINDS) if ".NewInsert()" in module.file.text else []
    for call in module.calls(frozenset({"Exec", "Scan"})) if steps else ():
        links = own_links(call)[1]
        names = {name_of(link) for link in links}
        model = next((link.args[0] for link in links if name_of(link) == "Model" and link.args), None)
        if "NewInsert" not in names or not names <= _PLAIN or model is None:
            continue
        found = kept(before(module, call, steps))
        if found.items:
            meant = module.lookup(model.name, model.offset) if isinstance(model, Name) else None
            values: dict[str, Value] = {"steps": found, "model": model, "text": Text(module.file.text)}
            values |= {"row": meant} if meant is not None else {}
            yield SiteFact(
                client="bun", values=values, offset=links[0].name_offset, statement=call.offset, end=call.end
            )


def finish_steps(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The site of the INSERT and the last statement that asks for what it writes."""
    model, source = fact.values["model"], fact.values["text"]
    owner = struct_of(model, resolve)
    if not isinstance(owner, Class) or not isinstance(source, Text):
        return NoSite(NOT_ASKED)
    table, fields = bun_table(owner, "bun", resolve), columns_by_field(owner, "bun")
    row = next((one for one in (model, fact.values.get("row")) if isinstance(one, Call) and one.keywords), None)
    given = {fields[name]: value for name, value in row.keywords if name in fields} if row is not None else {}
    for step, kind in read_back(fact.values["steps"]):
        keys = _keys(step, owner, source.text, resolve)
        if keys and isinstance(table.name, str) and all(_is_given(*key, model, given, fields) for key in keys.items()):
            schema, _, name = table.name.rpartition(".")
            rows = Payload(table.columns, table.doubt is None, 1, reason=table.doubt)
            begun = SiteFact(client=fact.client, values={}, offset=fact.offset, statement=step.offset, end=fact.end)
            return (insert(begun, QualifiedName(schema or None, name), rows, racy=racy(kind, keys)),)
    return NoSite(NOT_ASKED)


def _keys(step: Call, owner: Class, source: str, resolve: Resolve) -> dict[str, Value] | None:
    """What a statement on the same model compares; None when that is not all known, or it is on another."""
    links = own_links(step)[1]
    named = next((link.args[0] for link in links if name_of(link) == "Model" and link.args), None)
    other = struct_of(named, resolve) if named is not None else None
    if not isinstance(other, Class) or (other.path, other.offset) != (owner.path, owner.offset):
        return None
    found: dict[str, Value] = {}
    for link in links:
        keys = compared(source, link, resolve) if name_of(link) == "Where" else {}
        if keys is None:
            return None
        found |= keys
    return found


def _is_given(column: str, asked: Value, model: Value, given: dict[str, Value], fields: dict[str, str]) -> bool:
    """Whether the row has the value in that column: its literal says so, or the value is taken from the row."""
    if column in given:
        return alike(asked, given[column])
    return isinstance(asked, Member) and fields.get(asked.name) == column and alike(asked.object, model)
