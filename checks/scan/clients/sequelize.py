"""Sequelize 6: `Model.upsert()`, `bulkCreate()` with `updateOnDuplicate` or `ignoreDuplicates`, `findOrCreate()`.

What is sent follows sequelize 6.37.8: model.js (`upsert`, `bulkCreate`, `findOrCreate`), query-interface.js (`upsert`,
where the default target is chosen by the keys that the model declares) and query-generator.js.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, Mechanism, QualifiedName, Unresolved
from ..answered import ANSWERED
from ..declarations.model import Undeclared
from ..declarations.sequelize_models import model_of
from ..declarations.sequelize_settings import settings_of
from ..model import Client, NoSite, SiteFact, Step
from ..values import Call, Member, Name, Opaque, Record, Text
from .drafting import Conflict, Racy, insert
from .payload import Payload, payload
from .reading import boolean, is_absent, list_of_texts, text, told
from .sequelize_rows import columns_of, inserted, mapped
from .sequelize_steps import asked_by, find_steps, is_paired
from .sequelize_target import bulk_target, columns_where, target_of
from .step_facts import NO_SITE, finish_step, followed_insert
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..declarations.sequelize import SequelizeModel
    from ..model import Draft, Module, Resolve
    from ..values import Value

_FINDING = frozenset({"findOrCreate", "findCreateFind"})
_METHODS = frozenset({"upsert", "bulkCreate", "bulkInsert", *_FINDING})
_TELLING = frozenset({"updateOnDuplicate", "ignoreDuplicates", "conflictAttributes"})
_RACY = f"it selects first, and inserts when it found nothing; {ANSWERED}"


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_METHODS):
        if isinstance(call.callee, Member) and _may_be(call, call.callee):
            yield SiteFact(
                client="sequelize",
                values={"call": call, "method": Text(call.callee.name)},
                offset=call.name_offset,
                statement=call.offset,
                end=call.end,
            )
    yield from find_steps(module)


def _may_be(call: Call, callee: Member) -> bool:
    """Whether the receiver may be a model, and the call one that meets conflicts."""
    if callee.name in {"bulkCreate", "bulkInsert"}:
        given = call.args[-1] if len(call.args) > 1 else None
        known = given if isinstance(given, Record) else None
        telling = known is not None and any(key in _TELLING for key, _ in known.entries)
        return telling or (known is not None and not known.complete) or isinstance(given, Name | Member)
    if callee.name in _FINDING:
        return len(call.args) == 1
    return len(call.args) in {1, 2} and _names_model(callee.object)


def _names_model(receiver: Value) -> bool:
    match receiver:
        case Name(name) | Member(name=name):
            return name[:1].isupper() or name.lower().endswith(("model", "repository"))
        case Call(callee=Member(name="model" | "schema" | "scope" | "unscoped")):
            return True
        case _:
            return False


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "call" not in fact.values:
        return _of_two(fact, resolve)
    call = fact.values["call"]
    if not isinstance(call, Call) or not isinstance(call.callee, Member):
        return NoSite("no call of Sequelize")
    name = call.callee.name
    if name == "bulkInsert":
        return _of_interface(fact, call, resolve)
    receiver, schema = _receiver(call.callee.object)
    model = model_of(receiver, resolve)
    if name == "bulkCreate" and (model is None or not _meets_conflicts(call, resolve)):
        return _bulk_without_model(fact, call, receiver, resolve)
    if model is None:
        return NoSite(f"nothing shows that {told(resolve(receiver))} is a model of Sequelize")
    table = _table(model, schema, resolve)
    if name == "upsert":
        found = _upsert(fact, call, model, table, resolve)
    elif name == "bulkCreate":
        found = _bulk_create(fact, call, model, table, resolve)
    else:
        found = _find_or_create(fact, call, model, table, resolve)
    return (replace(found, not_postgres=settings_of(resolve).not_postgres),)


def _of_two(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    """A statement that a `create()` follows, or that one."""
    if "step" in fact.values:
        return finish_step(fact, partial(asked_by, resolve=resolve))
    plain = followed_insert(fact, partial(asked_by, resolve=resolve))
    return NO_SITE if plain is None else _create(fact, plain, resolve)


def _create(fact: SiteFact, call: Call, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """`Model.create(row)`."""
    model = model_of(call.callee.object, resolve) if isinstance(call.callee, Member) else None
    if model is None:
        return NO_SITE
    given = payload(call.args[0], resolve)
    rows, defaulted = inserted(mapped(given, model), given, model, upserts=False)
    draft = insert(fact, model.table, rows, not_postgres=settings_of(resolve).not_postgres)
    return (replace(draft, write=replace(draft.write, defaulted=defaulted)),)


def _receiver(value: Value) -> tuple[Value, Value | None]:
    """The model, without the scopes and the schema that are put on it."""
    schema: Value | None = None
    while isinstance(value, Call) and isinstance(value.callee, Member):
        if value.callee.name == "schema" and value.args:
            schema = schema or value.args[0]
        elif value.callee.name not in {"scope", "unscoped"}:
            break
        value = value.callee.object
    return value, schema


def _table(model: SequelizeModel, schema: Value | None, resolve: Resolve) -> QualifiedName | Undeclared:
    if schema is None or isinstance(model.table, Undeclared):
        return model.table
    named = text(schema, resolve)
    return QualifiedName(named, model.table.name) if named else Undeclared(f"the schema is {told(resolve(schema))}")


def _options(call: Call, index: int, resolve: Resolve) -> Record:
    known = resolve(call.args[index]) if len(call.args) > index else Record(())
    return known if isinstance(known, Record) else Record((), complete=is_absent(known))


def _meets_conflicts(call: Call, resolve: Resolve) -> bool:
    options = _options(call, 1, resolve)
    return not options.complete or any(key in _TELLING for key, _ in options.entries)


def _bulk_without_model(fact: SiteFact, call: Call, receiver: Value, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    options = _options(call, 1, resolve)
    given = [key for key in ("updateOnDuplicate", "ignoreDuplicates") if options.get(key) is not None]
    if not given:
        return NoSite("bulkCreate() without a conflict option")
    ignores = boolean(options.get("ignoreDuplicates"), resolve, default=False)
    table = Undeclared(f"the model is {told(resolve(receiver))}")
    if "updateOnDuplicate" not in given:
        rows = Payload(None, complete=False, reason=table.reason)
        return (
            (insert(fact, table, rows, Conflict(AnyArbiter(), Action.NOTHING)),)
            if ignores
            else NoSite("no conflict option")
        )
    unknown = Payload(None, complete=False, reason=table.reason)
    return (insert(fact, table, unknown, Conflict(Unresolved(table.reason), Action.UPDATE, unknown)),)


def _upsert(
    fact: SiteFact, call: Call, model: SequelizeModel, table: QualifiedName | Undeclared, resolve: Resolve
) -> Draft:
    given = payload(call.args[0], resolve)
    options = _options(call, 1, resolve)
    rows, defaulted = inserted(mapped(given, model), given, model, upserts=True)
    assigned = mapped(given, model)
    fields = options.get("fields")
    if fields is not None:
        named = list_of_texts(fields, resolve)
        listed = columns_of(named, model)[0] if named is not None else None
        assigned = Payload(listed, complete=listed is not None)
    chosen = assigned
    updated = model.at(model.updated) if model.updated is not None else None
    if assigned.columns is not None and updated is not None and updated.field is not None:
        assigned = replace(assigned, columns=tuple(dict.fromkeys((*assigned.columns, updated.field))))
    target = target_of(options, chosen, model, resolve)
    draft = insert(fact, table, rows, Conflict(target, Action.UPDATE, assigned))
    return replace(draft, write=replace(draft.write, defaulted=defaulted))


def _bulk_create(
    fact: SiteFact, call: Call, model: SequelizeModel, table: QualifiedName | Undeclared, resolve: Resolve
) -> Draft:
    given = payload(call.args[0], resolve)
    options = _options(call, 1, resolve)
    rows, defaulted = inserted(mapped(given, model), given, model, upserts=False)
    draft = insert(fact, table, rows, _bulk_conflict(options, model, resolve))
    hooks = boolean(options.get("individualHooks"), resolve, default=False)
    caution = "with individualHooks each row is inserted by itself" if hooks is not False else None
    return replace(draft, write=replace(draft.write, defaulted=defaulted), caution=caution)


def _bulk_conflict(options: Record, model: SequelizeModel, resolve: Resolve) -> Conflict | None:
    updates, ignores = options.get("updateOnDuplicate"), options.get("ignoreDuplicates")
    if updates is None or is_absent(resolve(updates)):
        ignored = boolean(ignores, resolve, default=False)
        if not options.complete and ignores is None:
            return Conflict(Unresolved("the options are only known at run time"), None)
        return Conflict(AnyArbiter(), Action.NOTHING if ignored else None) if ignored is not False else None
    named = list_of_texts(updates, resolve)
    if named is None:
        assigned = Payload(None, complete=False, reason=f"the columns of SET are {told(resolve(updates))}")
    else:
        columns, _ = columns_of(tuple(name for name in named if name != model.created), model)
        assigned = Payload(columns, complete=model.reason is None, reason=model.reason)
    return Conflict(bulk_target(options, model, resolve), Action.UPDATE, assigned)


def _find_or_create(
    fact: SiteFact, call: Call, model: SequelizeModel, table: QualifiedName | Undeclared, resolve: Resolve
) -> Draft:
    options = _options(call, 0, resolve)
    where = payload(options.get("where"), resolve)
    extra = options.get("defaults")
    defaults = payload(extra, resolve) if extra is not None else Payload(())
    whole = where.columns is not None and where.complete
    names = tuple(dict.fromkeys((*(where.columns or ()), *(defaults.columns or ()))))
    given = Payload(names, complete=whole and defaults.complete, rows=1, reason=where.reason or defaults.reason)
    rows, defaulted = inserted(mapped(given, model), given, model, upserts=False)
    keys, reason = columns_of(where.columns or (), model)
    known = whole and reason is None
    target = (
        columns_target(keys) if known else Unresolved(reason or f"the rows are looked up by {_told(options, resolve)}")
    )
    racy = Racy(Mechanism.SELECT_THEN_INSERT, keys if known else None, _RACY)
    draft = insert(fact, table, rows, Conflict(target, Action.NOTHING), racy=racy)
    return replace(draft, write=replace(draft.write, defaulted=defaulted))


def _told(options: Record, resolve: Resolve) -> str:
    given = options.get("where")
    return told(resolve(given)) if given is not None and not isinstance(resolve(given), Record) else "a computed key"


def _of_interface(fact: SiteFact, call: Call, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    """`queryInterface.bulkInsert(table, rows, {upsertKeys, updateOnDuplicate})`, which names columns."""
    options = _options(call, 2, resolve)
    updates, ignores = options.get("updateOnDuplicate"), options.get("ignoreDuplicates")
    if updates is None and boolean(ignores, resolve, default=False) is False:
        return NoSite("bulkInsert() without a conflict option")
    named_table, given, *_ = (*call.args, Opaque("no table"), Opaque("no rows"))
    rows, table = payload(given, resolve), _named_table(named_table, resolve)
    if updates is None:
        return (insert(fact, table, rows, Conflict(AnyArbiter(), Action.NOTHING)),)
    named, keys = list_of_texts(updates, resolve), options.get("upsertKeys")
    listed = list_of_texts(keys, resolve) if keys is not None else None
    target = columns_where(listed, options, resolve) if listed else Unresolved("the keys of the upsert are not known")
    assigned = Payload(named, complete=named is not None)
    return (insert(fact, table, rows, Conflict(target, Action.UPDATE, assigned)),)


def _named_table(value: Value, resolve: Resolve) -> QualifiedName | Undeclared:
    known = resolve(value)
    schema = known.get("schema") if isinstance(known, Record) else None
    named = known.get("tableName") if isinstance(known, Record) else known
    name = text(named, resolve) if named is not None else None
    own = text(schema, resolve) if schema is not None else None
    if name is None or (schema is not None and own is None):
        return Undeclared(f"the table is {told(known)}")
    return QualifiedName(own, name)


SEQUELIZE = Client(
    name="sequelize",
    languages=frozenset({"javascript", "typescript"}),
    triggers=(b".upsert(", b"updateonduplicate", b"ignoreduplicates", b".findorcreate(", b".findcreatefind("),
    paired=is_paired,
    find=_find,
    finish=_finish,
)
