"""jOOQ: lookups of one row, updates and deletes by a key, which an INSERT of what they compare may follow.

`ctx.selectFrom(T).where(T.A.eq(x)).fetchOne()`, `ctx.fetchExists(T, T.A.eq(x))`, `ctx.update(T).set(..).where(..)`, of
which the number of rows is kept, `ctx.deleteFrom(T).where(..)`. What joins, orders, groups or counts rows is none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...model import Mechanism, QualifiedName
from ..declarations.jooq import read_column, read_table
from ..model import NoSite, SiteFact, Step
from ..values import Call, Member, Sequence, Text
from .asked import alike
from .chain import name_of, own_links

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..model import Module, Resolve
    from ..values import Value

_ONE = frozenset({"fetchOne", "fetchOptional", "fetchAny", "fetchOneInto", "fetchOptionalInto", "fetchAnyInto"})
_EXISTS = "fetchExists"
_RUNS = frozenset({"execute"})
_QUERY = frozenset({"select", "selectOne", "selectFrom", "from", "where", "and", "forUpdate", "limit", "asTable"})
_CHANGE = frozenset({"update", "deleteFrom", "delete", "set", "where", "and"})
_KINDS = {
    "update": Mechanism.UPDATE_THEN_INSERT,
    "deleteFrom": Mechanism.DELETE_INSERT,
    "delete": Mechanism.DELETE_INSERT,
}
_TABLES = frozenset({"selectFrom", "from", "update", "deleteFrom", "delete"})
_KEPT = re.compile(r"(?:=|\bif\s*\(|\breturn)\s*\(?$")
_REPEATS = re.compile(r"\b(?:for|while|forEach|map|stream)\b")
_NEAR = 40


def find_steps(module: Module, inserts: Iterable[Call]) -> Iterator[SiteFact]:
    """Each of them that one of these INSERTs follows in its function and writes what it compares."""
    known = [(call, module.function_at(call.offset)) for call in inserts]
    for call, parts, kind in _asking(module) if known else ():
        pairs = [pair for part in parts for pair in _compared(part)]
        for insert, function in known:
            inside = function is not None and function.offset <= call.offset and call.end <= insert.offset
            between = module.file.text[call.end : insert.offset]
            if not inside or (kind is Mechanism.DELETE_INSERT and _REPEATS.search(between)):
                continue
            if (
                None in pairs
                or not pairs
                or not all(_is_written(pair[1], insert) for pair in pairs if pair is not None)
            ):
                continue
            columns = Sequence(tuple(pair[0] for pair in pairs if pair is not None))
            values: dict[str, Value] = {"step": Text(kind), "table": _table(call), "columns": columns}
            start, end = call.offset, call.end
            yield SiteFact(client="jooq", values=values, offset=call.name_offset, statement=start, end=end)
            break


def _asking(module: Module) -> Iterator[tuple[Call, tuple[Value, ...], Mechanism]]:
    """Each statement with its conditions."""
    for call in module.calls(_ONE | {_EXISTS} | _RUNS):
        _, links = own_links(call)
        names = {name_of(link) for link in links[:-1]}
        conditions = tuple(link.args[0] for link in links if name_of(link) in {"where", "and"} and len(link.args) == 1)
        if name_of(call) in _RUNS:
            kind = next((_KINDS[name_of(link)] for link in links if name_of(link) in _KINDS), None)
            head = module.file.text[max(0, call.offset - _NEAR) : call.offset]
            kept = kind is Mechanism.DELETE_INSERT or _KEPT.search(head) is not None
            if kind is not None and names <= _CHANGE and kept:
                yield call, conditions, kind
        elif (
            len(call.args) > 1
            and isinstance(call.callee, Member)
            and name_of(call) in {_EXISTS, "fetchOne", "fetchAny"}
        ):
            yield call, call.args[1:], Mechanism.SELECT_THEN_INSERT
        elif name_of(call) == _EXISTS and call.args and isinstance(call.args[0], Call):
            inner = own_links(call.args[0])[1]
            if {name_of(link) for link in inner} <= _QUERY:
                given = tuple(
                    link.args[0] for link in inner if name_of(link) in {"where", "and"} and len(link.args) == 1
                )
                yield call, given, Mechanism.SELECT_THEN_INSERT
        elif names <= _QUERY and "where" in names:
            yield call, conditions, Mechanism.SELECT_THEN_INSERT


def _compared(condition: Value) -> Iterator[tuple[Value, Value] | None]:
    """The fields that are compared by `eq` with their values; None for any other condition."""
    if not isinstance(condition, Call) or not isinstance(condition.callee, Member) or len(condition.args) != 1:
        yield None
    elif condition.callee.name == "and":
        yield from _compared(condition.callee.object)
        yield from _compared(condition.args[0])
    else:
        is_equal = condition.callee.name in {"eq", "equal"}
        yield (condition.callee.object, condition.args[0]) if is_equal else None


def _is_written(value: Value, insert: Call) -> bool:
    """Whether the INSERT is given the value."""
    return any(alike(value, arg) for link in own_links(insert)[1] for arg in link.args)


def _table(call: Call) -> Value:
    inner = call.args[0] if name_of(call) == _EXISTS and len(call.args) == 1 else call
    links = own_links(inner)[1]
    given = [link.args[0] for link in links if name_of(link) in _TABLES and len(link.args) == 1]
    return given[0] if len(given) == 1 else call.args[0] if len(call.args) > 1 else Sequence(())


def finish_step(fact: SiteFact, resolve: Resolve) -> Step | NoSite:
    """The step with its table and columns."""
    table, _ = read_table(fact.values["table"], resolve)
    columns, kind = fact.values["columns"], fact.values["step"]
    names = [read_column(one, resolve) for one in columns.items] if isinstance(columns, Sequence) else []
    known = tuple(name for name in names if name is not None)
    if not isinstance(table, QualifiedName) or not isinstance(kind, Text) or len(known) < len(names):
        return NoSite("a lookup whose table or columns are not known")
    return Step(Mechanism(kind.text), table, known, fact.statement)
