r"""Laravel: `upsert`, `insertOrIgnore` and the families that look up first, of the query builder and of Eloquent.

Source: laravel/framework 13.26 Query\Builder (upsert, insertOrIgnore*, updateOrInsert), Eloquent\Builder (upsert,
updateOrCreate, firstOrCreate, createOrFirst, incrementOrCreate), PostgresGrammar (compileUpsert). Those of Eloquent
answer a row that a unique index refuses by another lookup since 10.29, and did so from 10.21 to 10.24.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, InferenceClause, Mechanism, QualifiedName, Unresolved
from ..answered import ANSWERED, answered_since
from ..declarations import locked
from ..declarations.laravel import other_database
from ..model import Client, NoSite, SiteFact
from ..values import Call, Choice, Lambda, Member, Record, Sequence, Text
from .asked import NOT_ASKED, racy
from .chain import chains
from .drafting import Conflict, Racy, insert
from .laravel_asked import find_asked, is_paired
from .laravel_rows import keys_of, names_of, owner_of, rows_of, with_names
from .payload import Payload
from .reading import argument, is_absent, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .laravel_rows import Owner

_IGNORING = frozenset({"insertOrIgnore", "insertOrIgnoreUsing", "insertOrIgnoreReturning", "fillAndInsertOrIgnore"})
_RACY = frozenset({"updateOrInsert", "updateOrCreate", "firstOrCreate", "incrementOrCreate", "createOrFirst"})
_METHODS = _IGNORING | _RACY | {"upsert"}
_BUILDER = frozenset({"updateOrInsert", "insertOrIgnore", "insertOrIgnoreUsing", "insertOrIgnoreReturning"})
_LOOKS_UP = "it selects first, and inserts when it found nothing"
_CATCHES = "an INSERT that fails with 23505 is answered by a lookup"
_ANSWERING = (10, 29)
_ANSWERED_BEFORE = tuple(((10, minor), (10, minor)) for minor in range(21, 25))
_MOST = 8


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_METHODS):
        if not isinstance(call.callee, Member) or not (call.args or call.keywords):
            continue
        if call.callee.name == "upsert" and argument(call, 1, "uniqueBy") is None:
            continue
        yield SiteFact(
            client="laravel",
            values={"method": Text(call.callee.name), "receiver": call.callee.object, "call": call},
            offset=call.name_offset,
            statement=call.offset,
            end=call.end,
        )
    yield from find_asked(module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    call, name = fact.values["call"], called_name_of(fact)
    if not isinstance(call, Call):
        return NoSite("no call")
    found: list[Draft] = []
    refused = ""
    for chain in chains(fact.values["receiver"], resolve):
        if is_absent(chain.root):
            continue
        owner = owner_of(chain, resolve)
        if name == "asked":
            found += _asked(fact, owner, resolve)
            refused = NOT_ASKED
            continue
        if owner.other or (not owner.known and name == "upsert" and _is_foreign(call, resolve)):
            refused = "the receiver is no query or model of Laravel"
            continue
        found += _drafts(fact, call, owner, resolve)
    return tuple(dict.fromkeys(found))[:_MOST] or NoSite(refused or "no query is known", follow=True)


def _asked(fact: SiteFact, owner: Owner, resolve: Resolve) -> Iterator[Draft]:
    """The INSERT of a row of a known table that was asked for by values that it is given."""
    keys, row, model = fact.values["keys"], fact.values["row"], owner.model
    if isinstance(owner.table, QualifiedName) and isinstance(keys, Record) and owner.known and not owner.other:
        rows = replace(rows_of(row, resolve), rows=1)
        if model is not None and fact.values["made"] in {Text("create"), Text("forceCreate")}:
            rows = with_names(rows, (*model.unique, *model.defaults, *model.timestamps))
        connection = owner.connection or (model.connection if model is not None else None)
        names = tuple(dict.fromkeys((*owner.fixed, *(key for key, _ in keys.entries))))
        other = other_database(connection, resolve)
        yield insert(fact, owner.table, rows, racy=racy(names), not_postgres=other)


def called_name_of(fact: SiteFact) -> str:
    """The method that a fact calls."""
    method = fact.values["method"]
    return method.text if isinstance(method, Text) else ""


def _is_foreign(call: Call, resolve: Resolve) -> bool:
    """Whether what would be the unique columns are none: another library's `upsert`."""
    given = argument(call, 1, "uniqueBy")
    known = resolve(given) if given is not None else None
    first = argument(call, 0, "values")
    return names_of(known, resolve) is None or first is None or isinstance(resolve(first), Text)


def _drafts(fact: SiteFact, call: Call, owner: Owner, resolve: Resolve) -> Iterator[Draft]:
    name = called_name_of(fact)
    model = owner.model
    connection = owner.connection or (model.connection if model is not None else None)
    other = other_database(connection, resolve)
    if name == "upsert":
        yield from _upserts(fact, call, owner, resolve, other)
    elif name in _RACY:
        yield _raced(fact, call, owner, resolve, other)
    else:
        target, rows = _ignored(fact, call, owner, resolve)
        yield insert(fact, owner.table, rows, Conflict(target, Action.NOTHING), not_postgres=other)


def _upserts(fact: SiteFact, call: Call, owner: Owner, resolve: Resolve, other: str | None) -> Iterator[Draft]:
    model = owner.model
    given = argument(call, 1, "uniqueBy")
    rows = rows_of(argument(call, 0, "values"), resolve)
    filled = rows
    if model is not None:
        filled = with_names(rows, (*model.timestamps, *model.unique))
    update = argument(call, 2, "update")
    known = resolve(update) if update is not None else None
    for one in known.options if isinstance(known, Choice) else (known,):
        assigned = _assigned(one, rows, owner, resolve)
        if assigned is None:
            yield insert(fact, owner.table, filled, not_postgres=other)
        else:
            conflict = Conflict(_target(given, resolve), Action.UPDATE, assigned)
            yield insert(fact, owner.table, filled, conflict, not_postgres=other)


