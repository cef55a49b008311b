"""Exposed: lookups of one row, updates and deletes by a key, which an INSERT may follow.

`Words.selectAll().where { Words.word eq w }.singleOrNull()`, `Words.update({ Words.word eq w }) { .. }`,
`Words.deleteWhere { word eq w }`. What lists or counts rows does not ask whether one is there; of an update only one
whose number of rows is asked for counts, of a delete one that a single row comes after.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.exposed import ExposedTable, read_exposed
from ..model import SiteFact, Step
from ..values import Call, Lambda, Member, Name, Text
from .chain import name_of, own_links
from .reading import called_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Module, Resolve
    from ..values import Value

_ONE = frozenset({"singleOrNull", "firstOrNull", "single", "first", "empty", "any", "none", "count", "forUpdate"})
_CONDITIONS = frozenset({"where", "select"})
_MECHANISMS = {
    "select": Mechanism.SELECT_THEN_INSERT,
    "update": Mechanism.UPDATE_THEN_INSERT,
    "deleteWhere": Mechanism.DELETE_INSERT,
}
_REPEATS = re.compile(r"\b(for|while|forEach|map|onEach|repeat)\b")
_NONE = re.compile(r"\s*(?:[=!]=|>)\s*0L?\b|\s*>=\s*1L?\b")  # a count that asks whether there is any
_ASKING = ("=", "(", "return", "val")


def find_steps(module: Module) -> Iterator[SiteFact]:
    """Each lookup, update and delete of a module that has a condition."""
    seen: set[int] = set()
    for call in module.calls(_ONE | {"update", "deleteWhere"}):
        root, links = own_links(call)
        name = called_name(call)
        link = call if name in _MECHANISMS else next((one for one in links if _has_condition(one)), None)
        if link is None or not isinstance(root, Name) or link.name_offset in seen or not _has_condition(link):
            continue
        if name == "update" and not module.file.text[: call.offset].rstrip().endswith(_ASKING):
            continue
        if name == "count" and _NONE.match(module.file.text, call.end) is None:
            continue
        if name == "deleteWhere" and _is_refilled(module, call, root.name):
            continue
        seen.add(link.name_offset)
        kind = name if name in _MECHANISMS else "select"
        values: dict[str, Value] = {"step": Text(kind or ""), "owner": root, "condition": link.args[0]}
        yield SiteFact(client="exposed", values=values, offset=link.name_offset, statement=call.offset, end=call.end)


def _is_refilled(module: Module, delete: Call, table: str) -> bool:
    """Whether several rows are inserted after a delete: it replaces a list."""
    function = module.function_at(delete.offset)
    after = module.file.text[delete.end : function.end if function is not None else len(module.file.text)]
    inserts = [match.start() for match in re.finditer(rf"\b{re.escape(table)}\s*\.\s*insert", after)]
    return len(inserts) != 1 or _REPEATS.search(after[: inserts[0]]) is not None


def _has_condition(link: Call) -> bool:
    named = name_of(link) in _CONDITIONS or name_of(link) in _MECHANISMS
    return named and bool(link.args) and isinstance(link.args[0], Lambda)


def finish_step(fact: SiteFact, resolve: Resolve) -> Step | tuple[()]:
    """The step with its table and columns; nothing when they are not known."""
    found, condition, kind = (
        read_exposed(resolve(fact.values["owner"]), resolve),
        fact.values["condition"],
        fact.values["step"],
    )
    if not isinstance(found, ExposedTable) or not isinstance(condition, Lambda) or not isinstance(kind, Text):
        return ()
    columns = _compared(condition.result, found)
    if columns is None:
        return ()
    table = QualifiedName(found.declared.schema, found.declared.name)
    return Step(_MECHANISMS[kind.text], table, columns, fact.statement)


def _compared(value: Value, table: ExposedTable) -> tuple[str, ...] | None:
    """The columns that are compared with values by `eq`, all of them by `and`; None for any other condition."""
    if not isinstance(value, Call) or not isinstance(value.callee, Member) or len(value.args) != 1:
        return None
    left = value.callee.object
    if value.callee.name in {"and", "andIfNotNull"}:
        one, other = _compared(left, table), _compared(value.args[0], table)
        return None if one is None or other is None else (*one, *other)
    column = table.declared.by_attribute(left.name) if isinstance(left, Name | Member) else None
    return (column.name,) if value.callee.name == "eq" and column is not None else None
