"""MikroORM: `em.upsert(Entity, data, options)` and `upsertMany`, and `.onConflict()` of its query builder.

What is sent follows @mikro-orm/core and knex 6.6.16: EntityManager.upsert, utils/upsert-utils (`getWhereCondition`
chooses the target, `getOnConflictFields` the columns of SET) and AbstractSqlDriver.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ...model import Action, Unresolved
from ..declarations.mikro_orm import Entity, entity_of
from ..declarations.model import Undeclared
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Class, Join, Member, Name, Opaque, Record, Sequence, Text
from .drafting import Conflict, insert
from .mikro_orm_builder import builder_root, inserted_rows, is_builder
from .mikro_orm_steps import asked_by, find_steps, is_paired
from .payload import Payload, payload
from .reading import called_name, is_absent, list_of_texts, text, told
from .step_facts import NO_SITE, finish_step, followed_insert
from .targets import columns_target
from .written_clause import raw_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value

_METHODS = frozenset({"upsert", "upsertMany"})
_TELLING = frozenset({"onConflictFields", "onConflictAction", "onConflictMergeFields", "onConflictExcludeFields"})
_MANAGERS = ("Em", "entityManager", "EntityManager", "orm")
_REPOSITORIES = frozenset({"getRepository", "InjectRepository"})


def _find(module: Module) -> Iterator[SiteFact]:
    named = "mikro-orm" in module.file.text
    for call in module.calls(_METHODS):
        options = call.args[-1] if call.args else None
        telling = isinstance(options, Record) and any(key in _TELLING for key, _ in options.entries)
        if isinstance(call.callee, Member) and (telling or named or _is_manager(call.callee.object)):
            yield SiteFact(
                client="mikro-orm",
                values={"call": call, **({"evident": Text("")} if telling or named else {})},
                offset=call.name_offset,
                statement=call.offset,
                end=call.end,
            )
    for call in module.calls(frozenset({"merge", "ignore"})):
        conflict = call.callee.object if isinstance(call.callee, Member) else None
        if isinstance(conflict, Call) and called_name(conflict) == "onConflict" and is_builder(conflict):
            values: dict[str, Value] = {"conflict": conflict, "action": call}
            yield SiteFact(
                client="mikro-orm", values=values, offset=conflict.name_offset, statement=conflict.offset, end=call.end
            )
    yield from find_steps(module)


def _is_manager(receiver: Value) -> bool:
    """`em`, `this.em`, `orm.em`, `em.fork()`."""
    while isinstance(receiver, Call) and isinstance(receiver.callee, Member):
        receiver = receiver.callee.object
    match receiver:
        case Name(name) | Member(name=name):
            return name == "em" or name.endswith(_MANAGERS)
        case _:
            return False


def _of_builder(fact: SiteFact, conflict: Call, action: Call, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """The chain as the options of `upsert()`, but that `merge()` alone sets all of the data."""
    root, data = builder_root(conflict), inserted_rows(conflict)
    if root is None or data is None:
        return NoSite("nothing is inserted before the call")
    entity = entity_of(root.args[0], resolve) if root.args else Undeclared("the query builder is given no entity")
    given = resolve(conflict.args[0]) if conflict.args else Sequence(())
    fields = given if not isinstance(given, Text) else Sequence((given,))
    merged = resolve(action.args[0]) if action.args else None
    ignores = called_name(action) == "ignore"
    entries: list[tuple[str, Value]] = [("onConflictFields", conflict.args[0] if isinstance(given, Join) else fields)]
    entries += [("onConflictAction", Text("ignore" if ignores else "merge"))]
    entries += [("onConflictMergeFields", merged or _keys(data, resolve))] if not ignores else []
    return _drafts(fact, entity, [data, Record(tuple(entries))], resolve, many=False)


def _keys(data: Value, resolve: Resolve) -> Value:
    rows = payload(data, resolve)
    return Sequence(tuple(Text(name) for name in rows.columns or ()), rows.columns is not None and rows.complete)


def _of_two(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    """A statement that an INSERT follows, or that one."""
    if not resolve.holding(b"@mikro-orm/"):
        return NO_SITE
    given = partial(_given, resolve=resolve)
    if "step" in fact.values:
        return finish_step(fact, partial(asked_by, given=given, resolve=resolve))
    plain = followed_insert(fact, partial(asked_by, given=given, resolve=resolve))
    known = given(plain) if plain is not None else None
    if plain is None or known is None:
        return NO_SITE
    entity = entity_of(known[0], resolve)
    rows = _mapped(payload(known[1][0], resolve), entity)
    if called_name(plain) == "create" and rows.complete:
        rows = replace(rows, complete=False, reason="the entity may set more columns when it is created")
    return (insert(fact, entity.table if isinstance(entity, Entity) else entity, rows),)


def _given(call: Call, resolve: Resolve) -> tuple[Value, tuple[Value, ...]] | None:
    """The entity of a call, and the arguments after it."""
    own = _of_repository(call.callee.object, resolve) if isinstance(call.callee, Member) else None
    if own is not None:
        return own, call.args
    return (call.args[0], call.args[1:]) if call.args and _names_entity(resolve(call.args[0])) else None


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    two = "step" in fact.values or "plain" in fact.values
    return _of_two(fact, resolve) if two else _of_one(fact, resolve)


def _of_one(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if "conflict" in fact.values:
        conflict, action = fact.values["conflict"], fact.values["action"]
        if isinstance(conflict, Call) and isinstance(action, Call):
            return _of_builder(fact, conflict, action, resolve)
    call = fact.values.get("call")
    if not isinstance(call, Call) or not isinstance(call.callee, Member):
        return NoSite("no call of MikroORM")
    evident = "evident" in fact.values or bool(resolve.holding(b"@mikro-orm/"))
    own = _of_repository(call.callee.object, resolve)
    first = resolve(call.args[0]) if call.args else Opaque("")
    if own is None and not _names_entity(first) and not (evident and _is_manager(call.callee.object)):
        return NoSite("nothing shows an entity manager of MikroORM")
    if own is None and not _names_entity(first) and len(call.args) == 1:
        reason = f"the entity is that of {told(first)}"
        unknown = Payload(None, complete=False, reason=reason)
        return (insert(fact, Undeclared(reason), unknown, Conflict(Unresolved(reason), Action.UPDATE, unknown)),)
    entity = entity_of(own if own is not None else first, resolve)
    if isinstance(entity, Undeclared) and not evident:
        return NoSite(f"nothing shows that it is MikroORM's: {entity.reason}")
    args = list(call.args if own is not None else call.args[1:])
    return _drafts(fact, entity, args, resolve, many=call.callee.name == "upsertMany")


def _names_entity(value: Value) -> bool:
    return isinstance(value, Class) or (isinstance(value, Call) and called_name(value) == "EntitySchema")


def _of_repository(receiver: Value, resolve: Resolve) -> Value | None:
    """The entity of `em.getRepository(User)`, or of `@InjectRepository(User) private users`."""
    owner = resolve(receiver.object) if isinstance(receiver, Member) else None
    if isinstance(receiver, Member) and isinstance(owner, Class):
        for key, value in owner.body:
            if key == f"@{receiver.name}" and isinstance(value, Call) and called_name(value) in _REPOSITORIES:
                return value.args[0] if value.args else None
    known = resolve(receiver)
    if isinstance(known, Call) and called_name(known) in _REPOSITORIES and known.args:
        return known.args[0]
    return None


def _drafts(
    fact: SiteFact, entity: Entity | Undeclared, args: list[Value], resolve: Resolve, *, many: bool
) -> tuple[Draft, ...]:
    given = payload(args[0], resolve) if args else Payload(None, complete=False, reason="no rows are given")
    known = resolve(args[1]) if len(args) > 1 else Record(())
    options = known if isinstance(known, Record) else Record((), complete=is_absent(known))
    rows = _mapped(given, entity)
    names = _target_names(given, entity, options, resolve, many=many)
    target = _target(names, entity, options, resolve)
    action, assigned = _assigned(given, entity, names, options, resolve)
    table = entity.table if isinstance(entity, Entity) else entity
    return (insert(fact, table, rows, Conflict(target, action, assigned if action is not Action.NOTHING else None)),)


def _columns(names: tuple[str, ...], entity: Entity | Undeclared) -> tuple[tuple[str, ...], str | None]:
    """The columns of properties; a name of no property is sent as it is."""
    if isinstance(entity, Undeclared):
        return (), entity.reason
    found, reason = [], None
    for name in names:
        one = entity.at(name)
        if one is not None and one.column is not None:
            found.append(one.column)
        elif one is None and entity.reason is None:
            found.append(name)
        else:
            reason = entity.reason or f'the column of "{name}" cannot be read'
    return tuple(dict.fromkeys(found)), reason


def _mapped(rows: Payload, entity: Entity | Undeclared) -> Payload:
    if rows.columns is None:
        return rows
    columns, reason = _columns(rows.columns, entity)
    nulls, _ = _columns(rows.nulls, entity)
    complete = rows.complete and reason is None
    return replace(rows, columns=columns, complete=complete, nulls=nulls, reason=rows.reason or reason)


def _target_names(
    rows: Payload, entity: Entity | Undeclared, options: Record, resolve: Resolve, *, many: bool
) -> tuple[str, ...] | str:
    """The properties of the target: those given, or the key that the data has; else the reason.

    The primary key when it is in the data, else the first unique property, else the first other key that is whole.
    """
    given = options.get("onConflictFields")
    if given is not None:
        names = list_of_texts(given, resolve)
        return names or f"the conflict fields are {told(resolve(given))}"
    if not options.complete or isinstance(entity, Undeclared):
        return entity.reason if isinstance(entity, Undeclared) else "the options are only known at run time"
    if rows.columns is None or not rows.complete or (many and rows.lacking) or entity.reason is not None:
        return entity.reason or "the default target depends on the columns that are written, which are not known"
    written = frozenset(name for name in rows.columns if name not in rows.nulls and name not in rows.lacking)
    return _default(entity, written)


def _default(entity: Entity, written: frozenset[str]) -> tuple[str, ...] | str:
    primary = entity.primary()
    if primary and written.issuperset(primary):
        return primary
    single = next((one.name for one in entity.properties if one.unique and one.name in written), None)
    if single is not None:
        return (single,)
    whole = next((key for key in entity.uniques if written.issuperset(key)), None)
    return whole or primary or "the entity has no key that can be read"


def _target(
    names: tuple[str, ...] | str, entity: Entity | Undeclared, options: Record, resolve: Resolve
) -> ConflictTarget:
    given = options.get("onConflictFields")
    if given is not None and isinstance(resolve(given), Join):
        raw = raw_target(given, resolve)
        if raw is not None:
            return raw
    if isinstance(names, str):
        return Unresolved(names)
    columns, reason = _columns(names, entity)
    return Unresolved(reason) if reason is not None else columns_target(columns)


def _assigned(
    rows: Payload, entity: Entity | Undeclared, target: tuple[str, ...] | str, options: Record, resolve: Resolve
) -> tuple[Action | None, Payload | None]:
    """The action, and the columns of SET: those given, or all of the data but the target's."""
    wanted = options.get("onConflictAction")
    named = text(wanted, resolve) if wanted is not None else "merge" if options.complete else None
    if named != "merge":
        return (Action.NOTHING if named == "ignore" else None), None
    merged = options.get("onConflictMergeFields")
    if merged is not None:
        names = list_of_texts(merged, resolve)
        columns, reason = _columns(names or (), entity)
        known = Payload(columns if names is not None else None, names is not None and reason is None, reason=reason)
    elif isinstance(target, str) or rows.columns is None:
        known = Payload(None, complete=False, reason="the columns of SET are those of the data")
    else:
        excluded = options.get("onConflictExcludeFields")
        without = list_of_texts(excluded, resolve) if excluded is not None else ()
        kept = tuple(name for name in rows.columns if name not in target and name not in (without or ()))
        columns, reason = _columns(kept, entity)
        known = Payload(columns, rows.complete and without is not None and reason is None, reason=reason)
    return (Action.NOTHING, None) if known.columns == () and known.complete else (Action.UPDATE, known)


MIKRO_ORM = Client(
    name="mikro-orm",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".upsert(", b".upsertmany(", b"onconflictfields", b".onconflict("),
    paired=is_paired,
    find=_find,
    finish=_finish,
)
