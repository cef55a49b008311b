"""squirrel: a row that is inserted where the same function has asked for one with the same values before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..model import NoSite, SiteFact
from ..values import Call, Record, Text
from .asked import alike
from .chain import name_of, own_links
from .drafting import insert
from .go_steps import NOT_ASKED, asking, before, compared, kept, racy, read_back
from .payload import Payload
from .reading import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve
    from ..values import Value

_KINDS = {
    "Select": Mechanism.SELECT_THEN_INSERT,
    "Update": Mechanism.UPDATE_THEN_INSERT,
    "Delete": Mechanism.DELETE_INSERT,
}
_ROWS = frozenset({"Values", "SetMap"})
_TABLES = {"Select": "From", "Update": "Update", "Delete": "Delete"}


def is_paired(data: bytes) -> bool:
    """Whether a file asks for rows and inserts one with squirrel."""
    return b"/squirrel" in data and b".Insert(" in data and b".Where(" in data


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each INSERT of one row, with the statements of its function that it may depend on."""
    if "/squirrel" not in module.file.text:
        return
    steps: list[tuple[Call, Mechanism]] | None = None
    finished = {link.name_offset for call in module.calls(frozenset({"Suffix"})) for link in own_links(call)[1][:-1]}
    for call in module.calls(_ROWS):
        names = [name_of(link) for link in own_links(call)[1]]
        if "Insert" not in names or sum(name in _ROWS for name in names) > 1 or _is_suffixed(module, call, finished):
            continue
        steps = asking(module, frozenset({"Where"}), _KINDS) if steps is None else steps
        found = kept(before(module, call, steps))
        if found.items:
            values: dict[str, Value] = {"insert": call, "steps": found, "text": Text(module.file.text)}
            at, end = call.name_offset, call.end
            yield SiteFact(client="squirrel", values=values, offset=at, statement=call.offset, end=end)


def _is_suffixed(module: Module, call: Call, finished: set[int]) -> bool:
    """Whether a conflict clause stands behind the rows."""
    return call.name_offset in finished and "conflict" in module.file.text[call.end : call.end + 200].casefold()


def finish_steps(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The site of the INSERT and the last statement that asks for what it writes."""
    call, source = fact.values["insert"], fact.values["text"]
    links = own_links(call)[1]
    table = _name(links, "Insert", resolve)
    row = _row(links, resolve)
    if table is None or row is None or not isinstance(source, Text):
        return NoSite(NOT_ASKED)
    for step, kind in read_back(fact.values["steps"]):
        inner = own_links(step)[1]
        named = next(name_of(link) for link in inner if name_of(link) in _TABLES)
        keys = _keys(inner, source.text, resolve)
        if keys and _name(inner, _TABLES[named], resolve) == table and _is_given(keys, row):
            rows = Payload(tuple(row), rows=1)
            begun = SiteFact(client=fact.client, values={}, offset=fact.offset, statement=step.offset, end=fact.end)
            return (insert(begun, _qualified(table), rows, racy=racy(kind, keys)),)
    return NoSite(NOT_ASKED)


def _name(links: tuple[Call, ...], method: str, resolve: Resolve) -> str | None:
    given = next((link.args[0] for link in links if name_of(link) == method and link.args), None)
    return text(given, resolve) if given is not None else None


def _qualified(name: str) -> QualifiedName:
    schema, _, last = name.rpartition(".")
    return QualifiedName(schema.strip('"') or None, last.strip('"'))


def _row(links: tuple[Call, ...], resolve: Resolve) -> dict[str, Value] | None:
    """The values of the one row by column; None when they are not all known."""
    for link in links:
        if name_of(link) == "SetMap" and link.args:
            known = resolve(link.args[0])
            own = link.args[0] if isinstance(link.args[0], Record) else known
            return dict(own.entries) if isinstance(own, Record) and own.complete else None
    columns = [text(arg, resolve) for link in links if name_of(link) == "Columns" for arg in link.args]
    values = [arg for link in links if name_of(link) == "Values" for arg in link.args]
    if not columns or len(columns) != len(values):
        return None
    return {name: value for name, value in zip(columns, values, strict=True) if name is not None}


def _keys(links: tuple[Call, ...], source: str, resolve: Resolve) -> dict[str, Value] | None:
    found: dict[str, Value] = {}
    for link in links:
        keys = compared(source, link, resolve) if name_of(link) == "Where" else {}
        if keys is None:
            return None
        found |= keys
    return found


def _is_given(keys: dict[str, Value], row: dict[str, Value]) -> bool:
    return all(name in row and alike(value, row[name]) for name, value in keys.items())
