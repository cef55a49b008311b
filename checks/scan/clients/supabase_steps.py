"""supabase-js and supabase-py: lookups, updates and deletes by a key, which an INSERT may follow.

`.from(t).select(..).eq(k, v)`, `.update(row).eq(k, v)`, `.delete().match({k: v})`. What lists rows or counts them
(`.order()`, `.range()`, `{ count, head }`) does not ask whether a row is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..model import SiteFact, Step
from ..values import Call, Member, Record, Sequence, Text
from .postgrest import chain_of, schema_of
from .reading import called_name, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value

_MECHANISMS = {
    "select": Mechanism.SELECT_THEN_INSERT,
    "update": Mechanism.UPDATE_THEN_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_COMPARING = frozenset({"eq", "match"})
_LISTING = frozenset({"order", "range", "csv"})


def find_steps(client: str, module: Module) -> Iterator[SiteFact]:
    """Each chain of a module that asks for rows by a key."""
    longest: dict[int, list[Call]] = {}
    for call in module.calls(_COMPARING):
        links = _links(call)
        if len(links) > len(longest.get(links[0].name_offset, ())):
            longest[links[0].name_offset] = links
    listing = {_links(call)[0].name_offset for call in module.calls(_LISTING)}
    for begin, links in longest.items():
        kind = called_name(links[1]) if len(links) > 1 else None  # the verb stands right after the table
        if begin not in listing and kind in _MECHANISMS and not _counts(links[1]):
            compared = Sequence(tuple(link for link in links if called_name(link) in _COMPARING))
            values: dict[str, Value] = {"step": Text(kind), "receiver": links[0], "compared": compared}
            end, start = links[-1].end, links[0].offset
            yield SiteFact(client=client, values=values, offset=begin, statement=start, end=end)


def _links(call: Call) -> list[Call]:
    """The calls of a chain from `.from(t)` on, innermost first; what stands before (`.schema(s)`) left out."""
    links = [call]
    while isinstance(links[-1].callee, Member) and isinstance(inner := links[-1].callee.object, Call):
        links.append(inner)
    links.reverse()
    tables = [index for index, link in enumerate(links) if called_name(link) in {"from", "table", "from_"}]
    return links[tables[0] :] if tables else links


def _counts(select: Call) -> bool:
    options = select.args[1] if len(select.args) > 1 else None
    keys = {key for key, _ in select.keywords}
    return bool(keys & {"count", "head"}) or (isinstance(options, Record) and bool(options.entries))


def finish_step(fact: SiteFact, resolve: Resolve) -> Step | tuple[()]:
    """The step with its table and columns; nothing when they are not known."""
    chain = chain_of(fact.values["receiver"], resolve)
    table = text(chain.table, resolve) if chain is not None else None
    if chain is None or table is None:
        return ()
    compared, kind = fact.values["compared"], fact.values["step"]
    calls = compared.items if isinstance(compared, Sequence) else ()
    columns = [column for call in calls if isinstance(call, Call) for column in _columns(call, resolve)]
    known = tuple(column for column in columns if column is not None)
    if not known or len(known) < len(columns) or not isinstance(kind, Text):
        return ()
    schema = schema_of(chain.root, resolve)
    return Step(_MECHANISMS[kind.text], QualifiedName(schema.name, table), known, fact.statement)


def _columns(call: Call, resolve: Resolve) -> list[str | None]:
    given = call.args[0] if call.args else None
    if given is None:
        return [None]
    if called_name(call) == "eq":
        return [text(given, resolve)]
    record = resolve(given)
    return [key for key, _ in record.entries] if isinstance(record, Record) and record.complete else [None]
