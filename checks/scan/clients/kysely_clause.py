"""Kysely's `onConflict((oc) => oc...)`: target, predicate, action and SET (kysely 0.29, OnConflictBuilder)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, NamedConstraint, Unresolved
from ..values import Call, Choice, Join, Lambda
from .bound import listed, shown
from .chain import name_of, own_links
from .drafting import Conflict
from .kysely_sql import Renderer
from .payload import Payload, payload
from .reading import list_of_texts, text, told
from .targets import bound_target, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...model import ConflictTarget
    from ..model import Resolve
    from ..values import Value
    from .bound import Pieces

_WHERE = frozenset({"where", "whereRef"})
_ACTIONS = {"doNothing": Action.NOTHING, "doUpdateSet": Action.UPDATE}
_TARGET = frozenset({"column", "columns", "constraint", "expression", "clearWhere", *_WHERE})


@dataclass(frozen=True, slots=True)
class Writing:
    """How names are written: what the plugins of the client make of them, and what values mean."""

    rename: Callable[[str], str]
    resolve: Resolve


def conflicts(callback: Value, writing: Writing) -> tuple[Conflict, ...]:
    """What the callback builds, for each of its branches."""
    known = writing.resolve(callback)
    if not isinstance(known, Lambda):
        return (Conflict(Unresolved(f"the conflict clause is {told(known)}"), None),)
    results = known.result.options if isinstance(known.result, Choice) else (known.result,)
    return tuple(_conflict(result, writing) for result in results)


def _conflict(result: Value, writing: Writing) -> Conflict:
    _, links = own_links(result)
    ends = [index for index, link in enumerate(links) if name_of(link) in _ACTIONS]
    if len(ends) != 1:
        return Conflict(Unresolved("the conflict clause is put together at run time"), None)
    end = links[ends[0]]
    action = _ACTIONS[name_of(end)]
    target = _target(links[: ends[0]], writing)
    return Conflict(target, action, assigned(end, writing) if action is Action.UPDATE else None)


def assigned(link: Call, writing: Writing) -> Payload:
    """The columns of `doUpdateSet({..})` or `doUpdateSet((eb) => ({..}))`."""
    given = link.args[0] if len(link.args) == 1 else None
    return renamed(payload(unwrapped(given, writing.resolve), writing.resolve), writing)


def unwrapped(value: Value | None, resolve: Resolve) -> Value | None:
    """What a callback returns, if the value is one."""
    known = resolve(value) if value is not None else None
    return known.result if isinstance(known, Lambda) else value


def renamed(rows: Payload, writing: Writing) -> Payload:
    """The rows by the names of their columns."""

    def names(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(writing.rename(key) for key in keys)

    columns = None if rows.columns is None else names(rows.columns)
    return Payload(columns, rows.complete, rows.rows, names(rows.nulls), names(rows.lacking), rows.reason)


def _target(links: tuple[Call, ...], writing: Writing) -> ConflictTarget:
    columns: list[str] = []
    constraint: str | None = None
    expression: Pieces | None = None
    wheres: list[Pieces | None] = []
    renderer = Renderer(writing.rename, writing.resolve)
    for link in links:
        name = name_of(link)
        given = link.args[0] if link.args else None
        if name not in _TARGET or (given is None and name != "clearWhere"):
            return Unresolved(f'the conflict target is built with "{name}"')
        if name in {"column", "columns"} and given is not None:
            found = _columns(given, writing.resolve)
            if found is None:
                return Unresolved(f"the conflict target is {told(writing.resolve(given))}")
            columns += found
        elif name == "constraint" and given is not None:
            constraint = text(given, writing.resolve)
            if constraint is None:
                return Unresolved(f"the constraint is {told(writing.resolve(given))}")
        elif name == "expression" and given is not None:
            expression = renderer.expression(given)
            if expression is None:
                return Unresolved("the expression of the conflict target is put together at run time")
        else:
            wheres = [*wheres, renderer.condition(link.args, references=name == "whereRef")] if link.args else []
    return _made(tuple(writing.rename(column) for column in columns), constraint, expression, wheres, writing)


def _made(
    columns: tuple[str, ...],
    constraint: str | None,
    expression: Pieces | None,
    wheres: list[Pieces | None],
    writing: Writing,
) -> ConflictTarget:
    """Columns before a constraint before an expression, as DefaultQueryCompiler.visitOnConflict takes them."""
    predicate = listed(wheres, " and ") if wheres else None
    if wheres and predicate is None:
        return Unresolved("the predicate of the conflict target is put together at run time")
    if columns:
        return bound_target(tuple(quoted(column) for column in columns), predicate)
    if constraint is not None:
        return NamedConstraint(writing.rename(constraint))
    if expression is not None:
        return bound_target((shown(expression),), predicate)
    return AnyArbiter()


def _columns(value: Value, resolve: Resolve) -> tuple[str, ...] | None:
    name = text(value, resolve) if not isinstance(value, Join) else None
    return (name,) if name is not None else list_of_texts(value, resolve)
