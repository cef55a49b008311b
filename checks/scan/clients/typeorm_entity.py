"""Which entity a repository, an entity manager or a query builder of TypeORM is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import QualifiedName
from ..declarations.model import Undeclared
from ..declarations.typeorm import Entity, entity_of
from ..values import Call, Choice, Class, Member, Name, Opaque
from .reading import called_name, text, told

if TYPE_CHECKING:
    from ..model import Resolve
    from ..values import Value

_LONGEST = 40
_OF_REPOSITORY = 2  # arguments of its upsert()
_GETTERS = frozenset(
    {"getRepository", "getTreeRepository", "withRepository", "InjectRepository", "getCustomRepository"}
)
_TYPED = re.compile(r"^:\s*(?:readonly\s+)?(?:\w+\.)?(?:Tree)?Repository<\s*([A-Za-z_$][\w$]*)")
_EXTENDS = re.compile(r"\bextends\s+(?:\w+\.)?(?:Tree)?Repository<\s*([A-Za-z_$][\w$]*)")
_HEAD = 400  # characters of a class before its body


@dataclass(frozen=True, slots=True)
class Target:
    """What is written to: an entity, why it is not known, or None for a table named by a text."""

    table: QualifiedName | Undeclared
    entity: Entity | Undeclared | None


@dataclass(frozen=True, slots=True)
class Builder:
    """`insert().into(target, columns).values(rows)`."""

    target: Target
    rows: Value | None
    columns: Value | None


def _target(value: Value, resolve: Resolve, *, table: bool = False) -> Target:
    """The entity that a value is or names; `table`: a text may name a table as well."""
    entity = entity_of(value, resolve)
    name = text(value, resolve) if table and isinstance(entity, Undeclared) else None
    if name is not None:
        schema, _, own = name.rpartition(".")
        return Target(QualifiedName(schema or None, own), None)
    return Target(entity.table if isinstance(entity, Entity) else entity, entity)


def repository_of(receiver: Value, args: list[Value], resolve: Resolve, *, named: bool) -> Target | None:
    """What `receiver.upsert(...)` writes to; None when nothing shows that the receiver is TypeORM's.

    `named`: the file names TypeORM.
    """
    if len(args) > _OF_REPOSITORY:  # an entity manager's, which is given the entity
        target = _target(args[0], resolve)
        return target if named or isinstance(target.entity, Entity) else None
    entity = _entity_value(receiver, resolve)
    if entity is not None:
        return _target(entity, resolve)
    known = resolve(receiver)
    if isinstance(known, Class):
        found = entity_of(known, resolve)
        return Target(found.table, found) if isinstance(found, Entity) else None
    return None


def _entity_value(receiver: Value, resolve: Resolve) -> Value | None:
    """The entity that a repository is for, by how it was made or by its type."""
    typed = _annotated(receiver, resolve)
    if typed is not None:
        return typed
    known = resolve(receiver)
    for option in known.options if isinstance(known, Choice) else (known,):
        if isinstance(option, Call) and called_name(option) in _GETTERS and option.args:
            return option.args[0]
        made = option.callee if isinstance(option, Call) else option
        if isinstance(made, Class) and (found := _extended(made, resolve)) is not None:
            return found
    return None


def _annotated(receiver: Value, resolve: Resolve) -> Value | None:
    """`this.users` of a class with `@InjectRepository(User) private users: Repository<User>`."""
    if not isinstance(receiver, Member):
        return None
    owner = resolve(receiver.object)
    if not isinstance(owner, Class):
        return None
    for key, value in owner.body:
        if key == f"@{receiver.name}" and isinstance(value, Call) and called_name(value) == "InjectRepository":
            return value.args[0] if value.args else None
    for key, value in owner.body:
        if key == receiver.name and isinstance(value, Opaque) and value.source.startswith(":"):
            match = _TYPED.match(value.source)
            if match is not None:
                return Name(match[1], value.offset, owner.path)
            named = resolve(Name(value.source[1:].strip(), value.offset, owner.path))
            return _extended(named, resolve) if isinstance(named, Class) else None
    return None


def _extended(owner: Class, resolve: Resolve) -> Value | None:
    """The entity of `class Users extends Repository<User>`."""
    for decorator, value in owner.body:
        if decorator == "@" and isinstance(value, Call) and called_name(value) == "EntityRepository" and value.args:
            return value.args[0]
    for file in resolve.holding(b"Repository<"):
        if file.path == owner.path:
            head = file.text[owner.offset : owner.offset + _HEAD].partition("{")[0]
            match = _EXTENDS.search(head)
            return Name(match[1], owner.offset, owner.path) if match is not None else None
    return None


def builder_of(receiver: Value, resolve: Resolve) -> Builder | None:
    """The query builder before the call; None when it inserts nothing."""
    rows: Value | None = None
    columns: Value | None = None
    into: Value | None = None
    inserts = named = False
    value = receiver
    for _ in range(_LONGEST):
        if not (isinstance(value, Call) and isinstance(value.callee, Member)):
            known = resolve(value)
            if known == value or not isinstance(known, Call):
                break
            value = known
            continue
        name, given = value.callee.name, value.args
        if name == "values" and given:
            rows = rows if rows is not None else given[0]
        elif name == "into" and given:
            into, columns, named = given[0], given[1] if len(given) > 1 else columns, True
        elif name == "insert":
            inserts = True
        elif name == "createQueryBuilder":
            into = into if into is not None else _entity_value(value.callee.object, resolve) or _own(value, resolve)
            break
        value = value.callee.object
    if not inserts:
        return None
    if into is None:
        return Builder(Target(Undeclared(_unknown(value)), Undeclared(_unknown(value))), rows, columns)
    return Builder(_target(into, resolve, table=named), rows, columns)


def _own(call: Call, resolve: Resolve) -> Value | None:
    """`User.createQueryBuilder()`, `manager.createQueryBuilder(User, "u")`."""
    if call.args and isinstance(resolve(call.args[0]), Class):
        return call.args[0]
    owner = call.callee.object if isinstance(call.callee, Member) else None
    return owner if owner is not None and isinstance(resolve(owner), Class) else None


def _unknown(value: Value) -> str:
    inner = value.callee.object if isinstance(value, Call) and isinstance(value.callee, Member) else value
    return f"the entity is that of {told(inner)}"
