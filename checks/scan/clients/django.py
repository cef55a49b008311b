"""Django: `bulk_create` with its conflict options, and `get_or_create` and `update_or_create`, which look up first.

What is sent follows Django 5.2: db.models.query.QuerySet.bulk_create, .get_or_create and .update_or_create, and
db.backends.postgresql.operations.on_conflict_suffix_sql.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, InferenceClause, Mechanism, QualifiedName, Unresolved
from ..answered import ANSWERED
from ..declarations.django import by_name, inserted
from ..declarations.django_settings import other_database
from ..declarations.model import TableDeclaration, Undeclared
from ..model import Client, NoSite, SiteFact
from ..values import Call, Constant, Member, Opaque, Record, Sequence, Text
from .asked import NOT_ASKED, mechanism_of, racy
from .django_asked import find_asked, is_paired
from .django_called import models_of
from .drafting import Conflict, Racy, insert
from .managers import receiver_of
from .payload import Payload
from .reading import boolean, expanded, is_absent, list_of_texts, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Draft, Module, Resolve
    from ..values import Value
    from .django_called import Called

_BULK = frozenset({"bulk_create", "abulk_create"})
_RACY = frozenset({"get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create"})
_OPTIONS = ("objs", "batch_size", "ignore_conflicts", "update_conflicts", "update_fields", "unique_fields")
_NO_LOOKUP = frozenset({"defaults", "create_defaults", "through_defaults"})
_INHERITED = "the model has fields that are declared outside of the project"
_HISTORIC = "the model is that of its migration"


def _find(module: Module) -> Iterator[SiteFact]:
    shown = "django" in module.file.text
    for call in module.calls(_BULK | _RACY):
        if not isinstance(call.callee, Member):
            continue
        receiver = receiver_of(module, call.callee.object)
        values: dict[str, Value] = {
            "method": Text(call.callee.name.removeprefix("a")),
            "path": Text(module.file.path),
            "call": call,
            "root": receiver.root,
            "owner": receiver.owner,
            "manager": Text(receiver.manager),
            "narrowed": Constant(receiver.narrowed),
            "shown": Constant(shown and _looks_like_one(call)),
        }
        yield SiteFact(client="django", values=values, offset=call.name_offset, statement=call.offset, end=call.end)
    yield from find_asked(module)


def _looks_like_one(call: Call) -> bool:
    """Whether the arguments are those of a manager's method: lookups by name, or objects."""
    bulk = isinstance(call.callee, Member) and call.callee.name in _BULK
    return bulk or (bool(call.keywords) and not call.args)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    models = models_of(fact, resolve)
    if isinstance(models, NoSite):
        return models
    other = other_database(resolve)
    if fact.values["method"] == Text("asked"):
        return tuple(draft for one in models for draft in _asked(fact, one, other)) or NoSite(NOT_ASKED)
    return tuple(_draft(fact, model, other, resolve) for model in models)


def _asked(fact: SiteFact, model: Called, other: str | None) -> Iterator[Draft]:
    """The INSERT of a row that was asked for by values that it is given."""
    keys, row, known = fact.values["keys"], fact.values["row"], model.known
    assert isinstance(keys, Record)  # noqa: S101 - `find_asked` puts nothing else there
    assert isinstance(row, Record)  # noqa: S101 - as above
    names = tuple(key.removesuffix("__exact").split("__")[0] for key, _ in keys.entries)
    parent = () if model.parent is None else (model.parent,)
    columns = _columns((*parent, *names), known) if known is not None else None
    if known is not None and isinstance(columns, tuple):
        rows = replace(_rows(model, frozenset((*parent, *(key for key, _ in row.entries)))), rows=1)
        table = QualifiedName(known.schema, known.name)
        yield insert(fact, table, rows, racy=racy(columns, mechanism_of(fact)), not_postgres=other)


def _draft(fact: SiteFact, model: Called, other: str | None, resolve: Resolve) -> Draft:
    known = model.known
    table = QualifiedName(known.schema, known.name) if known else Undeclared(model.why)
    call = fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `_find` puts nothing else there
    if fact.values["method"] == Text("bulk_create"):
        options = _options(call, resolve)
        rows = _rows(model, _given(options.get("objs"), resolve))
        return insert(fact, table, rows, _conflict(options, model, resolve), not_postgres=other)
    lookups = expanded(Record(call.keywords), resolve)
    if model.parent is not None:
        lookups = Record(((model.parent, Opaque("the row that the manager belongs to")), *lookups.entries))
    conflict, racy = _lookup(fact, lookups, model, resolve)
    return insert(fact, table, _rows(model, _named(lookups, resolve)), conflict, racy=racy, not_postgres=other)


def _lookup(fact: SiteFact, lookups: Record, model: Called, resolve: Resolve) -> tuple[Conflict, Racy]:
    """What get_or_create and update_or_create look up, and what they do with a row that is there."""
    target = _looked_up(lookups, model, narrowed=fact.values["narrowed"] == Constant(value=True))
    updates = fact.values["method"] == Text("update_or_create")
    assigned = _assigned(lookups.get("defaults"), model.known, resolve) if updates else None
    keys = target.columns if isinstance(target, InferenceClause) else None
    racy = Racy(Mechanism.SELECT_THEN_INSERT, keys, ANSWERED if keys else "")
    return Conflict(target, Action.UPDATE if updates else Action.NOTHING, assigned), racy


