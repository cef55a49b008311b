"""Tortoise ORM: `bulk_create` with its conflict options, `get_or_create`, `update_or_create`.

What is sent follows tortoise 1.1: queryset.BulkCreateQuery, models.Model.update_or_create. `on_conflict` and
`update_fields` are names of columns: they are not mapped by `source_field`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...model import Action, AnyArbiter, InferenceClause, Mechanism, QualifiedName, Unresolved
from ..answered import ANSWERED
from ..declarations.model import TableDeclaration, Undeclared
from ..declarations.tortoise import is_tortoise, other_database, read_tortoise
from ..model import Client, NoSite, SiteFact
from ..values import Call, Choice, Class, Constant, Member, Record, Sequence, Text
from .active_asked import find_asked, finish_asked, is_paired
from .drafting import Conflict, Racy, insert
from .managers import receiver_of
from .payload import Payload
from .reading import boolean, expanded, is_absent, list_of_texts, told
from .targets import columns_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..declarations.model import ColumnDeclaration
    from ..model import Draft, Module, Resolve
    from ..values import Value

_BULK, _UPDATE = "bulk_create", "update_or_create"
_METHODS = frozenset({_BULK, _UPDATE, "get_or_create"})
_OPTIONS = ("objects", "batch_size", "ignore_conflicts", "update_fields", "on_conflict", "using_db")
_NO_LOOKUP = frozenset({"defaults", "using_db"})
_INHERITED = "the model has fields that are declared outside of the project"


def _find(module: Module) -> Iterator[SiteFact]:
    for call in module.calls(_METHODS):
        if isinstance(call.callee, Member):
            receiver = receiver_of(module, call.callee.object)
            values: dict[str, Value] = {"method": Text(call.callee.name), "call": call, "model": receiver.root}
            values["narrowed"] = Constant(receiver.narrowed)
            start, end = call.offset, call.end
            yield SiteFact(client="tortoise", values=values, offset=call.name_offset, statement=start, end=end)
    yield from find_asked("tortoise", module)


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite:
    if fact.values["method"] == Text("asked"):
        found = finish_asked(fact, is_tortoise, read_tortoise, _one_row, resolve)
        other = other_database(resolve)
        return found if isinstance(found, NoSite) else tuple(replace(draft, not_postgres=other) for draft in found)
    model = resolve(fact.values["model"])
    options = model.options if isinstance(model, Choice) else (model,)
    own = [one for one in options if isinstance(one, Class) and is_tortoise(one, resolve)]
    return tuple(_draft(fact, one, resolve) for one in own) or NoSite("is called on no model of Tortoise")


def _draft(fact: SiteFact, model: Class, resolve: Resolve) -> Draft:
    declared, call = read_tortoise(model, resolve), fact.values["call"]
    assert isinstance(call, Call)  # noqa: S101 - `_find` puts nothing else there
    table = declared if isinstance(declared, Undeclared) else QualifiedName(declared.schema, declared.name)
    known = declared if isinstance(declared, TableDeclaration) else TableDeclaration("", None, complete=False)
    other = other_database(resolve)
    if fact.values["method"] == Text(_BULK):
        given = expanded(Record((*zip(_OPTIONS, call.args, strict=False), *call.keywords)), resolve)
        rows = _rows(known, _made(given.get("objects"), resolve))
        return insert(fact, table, rows, _conflict(given, resolve), not_postgres=other)
    lookups = expanded(Record(call.keywords), resolve)
    conflict, racy, names = _lookup(fact, lookups, known, resolve)
    return insert(fact, table, _rows(known, names), conflict, racy=racy, not_postgres=other)


def _made(rows: Value | None, resolve: Resolve) -> frozenset[str]:
    """The names that rows give a value, of those rows that are made in sight."""
    known = resolve(rows) if rows is not None else None
    items = known.items if isinstance(known, Sequence) else ()
    return frozenset(name for row in items if isinstance(row, Call) for name, _ in row.keywords)


def _rows(table: TableDeclaration, given: frozenset[str]) -> Payload:
    """Tortoise sends each column but those that the database generates and no row gives."""
    columns = [c.name for c in table.columns if not c.generated or {c.attribute, c.key} & given]
    columns += [name for name in sorted(given) if not _declared(table, name)]
    complete = table.complete
    return Payload(tuple(dict.fromkeys(columns)), complete, reason=None if complete else _INHERITED)


def _one_row(table: TableDeclaration, given: frozenset[str]) -> Payload:
    return replace(_rows(table, given), rows=1)


def _declared(table: TableDeclaration, name: str) -> bool:
    return name == "pk" or table.by_attribute(name) is not None or table.by_key(name) is not None


def _conflict(given: Record, resolve: Resolve) -> Conflict | None:
    """What bulk_create does on conflict; None for a plain INSERT."""
    ignored = boolean(given.get("ignore_conflicts"), resolve, default=False)
    target, updated = (_listed(given.get(name), resolve) for name in ("on_conflict", "update_fields"))
    if ignored is None or (not given.complete and not ignored and target is None):
        return Conflict(Unresolved("what happens on conflict is chosen at run time"), None)
    if ignored:
        return Conflict(AnyArbiter(), Action.NOTHING)
    if target is None and updated is None:
        return None
    columns = updated if isinstance(updated, tuple) else None
    found: ConflictTarget = Unresolved("update_fields are given without on_conflict, which Tortoise refuses")
    if isinstance(target, tuple):
        found = columns_target(target)
    elif target is not None:
        found = target
    return Conflict(found, Action.UPDATE, Payload(columns, columns is not None))


def _listed(given: Value | None, resolve: Resolve) -> tuple[str, ...] | Unresolved | None:
    known = resolve(given) if given is not None else None
    if known is None or is_absent(known) or (isinstance(known, Sequence) and known.complete and not known.items):
        return None
    return list_of_texts(known, resolve) or Unresolved(f"the conflict target is {told(known)}")


def _lookup(
    fact: SiteFact, lookups: Record, table: TableDeclaration, resolve: Resolve
) -> tuple[Conflict, Racy, frozenset[str]]:
    """What a row is looked up by, what is done with it, and the names that a new row is given values for."""
    names = [name for name, _ in lookups.entries if name not in _NO_LOOKUP]
    defaults = resolve(lookups.get("defaults") or Record(()))
    more = [name for name, _ in defaults.entries] if isinstance(defaults, Record) else []
    target = _looked_up(names, lookups, table, narrowed=fact.values["narrowed"] == Constant(value=True))
    keys = target.columns if isinstance(target, InferenceClause) else None
    racy = Racy(Mechanism.SELECT_THEN_INSERT, keys, ANSWERED if keys else "")
    if fact.values["method"] != Text(_UPDATE):
        return Conflict(target, Action.NOTHING), racy, frozenset((*names, *more))
    saved = [column.name for column in table.columns if not column.primary]
    saved += [name for name in more if not _declared(table, name)]
    return Conflict(target, Action.UPDATE, Payload(tuple(saved) or None)), racy, frozenset((*names, *more))


def _looked_up(names: list[str], lookups: Record, table: TableDeclaration, *, narrowed: bool) -> ConflictTarget:
    if not lookups.complete or not names:
        return Unresolved("the lookup is put together at run time")
    if narrowed:
        return Unresolved("the lookup is made on a query set that is filtered before")
    compared = next((name for name in names if "__" in name), None)
    if compared is not None:
        return Unresolved(f'the lookup "{compared}" is no comparison of a column with a value')
    columns = [column.name if (column := _column(table, name)) else name for name in names]
    return columns_target(tuple(columns))


def _column(table: TableDeclaration, name: str) -> ColumnDeclaration | None:
    keys = [column for column in table.columns if column.primary]
    return keys[0] if name == "pk" and len(keys) == 1 else table.by_attribute(name) or table.by_key(name)


TORTOISE = Client(
    name="tortoise",
    languages=frozenset({"python"}),
    triggers=(b".bulk_create(", b".get_or_create(", b".update_or_create("),
    find=_find,
    finish=_finish,
    paired=is_paired,
)
