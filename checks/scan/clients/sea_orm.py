"""SeaORM and sea-query: `Entity::insert(model).on_conflict(..)`, `Query::insert().into_table(..).columns([..])`.

Source: sea-orm 2.0 query/insert.rs, sea-query 1.0 query/insert.rs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...model import Action, QualifiedName, Unresolved
from ..declarations.model import TableDeclaration, Undeclared
from ..declarations.rust_structs import row_struct
from ..declarations.sea_orm import entity_of, table_of
from ..model import Client, Draft, NoSite, SiteFact, Step
from ..values import Call, Choice, Class, Constant, Import, Member, Name, Opaque, Param, Sequence
from .chain import chains, name_of, own_links, reached
from .drafting import Conflict, insert
from .payload import Payload
from .reading import called_name, path_of, told
from .sea_conflict import conflicts_of, idens
from .sea_steps import find_steps, finish_step
from .targets import bound_target, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...model import ConflictTarget
    from ..model import Module, Resolve
    from ..values import Value
    from .chain import Chain

_CLAUSES = frozenset({"on_conflict", "on_conflict_do_nothing", "on_conflict_do_nothing_on"})
_STARTS = frozenset({"insert", "insert_many", "one", "many", "into_table"})
_LINKS = frozenset({*_CLAUSES, *_STARTS, "columns", "values", "values_panic", "select_from"})
_HINTS = ("sea_orm", "sea_query", "SeaORM", "OnConflict")
_MAKERS = frozenset({"Insert", "TryInsert", "InsertMany"})
_SET = frozenset({"Set", "Unchanged", "set", "unchanged"})
_NOT_SET = frozenset({"NotSet", "not_set", "default", "Default"})
_UNKNOWN = TableDeclaration("", None, complete=False)


def _find(module: Module) -> Iterator[SiteFact]:
    """Each longest chain that may insert, those that go on from variables too."""
    if not any(hint in module.file.text for hint in _HINTS):
        return
    longest: dict[int, Call] = {}
    for call in module.calls(_LINKS):
        if call.offset not in longest or longest[call.offset].end < call.end:
            longest[call.offset] = call
    places = {start: reached(module, call) for start, call in longest.items()}
    for start, call in longest.items():
        used = any(places[start] < other for begin, other in places.items() if begin != start)
        if not used and _may_insert(call):
            clause = next((link for link in own_links(call)[1] if name_of(link) in _CLAUSES), None)
            at = clause.name_offset if clause is not None else call.offset
            yield SiteFact(client="sea-orm", values={"call": call}, offset=at, statement=call.offset, end=call.end)
    for call in module.calls(frozenset({"insert"})):  # model.insert(db)
        row = call.callee.object if isinstance(call.callee, Member) else None
        if row is not None and len(call.args) == 1 and (isinstance(row, Name) or _is_struct(row)):
            at, values = call.name_offset, {"row": row}
            yield SiteFact(client="sea-orm", values=values, offset=at, statement=call.offset, end=call.end)
    yield from find_steps(module)


def _may_insert(call: Call) -> bool:
    root, links = own_links(call)
    names = [name_of(link) for link in links]
    if not _CLAUSES.isdisjoint(names) or "into_table" in names:
        return True
    path = path_of(root) or ""
    first = names[0] if names else ""
    return first in {"insert", "insert_many"} and path.rpartition(".")[2][:1].isupper() and bool(links[0].args)


@dataclass(frozen=True, slots=True)
class _Statement:
    table: TableDeclaration | Undeclared
    rows: Payload


def _finish(fact: SiteFact, resolve: Resolve) -> tuple[Draft, ...] | NoSite | Step:
    if "step" in fact.values:
        return finish_step(fact, resolve)
    if "row" in fact.values:
        entity = _entity_of_rows(fact.values["row"], resolve)
        if entity is None:
            return NoSite("no model of SeaORM")
        return (insert(fact, QualifiedName(entity.schema, entity.name), _rows(fact.values["row"], entity, resolve)),)
    found: dict[Draft, None] = {}
    for chain in chains(fact.values["call"], resolve):
        statement = _statement(chain, resolve)
        if statement is None:
            continue
        table = statement.table
        name = QualifiedName(table.schema, table.name) if isinstance(table, TableDeclaration) else table
        for conflict in _conflicts(chain, table, resolve):
            found[insert(fact, name, statement.rows, conflict)] = None
    return tuple(found) or NoSite("no INSERT of SeaORM or sea-query")


def _conflicts(chain: Chain, table: TableDeclaration | Undeclared, resolve: Resolve) -> tuple[Conflict | None, ...]:
    links = chain.named(*_CLAUSES)
    if not links:
        return (None,)
    last = links[-1]
    if name_of(last) == "on_conflict_do_nothing":
        return (Conflict(_primary_key(table), Action.NOTHING),)
    if not last.args:
        return (None,)
    if name_of(last) == "on_conflict_do_nothing_on":
        names = idens(last.args[0], resolve)
        known = tuple(quoted(name) for name in names if name is not None)
        full = len(known) == len(names) and known
        target = bound_target(known, None) if full else Unresolved("the conflict target is only known at run time")
        return (Conflict(target, Action.NOTHING),)
    found = conflicts_of(last.args[0], resolve)
    return found or (Conflict(Unresolved(f"the conflict clause is {told(resolve(last.args[0]))}"), None),)


def _primary_key(table: TableDeclaration | Undeclared) -> ConflictTarget:
    key = table.primary_key if isinstance(table, TableDeclaration) else None
    if key:
        return bound_target(tuple(quoted(name) for name in key), None)
    return Unresolved("the conflict target is the primary key of an entity that is not known")


def _statement(chain: Chain, resolve: Resolve) -> _Statement | None:
    into = [link.args[0] for link in chain.named("into_table") if link.args]
    if into:
        return _Statement(table_of(into[-1], resolve), _listed(chain, resolve))
    first = chain.links[0] if chain.links else None
    if first is None or not isinstance(first.callee, Member) or name_of(first) not in _STARTS or not first.args:
        return _elsewhere(chain)
    owner, given = first.callee.object, first.args[0]
    entity = entity_of(owner, resolve)
    if entity is not None:
        return _Statement(entity, _rows(given, entity, resolve))
    makes = (path_of(owner) or "").rpartition(".")[2] in _MAKERS  # Insert::one(model)
    found = _entity_of_rows(given, resolve)
    if found is None and not makes and not chain.named(*_CLAUSES):
        return None  # a map, a set, or anything else that things are inserted into
    table = found or Undeclared(f"the table is that of {told(resolve(given if makes else owner))}")
    return _Statement(table, _rows(given, found or _UNKNOWN, resolve))


def _elsewhere(chain: Chain) -> _Statement | None:
    """A clause that is put into a statement which is made elsewhere; other libraries have their own clauses."""
    typed = chain.root.type if isinstance(chain.root, Param) else None
    name = path_of(typed.callee) if isinstance(typed, Call) else None
    if (name or "").rpartition(".")[2] not in {"InsertStatement", "Insert", "TryInsert", "InsertMany"}:
        return None
    reason = f"the statement is {told(chain.root)}"
    return _Statement(Undeclared(reason), Payload(None, complete=False, reason=reason))


def _listed(chain: Chain, resolve: Resolve) -> Payload:
    columns = [link.args[0] for link in chain.named("columns") if link.args]
    if not columns:
        return Payload(None, complete=False, reason="no columns are named")
    names = idens(columns[-1], resolve)
    found = tuple(name for name in names if name is not None)
    complete = len(found) == len(names)
    reason = None if complete else f"the written columns are {told(resolve(columns[-1]))}"
    return Payload(found if found or complete else None, complete, reason=reason)


def _entity_of_rows(value: Value, resolve: Resolve) -> TableDeclaration | None:
    """The entity whose ActiveModel the rows are."""
    known = resolve(value)
    match known:
        case Call(callee=callee):
            return entity_of(callee, resolve)
        case Sequence(items=items) | Choice(options=items) if items:
            return _entity_of_rows(items[0], resolve)
        case Param(type=Call() | Sequence() as typed):
            return _entity_of_rows(typed, resolve)
        case _:
            return None


def _rows(value: Value, table: TableDeclaration, resolve: Resolve) -> Payload:
    """The columns of models: those that are set, or all of a Model."""
    known = resolve(value)
    match known:
        case Call(callee=Member() | Import() | Class() | Name() as callee) if known.keywords or _is_bare(known):
            part = callee.name
            return _active(known, table, resolve) if part != "Model" else _all(table, 1)
        case Sequence(items=items, complete=complete) if items:
            return _together([_rows(item, table, resolve) for item in items], len(items) if complete else None)
        case Choice(options=options):
            return _together([_rows(one, table, resolve) for one in options], None)
        case Param(type=Call() | Sequence() as typed) if _part_of(typed) == "Model":
            return _all(table, None)
        case _:
            owner = row_struct(known, resolve)
            if isinstance(owner, Class) and owner.name == "Model":
                return _all(table, None)
            return Payload(None, complete=False, reason=f"the written columns are those of {told(known)}")


def _part_of(typed: Value) -> str:
    match typed:
        case Call(callee=Member(name=name) | Name(name) | Import(name=str(name))):
            return name
        case Sequence(items=(first, *_)):
            return _part_of(first)
        case _:
            return ""


def _is_struct(value: Value) -> bool:
    return isinstance(value, Call) and (bool(value.keywords) or _is_bare(value))


def _is_bare(call: Call) -> bool:
    """Whether a call is a struct of which nothing but the rest is given."""
    return any(isinstance(arg, Opaque) and arg.source.startswith("..") for arg in call.args)


def _all(table: TableDeclaration, rows: int | None) -> Payload:
    if not table.complete or not table.columns:
        return Payload(None, complete=False, reason="the columns of the entity are not known")
    return Payload(tuple(column.name for column in table.columns), rows=rows)


def _active(call: Call, table: TableDeclaration, resolve: Resolve) -> Payload:
    columns: list[str] = []
    doubt: str | None = None
    for field, value in call.keywords:
        known = resolve(value)
        name = (called_name(known) if isinstance(known, Call) else getattr(known, "name", None)) or ""
        if name in _NOT_SET or (isinstance(known, Constant) and known.value is None):
            continue
        column = next((one.name for one in table.columns if one.key == field.removeprefix("r#")), None)
        if name not in _SET:
            doubt = f'whether "{field}" is set is only known at run time'
        columns.append(column or field.removeprefix("r#"))
    for arg in call.args:
        if isinstance(arg, Opaque) and "default()" not in arg.source.replace(" ", "").lower():
            doubt = "a model is filled from another one"
    return Payload(tuple(columns), doubt is None, 1, reason=doubt)


def _together(parts: list[Payload], rows: int | None) -> Payload:
    known = [part.columns for part in parts if part.columns is not None]
    columns = tuple(dict.fromkeys(name for part in known for name in part))
    complete = len(known) == len(parts) and all(part.complete for part in parts)
    reason = next((part.reason for part in parts if part.reason), None)
    return Payload(columns if known else None, complete, rows, reason=reason)


SEA_ORM = Client(
    name="sea-orm",
    languages=frozenset({"rust"}),
    triggers=(
        b".on_conflict(",
        b".on_conflict_do_nothing",
        b".into_table(",
        b"::insert(",
        b"::insert_many(",
        b".insert(db",
        b".insert(&db",
        b".insert(conn",
        b".insert(txn",
        b".insert(&txn",
        b".insert(&self.",
        b".insert(self.",
    ),
    find=_find,
    finish=_finish,
)
