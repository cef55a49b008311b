"""Whether Prisma's `upsert` is one INSERT .. ON CONFLICT, or a SELECT and then an INSERT or an UPDATE.

It is one statement if `where` holds one unique key and nothing else, `create` the same values of it, `update` is not
empty, and no other model is written or read along (seen in the statements of Prisma 7.10; its docs of upsert()).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Unresolved
from ..values import Call, Choice, Constant, Import, Join, Member, Name, Opaque, Param, Record, Sequence, Text
from .prisma_fields import column, given_fields, opened
from .reading import told
from .targets import columns_target

if TYPE_CHECKING:
    from ...model import ConflictTarget
    from ..declarations.prisma import Model, Schema
    from ..model import Resolve
    from ..values import Value
    from .prisma_fields import Given

_CUT = 80  # characters of an Opaque: beyond them two can differ


@dataclass(frozen=True, slots=True)
class Where:
    """The unique key that `where` names, with the values of its fields, and whether it holds anything else."""

    target: ConflictTarget
    values: tuple[tuple[str, Value], ...] = ()
    others: bool = False


def where_of(value: Value | None, model: Model, resolve: Resolve) -> Where:
    """What `where` looks up."""
    known = opened(value, resolve)
    if not isinstance(known, Record):
        return Where(Unresolved(f"the unique key is that of {told(known)}" if known else "there is no where"))
    entries = dict(known.entries)
    keys = [(fields, key) for key in entries if (fields := model.key(key)) is not None]
    if not keys:
        missing = "the unique key is computed" if not known.complete else "where names no unique key of the model"
        return Where(Unresolved(missing))
    fields, name = keys[0]
    inner = opened(entries[name], resolve) if len(fields) > 1 else None
    values = inner.entries if isinstance(inner, Record) else () if len(fields) > 1 else ((name, entries[name]),)
    target = columns_target(tuple(column(field, model) for field in fields))
    return Where(target, values, others=len(entries) > 1 or not known.complete)


def looks_first(arguments: Record, where: Where, model: Model, schema: Schema, resolve: Resolve) -> str | None:
    """Why Prisma sends a SELECT and then an INSERT; None for one statement."""
    create = given_fields(arguments.get("create"), model, schema, resolve)
    update = given_fields(arguments.get("update"), model, schema, resolve)
    if create.relations or update.relations:
        return "rows of another model are written along"
    if _reads_relations(arguments, model, schema, resolve):
        return "rows of another model are read along"
    if update.complete and not update.values:
        return "nothing is updated"
    if where.others:
        return "where holds more than one unique key"
    return _differing(where, create, resolve)


def may_look_first(arguments: Record, where: Where, model: Model, schema: Schema, resolve: Resolve) -> str | None:
    """What keeps it from being known whether it is one statement."""
    create = given_fields(arguments.get("create"), model, schema, resolve)
    given = dict(create.values)
    for name, value in where.values:
        if name not in given or _same(value, given[name], resolve) is None:
            return f'Prisma looks first if "create" has another value of "{name}" than "where"'
    return None


def _differing(where: Where, create: Given, resolve: Resolve) -> str | None:
    given = dict(create.values)
    for name, value in where.values:
        if name not in given and create.complete:
            return f'"create" has no "{name}"'
        if name in given and _same(value, given[name], resolve) is False:
            return f'"create" has another value of "{name}" than "where"'
    return None


def _reads_relations(arguments: Record, model: Model, schema: Schema, resolve: Resolve) -> bool:
    for name in ("include", "select"):
        given = arguments.get(name)
        known = opened(given, resolve)
        if not isinstance(known, Record):
            continue
        for key, value in known.entries:
            declared = model.field(key)
            relation = key == "_count" or (declared is not None and schema.is_relation(declared))
            if relation and not (isinstance(value, Constant) and not value.value):
                return True
    return False


def _same(one: Value, other: Value, resolve: Resolve) -> bool | None:
    """Whether two values are the same when the program runs; None when that cannot be told."""
    written = _spelled(one)
    if written is not None and written == _spelled(other):
        return True
    left, right = resolve(one), resolve(other)
    known = _spelled(left)
    if known is not None and known == _spelled(right):
        return True
    fixed = isinstance(left, Text | Constant) and isinstance(right, Text | Constant)
    return False if fixed else None


def _spelled(value: Value) -> object:  # noqa: PLR0911 - one line for each kind of value
    """The value without places; None when it may be something else each time."""
    match value:
        case Text(text):
            return ("text", text)
        case Constant(known):
            return ("constant", known)
        case Name(name) | Param(name=name):
            return ("name", name)
        case Import(module, name):
            return ("import", module, name)
        case Member(owner, name):
            inner = _spelled(owner)
            return None if inner is None else ("member", inner, name)
        case Opaque(source):
            return ("source", " ".join(source.split())) if len(source) < _CUT else None
        case Call(callee, args):
            return _all("call", (callee, *args))
        case Join(parts) | Sequence(parts) | Choice(parts):
            return _all(type(value).__name__, parts)
        case _:
            return None


def _all(kind: str, values: tuple[Value, ...]) -> object:
    found = [_spelled(value) for value in values]
    return None if None in found else (kind, *found)
