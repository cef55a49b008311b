"""Drizzle's `onConflictDoNothing({..})` and `onConflictDoUpdate({..})` (drizzle-orm 0.45, PgInsertBase).

`where` is the predicate of the target in the first and the row filter in the second, `targetWhere` its predicate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Unresolved
from ..values import Choice, Join, Record, Sequence
from .bound import listed
from .drafting import Conflict
from .payload import Payload, payload
from .reading import is_absent, told
from .targets import bound_target, quoted

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.model import TableDeclaration
    from ..model import Resolve
    from ..values import Value
    from .drizzle_sql import Renderer

_SQL = "the conflict target is SQL, where Drizzle takes columns alone"
NOTHING, UPDATE = "onConflictDoNothing", "onConflictDoUpdate"


def conflicts(method: str, given: Value | None, renderer: Renderer, resolve: Resolve) -> tuple[Conflict, ...]:
    """What the call makes of its options, for each value that these can be."""
    action = Action.NOTHING if method == NOTHING else Action.UPDATE
    if given is None:
        return (_without_target(action, resolve),)
    known = given if isinstance(given, Record) else resolve(given)
    options = known.options if isinstance(known, Choice) else (known,)
    return tuple(_conflict(action, option, renderer, resolve) for option in options)


def _without_target(action: Action, resolve: Resolve) -> Conflict:
    del resolve
    if action is Action.NOTHING:
        return Conflict(AnyArbiter(), action)
    return Conflict(Unresolved("the conflict target is missing, which Drizzle refuses"), action)


def _conflict(action: Action, options: Value, renderer: Renderer, resolve: Resolve) -> Conflict:
    if is_absent(options):
        return _without_target(action, resolve)
    if not isinstance(options, Record):
        return Conflict(Unresolved(f"the options are {told(options)}"), action)
    target = _target(action, options, renderer, resolve)
    return Conflict(target, action, None if action is Action.NOTHING else _assigned(options, renderer.table, resolve))


def _target(action: Action, options: Record, renderer: Renderer, resolve: Resolve) -> ConflictTarget:
    given = options.get("target")
    if given is None or is_absent(resolve(given)):
        if not options.complete:
            return Unresolved("the options hold a spread")
        return _without_target(action, resolve).target
    columns = _columns(given, renderer, resolve)
    if isinstance(columns, Unresolved):
        return columns
    where = options.get("where" if action is Action.NOTHING else "targetWhere")
    if where is None or is_absent(resolve(where)):
        return bound_target(columns, None)
    predicate = renderer.expression(where)
    if predicate is None:
        return Unresolved("the predicate of the conflict target is put together at run time")
    return bound_target(columns, listed([predicate], ""))


def _columns(given: Value, renderer: Renderer, resolve: Resolve) -> tuple[str, ...] | Unresolved:
    """One column, or a list of them."""
    listing = given if isinstance(given, Sequence) else resolve(given)
    items = listing.items if isinstance(listing, Sequence) else (given,)
    if isinstance(listing, Sequence) and not (listing.complete and listing.items):
        return Unresolved("the conflict target is put together at run time")
    found: list[str] = []
    for item in items:
        known = resolve(item)
        column = renderer.column(item) or renderer.column(known)
        if column is None and isinstance(known, Join) and known.tag == "sql":
            return Unresolved(_SQL)
        if column is None:
            return Unresolved(f"the conflict target is {told(known)}")
        found.append(quoted(column.name))
    return tuple(found)


def _assigned(options: Record, table: TableDeclaration, resolve: Resolve) -> Payload:
    """The declared columns that `set` names, and those with `$onUpdate`; other keys are left out."""
    given = options.get("set")
    found = payload(given, resolve) if given is not None else Payload(None, complete=False)
    keys = found.columns or ()
    updated = [c.name for c in table.columns if c.attribute in keys or c.client_update]
    unknown = keys if not table.columns else ()
    complete = found.complete and table.complete
    reason = found.reason or (None if table.complete else "the declaration of the table is not fully known")
    return Payload((*updated, *unknown), complete, reason=None if complete else reason)