def _target(given: Value | None, resolve: Resolve) -> ConflictTarget:
    names = names_of(given, resolve)
    if names is None:
        return Unresolved(
            f"the unique columns are {told(resolve(given))}" if given is not None else "no unique columns"
        )
    return columns_target(names) if names else Unresolved("the unique columns are empty, which Laravel refuses")


def _assigned(update: Value | None, rows: Payload, owner: Owner, resolve: Resolve) -> Payload | None:
    """The columns of SET, by default all of the first row; None for a plain INSERT."""
    stamp = (owner.model.updated,) if owner.model is not None and owner.model.updated is not None else ()
    if update is None or is_absent(update):
        return with_names(rows, stamp) if rows.columns is not None else rows
    if isinstance(update, Sequence) and not update.items and update.complete and not stamp:
        return None
    names = names_of(update, resolve)
    if names is None:
        return Payload(stamp or None, complete=False, reason=f"the columns of SET are {told(update)}")
    return Payload(tuple(dict.fromkeys((*names, *stamp))))


def _ignored(fact: SiteFact, call: Call, owner: Owner, resolve: Resolve) -> tuple[ConflictTarget, Payload]:
    name = called_name_of(fact)
    if name == "insertOrIgnoreUsing":
        columns = names_of(argument(call, 0, "columns"), resolve)
        reason = "the columns are only known at run time" if columns is None else None
        return AnyArbiter(), Payload(columns, columns is not None, reason=reason)
    rows = rows_of(argument(call, 0, "values"), resolve)
    if name == "fillAndInsertOrIgnore" and owner.model is not None:
        rows = with_names(rows, (*owner.model.timestamps, *owner.model.unique, *owner.model.defaults))
    given = argument(call, 2, "uniqueBy") if name == "insertOrIgnoreReturning" else None
    if given is None or is_absent(resolve(given)):
        return AnyArbiter(), rows
    return _target(given, resolve), rows


def _raced(fact: SiteFact, call: Call, owner: Owner, resolve: Resolve, other: str | None) -> Draft:
    """A lookup by attributes, then an INSERT of them and of the values."""
    name = called_name_of(fact)
    attributes = keys_of(argument(call, 0, "attributes"), resolve)
    values = _values(call, name, resolve)
    looked = tuple(dict.fromkeys((*owner.fixed, *(attributes.columns or ()))))
    complete = attributes.columns is not None and attributes.complete and bool(looked)
    nothing = attributes.complete and not looked
    why = "the lookup has no condition" if nothing else "the lookup is put together at run time"
    target: ConflictTarget = Unresolved(attributes.reason or why)
    if complete:
        target = columns_target(looked)
    columns = (*looked, *(values.columns or ()), *_filled(owner, name))
    reason = attributes.reason or values.reason
    rows = Payload(tuple(dict.fromkeys(columns)), complete and values.complete, 1, values.nulls, reason=reason)
    updates = name in {"updateOrInsert", "updateOrCreate", "incrementOrCreate"}
    assigned = _updated(owner, name, values) if updates else None
    known = target.columns if isinstance(target, InferenceClause) else None
    creates = name == "createOrFirst"
    mechanism = Mechanism.INSERT_THEN_SELECT if creates else Mechanism.SELECT_THEN_INSERT
    racy = Racy(mechanism, known, _CATCHES if creates else "; ".join((_LOOKS_UP, *_answer(name, resolve))))
    action = Action.UPDATE if updates else Action.NOTHING
    return insert(fact, owner.table, rows, Conflict(target, action, assigned), racy=racy, not_postgres=other)


def _answer(name: str, resolve: Resolve) -> tuple[str, ...]:
    """What a method of Eloquent does when its INSERT fails, in words; those of the query builder do nothing."""
    if name in _BUILDER:
        return ()
    releases = locked.laravel(resolve)
    if releases is None or releases[0] < _ANSWERING <= releases[1]:
        return (answered_since("Laravel 10.29"),)
    return (ANSWERED,) if releases[0] >= _ANSWERING or releases in _ANSWERED_BEFORE else ()


def _values(call: Call, name: str, resolve: Resolve) -> Payload:
    if name == "incrementOrCreate":
        column = argument(call, 1, "column")
        names = names_of(column, resolve) if column is not None else ("count",)
        return Payload(names, names is not None)
    given = argument(call, 1, "values")
    if isinstance(given, Record):
        return keys_of(given, resolve)
    known = resolve(given) if given is not None else None
    return keys_of(known.result if isinstance(known, Lambda) else known, resolve)


def _filled(owner: Owner, name: str) -> tuple[str, ...]:
    """What a model adds to a row that it creates."""
    model = owner.model if name not in _BUILDER else None
    return (*model.unique, *model.defaults, *model.timestamps) if model is not None else ()


def _updated(owner: Owner, name: str, values: Payload) -> Payload:
    stamp = owner.model.updated if owner.model is not None and name not in _BUILDER else None
    columns = (*(values.columns or ()), *((stamp,) if stamp is not None else ()))
    return replace(values, columns=tuple(dict.fromkeys(columns)) or None, nulls=())


LARAVEL = Client(
    name="laravel",
    languages=frozenset({"php"}),
    triggers=(
        b">upsert(",
        b":upsert(",
        b"insertorignore",
        b"updateorinsert(",
        b"updateorcreate(",
        b"firstorcreate(",
        b"createorfirst(",
        b"incrementorcreate(",
    ),
    find=_find,
    finish=_finish,
    paired=is_paired,
)
