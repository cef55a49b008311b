"""Zapatos: `db.upsert(table, rows, target, options)`, as SQL is made of it by zapatos 6.6.1 (db/shortcuts.ts)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, NamedConstraint, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Record
from .drafting import Conflict, insert
from .payload import Payload, payload
from .reading import called_name, is_absent, list_of_texts, text, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_ARGUMENTS = (3, 4)


def _find(module: Module) -> Iterator[SiteFact]:
    if "zapatos" not in module.file.text:
        return
    for call in module.calls(frozenset({"upsert"})):
        if len(call.args) in _ARGUMENTS:
            yield SiteFact(
                client="zapatos", values={"call": call}, offset=call.name_offset, statement=call.offset, end=call.end
            )


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call = fact.values["call"]
    if not isinstance(call, Call):
        return NoSite("no call of Zapatos")
    rows = payload(call.args[1], resolve)
    known = resolve(call.args[3]) if len(call.args) > _ARGUMENTS[0] else Record(())
    options = known if isinstance(known, Record) else Record((), complete=is_absent(known))
    assigned = _assigned(rows, options, resolve)
    action = Action.NOTHING if assigned.columns == () and assigned.complete else Action.UPDATE
    conflict = Conflict(_target(call.args[2], resolve), action, assigned if action is Action.UPDATE else None)
    return (insert(fact, _table(call.args[0], resolve), rows, conflict),)


def _table(value: Value, resolve: Resolve) -> QualifiedName | Undeclared:
    name = text(value, resolve)
    if name is None:
        return Undeclared(f"the table is {told(resolve(value))}")
    schema, _, table = name.rpartition(".")
    return QualifiedName(schema or None, table)


def _target(value: Value, resolve: Resolve) -> ConflictTarget:
    known = resolve(value)
    if isinstance(known, Call) and called_name(known) == "constraint" and known.args:
        name = text(known.args[0], resolve)
        return NamedConstraint(name) if name else Unresolved(f"the constraint is {told(known.args[0])}")
    one = text(known, resolve)
    names = (one,) if one is not None else list_of_texts(known, resolve)
    return columns_target(names) if names else Unresolved(f"the conflict target is {told(known)}")


def _assigned(rows: Payload, options: Record, resolve: Resolve) -> Payload:
    """The columns of SET: those named, or all of the rows, and those that have values of their own."""
    more, named = options.get("updateValues"), options.get("updateColumns")
    values = payload(more, resolve) if more is not None else Payload(())
    columns = replace(rows, nulls=(), lacking=())
    if named is not None:
        known = resolve(named)
        one = text(known, resolve)
        listed = (one,) if one is not None else list_of_texts(known, resolve)
        if isinstance(known, Member) and known.name == "doNothing":
            listed = ()
        columns = Payload(listed, complete=listed is not None)
    if columns.columns is None or values.columns is None:
        return Payload(None, complete=False, reason=columns.reason or values.reason)
    both = tuple(dict.fromkeys((*columns.columns, *values.columns)))
    return Payload(both, columns.complete and values.complete and options.complete, reason=columns.reason)


ZAPATOS = Client(
    name="zapatos",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b"zapatos",),
    find=_find,
    finish=_finish,
)