def _named(lookups: Record, resolve: Resolve) -> frozenset[str]:
    """The fields that a new row is given a value for."""
    names = {name for name, _ in lookups.entries if name not in _NO_LOOKUP}
    for option in ("defaults", "create_defaults"):
        record = resolve(lookups.get(option) or Constant(None))
        names |= {name for name, _ in record.entries} if isinstance(record, Record) else set()
    return frozenset(names)


def _options(call: Call, resolve: Resolve) -> Record:
    """The arguments of bulk_create by their names."""
    placed = tuple(zip(_OPTIONS, call.args, strict=False))
    return expanded(Record((*placed, *call.keywords)), resolve)


def _given(rows: Value | None, resolve: Resolve) -> frozenset[str]:
    """The names that rows give a value, of those rows that are made in sight."""
    known = resolve(rows) if rows is not None else None
    made = known.items if isinstance(known, Sequence) else ()
    return frozenset(name for row in made if isinstance(row, Call) for name, _ in row.keywords)


def _rows(model: Called, given: frozenset[str]) -> Payload:
    """Django sends every field of the model."""
    known = model.known
    if known is None:
        return Payload(None, complete=False, reason=model.why)
    if model.historic:
        names = (column.name for name in sorted(given) if (column := by_name(known, name)))
        return Payload(tuple(names) or None, complete=False, reason=_HISTORIC)
    return Payload(inserted(known, given), known.complete, reason=None if known.complete else _INHERITED)


def _conflict(options: Record, model: Called, resolve: Resolve) -> Conflict | None:
    """What bulk_create does on conflict; None for a plain INSERT."""
    ignored = boolean(options.get("ignore_conflicts"), resolve, default=False)
    updated = boolean(options.get("update_conflicts"), resolve, default=False)
    if ignored is None or updated is None or (not options.complete and not ignored and not updated):
        return Conflict(Unresolved("what happens on conflict is chosen at run time"), None)
    if ignored:
        return Conflict(AnyArbiter(), Action.NOTHING)
    if not updated:
        return None
    assigned = _names(options.get("update_fields"), model, resolve)
    columns = Payload(assigned if isinstance(assigned, tuple) else None, isinstance(assigned, tuple))
    target = _names(options.get("unique_fields"), model, resolve)
    if isinstance(target, Unresolved):
        return Conflict(target, Action.UPDATE, columns)
    return Conflict(columns_target(target), Action.UPDATE, columns)


def _names(given: Value | None, model: Called, resolve: Resolve) -> tuple[str, ...] | Unresolved:
    """The columns of a list of fields."""
    known = None if given is None else resolve(given)
    if known is None or is_absent(known):
        return Unresolved("no unique_fields are given, which Django refuses on PostgreSQL")
    names = list_of_texts(known, resolve)
    if names is None:
        return Unresolved(f"the conflict target is {told(known)}")
    return _columns(names, model.known) if model.known is not None else Unresolved(model.why)


def _columns(names: tuple[str, ...], model: TableDeclaration) -> tuple[str, ...] | Unresolved:
    found: list[str] = []
    for name in names:
        column = by_name(model, name)
        if column is None:
            missing = "has no" if model.complete else "may have a"
            return Unresolved(f'the model of table "{model.name}" {missing} field "{name}", whose column is not known')
        found.append(column.name)
    return tuple(found)


def _looked_up(lookups: Record, model: Called, *, narrowed: bool) -> ConflictTarget:
    """The columns that a row is looked up by."""
    if not lookups.complete:
        return Unresolved("the lookup is put together at run time")
    if narrowed:
        return Unresolved("the lookup is made on a query set that is filtered before")
    names: list[str] = []
    for name, _ in lookups.entries:
        field, dots, how = name.partition("__")
        if name not in _NO_LOOKUP and dots and how not in {"exact", "pk", "id"}:
            return Unresolved(f'the lookup "{name}" is no comparison of a column with a value')
        names += [field] if name not in _NO_LOOKUP else []
    if not names:
        return Unresolved("no lookup is given")
    if model.known is None:
        return Unresolved(model.why)
    found = _columns(tuple(names), model.known)
    return found if isinstance(found, Unresolved) else columns_target(found)


def _assigned(defaults: Value | None, model: TableDeclaration | None, resolve: Resolve) -> Payload | None:
    """The columns that update_or_create sets on a row that is there; None when they are not known."""
    record = resolve(defaults) if defaults is not None else Record(())
    if model is None or not isinstance(record, Record) or not record.complete:
        return None
    names = [column.name for key, _ in record.entries if (column := by_name(model, key))]
    names += [column.name for column in model.columns if column.client_update]
    return Payload(tuple(dict.fromkeys(names)) or None)


DJANGO = Client(
    name="django",
    languages=frozenset({"python"}),
    triggers=(b"bulk_create(", b"get_or_create(", b"update_or_create("),
    paired=is_paired,
    find=_find,
    finish=_finish,
)
