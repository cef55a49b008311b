"""Prisma: `prisma.model.upsert({ where, create, update })`, `createMany({ skipDuplicates })`, and nested writes.

What is sent was seen in the statements of Prisma 7.10 on PostgreSQL; tables and columns are those of schema.prisma.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Mechanism, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.prisma_project import has_native_upsert
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Record, Sequence, Text
from .drafting import Conflict, Racy, insert
from .payload import Payload
from .prisma_fields import assigned, column, given_fields, inserted, inserted_many, opened
from .prisma_nested import nested_writes
from .prisma_place import OtherProvider, Place, path_of, place_of
from .prisma_steps import find_steps, finish_step
from .prisma_upsert import Where, looks_first, may_look_first, where_of
from .reading import boolean, called_name, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Draft, Module, Resolve, Step
    from ..values import Value

_MANY = frozenset({"createMany", "createManyAndReturn"})
_OUTER = frozenset({"create", "update", "upsert", "updateMany"})
_WORDS = re.compile(r"\b(connectOrCreate|upsert|createMany)\s*:")


def _find(module: Module) -> Iterator[SiteFact]:
    known = "prisma" in module.file.text.lower()
    for call in module.calls(frozenset({"upsert", *_MANY})):
        if isinstance(call.callee, Member) and len(call.args) == 1 and _is_ours(call, known=known):
            values: dict[str, Value] = {"method": Text(call.callee.name), "receiver": call.callee.object}
            values["arguments"] = call.args[0]
            yield SiteFact(client="prisma", values=values, offset=call.name_offset, statement=call.offset, end=call.end)
    if known or _WORDS.search(module.file.text):
        yield from _nested(module)
    yield from find_steps(module)


def _is_ours(call: Call, *, known: bool) -> bool:
    """Whether the argument is what Prisma takes, and no other client: an object with these keys."""
    given = call.args[0]
    if not isinstance(given, Record):
        return known and not isinstance(given, Sequence | Text)
    keys = {key for key, _ in given.entries}
    wanted = {"data"} if called_name(call) in _MANY else {"where", "create", "update"}
    return wanted <= keys or (known and bool(wanted & keys))


def _nested(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_OUTER):
        if not isinstance(call.callee, Member) or len(call.args) != 1:
            continue
        for one in nested_writes(module, call):
            values: dict[str, Value] = {
                "method": Text(one.operation),
                "receiver": call.callee.object,
                "arguments": one.arguments,
                "relations": Sequence(tuple(Text(name) for name in one.relations)),
            }
            yield SiteFact(client="prisma", values=values, offset=one.offset, statement=one.offset, end=one.end)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    found = place_of(fact, resolve)
    if isinstance(found, NoSite):
        return found
    if "step" in fact.values:
        return finish_step(fact, found, resolve)
    if isinstance(found, Undeclared | OtherProvider):
        return (_unknown(fact, found),)
    method = fact.values["method"]
    known = opened(fact.values["arguments"], resolve)
    if known is None:
        return NoSite("no arguments are given")
    if method in {Text(name) for name in (*_MANY, "create")}:
        return _many(fact, found, known, resolve)
    return (_one(fact, found, known, resolve),)


def _unknown(fact: SiteFact, why: Undeclared | OtherProvider) -> Draft:
    nested = "relations" in fact.values
    method = fact.values["method"]
    upserts = method == Text("upsert")
    reason = why.reason
    target = AnyArbiter() if method in {Text(name) for name in _MANY} else Unresolved(reason)
    action = Action.UPDATE if upserts else Action.NOTHING
    racy = Racy(Mechanism.SELECT_THEN_INSERT, None, _NESTED) if nested and target != AnyArbiter() else None
    rows = Payload(None, complete=False, reason=reason)
    conflict = Conflict(target, action, rows if upserts else None)
    other = reason if isinstance(why, OtherProvider) else None
    return insert(fact, Undeclared(reason), rows, conflict, racy=racy, not_postgres=other)


_NESTED = "Prisma looks the row up and inserts it if there is none"


def _named(place: Place) -> QualifiedName:
    return QualifiedName(place.model.schema, place.model.table)


def _many(fact: SiteFact, place: Place, known: Value, resolve: Resolve) -> tuple[Draft, ...]:
    """`createMany`: without a target, or a plain INSERT, as `create` is."""
    arguments = known if isinstance(known, Record) else Record((), complete=False)
    rows = inserted_many(arguments.get("data"), place.model, place.schema, resolve)
    rows = _with_foreign(rows, place)
    skips = boolean(arguments.get("skipDuplicates"), resolve, default=False)
    if skips is None or (not arguments.complete and arguments.get("skipDuplicates") is None):
        return (insert(fact, _named(place), rows, Conflict(Unresolved("skipDuplicates is set at run time"), None)),)
    conflict = Conflict(AnyArbiter(), Action.NOTHING) if skips else None
    return (insert(fact, _named(place), rows, conflict),)


def _one(fact: SiteFact, place: Place, known: Value, resolve: Resolve) -> Draft:
    """`upsert`, or `connectOrCreate`, which is one that updates nothing."""
    model, schema = place.model, place.schema
    if not isinstance(known, Record):
        reason = f"the arguments are {told(known)}"
        rows = Payload(None, complete=False, reason=reason)
        return insert(fact, _named(place), rows, Conflict(Unresolved(reason), Action.UPDATE, rows))
    where = where_of(known.get("where"), model, resolve)
    if known.get("where") is None and place.foreign and place.nested:  # of a relation to one row
        where = Where(columns_target(tuple(column(name, model) for name in place.foreign)))
    create = given_fields(known.get("create"), model, schema, resolve)
    rows = inserted(create, model)
    connects = fact.values["method"] == Text("connectOrCreate")
    update = given_fields(known.get("update"), model, schema, resolve)
    conflict = Conflict(where.target, Action.NOTHING if connects else Action.UPDATE)
    if not connects:
        conflict = Conflict(where.target, Action.UPDATE, assigned(update, model))
    why = _NESTED if place.nested else _why_racy(fact, known, place, resolve)
    rows = _with_foreign(rows, place)
    caution = None if why else may_look_first(known, where, model, schema, resolve)
    keys = tuple(column(name, model) for name, _ in where.values)
    racy = Racy(Mechanism.SELECT_THEN_INSERT, keys or None, why) if why else None
    return insert(fact, _named(place), rows, conflict, racy=racy, caution=caution)


def _with_foreign(rows: Payload, place: Place) -> Payload:
    """The rows with the key of the row that they are written along with."""
    if place.foreign is None:
        return replace(rows, complete=False, reason="the key of the other row is written too")
    if rows.columns is None:
        return rows
    names = (*rows.columns, *(column(name, place.model) for name in place.foreign))
    return replace(rows, columns=tuple(dict.fromkeys(names)))


def _why_racy(fact: SiteFact, arguments: Record, place: Place, resolve: Resolve) -> str | None:
    """Why Prisma asks first whether the row is there."""
    if not has_native_upsert(path_of(fact.values["receiver"]) or "", resolve):
        return "Prisma before 4.6 looks the row up first"
    where = where_of(arguments.get("where"), place.model, resolve)
    why = looks_first(arguments, where, place.model, place.schema, resolve)
    return None if why is None else f"Prisma looks the row up first: {why}"


PRISMA = Client(
    name="prisma",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(
        b".upsert(",
        b".createmany",
        b"connectorcreate",
        b"upsert:",
        b"createmany:",
        b".findunique",
        b".findfirst",
        b".updatemany(",
        b".deletemany(",
    ),
    find=_find,
    finish=_finish,
    own_dialect=True,
)
