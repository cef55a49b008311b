"""Prisma: `prisma.model.upsert({ where, create, update })`, `createMany({ skipDuplicates })`, and nested writes.

What is sent was seen in the statements of Prisma 7.10 on PostgreSQL; tables and columns are those of schema.prisma.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Mechanism, QualifiedName, Unresolved
from ..declarations.model import Undeclared
from ..declarations.prisma_project import has_native_upsert, schemas
from ..model import Client, NoSite, SiteFact
from ..values import Call, Member, Name, Opaque, Param, Record, Sequence, Text
from .drafting import Conflict, Racy, insert
from .payload import Payload
from .prisma_fields import assigned, column, given_fields, inserted, inserted_many, opened
from .prisma_nested import nested_writes
from .prisma_upsert import Where, looks_first, may_look_first, where_of
from .reading import boolean, called_name, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.prisma import Model, Schema
    from ..model import Draft, Module, Resolve
    from ..values import Value

_MANY = frozenset({"createMany", "createManyAndReturn"})
_OUTER = frozenset({"create", "update", "upsert", "updateMany"})
_POSTGRES = frozenset({"postgresql", "postgres", "cockroachdb"})
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
            yield SiteFact(client="prisma", values=values, offset=one.offset, statement=one.offset, end=one.offset)


@dataclass(frozen=True, slots=True)
class _Place:
    """The model that a fact writes, and its schema; `nested`: it is written along with a row of another model.

    `foreign` are the fields that hold the key of that row, None when they are not known.
    """

    model: Model
    schema: Schema
    nested: bool = False
    foreign: tuple[str, ...] | None = ()


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    found = _place(fact, resolve)
    if isinstance(found, NoSite):
        return found
    if isinstance(found, Undeclared | _Other):
        return (_unknown(fact, found),)
    method = fact.values["method"]
    known = opened(fact.values["arguments"], resolve)
    if known is None:
        return NoSite("no arguments are given")
    if method in {Text(name) for name in _MANY}:
        return _many(fact, found, known, resolve)
    return (_one(fact, found, known, resolve),)


@dataclass(frozen=True, slots=True)
class _Other:
    """The schema is for another database, and what shows it."""

    reason: str


def _place(fact: SiteFact, resolve: Resolve) -> _Place | Undeclared | _Other | NoSite:
    known = schemas(_path_of(fact.values["receiver"]) or "", resolve)
    accessor = _accessor(fact.values["receiver"], resolve)
    if not known:
        return Undeclared("no schema.prisma is found that declares the model")
    others = [schema.provider for schema in known if schema.provider not in {None, *_POSTGRES}]
    if len(others) == len(known):
        return _Other(f'schema.prisma has the provider "{others[0]}"')
    if isinstance(accessor, Undeclared):
        return accessor
    found = [(model, schema) for schema in known if (model := schema.model(accessor)) is not None]
    if not found:
        return NoSite(f'schema.prisma declares no model that is called "{accessor}"')
    return _declared(found, fact.values.get("relations"))


def _declared(found: list[tuple[Model, Schema]], relations: Value | None) -> _Place | Undeclared:
    """The one model that was found, or the one that relations lead to from there."""
    model, schema = found[0]
    if len({(one.schema, one.table, one.fields, one.keys) for one, _ in found}) > 1:
        return Undeclared(f'several schemas declare a model that is called "{model.accessor}"')
    if not isinstance(relations, Sequence):
        return _Place(model, schema)
    return _along(model, schema, [one.text for one in relations.items if isinstance(one, Text)])


def _along(model: Model, schema: Schema, relations: list[str]) -> _Place | Undeclared:
    """The model that relation fields lead to."""
    foreign: tuple[str, ...] | None = ()
    for name in relations:
        declared = model.field(name)
        inner = schema.named(declared.type) if declared is not None else None
        if inner is None or declared is None:
            return Undeclared(f'model "{model.name}" has no relation "{name}"')
        back = [one.scalars for one in inner.fields if one.type == model.name and one.scalars]
        foreign = () if declared.scalars or not back else back[0] if len(back) == 1 else None
        model = inner
    return _Place(model, schema, nested=True, foreign=foreign)


def _path_of(value: Value) -> str | None:
    """The file that an expression stands in."""
    match value:
        case Name(path=path) | Param(path=path):
            return path
        case Member(object=owner):
            return _path_of(owner)
        case Call(callee=callee):
            return _path_of(callee)
        case _:
            return None


def _accessor(receiver: Value, resolve: Resolve) -> str | Undeclared:
    """`user` of `prisma.user`, also through a variable."""
    if isinstance(receiver, Member):
        return receiver.name
    known = resolve(receiver)
    if isinstance(known, Member) and not isinstance(known.object, Param):
        return known.name
    if isinstance(known, Opaque):
        return Undeclared(f'the model is chosen at run time by "{" ".join(known.source.split())}"')
    return Undeclared(f"the model is {told(known)}")


def _unknown(fact: SiteFact, why: Undeclared | _Other) -> Draft:
    nested = "relations" in fact.values
    method = fact.values["method"]
    upserts = method == Text("upsert")
    reason = why.reason
    target = AnyArbiter() if method in {Text(name) for name in _MANY} else Unresolved(reason)
    action = Action.UPDATE if upserts else Action.NOTHING
    racy = Racy(Mechanism.SELECT_THEN_INSERT, None, _NESTED) if nested and target != AnyArbiter() else None
    rows = Payload(None, complete=False, reason=reason)
    conflict = Conflict(target, action, rows if upserts else None)
    other = reason if isinstance(why, _Other) else None
    return insert(fact, Undeclared(reason), rows, conflict, racy=racy, not_postgres=other)


_NESTED = "Prisma looks the row up and inserts it if there is none"


def _named(place: _Place) -> QualifiedName:
    return QualifiedName(place.model.schema, place.model.table)


def _many(fact: SiteFact, place: _Place, known: Value, resolve: Resolve) -> tuple[Draft, ...]:
    """`createMany`: without a target, or a plain INSERT."""
    arguments = known if isinstance(known, Record) else Record((), complete=False)
    rows = inserted_many(arguments.get("data"), place.model, place.schema, resolve)
    rows = _with_foreign(rows, place)
    skips = boolean(arguments.get("skipDuplicates"), resolve, default=False)
    if skips is None or (not arguments.complete and arguments.get("skipDuplicates") is None):
        return (insert(fact, _named(place), rows, Conflict(Unresolved("skipDuplicates is set at run time"), None)),)
    conflict = Conflict(AnyArbiter(), Action.NOTHING) if skips else None
    return (insert(fact, _named(place), rows, conflict),)


def _one(fact: SiteFact, place: _Place, known: Value, resolve: Resolve) -> Draft:
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


def _with_foreign(rows: Payload, place: _Place) -> Payload:
    """The rows with the key of the row that they are written along with."""
    if place.foreign is None:
        return replace(rows, complete=False, reason="the key of the other row is written too")
    if rows.columns is None:
        return rows
    names = (*rows.columns, *(column(name, place.model) for name in place.foreign))
    return replace(rows, columns=tuple(dict.fromkeys(names)))


def _why_racy(fact: SiteFact, arguments: Record, place: _Place, resolve: Resolve) -> str | None:
    """Why Prisma asks first whether the row is there."""
    if not has_native_upsert(_path_of(fact.values["receiver"]) or "", resolve):
        return "Prisma before 4.6 looks the row up first"
    where = where_of(arguments.get("where"), place.model, resolve)
    why = looks_first(arguments, where, place.model, place.schema, resolve)
    return None if why is None else f"Prisma looks the row up first: {why}"


PRISMA = Client(
    name="prisma",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".upsert(", b".createmany", b"connectorcreate", b"upsert:", b"createmany:"),
    find=_find,
    finish=_finish,
    own_dialect=True,
)
